"""What a call's body may hold, and what may not stand in a query."""

from typing import Any

import pytest

from gateway.errors import Invalid
from gateway.exchange.reading import CallBody, Wanted, refuse_personal_query
from gateway.web.reading import validated

GOOD: dict[str, Any] = {
    "parameters": {"uscc": "91330106673959654P"},
    "fields": ["name"],
    "matter": "621000-TR-001",
    "case": "2026/09/30-1",
    "operator": "张三",
    "consent": "TY-2026-0001",
}


def test_a_body_says_parameters_fields_and_what_the_call_is_for() -> None:
    body = validated(CallBody, GOOD, strict=True)
    assert body.model_dump() == GOOD


def test_an_empty_body_asks_for_everything_granted() -> None:
    assert validated(CallBody, {}, strict=True) == CallBody(parameters={}, fields=None)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"parameters": []}, "/parameters"),
        ({"parameters": {"uscc": 1}}, "/parameters/uscc"),
        ({"parameters": {"uscc": None}}, "/parameters/uscc"),
        ({"parameters": {"uscc": ["1"]}}, "/parameters/uscc"),
        ({"parameters": {"uscc": ""}}, "/parameters/uscc"),
        ({"parameters": {"uscc": "1" * 201}}, "/parameters/uscc"),
        ({"parameters": {f"p{n}": "1" for n in range(51)}}, "/parameters"),
        ({"fields": []}, "/fields"),
        ({"fields": "name"}, "/fields"),
        ({"fields": ["name", 1]}, "/fields/1"),
        ({"fields": ["name"] * 201}, "/fields"),
        ({"matter": "事项"}, "/matter"),
        ({"matter": "M" * 65}, "/matter"),
        ({"case": ""}, "/case"),
        ({"operator": " "}, "/operator"),
        ({"consent": ""}, "/consent"),
        ({"consent": "同意书一号"}, "/consent"),
        ({"consent": "T" * 65}, "/consent"),
        ({"purpose": "other"}, "/purpose"),
        ({"client": "other"}, "/client"),
        ({"url": "http://other.example/"}, "/url"),
    ],
)
def test_a_body_of_another_shape_is_refused_at_its_place(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        validated(CallBody, {**GOOD, **changes}, strict=True)
    assert [fault.pointer for fault in refusal.value.faults] == [pointer]


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_parameter_s_name_has_its_bounds_too(key: str) -> None:
    with pytest.raises(Invalid):
        validated(CallBody, {"parameters": {key: "1"}}, strict=True)


def wanted(by_query: bool, **parameters: str) -> Wanted:
    return Wanted("marriage", by_query, CallBody(parameters=parameters))


def test_a_personal_parameter_may_stand_in_a_body_only() -> None:
    refuse_personal_query(wanted(False, id_number="11010519491231002X"), {"id_number"})
    refuse_personal_query(wanted(True, region="621000"), {"id_number"})
    with pytest.raises(Invalid) as refusal:
        refuse_personal_query(wanted(True, id_number="11010519491231002X", region="6"), {"id_number", "name"})
    assert [fault.pointer for fault in refusal.value.faults] == ["/parameters/id_number"]
    assert "11010519491231002X" not in str(refusal.value.extra)
