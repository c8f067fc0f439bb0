"""Which values a parameter takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog import Parameter, ParameterKind


def parameter(kind: str, **changes: Any) -> Parameter:
    return Parameter.model_validate({"name": "p", "title": "参数", "kind": kind, **changes})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("org_code", "91330106673959654P"),
        ("org_code", "9144030071526726XG"),
        ("id_number", "11010519491231002X"),
        ("id_number", "11010519491231002x"),
        ("id_number", "440524188001010014"),
        ("text", "北京路 1 号"),
        ("integer", "0"),
        ("integer", "-15"),
        ("integer", "999999999999999"),
        ("date", "2024-02-29"),
        ("choice", "甲"),
    ],
)
def test_a_value_of_its_kind_is_taken(kind: str, value: str) -> None:
    choices = {"choices": ["甲", "乙"]} if kind == "choice" else {}
    assert parameter(kind, **choices).fault(value) == ""


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("org_code", "91330106673959654Q"),
        ("org_code", "91110000100006485D"),
        ("org_code", "91330106673959654p"),
        ("org_code", "91330106673959654P "),
        ("org_code", ""),
        ("id_number", "110105194912310021"),
        ("id_number", "11010519490230002X"),
        ("id_number", "110105491231002"),
        ("id_number", "１１010519491231002X"),
        ("text", ""),
        ("text", "a\nb"),
        ("text", "a\x7f"),
        ("text", "a\u202eb"),
        ("integer", "1.0"),
        ("integer", "+1"),
        ("integer", "１"),
        ("integer", "1e3"),
        ("integer", "1_000"),
        ("integer", "1000000000000000"),
        ("date", "2023-02-29"),
        ("date", "20240229"),
        ("date", "2024-2-9"),
        ("date", "2024-02-29T00:00:00"),
        ("choice", "丙"),
        ("choice", "甲 "),
        ("choice", ""),
    ],
)
def test_another_value_is_refused_by_the_kind_s_name(kind: str, value: str) -> None:
    choices = {"choices": ["甲", "乙"]} if kind == "choice" else {}
    assert parameter(kind, **choices).fault(value) == f"not a valid {kind}"


def test_a_value_is_as_long_as_allowed_and_no_longer() -> None:
    assert parameter("text", longest=3).fault("一二三") == ""
    assert parameter("text", longest=3).fault("一二三四") == "longer than 3 characters"


@given(
    kind=st.sampled_from([kind for kind in ParameterKind if kind is not ParameterKind.CHOICE]),
    value=st.text(),
)
def test_no_text_makes_the_check_fail(kind: ParameterKind, value: str) -> None:
    assert isinstance(parameter(kind).fault(value), str)
