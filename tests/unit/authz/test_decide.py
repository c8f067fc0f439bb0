"""The decision on one call: one test per reason to refuse, in the order in which reasons are given."""

from datetime import date
from typing import Any

import pytest
from makes import TODAY, a_call, a_grant, describe

from gateway.authz import DENIALS
from gateway.authz.grants import Allowed, Call, Grant, GrantState, decide
from gateway.authz.grants import denials as why
from gateway.errors import GatewayError, Invalid, TooMany
from gateway.web.problems import status_of

OPTIONAL = {"name": "region", "title": "地区", "kind": "text", "required": False}
USCC = {"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True}
ENTERPRISE = describe(parameters=[USCC, OPTIONAL])
CODE = "11621000MB00000011"
ELSEWHERE = "91330106673959654P"

BY_DECIDE: list[tuple[Grant, Call, date, type[GatewayError]]] = [
    (a_grant(state=GrantState.REVOKED, because="滥用"), a_call(), TODAY, why.GrantRevoked),
    (a_grant(state=GrantState.SUSPENDED, because="整改"), a_call(), TODAY, why.GrantSuspended),
    (a_grant(), a_call(), date(2025, 12, 31), why.GrantNotYetValid),
    (a_grant(), a_call(), date(2027, 1, 1), why.GrantExpired),
    (a_grant(), a_call(client_id="other"), TODAY, why.WrongClient),
    (a_grant(), a_call(service="marriage"), TODAY, why.WrongService),
    (a_grant(), a_call(purpose="tax"), TODAY, why.WrongPurpose),
    (a_grant(matter="M-1"), a_call(matter="M-2"), TODAY, why.WrongMatter),
    (a_grant(matter="M-1"), a_call(), TODAY, why.WrongMatter),
    (a_grant(), a_call({}), TODAY, why.ParameterWrong),
    (a_grant(), a_call({"uscc": CODE, "x": "1"}), TODAY, why.ParameterWrong),
    (a_grant(), a_call({"uscc": "11621000MB00000012"}), TODAY, why.ParameterWrong),
    (a_grant(), a_call({"uscc": ELSEWHERE}), TODAY, why.ParameterOutsideGrant),
    (
        a_grant(parameters={"region": {"prefix": "62"}}),
        a_call({"uscc": CODE}),
        TODAY,
        why.ParameterOutsideGrant,
    ),
    (a_grant(), a_call(fields=("name", "capital")), TODAY, why.FieldOutsideGrant),
    (a_grant(), a_call(fields=("no_such",)), TODAY, why.FieldOutsideGrant),
]
BY_THE_DATABASE = {why.NoGrant, why.ResourceWithdrawn, why.ClientDisabled, why.QuotaUsedUp}


@pytest.mark.parametrize(
    ("grant", "call", "day", "denial"),
    BY_DECIDE,
    ids=[f"{row[3].slug()}-{n}" for n, row in enumerate(BY_DECIDE)],
)
def test_a_call_that_breaks_one_rule_is_refused_for_it(
    grant: Grant, call: Call, day: date, denial: type[GatewayError]
) -> None:
    verdict = decide(grant, ENTERPRISE, call, day)
    assert type(verdict) is denial
    assert verdict.detail
    assert verdict.detail_zh


def test_every_reason_to_refuse_is_tried_here_or_is_the_database_s_to_find() -> None:
    assert {denial for *_, denial in BY_DECIDE} | BY_THE_DATABASE == set(DENIALS)


def test_the_list_of_denials_holds_every_class_of_its_module() -> None:
    defined = {
        value
        for value in vars(why).values()
        if isinstance(value, type) and issubclass(value, GatewayError) and value.__module__ == why.__name__
    }
    assert defined - {why.Denied} == set(DENIALS)


@pytest.mark.parametrize("denial", DENIALS)
def test_a_denial_says_what_to_do_in_both_languages(denial: type[GatewayError]) -> None:
    assert status_of(denial) == (
        429 if issubclass(denial, TooMany) else 422 if issubclass(denial, Invalid) else 403
    )
    assert denial.remedy != GatewayError.remedy
    assert all(denial.remedy)
    assert "（" in denial.title()


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        (a_call(), ("uscc", "name")),
        (a_call(fields=("name",)), ("name",)),
        (a_call(fields=("name", "uscc")), ("uscc", "name")),
        (a_call(fields=("name", "name")), ("name",)),
        (a_call({"uscc": CODE, "region": "621000"}), ("uscc", "name")),
    ],
)
def test_an_allowed_call_gets_its_fields_in_the_catalogue_s_order(
    call: Call, fields: tuple[str, ...]
) -> None:
    assert decide(a_grant(), ENTERPRISE, call, TODAY) == Allowed(fields)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31)])
def test_both_ends_of_the_period_are_inside(day: date) -> None:
    assert isinstance(decide(a_grant(), ENTERPRISE, a_call(), day), Allowed)


@pytest.mark.parametrize(("matter", "given"), [("M-1", "M-1"), (None, "M-1"), (None, None)])
def test_a_matter_is_compared_only_where_the_grant_names_one(matter: str | None, given: str | None) -> None:
    assert isinstance(decide(a_grant(matter=matter), ENTERPRISE, a_call(matter=given), TODAY), Allowed)


def test_every_faulty_parameter_is_named_at_its_place() -> None:
    verdict = decide(a_grant(), ENTERPRISE, a_call({"uscc": "1", "a/b~c": "x"}), TODAY)
    assert isinstance(verdict, Invalid)
    assert [fault.pointer for fault in verdict.faults] == ["/parameters/a~1b~0c", "/parameters/uscc"]


ORDER: list[tuple[dict[str, Any], dict[str, Any], type[GatewayError]]] = [
    ({"state": GrantState.REVOKED}, {}, why.GrantRevoked),
    ({}, {"client_id": "other"}, why.WrongClient),
    ({}, {"service": "marriage"}, why.WrongService),
    ({}, {"purpose": "tax"}, why.WrongPurpose),
    ({}, {"parameters": {"uscc": "1"}}, why.ParameterWrong),
    ({}, {"fields": ("capital",)}, why.FieldOutsideGrant),
]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_of_several_reasons_the_one_nearest_to_the_caller_s_identity_is_given(first: int) -> None:
    grant: dict[str, Any] = {}
    call: dict[str, Any] = {}
    for of_grant, of_call, _ in ORDER[first:]:
        grant |= of_grant
        call |= of_call
    assert type(decide(a_grant(**grant), ENTERPRISE, a_call(**call), TODAY)) is ORDER[first][2]
