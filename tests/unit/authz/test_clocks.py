"""The clocks of an application, both rule sets side by side: worked examples and what starts and stops them."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from makes import an_application

from gateway.authz.applications import Application, Route, State
from gateway.authz.applications.clocks import Clocks, happened
from gateway.catalog import SharingClass
from gateway.deadlines import SHANGHAI, ClockState, Event, Reckoning, RestDay, binding


def at(text: str) -> datetime:
    """An instant in Asia/Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


FRIDAY, WEDNESDAY = at("2026-11-20T10:00"), at("2026-11-25T15:00")
CONDITIONAL = an_application(filed_at=FRIDAY)
CONTROLLED = replace(CONDITIONAL, sharing_class=SharingClass.UNCONDITIONAL)
DIRECT = replace(CONTROLLED, route=Route.DIRECT)


def accepted(filed: Application, when: datetime = WEDNESDAY) -> Application:
    return replace(filed, state=State.ACCEPTED, reviewed_by="platform-admin", reviewed_at=when)


def approved(filed: Application, when: datetime) -> Application:
    return replace(accepted(filed), state=State.APPROVED, decided_at=when, closed_at=when)


def dues(clocks: Clocks, application: Application, now: datetime) -> dict[str, tuple[str, str]]:
    """Rule to state and due date."""
    found = clocks.of(application, now)
    return {c.rule.id: (c.state, c.deadline.due_date.isoformat() if c.deadline else "") for c in found}


def test_an_unconditional_application_on_the_direct_route(clocks: Clocks) -> None:
    assert dues(clocks, accepted(DIRECT), WEDNESDAY) == {
        "qy132.review": ("met", "2026-11-25"),
        "qy132.provide": ("running", "2026-11-30"),
        "tl809.reply_uncond": ("overdue", "2026-11-23"),
        "tl809.share": ("waiting", ""),
    }


def test_an_unconditional_application_with_controlled_parameters(clocks: Clocks) -> None:
    assert dues(clocks, accepted(CONTROLLED), WEDNESDAY) == {
        "qy132.review": ("met", "2026-11-25"),
        "qy132.approve": ("running", "2026-12-09"),
        "tl809.reply_uncond": ("overdue", "2026-11-23"),
        "tl809.share": ("waiting", ""),
    }


def test_a_conditional_application_is_bound_by_the_national_clock(clocks: Clocks) -> None:
    standing = clocks.of(accepted(CONDITIONAL), WEDNESDAY)
    assert dues(clocks, accepted(CONDITIONAL), WEDNESDAY) == {
        "qy132.review": ("met", "2026-11-25"),
        "qy132.approve": ("running", "2026-12-09"),
        "tl809.reply_cond": ("running", "2026-12-04"),
        "tl809.share": ("waiting", ""),
    }
    bound = binding(standing)
    assert bound is not None
    assert bound.rule.id == "tl809.reply_cond"
    assert bound.deadline is not None
    assert bound.deadline.due_at == at("2026-12-05T00:00")


@pytest.mark.parametrize(
    ("when", "reply"),
    [("2026-12-04T23:59", "met"), ("2026-12-05T00:00", "late"), ("2026-12-09T23:59", "late")],
)
def test_a_decision_in_time_or_late_by_each_rule_set(clocks: Clocks, when: str, reply: str) -> None:
    found = dues(clocks, approved(CONDITIONAL, at(when)), at("2027-01-04T09:00"))
    assert found["tl809.reply_cond"] == (reply, "2026-12-04")
    assert found["qy132.approve"] == ("met", "2026-12-09")
    assert found["tl809.share"][0] == "met"


def test_the_platform_answers_by_providing(clocks: Clocks) -> None:
    monday = at("2026-11-23T17:00")
    provided = replace(accepted(DIRECT, FRIDAY), state=State.PROVIDED, provided_at=monday, closed_at=monday)
    assert {state for state, _ in dues(clocks, provided, at("2026-12-31T09:00")).values()} == {"met"}


def test_a_refusal_answers_but_shares_nothing(clocks: Clocks) -> None:
    when = at("2026-12-01T09:00")
    refused = replace(accepted(CONDITIONAL), state=State.REFUSED, decided_at=when, closed_at=when)
    states = {rule: state for rule, (state, _) in dues(clocks, refused, when).items()}
    assert states == {
        "qy132.review": "met",
        "qy132.approve": "met",
        "tl809.reply_cond": "met",
        "tl809.share": "stopped",
    }


def test_what_is_not_accepted_runs_no_further_clock(clocks: Clocks) -> None:
    closed = replace(CONDITIONAL, state=State.NOT_ACCEPTED, reviewed_at=WEDNESDAY, closed_at=WEDNESDAY)
    states = {rule: state for rule, (state, _) in dues(clocks, closed, WEDNESDAY).items()}
    assert states == {
        "qy132.review": "met",
        "qy132.approve": "stopped",
        "tl809.reply_cond": "stopped",
        "tl809.share": "stopped",
    }


@pytest.mark.parametrize("filed", [CONDITIONAL, accepted(CONDITIONAL)])
def test_a_withdrawal_stops_every_open_clock(clocks: Clocks, filed: Application) -> None:
    withdrawn = replace(filed, state=State.WITHDRAWN, closed_at=at("2026-11-26T09:00"))
    assert not any(clock.is_open for clock in clocks.of(withdrawn, at("2026-12-31T09:00")))


FILED, ACCEPTED, REVIEWED, CLOSED = Event.FILED, Event.ACCEPTED, Event.REVIEWED, Event.CLOSED
LATER = at("2026-12-01T09:00")


@pytest.mark.parametrize(
    ("application", "events"),
    [
        (CONDITIONAL, {FILED: FRIDAY}),
        (accepted(CONDITIONAL), {FILED: FRIDAY, REVIEWED: WEDNESDAY, ACCEPTED: WEDNESDAY}),
        (
            replace(CONDITIONAL, state=State.NOT_ACCEPTED, reviewed_at=WEDNESDAY, closed_at=WEDNESDAY),
            {FILED: FRIDAY, REVIEWED: WEDNESDAY, CLOSED: WEDNESDAY},
        ),
        (
            approved(CONDITIONAL, LATER),
            {
                FILED: FRIDAY, REVIEWED: WEDNESDAY, ACCEPTED: WEDNESDAY, Event.DECIDED: LATER, Event.SHARED: LATER,
                CLOSED: LATER,
            },
        ),
        (
            replace(accepted(CONDITIONAL), state=State.REFUSED, decided_at=LATER, closed_at=LATER),
            {FILED: FRIDAY, REVIEWED: WEDNESDAY, ACCEPTED: WEDNESDAY, Event.DECIDED: LATER, CLOSED: LATER},
        ),
        (
            replace(accepted(DIRECT), state=State.PROVIDED, provided_at=LATER, closed_at=LATER),
            {
                FILED: FRIDAY, REVIEWED: WEDNESDAY, ACCEPTED: WEDNESDAY, Event.PROVIDED: LATER, Event.SHARED: LATER,
                CLOSED: LATER,
            },
        ),
        (replace(CONDITIONAL, state=State.WITHDRAWN, closed_at=LATER), {FILED: FRIDAY, CLOSED: LATER}),
        (
            replace(accepted(CONDITIONAL), state=State.WITHDRAWN, closed_at=LATER),
            {FILED: FRIDAY, REVIEWED: WEDNESDAY, ACCEPTED: WEDNESDAY, CLOSED: LATER},
        ),
    ],
)  # fmt: skip
def test_what_has_happened_in_each_state(application: Application, events: dict[Event, datetime]) -> None:
    assert happened(application) == events


@pytest.mark.parametrize(
    ("route", "sharing", "rules"),
    [
        (
            Route.DIRECT,
            SharingClass.UNCONDITIONAL,
            {"qy132.review": "2026-11-25", "tl809.reply_uncond": "2026-11-23"},
        ),
        (
            Route.DEPARTMENT,
            SharingClass.UNCONDITIONAL,
            {"qy132.review": "2026-11-25", "tl809.reply_uncond": "2026-11-23"},
        ),
        (
            Route.DEPARTMENT,
            SharingClass.CONDITIONAL,
            {"qy132.review": "2026-11-25", "tl809.reply_cond": "2026-12-04"},
        ),
    ],
)
def test_a_preview_shows_the_clocks_of_an_application_filed_now(
    clocks: Clocks, route: Route, sharing: SharingClass, rules: dict[str, str]
) -> None:
    found = clocks.preview(route, sharing, FRIDAY)
    running = {c.rule.id: c.deadline.due_date.isoformat() for c in found if c.deadline}
    assert running == rules
    assert {c.state for c in found if not c.deadline} == {ClockState.WAITING}


@pytest.mark.parametrize(
    ("day", "sets"),
    [
        ("2018-10-18", ()),
        ("2018-10-19", ("qy132",)),
        ("2025-07-31", ("qy132",)),
        ("2025-08-01", ("qy132", "tl809")),
        ("2026-11-20", ("qy132", "tl809")),
    ],
)
def test_the_rule_sets_in_force_on_the_filing_day(clocks: Clocks, day: str, sets: tuple[str, ...]) -> None:
    assert clocks.in_force(date.fromisoformat(day)) == sets


def test_an_application_keeps_the_rule_sets_of_its_filing_day(clocks: Clocks) -> None:
    old = replace(CONDITIONAL, filed_at=at("2025-07-31T10:00"), rule_sets=("qy132",))
    assert {c.rule.id for c in clocks.of(old, at("2025-09-01T10:00"))} == {"qy132.review", "qy132.approve"}


@pytest.mark.parametrize(("rest_day", "due"), [(RestDay.SAME, "2026-10-10"), (RestDay.NEXT, "2026-10-12")])
def test_a_receipt_on_a_rest_day_is_counted_as_the_platform_set_it(
    clocks: Clocks, rest_day: RestDay, due: str
) -> None:
    filed = replace(CONDITIONAL, filed_at=at("2026-10-03T10:00"))
    set_so = replace(clocks, work=replace(clocks.work, reckoning=Reckoning(rest_day)))
    found = dues(set_so, filed, at("2026-10-04T10:00"))
    assert found["qy132.review"] == ("running", due)


def test_a_deadline_in_an_unpublished_year_is_provisional(clocks: Clocks) -> None:
    found = {
        c.rule.id: c for c in clocks.preview(Route.DIRECT, SharingClass.UNCONDITIONAL, at("2026-12-30T10:00"))
    }
    reply, review = found["tl809.reply_uncond"].deadline, found["qy132.review"].deadline
    assert reply is not None
    assert review is not None
    assert (reply.due_date, reply.provisional) == (date(2026, 12, 31), False)
    assert (review.due_date.year, review.provisional) == (2027, True)


def test_filing_late_in_the_evening_in_utc_is_the_next_day_in_shanghai(clocks: Clocks) -> None:
    late: Any = datetime.fromisoformat("2026-11-19T16:30:00+00:00")
    filed = dues(clocks, replace(CONDITIONAL, filed_at=late), late)
    assert filed["tl809.reply_cond"] == ("running", "2026-12-04")
