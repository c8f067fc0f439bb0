"""The compiled decision beside a naive reading of the rules, and beside its own explanation."""

import decide_ref
from decisions import Case, cases
from hypothesis import given, settings

from gateway.authz.grants import Allowed, compiled, decide, explain, standing


@settings(max_examples=400)
@given(case=cases)
def test_two_opinions_agree(case: Case) -> None:
    verdict = decide(compiled(case.grant, case.what), case.call, case.now)
    grant, what, call, now = case.plain()
    against = next(decide_ref.reasons(grant, what, call, now), None)
    if isinstance(verdict, Allowed):
        assert against is None
        assert list(verdict.fields) == decide_ref.fields(grant, what, call)
    else:
        assert verdict.slug() == against


@settings(max_examples=300)
@given(case=cases)
def test_a_grant_that_stands_against_every_call_says_so_before_any(case: Case) -> None:
    plan = compiled(case.grant, case.what)
    if isinstance(decide(plan, case.call, case.now), Allowed):
        assert standing(plan, case.now) is None
    if denial := standing(plan, case.now):
        own = case.call._replace(client_id=case.grant.client_id, service=case.grant.service)
        assert not isinstance(decide(plan, own, case.now), Allowed)
        assert type(denial) in {type(step.denial) for step in explain(plan, own, case.now)}


@settings(max_examples=300)
@given(case=cases)
def test_the_explanation_is_the_decision(case: Case) -> None:
    plan = compiled(case.grant, case.what)
    verdict = decide(plan, case.call, case.now)
    broken = [step.denial for step in explain(plan, case.call, case.now) if step.denial]
    assert isinstance(verdict, Allowed) is (not broken)
    if broken:
        assert (type(verdict), str(verdict)) == (type(broken[0]), str(broken[0]))


@settings(max_examples=300)
@given(case=cases)
def test_decisions_do_not_wear_out(case: Case) -> None:
    """One compiled grant serves many calls: what was decided before changes nothing."""
    plan = compiled(case.grant, case.what)
    first = decide(plan, case.call, case.now)
    decide(plan, case.call._replace(client_id="other", parameters={}), case.now)
    again = decide(plan, case.call, case.now)
    assert first == again if isinstance(first, Allowed) else str(first) == str(again)
