"""What a grant says of one parameter: each part, parts together, and what lies within what."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.authz.grants.constraint import Constraint

REGION = "621000"


@pytest.mark.parametrize(
    ("bound", "allowed", "refused"),
    [
        ({"values": ["a", "b"]}, ["a", "b"], ["c", "", "A"]),
        ({"prefix": "62"}, ["62", "621000"], ["6", "162"]),
        ({"at_least": "18"}, ["18", "18.0", "200"], ["17.99", "-18", "abc", "2026-01-01", "１８"]),
        ({"at_least": "-1.5", "at_most": "1.5"}, ["-1.5", "0", "1.50"], ["-1.51", "1.51", "1e0", "NaN"]),
        (
            {"at_least": "2026-01-01", "at_most": "2026-12-31"},
            ["2026-01-01", "2026-02-28", "2026-12-31"],
            ["2025-12-31", "2027-01-01", "2026-02-30", "20260101", "2026"],
        ),
        ({"shortest": 2, "longest": 3}, ["ab", "国务院"], ["a", "abcd"]),
        ({"own_region": True}, [REGION], ["621001", "62", "6210001"]),
        ({"required": True}, ["anything"], []),
        ({"prefix": "1", "at_most": "150", "longest": 3}, ["1", "150"], ["151", "2", "1.00"]),
    ],
    ids=str,
)
def test_a_value_is_allowed_if_every_part_allows_it(
    bound: dict[str, Any], allowed: list[str], refused: list[str]
) -> None:
    constraint = Constraint(**bound)
    assert [one for one in allowed if not constraint.allows(one, REGION)] == []
    assert [one for one in refused if constraint.allows(one, REGION)] == []


def test_without_knowing_the_region_nothing_bound_to_it_is_allowed() -> None:
    assert not Constraint(own_region=True).allows("")
    assert not Constraint(own_region=True).allows(REGION)


@pytest.mark.parametrize(
    "bound",
    [
        {},
        {"own_region": False, "required": False},
        {"values": ["a"], "prefix": "a"},
        {"values": ["a"], "required": True},
        {"at_least": "2", "at_most": "1"},
        {"at_least": "2", "at_most": "2026-01-01"},
        {"at_least": "two"},
        {"at_least": "2026-02-30"},
        {"shortest": 3, "longest": 2},
        {"shortest": 0},
    ],
    ids=str,
)
def test_what_says_nothing_or_contradicts_itself_is_refused(bound: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Constraint(**bound)


numbers = st.integers(-3, 3).map(str)
parts = st.fixed_dictionaries(
    {},
    optional={
        "prefix": st.sampled_from(["1", "-", "-1", "2"]),
        "at_least": numbers,
        "at_most": numbers,
        "shortest": st.integers(1, 3),
        "longest": st.integers(1, 3),
        "own_region": st.booleans(),
        "required": st.just(True),
    },
) | st.fixed_dictionaries({"values": st.lists(numbers, min_size=1, max_size=3)})


def made(given: dict[str, Any]) -> Constraint | None:
    try:
        return Constraint(**given)
    except ValidationError:
        return None


constraints = parts.map(made).filter(lambda one: one is not None)


@given(constraints, constraints, st.sampled_from(["-1", "2", ""]))
def test_what_is_within_another_allows_nothing_more(
    inner: Constraint, outer: Constraint, region: str
) -> None:
    if inner.is_within(outer):
        for value in ["-3", "-2", "-1", "0", "1", "2", "3", "-1.5", "12", "x", "10"]:
            assert not inner.allows(value, region) or outer.allows(value, region)


@given(constraints)
def test_a_constraint_without_a_region_is_within_itself_and_its_text_says_something(one: Constraint) -> None:
    assert one.is_within(one)
    assert one.text()
    assert Constraint.model_validate_json(one.model_dump_json()) == one
