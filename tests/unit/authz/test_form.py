"""What is wrong with an application form for a resource (Decree 809 Art. 20), and what an approval may change."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from makes import TODAY, a_call, a_form, a_grant, decided, describe, terms
from pydantic import ValidationError

from gateway.authz.applications.form import REQUIRED, form_faults, missing_faults
from gateway.authz.applications.narrowing import Narrowed, widenings
from gateway.authz.grants import Allowed, Constraint, Terms

ENTERPRISE = describe(daily_quota_limit=100)
CODES = ["11621000MB00000011", "11621000MB00000024", "91330106673959654P"]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({}, []),
        ({"fields": ["uscc", "name", "legal_person", "capital"]}, []),
        ({"fields": ["uscc", "secret", "phone"]}, ["/fields/1", "/fields/2"]),
        ({"parameters": {"uscc": {"prefix": "1"}}}, []),
        ({"parameters": {"uscc": {"values": CODES}}}, []),
        ({"parameters": {"uscc": {"values": [CODES[0], "1"]}}}, ["/parameters/uscc/values/1"]),
        ({"parameters": {"region": {"prefix": "6"}}}, ["/parameters/region"]),
        ({"mode": "table"}, ["/mode"]),
        ({"daily_quota": 100}, []),
        ({"daily_quota": 101}, ["/daily_quota"]),
        ({"valid_from": "2026-09-30", "valid_until": "2026-09-30"}, []),
        ({"valid_from": "2026-01-01", "valid_until": "2026-09-29"}, ["/valid_until"]),
        ({"sign_off": {"name": "王某", "position": "科长", "on": "2026-09-30"}}, []),
        ({"sign_off": {"name": "王某", "position": "科长", "on": "2026-10-01"}}, ["/sign_off/on"]),
        ({"fields": ["uscc", "uscc"]}, ["/fields/1"]),
        ({"valid_from": "2026-10-02", "valid_until": "2026-10-01"}, ["/valid_until"]),
        ({"fields": ["secret"], "mode": "file", "daily_quota": 101}, ["/fields/0", "/mode", "/daily_quota"]),
    ],
)
def test_every_fault_of_a_form_is_named_at_its_place(changes: dict[str, Any], pointers: list[str]) -> None:
    found = form_faults(a_form(**{"daily_quota": 10, **changes}), ENTERPRISE, TODAY)
    assert [fault.pointer for fault in found] == pointers
    assert all(fault.detail and fault.detail_zh for fault in found)


@pytest.mark.parametrize("name", REQUIRED)
def test_what_the_decree_asks_for_is_missed_by_name_with_what_to_do(name: str) -> None:
    (fault,) = missing_faults(a_form(**{name: None}))
    assert (fault.pointer, a_form(**{name: None}).missing()) == (f"/{name}", [name])
    assert fault.detail_zh == f"{REQUIRED[name].fault_zh}：{REQUIRED[name].remedy_zh}"
    assert missing_faults(a_form()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"basis": " "},
        {"scene": ""},
        {"scope": ""},
        {"purpose": "Real Estate"},
        {"fields": []},
        {"daily_quota": 0},
        {"sign_off": {"name": "王某", "on": "2026-09-30"}},
        {"parameters": {"uscc": {}}},
        {"parameters": {"uscc": {"values": ["1"], "prefix": "1"}}},
        {"parameters": {"uscc": {"values": []}}},
        {"parameters": {"uscc": {"prefix": ""}}},
        {"matter": "事项"},
        {"org": "11621000MB00000011"},
    ],
)
def test_a_form_without_what_the_decree_asks_for_is_none(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        a_form(**changes)


@pytest.mark.parametrize(
    ("narrowed", "pointers"),
    [
        ({}, []),
        ({"fields": ["name"]}, []),
        ({"fields": ["name", "capital"]}, ["/narrowed/fields/1"]),
        ({"parameters": {"uscc": {"prefix": "116210"}}}, []),
        ({"parameters": {"uscc": {"prefix": "11621"}}}, []),
        ({"parameters": {"uscc": {"prefix": "1162"}}}, ["/narrowed/parameters/uscc"]),
        ({"parameters": {"uscc": {"prefix": "9"}}}, ["/narrowed/parameters/uscc"]),
        ({"parameters": {"uscc": {"values": CODES[:2]}}}, []),
        ({"parameters": {"uscc": {"values": CODES}}}, ["/narrowed/parameters/uscc"]),
        ({"parameters": {"uscc": {"values": ["11621"]}}}, ["/narrowed/parameters/uscc/values/0"]),
        ({"parameters": {"region": {"prefix": "6"}}}, ["/narrowed/parameters/region"]),
        ({"daily_quota": 10}, []),
        ({"daily_quota": 11}, ["/narrowed/daily_quota"]),
        ({"valid_until": date(2026, 1, 1)}, []),
        ({"valid_until": date(2025, 12, 31)}, ["/narrowed/valid_until"]),
        ({"valid_until": date(2027, 1, 1)}, ["/narrowed/valid_until"]),
    ],
)
def test_an_approval_that_gives_more_than_was_asked_is_named_at_its_place(
    narrowed: dict[str, Any], pointers: list[str]
) -> None:
    found = widenings(Narrowed.model_validate(narrowed), terms(), ENTERPRISE)
    assert [fault.pointer for fault in found] == pointers


def test_an_approval_cannot_name_a_field_twice() -> None:
    with pytest.raises(ValidationError, match="twice"):
        Narrowed(fields=["name", "name"])


def test_what_an_approval_leaves_out_stays_as_asked() -> None:
    asked = terms(matter="M-1")
    assert Narrowed().applied_to(asked) == asked
    less = Narrowed(fields=["name"], daily_quota=1).applied_to(asked)
    assert less == asked.model_copy(update={"fields": ["name"], "daily_quota": 1})


def test_a_bound_the_applicant_did_not_propose_can_be_added() -> None:
    given = Narrowed(parameters={"uscc": Constraint(prefix="9")})
    asked = terms(parameters={})
    assert widenings(given, asked, ENTERPRISE) == []
    assert given.applied_to(asked).parameters == {"uscc": Constraint(prefix="9")}


prefixes = st.builds(Constraint, prefix=st.sampled_from(["1", "116", "11621", "116210", "9", "91330"]))
lists = st.builds(Constraint, values=st.lists(st.sampled_from(CODES), min_size=1, max_size=3))
constraints = st.dictionaries(st.just("uscc"), prefixes | lists, max_size=1)
names = st.lists(st.sampled_from(["uscc", "name", "legal_person", "capital"]), min_size=1, unique=True)
days = st.dates(date(2026, 9, 25), date(2026, 10, 5))
narrowings = st.builds(
    Narrowed,
    fields=st.none() | names,
    parameters=st.none() | constraints,
    daily_quota=st.none() | st.integers(1, 20),
    valid_until=st.none() | days,
)


@st.composite
def asked_terms(draw: st.DrawFn) -> Terms:
    start, end = sorted((draw(days), draw(days)))
    return terms(
        fields=draw(names), parameters=draw(constraints), daily_quota=draw(st.integers(1, 20)),
        valid_from=start, valid_until=end,
    )  # fmt: skip


@given(narrowed=narrowings, asked=asked_terms(), uscc=st.sampled_from(CODES), fields=names, day=days)
def test_whatever_an_accepted_approval_allows_was_asked_for(
    narrowed: Narrowed, asked: Terms, uscc: str, fields: list[str], day: date
) -> None:
    if widenings(narrowed, asked, ENTERPRISE):
        return
    given_terms = narrowed.applied_to(asked)
    assert given_terms.daily_quota <= asked.daily_quota
    call = a_call({"uscc": uscc}, fields=tuple(fields))
    allowed = decided(a_grant(**dict(given_terms)), ENTERPRISE, call, day)
    if isinstance(allowed, Allowed):
        assert decided(a_grant(**dict(asked)), ENTERPRISE, call, day) == allowed


@given(
    narrow=prefixes | lists, wide=prefixes | lists, value=st.sampled_from(CODES) | st.text("1629", max_size=7)
)
def test_a_bound_within_another_allows_nothing_the_other_does_not(
    narrow: Constraint, wide: Constraint, value: str
) -> None:
    if narrow.is_within(wide) and narrow.allows(value):
        assert wide.allows(value)


@given(prefixes | lists)
def test_a_bound_is_within_itself(bound: Constraint) -> None:
    assert bound.is_within(bound)


@given(narrow=lists, wide=prefixes | lists)
def test_values_are_within_a_bound_that_allows_each(narrow: Constraint, wide: Constraint) -> None:
    assert narrow.is_within(wide) == all(wide.allows(value) for value in narrow.values or ())


def test_a_prefix_is_never_within_a_list_of_values() -> None:
    assert not Constraint(prefix=CODES[0]).is_within(Constraint(values=[CODES[0]]))


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": ["name", "name"]},
        {"fields": []},
        {"valid_from": date(2026, 12, 31), "valid_until": date(2026, 12, 30)},
        {"daily_quota": 0},
        {"unknown": 1},
    ],
)
def test_terms_that_contradict_themselves_are_none(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        terms(**changes)


def test_a_grant_for_one_day_is_one() -> None:
    assert terms(valid_from=TODAY, valid_until=TODAY).valid_until == TODAY
