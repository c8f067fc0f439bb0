"""Properties of the decision, with a second, naive decider beside it (differential test)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from makes import TODAY, a_call, a_grant, decided, describe

from gateway.authz import DENIALS
from gateway.authz.grants import Allowed, Call, Constraint, Grant, GrantState, Side, Terms
from gateway.authz.grants import denials as why
from gateway.catalog import Description
from gateway.errors import GatewayError

USCC = {"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True}
REGION = {"name": "region", "title": "地区", "kind": "choice", "choices": ["甲", "乙"], "required": False}
ENTERPRISE = describe(parameters=[USCC, REGION])
ITEMS = [item.name for item in ENTERPRISE.items]
CODES = ["11621000MB00000011", "11621000MB00000024", "91330106673959654P"]


def decide_ref(grant: Grant, what: Description, call: Call, today: date) -> set[type[GatewayError]]:
    """All the rules a call breaks, each looked at on its own."""
    return set(_broken(grant, what, call, today))


def _broken(grant: Grant, what: Description, call: Call, today: date) -> Iterator[type[GatewayError]]:
    terms, given_values = grant.terms, dict(call.parameters)
    if grant.state == "revoked":
        yield why.GrantRevoked
    if grant.state == "ended":
        yield why.GrantEnded
    if grant.state == "suspended":
        yield why.SuspendedByAuthority if grant.held_by == "authority" else why.GrantSuspended
    if (today - terms.valid_from).days < 0:
        yield why.GrantNotYetValid
    if (terms.valid_until - today).days < 0:
        yield why.GrantExpired
    for one, other, denial in (
        (call.client_id, grant.client_id, why.WrongClient),
        (call.service, grant.service, why.WrongService),
        (call.purpose, grant.purpose, why.WrongPurpose),
        (call.matter, terms.matter or call.matter, why.WrongMatter),
    ):
        if one != other:
            yield denial
    known = {parameter.name for parameter in what.parameters}
    needed = {parameter.name for parameter in what.parameters if parameter.required}
    misfits = [p for p in what.parameters if p.name in given_values and p.fault(given_values[p.name])]
    if set(given_values) - known or needed - set(given_values) or misfits:
        yield why.ParameterWrong
    for name, bound in terms.parameters.items():
        value = given_values.get(name)
        listed = bound.values is not None and value in bound.values
        begun = bound.prefix is not None and value is not None and value[: len(bound.prefix)] == bound.prefix
        if not (listed or begun):
            yield why.ParameterOutsideGrant
    if not set(call.fields or ()) <= set(terms.fields):
        yield why.FieldOutsideGrant


def naive_fields(grant: Grant, call: Call) -> tuple[str, ...]:
    return tuple(name for name in ITEMS if name in grant.terms.fields and name in (call.fields or ITEMS))


some_day = st.integers(-3, 3).map(lambda days: TODAY + timedelta(days))
bounds = st.one_of(
    st.builds(Constraint, prefix=st.sampled_from(["1", "11621", "9", "甲"])),
    st.builds(Constraint, values=st.lists(st.sampled_from([*CODES, "甲"]), min_size=1, max_size=2)),
)
fields = st.lists(st.sampled_from(ITEMS), min_size=1, unique=True)
mostly_right = st.sampled_from(["registration"] * 4 + ["other"])


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    start, end = sorted((draw(some_day), draw(some_day)))
    state = draw(
        st.sampled_from(
            [GrantState.ACTIVE] * 4 + [GrantState.SUSPENDED, GrantState.REVOKED, GrantState.ENDED]
        )
    )
    held_by = draw(st.sampled_from(Side)) if state is GrantState.SUSPENDED else None
    return a_grant(
        state=state, held_by=held_by, because="原因", client_id=draw(mostly_right), fields=draw(fields), valid_from=start,
        valid_until=end, matter=draw(st.sampled_from([None, None, "M-1"])),
        parameters=draw(st.dictionaries(st.sampled_from(["uscc", "region"]), bounds, max_size=2)),
    )  # fmt: skip


@st.composite
def calls(draw: st.DrawFn) -> Call:
    values = draw(st.fixed_dictionaries({"uscc": st.sampled_from([*CODES, "bad"])}, optional={
        "region": st.sampled_from(["甲", "乙", "丙"]), "x": st.just("1"),
    }))  # fmt: skip
    if draw(st.integers(0, 9)) == 0:
        values.pop("uscc")
    wanted = draw(st.none() | st.lists(st.sampled_from([*ITEMS, "no_such"]), min_size=1, max_size=3))
    return a_call(
        values, client_id=draw(mostly_right), matter=draw(st.sampled_from([None, "M-1", "M-2"])),
        purpose=draw(st.sampled_from(["real-estate-registration"] * 4 + ["tax"])),
        fields=None if wanted is None else tuple(wanted),
    )  # fmt: skip


@settings(max_examples=400)
@given(grant=grants(), call=calls(), today=some_day)
def test_two_deciders_agree(grant: Grant, call: Call, today: date) -> None:
    verdict, broken = decided(grant, ENTERPRISE, call, today), decide_ref(grant, ENTERPRISE, call, today)
    if isinstance(verdict, Allowed):
        assert broken == set()
        assert verdict.fields == naive_fields(grant, call)
    else:
        assert type(verdict) in broken


@st.composite
def narrower(draw: st.DrawFn, grant: Grant) -> Grant:
    """The same grant with less in it."""
    terms = grant.terms
    start, end = sorted((
        max(terms.valid_from, draw(some_day)), max(terms.valid_from, min(terms.valid_until, draw(some_day))),
    ))  # fmt: skip
    less = Terms(
        fields=draw(st.lists(st.sampled_from(terms.fields), min_size=1, unique=True)),
        parameters={**draw(st.dictionaries(st.sampled_from(["uscc", "region"]), bounds, max_size=2)), **terms.parameters},
        daily_quota=terms.daily_quota, valid_from=start, valid_until=end, matter=terms.matter or "M-1",
    )  # fmt: skip
    return replace(grant, terms=less)


@given(grant=grants(), call=calls(), today=some_day, data=st.data())
def test_narrowing_a_grant_never_allows_more(
    grant: Grant, call: Call, today: date, data: st.DataObject
) -> None:
    less = data.draw(narrower(grant))
    after = decided(less, ENTERPRISE, call, today)
    if isinstance(after, Allowed) and today <= grant.terms.valid_until:
        before = decided(grant, ENTERPRISE, call, today)
        assert isinstance(before, Allowed)
        assert set(after.fields) <= set(before.fields)


@given(grant=grants(), call=calls(), today=some_day)
def test_the_order_of_what_a_grant_and_a_call_list_changes_nothing(
    grant: Grant, call: Call, today: date
) -> None:
    turned = replace(
        grant,
        terms=grant.terms.model_copy(
            update={
                "fields": grant.terms.fields[::-1],
                "parameters": dict(reversed(grant.terms.parameters.items())),
            }
        ),
    )
    same = call._replace(
        parameters=dict(reversed(call.parameters.items())),
        fields=None if call.fields is None else (*reversed(call.fields), *call.fields),
    )
    one, other = decided(grant, ENTERPRISE, call, today), decided(turned, ENTERPRISE, same, today)
    assert one == other if isinstance(one, Allowed) else type(one) is type(other)


@given(grant=grants(), call=calls(), today=some_day, quota=st.integers(1, 9), version=st.integers(1, 9))
def test_what_has_nothing_to_do_with_a_call_changes_nothing(
    grant: Grant, call: Call, today: date, quota: int, version: int
) -> None:
    terms = grant.terms.model_copy(update={"daily_quota": quota})
    other = replace(grant, terms=terms, version=version)
    one, two = decided(grant, ENTERPRISE, call, today), decided(other, ENTERPRISE, call, today)
    assert one == two if isinstance(one, Allowed) else type(one) is type(two)


@given(
    call=calls(),
    today=some_day,
    state=st.sampled_from([GrantState.SUSPENDED, GrantState.REVOKED, GrantState.ENDED]),
)
def test_a_grant_not_in_force_allows_nothing(call: Call, today: date, state: GrantState) -> None:
    assert isinstance(decided(a_grant(state=state, parameters={}), ENTERPRISE, call, today), GatewayError)


@given(
    call=st.builds(
        Call, client_id=st.text(), service=st.text(), purpose=st.text(),
        parameters=st.dictionaries(st.text(), st.text(), max_size=5),
        fields=st.none() | st.lists(st.text(), max_size=5).map(tuple), matter=st.none() | st.text(),
    ),
    today=st.dates(),
)  # fmt: skip
def test_no_call_makes_the_decision_fail_and_strangers_are_refused(call: Call, today: date) -> None:
    verdict = decided(a_grant(), ENTERPRISE, call, today)
    assert type(verdict) in DENIALS


@given(values=st.dictionaries(st.text(max_size=5) | st.just("uscc"), st.text(max_size=20), max_size=4))
def test_no_parameter_makes_the_decision_fail(values: dict[str, str]) -> None:
    verdict = decided(a_grant(parameters={}), ENTERPRISE, a_call(values), TODAY)
    assert isinstance(verdict, why.ParameterWrong | Allowed)
