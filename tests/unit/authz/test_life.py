"""The life of an application: acts in any order at any time, and no step is skipped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makes import an_application

from gateway.authz.applications import State
from gateway.authz.applications.moves import MOVES
from gateway.authz.applications.parties import may_act, may_see
from gateway.web import Principal

ENDS = {State.NOT_ACCEPTED, State.APPROVED, State.PROVIDED, State.REFUSED, State.WITHDRAWN}


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=12))
def test_whatever_is_tried_nothing_is_given_before_it_was_accepted(acts: list[str]) -> None:
    state, history = State.FILED, [State.FILED]
    for act in acts:
        if state in MOVES[act].before:
            state = MOVES[act].leads_to(state)
            if state is not history[-1]:
                history.append(state)
    assert len(set(history)) == len(history)
    if history[-1] in (State.APPROVED, State.PROVIDED, State.REFUSED):
        at_once = history == [State.FILED, State.PROVIDED]
        assert at_once or history[:-1] == [State.FILED, State.ACCEPTED]
    assert not ENDS.intersection(history[:-1])


def test_the_acts_of_each_state() -> None:
    acts = {state: {act for act, move in MOVES.items() if state in move.before} for state in State}
    assert acts == {
        State.FILED: {"accept", "not_accept", "withdraw", "amend", "platform_notice", "provide_at_once"},
        State.ACCEPTED: {"provide", "approve", "refuse", "withdraw", "amend", "provider_notice"},
        **{state: set() for state in ENDS},
    }


CONSUMER, PROVIDER, STRANGER = (
    Principal("person", "p", org, frozenset(), "", "")
    for org in (an_application().consumer_org, an_application().provider_org, "11621000MB0000004A")
)
REVIEWED = {"reviewed_at": an_application().filed_at, "reviewed_by": "platform-admin"}


@pytest.mark.parametrize(
    ("changes", "provider_sees"),
    [
        ({"state": State.FILED}, False),
        ({"state": State.NOT_ACCEPTED, **REVIEWED}, False),
        ({"state": State.WITHDRAWN}, False),
        ({"state": State.WITHDRAWN, **REVIEWED}, True),
        ({"state": State.ACCEPTED, **REVIEWED}, True),
        ({"state": State.APPROVED, **REVIEWED}, True),
        ({"state": State.REFUSED, **REVIEWED}, True),
    ],
)
def test_the_provider_is_a_party_once_the_application_was_accepted(
    changes: dict[str, object], provider_sees: bool
) -> None:
    one = an_application(**changes)
    assert may_see(CONSUMER, one)
    assert may_see(PROVIDER, one) is provider_sees
    assert may_act(PROVIDER, one, "approve") is provider_sees
    assert not may_see(STRANGER, one)
    assert not may_act(STRANGER, one, "approve")
    assert not may_act(CONSUMER, one, "approve")
    assert not may_act(PROVIDER, one, "withdraw")
