"""The decision on one call: one test per reason to refuse, in the order in which reasons are given."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from makes import BASIS, TODAY, a_call, a_grant, decided, describe, instant
from pydantic import ValidationError

from gateway.authz import DENIALS
from gateway.authz.grants import Allowed, Call, Grant, GrantState, Hours, Side, compiled, explain
from gateway.authz.grants import denials as why
from gateway.authz.grants.decide import RULES
from gateway.catalog import Description
from gateway.deadlines import SHANGHAI
from gateway.errors import GatewayError, Invalid, TooMany
from gateway.web.problems import status_of

OPTIONAL = {"name": "region", "title": "地区", "kind": "text", "required": False}
USCC = {"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True}
ENTERPRISE = describe(parameters=[USCC, OPTIONAL])
CODE = "11621000MB00000011"
ELSEWHERE = "91330106673959654P"

BY_DECIDE: list[tuple[Grant, Call, date, type[GatewayError]]] = [
    (a_grant(state=GrantState.REVOKED, because="滥用"), a_call(), TODAY, why.GrantRevoked),
    (a_grant(state=GrantState.SUSPENDED, held_by=Side.PROVIDER), a_call(), TODAY, why.GrantSuspended),
    (a_grant(state=GrantState.SUSPENDED, held_by=Side.AUTHORITY), a_call(), TODAY, why.SuspendedByAuthority),
    (a_grant(state=GrantState.ENDED, because="用毕"), a_call(), TODAY, why.GrantEnded),
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
    (a_grant(rules={"case_required": True}), a_call(operator="李某"), TODAY, why.CaseMissing),
    (a_grant(rules={"operator_required": True}), a_call(case="C-1"), TODAY, why.OperatorMissing),
    (a_grant(rules={"hours": {"start": "00:00", "end": "12:00"}}), a_call(), TODAY, why.OutsideHours),
]
NOT_SHARED = describe(sharing_class="not_shared", not_shared_basis=BASIS, parameters=[USCC])
WITHOUT_NAME = describe(items=[{"name": "uscc", "title": "代码", "type": "C"}], parameters=[USCC])
BY_THE_RESOURCE: list[tuple[Description, Grant, Call, type[GatewayError]]] = [
    (NOT_SHARED, a_grant(), a_call(), why.ResourceNotShared),
    (describe(grade="core", parameters=[USCC]), a_grant(), a_call(), why.CoreData),
    (describe(consent_required=True, parameters=[USCC]), a_grant(), a_call(), why.ConsentMissing),
    (describe(consent_required=True, parameters=[USCC]), a_grant(), a_call(consent=""), why.ConsentMissing),
    (describe(parameters=[OPTIONAL]), a_grant(), a_call({}), why.GrantOutdated),
    (WITHOUT_NAME, a_grant(fields=["name"]), a_call(), why.GrantOutdated),
    (WITHOUT_NAME, a_grant(), a_call(fields=("name",)), why.FieldWithdrawn),
]
"""The grant was right when it was issued; the resource has changed since."""

BY_THE_DATABASE = {why.NoGrant, why.ResourceWithdrawn, why.ClientDisabled, why.QuotaUsedUp, why.RateExceeded}
BY_THE_ANSWER = {why.RecordsOutsideGrant}


@pytest.mark.parametrize(
    ("grant", "call", "day", "denial"),
    BY_DECIDE,
    ids=[f"{row[3].slug()}-{n}" for n, row in enumerate(BY_DECIDE)],
)
def test_a_call_that_breaks_one_rule_is_refused_for_it(
    grant: Grant, call: Call, day: date, denial: type[GatewayError]
) -> None:
    verdict = decided(grant, ENTERPRISE, call, day)
    assert type(verdict) is denial
    assert verdict.detail
    assert verdict.detail_zh


def test_every_reason_to_refuse_is_tried_here_or_is_the_database_s_to_find() -> None:
    by_decide = {row[-1] for row in (*BY_DECIDE, *BY_THE_RESOURCE)}
    assert by_decide | BY_THE_DATABASE | BY_THE_ANSWER == set(DENIALS)
    assert not by_decide & (BY_THE_DATABASE | BY_THE_ANSWER)


@pytest.mark.parametrize(
    ("what", "grant", "call", "denial"),
    BY_THE_RESOURCE,
    ids=[f"{row[-1].slug()}-{n}" for n, row in enumerate(BY_THE_RESOURCE)],
)
def test_a_grant_that_the_resource_no_longer_bears_out_is_refused(
    what: Description, grant: Grant, call: Call, denial: type[GatewayError]
) -> None:
    verdict = decided(grant, what, call, TODAY)
    assert type(verdict) is denial
    assert verdict.detail
    assert verdict.detail_zh


def test_of_granted_fields_those_the_resource_still_has_leave() -> None:
    assert decided(a_grant(), WITHOUT_NAME, a_call(), TODAY) == Allowed(("uscc",))


@pytest.mark.parametrize(
    ("time", "allowed"),
    [
        ("08:29:59.999999", False),
        ("08:30:00", True),
        ("17:59:59.999999", True),
        ("18:00:00", False),
        ("00:00", False),
    ],
)
def test_hours_hold_from_the_first_minute_until_before_the_last(time: str, allowed: bool) -> None:
    grant = a_grant(rules={"hours": {"start": "08:30", "end": "18:00"}})
    now = datetime.fromisoformat(f"2026-09-30T{time}").replace(tzinfo=SHANGHAI)
    for same in (now, now.astimezone(UTC)):
        assert isinstance(decided(grant, ENTERPRISE, a_call(), same), Allowed) is allowed


@pytest.mark.parametrize(
    ("at", "denial"),
    [
        ("2025-12-31T23:59:59.999999", why.GrantNotYetValid),
        ("2026-01-01T00:00:00", None),
        ("2026-12-31T23:59:59.999999", None),
        ("2027-01-01T00:00:00", why.GrantExpired),
    ],
)
def test_the_period_is_counted_in_days_of_shanghai(at: str, denial: type[GatewayError] | None) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    for same in (now, now.astimezone(UTC)):
        verdict = decided(a_grant(), ENTERPRISE, a_call(), same)
        assert type(verdict) is (denial or Allowed)


def test_a_period_beyond_what_instants_can_say_is_no_bound() -> None:
    grant = a_grant(valid_from=date.min, valid_until=date.max)
    assert isinstance(decided(grant, ENTERPRISE, a_call(), TODAY), Allowed)


def test_the_whole_day_can_be_granted_as_hours() -> None:
    grant = a_grant(rules={"hours": {"start": "00:00", "end": "24:00"}})
    late = datetime.fromisoformat("2026-09-30T23:59:59.999999").replace(tzinfo=SHANGHAI)
    assert isinstance(decided(grant, ENTERPRISE, a_call(), late), Allowed)


@pytest.mark.parametrize(
    "hours", [{"start": "08:00", "end": "08:00"}, {"start": "22:00", "end": "06:00"}, {"start": "8:00", "end": "9:00"},
              {"start": "24:00", "end": "24:00"}, {"start": "08:60", "end": "09:00"}],
)  # fmt: skip
def test_hours_that_name_no_time_of_one_day_are_refused(hours: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Hours.model_validate(hours)


def test_what_a_call_must_name_is_asked_for() -> None:
    grant = a_grant(rules={"case_required": True, "operator_required": True})
    assert isinstance(decided(grant, ENTERPRISE, a_call(case="C-1", operator="李某"), TODAY), Allowed)
    consented = a_call(case="C-1", operator="李某", consent="TY-1")
    assert isinstance(
        decided(grant, describe(consent_required=True, parameters=[USCC]), consented, TODAY), Allowed
    )


def test_every_denial_has_a_coarse_word_and_every_word_a_denial() -> None:
    assert set(why.COARSE.values()) == set(why.Coarse)


@pytest.mark.parametrize("row", BY_DECIDE, ids=[f"{row[3].slug()}-{n}" for n, row in enumerate(BY_DECIDE)])
def test_the_explanation_names_the_rule_that_refused(
    row: tuple[Grant, Call, date, type[GatewayError]],
) -> None:
    grant, call, day, denial = row
    steps = explain(compiled(grant, ENTERPRISE), call, instant(day))
    assert [step.rule for step in steps] == list(RULES)
    assert type(next(step.denial for step in steps if step.denial)) is denial


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
    assert decided(a_grant(), ENTERPRISE, call, TODAY) == Allowed(fields)


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31)])
def test_both_ends_of_the_period_are_inside(day: date) -> None:
    assert isinstance(decided(a_grant(), ENTERPRISE, a_call(), day), Allowed)


@pytest.mark.parametrize(("matter", "given"), [("M-1", "M-1"), (None, "M-1"), (None, None)])
def test_a_matter_is_compared_only_where_the_grant_names_one(matter: str | None, given: str | None) -> None:
    assert isinstance(decided(a_grant(matter=matter), ENTERPRISE, a_call(matter=given), TODAY), Allowed)


def test_every_faulty_parameter_is_named_at_its_place() -> None:
    verdict = decided(a_grant(), ENTERPRISE, a_call({"uscc": "1", "a/b~c": "x"}), TODAY)
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
    assert type(decided(a_grant(**grant), ENTERPRISE, a_call(**call), TODAY)) is ORDER[first][2]
