"""The decision where one step further would be wrong: its order, its texts, and what is shared item by item."""

from datetime import date
from typing import Any

import pytest
from makes import BASIS, TODAY, a_call, a_grant, decided, describe, instant
from world import description

from gateway.authz.grants import Allowed, GrantState, compiled, standing
from gateway.authz.grants import denials as why
from gateway.errors import GatewayError, Invalid

USCC = {"name": "uscc", "title": "统一社会信用代码", "kind": "org_code", "controlled": True}
REGION = {"name": "region", "title": "地区", "kind": "choice", "choices": ["甲", "乙"], "required": False}
CODE, ELSEWHERE = "11621000MB00000011", "91330106673959654P"
ENTERPRISE = describe(parameters=[USCC, REGION])
NIGHT = {"start": "00:05", "end": "06:30"}

ORDER: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], type[GatewayError]]] = [
    ({"state": GrantState.REVOKED}, {}, {}, why.GrantRevoked),
    ({"valid_until": date(2026, 9, 29)}, {}, {}, why.GrantExpired),
    ({}, {}, {"client_id": "other"}, why.WrongClient),
    ({}, {}, {"service": "marriage"}, why.WrongService),
    ({}, {}, {"purpose": "tax"}, why.WrongPurpose),
    ({"matter": "M-1"}, {}, {"matter": "M-2"}, why.WrongMatter),
    ({"rules": {"case_required": True, "operator_required": True, "hours": NIGHT}}, {}, {}, why.CaseMissing),
    ({"rules": {"operator_required": True, "hours": NIGHT}}, {}, {}, why.OperatorMissing),
    ({"rules": {"hours": NIGHT}}, {}, {}, why.OutsideHours),
    ({}, {"grade": "core"}, {}, why.CoreData),
    ({}, {}, {"parameters": {"uscc": "1"}}, why.ParameterWrong),
    ({}, {}, {"parameters": {"uscc": ELSEWHERE}}, why.ParameterOutsideGrant),
    ({}, {}, {"fields": ("no_such",)}, why.FieldOutsideGrant),
]
"""One reason each, of grant, resource or call: nearest to the grant first."""


def broken(rows: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], type[GatewayError]]]) -> Any:
    """Grant, resource and call with every one of these reasons; of two for one place the first."""
    grant: dict[str, Any] = {}
    what: dict[str, Any] = {"parameters": [USCC, REGION]}
    call: dict[str, Any] = {}
    for of_grant, of_what, of_call, _ in reversed(rows):
        grant |= of_grant
        what |= of_what
        call |= of_call
    return a_grant(**grant), describe(**what), a_call(**call)


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_of_all_reasons_that_are_left_the_first_is_given(first: int) -> None:
    assert type(decided(*broken(ORDER[first:]), TODAY)) is ORDER[first][3]


STANDING = [
    row for row in ORDER if row[3] in {why.GrantRevoked, why.GrantExpired, why.OutsideHours, why.CoreData}
]


@pytest.mark.parametrize("first", range(len(STANDING)))
def test_what_stands_against_every_call_is_given_in_the_same_order(first: int) -> None:
    grant, what, _ = broken(STANDING[first:])
    assert type(standing(compiled(grant, what), instant(TODAY))) is STANDING[first][3]


def test_against_a_grant_in_force_nothing_stands() -> None:
    assert standing(compiled(a_grant(), ENTERPRISE), instant(TODAY)) is None


@pytest.mark.parametrize(("start", "end"), [("00:05", "06:30"), ("02:00", "06:00")])
def test_the_refusal_names_the_granted_hours(start: str, end: str) -> None:
    verdict = decided(a_grant(rules={"hours": {"start": start, "end": end}}), ENTERPRISE, a_call(), TODAY)
    assert isinstance(verdict, why.OutsideHours)
    assert verdict.detail == f"calls are granted {start}–{end}"
    assert verdict.detail_zh == f"授权调用时段为 {start}–{end}"


def test_an_item_that_is_not_shared_by_itself_does_not_leave_with_the_others() -> None:
    items = description()["items"]
    items[1] |= {"sharing_class": "not_shared", "not_shared_basis": BASIS}
    what = describe(items=items, parameters=[USCC])
    assert decided(a_grant(), what, a_call(), TODAY) == Allowed(("uscc",))
    assert type(decided(a_grant(), what, a_call(fields=("name",)), TODAY)) is why.FieldWithdrawn


@pytest.mark.parametrize(
    ("parameters", "pointers"),
    [
        ({}, ["uscc"]),
        ({"x": "1"}, ["x", "uscc"]),
        ({"uscc": CODE, "x": "1"}, ["x"]),
        ({"uscc": CODE, "region": "甲", "x": "1"}, ["x"]),
        ({"uscc": CODE, "region": "丙"}, ["region"]),
        ({"uscc": "1", "region": "丙"}, ["uscc", "region"]),
        ({"region": "甲"}, ["uscc"]),
    ],
)
def test_just_the_faulty_parameters_are_named(parameters: dict[str, str], pointers: list[str]) -> None:
    verdict = decided(a_grant(), ENTERPRISE, a_call(parameters), TODAY)
    assert isinstance(verdict, Invalid)
    assert [fault.pointer for fault in verdict.faults] == [f"/parameters/{name}" for name in pointers]


@pytest.mark.parametrize(
    "parameter", [{**USCC, "longest": 17}, {**USCC, "kind": "choice", "choices": [ELSEWHERE]}]
)
def test_a_code_is_no_value_of_a_parameter_that_cannot_hold_it(parameter: dict[str, Any]) -> None:
    verdict = decided(a_grant(), describe(parameters=[parameter]), a_call({"uscc": CODE}), TODAY)
    assert type(verdict) is why.ParameterWrong


def test_fields_outside_the_grant_are_listed_up_to_two_hundred_signs() -> None:
    few = decided(a_grant(), ENTERPRISE, a_call(fields=("b", "a")), TODAY)
    many = decided(a_grant(), ENTERPRISE, a_call(fields=("x" * 300,)), TODAY)
    assert isinstance(few, GatewayError)
    assert isinstance(many, GatewayError)
    assert (few.detail, few.detail_zh) == ("not granted: a, b", "未授权字段：a, b")
    assert many.detail == "not granted: " + "x" * 200


def test_fields_and_parameters_the_resource_has_lost_are_listed() -> None:
    bare = describe(items=[{"name": "uscc", "title": "代码", "type": "C"}], parameters=[USCC])
    grant = a_grant(fields=["uscc", "name", "capital"])
    gone = decided(grant, bare, a_call(fields=("name", "capital")), TODAY)
    assert isinstance(gone, why.FieldWithdrawn)
    assert gone.detail == "the resource no longer has: capital, name"
    bounds = {name: {"prefix": "1"} for name in ("region", "area")}
    lost = decided(a_grant(parameters=bounds), bare, a_call(), TODAY)
    assert isinstance(lost, why.GrantOutdated)
    assert lost.detail == "the service has no parameter area, region any more"
    long = {f"p{number:03}{'x' * 36}": {"prefix": "1"} for number in range(5)}
    cut = decided(a_grant(parameters=long), bare, a_call(), TODAY)
    assert isinstance(cut, why.GrantOutdated)
    assert cut.detail == f"the service has no parameter {', '.join(sorted(long))[:200]} any more"


def test_a_resource_that_is_not_shared_is_refused_with_its_basis() -> None:
    what = describe(sharing_class="not_shared", not_shared_basis=BASIS, parameters=[USCC])
    verdict = decided(a_grant(), what, a_call(), TODAY)
    assert isinstance(verdict, why.ResourceNotShared)
    assert (verdict.detail, verdict.detail_zh) == (
        f"not shared: {BASIS['citation']}",
        f"不予共享：{BASIS['citation']}",
    )
