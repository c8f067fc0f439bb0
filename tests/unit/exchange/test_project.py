"""What leaves: granted fields only, each of the type the catalogue says."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makes import describe

from gateway.catalog.description import DataType
from gateway.exchange.project import project
from gateway.web.outbound import UpstreamInvalid, UpstreamTooLarge


def shown(value: Any, kind: str, **item: Any) -> Any:
    """What becomes of one value of an item of this type."""
    custom = {"custom_type": "自定义"} if kind == "U" else {}
    what = describe(items=[{"name": "x", "title": "某项", "type": kind, **custom, **item}])
    return project([{"x": value}], ["x"], what, {}, 10)[0]["x"]


TEXTS, NUMBERS = ["C", "M", "D", "T"], ["N", "Y", "B", "F"]


@pytest.mark.parametrize(
    ("kinds", "value", "expected"),
    [
        ([kind.value for kind in DataType], None, None),
        ([*TEXTS, "G"], "2026-09-30", "2026-09-30"),
        ([*TEXTS, "G"], date(2026, 9, 30), "2026-09-30"),
        ([*TEXTS, "G"], datetime(2026, 9, 30, 8, tzinfo=UTC), "2026-09-30T08:00:00+00:00"),
        ([*TEXTS, "G"], "", ""),
        ([*TEXTS, "G"], "张三\u202e\n", "张三\u202e\n"),
        (NUMBERS, "1000000.00", "1000000.00"),
        (NUMBERS, "-0.10", "-0.10"),
        ([*NUMBERS, "G"], Decimal("1000000.00"), "1000000.00"),
        ([*NUMBERS, "G"], Decimal("1E-7"), "0.0000001"),
        ([*NUMBERS, "G"], Decimal("12345678901234567890.123"), "12345678901234567890.123"),
        (NUMBERS, "0.0000001", "0.0000001"),
        ([*NUMBERS, "G"], 12, 12),
        ([*NUMBERS, "G"], 0.5, 0.5),
        (["I", "G"], 12, 12),
        (["I"], "-12", -12),
        (["I"], "012", 12),
        (["L", "G"], True, True),
        (["L"], "true", True),
        (["L"], "1", True),
        (["L"], "是", True),
        (["L"], "false", False),
        (["L"], "0", False),
        (["L"], "否", False),
    ],
)
def test_a_value_of_its_type_leaves_in_one_form(kinds: list[str], value: Any, expected: Any) -> None:
    for kind in kinds:
        found = shown(value, kind)
        assert (found, type(found)) == (expected, type(expected)), kind


@pytest.mark.parametrize(
    ("kinds", "value"),
    [
        ([kind.value for kind in DataType], {"a": 1}),
        ([kind.value for kind in DataType], ["a"]),
        ([kind.value for kind in DataType], []),
        ([kind.value for kind in DataType], b"bytes"),
        ([kind.value for kind in DataType], Decimal("NaN")),
        ([kind.value for kind in DataType], float("nan")),
        ([kind.value for kind in DataType], float("inf")),
        ([*TEXTS, "L"], 12),
        ([*TEXTS, "L"], 0.5),
        ([*TEXTS, "I", *NUMBERS], True),
        (["I", *NUMBERS], "abc"),
        (["I", *NUMBERS], ""),
        (["I", *NUMBERS], " 12"),
        (["I", *NUMBERS], "1_000"),
        (["I", *NUMBERS], "１２"),
        (["I", *NUMBERS], "NaN"),
        (["I", *NUMBERS], "Infinity"),
        (["I", *NUMBERS], "1e9"),
        (["I", *NUMBERS], "9" * 101),
        (["I"], "9" * 19),
        (["I"], 3.0),
        (["I"], Decimal(3)),
        (["I"], "3.0"),
        (["I", *NUMBERS], date(2026, 9, 30)),
        (["L"], "yes"),
        (["L"], "TRUE"),
        (["L"], ""),
    ],
)
def test_a_value_of_another_type_is_refused_without_being_told(kinds: list[str], value: Any) -> None:
    for kind in kinds:
        with pytest.raises(UpstreamInvalid, match=f"the field x is not of type {kind}$"):
            shown(value, kind)


@pytest.mark.parametrize(("value", "good"), [("一二三", True), ("一二三四", False), (None, True)])
def test_a_text_is_as_long_as_described_and_no_longer(value: Any, good: bool) -> None:
    if good:
        assert shown(value, "C", length=3) == value
    else:
        with pytest.raises(UpstreamInvalid, match="longer than 3"):
            shown(value, "C", length=3)


ENTERPRISE = describe()
RECORD = {"uscc": "1", "name": "示例", "legal_person": "张三", "capital": "1.00", "secret": "内部"}


def test_only_the_named_fields_leave_in_the_order_named() -> None:
    assert project([RECORD], ["name", "uscc"], ENTERPRISE, {}, 1) == [{"name": "示例", "uscc": "1"}]


def test_a_field_that_is_missing_refuses_the_whole_answer() -> None:
    with pytest.raises(UpstreamInvalid, match="the field name is missing"):
        project([RECORD, {"uscc": "2"}], ["uscc", "name"], ENTERPRISE, {}, 2)


def test_a_source_is_read_in_place_of_the_item_s_name() -> None:
    record = {"tyshxydm": "1", "uscc": "never"}
    assert project([record], ["uscc"], ENTERPRISE, {"uscc": "tyshxydm"}, 1) == [{"uscc": "1"}]
    with pytest.raises(UpstreamInvalid, match="the field uscc is missing"):
        project([RECORD], ["uscc"], ENTERPRISE, {"uscc": "tyshxydm"}, 1)


def test_as_many_records_as_allowed_leave_and_none_is_cut_off_in_silence() -> None:
    assert len(project([RECORD] * 3, ["uscc"], ENTERPRISE, {}, 3)) == 3
    with pytest.raises(UpstreamTooLarge, match="more than 3 records"):
        project([RECORD] * 4, ["uscc"], ENTERPRISE, {}, 3)


names = ["uscc", "name", "legal_person", "capital"]
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.dates()
values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(st.text(max_size=3), scalars, max_size=2)


@given(
    records=st.lists(
        st.fixed_dictionaries(dict.fromkeys(names, values), optional={"secret": values}), max_size=3
    ),
    fields=st.lists(st.sampled_from(names), unique=True),
    kinds=st.lists(st.sampled_from(list(DataType)), min_size=4, max_size=4),
)
def test_whatever_a_provider_sends_only_granted_scalars_leave_as_json(
    records: list[dict[str, Any]], fields: list[str], kinds: list[DataType]
) -> None:
    custom = {DataType.CUSTOM: {"custom_type": "自定义"}}
    items = [
        {"name": name, "title": "某项", "type": kind, **custom.get(kind, {})}
        for name, kind in zip(names, kinds, strict=True)
    ]
    try:
        found = project(records, fields, describe(items=items), {}, 3)
    except UpstreamInvalid:
        return
    assert [list(record) for record in found] == [fields] * len(records)
    again = orjson.loads(orjson.dumps(found)) if _is_utf8(found) else found
    assert again == found
    assert all(isinstance(value, str | int | float | None) for record in found for value in record.values())


def _is_utf8(found: list[dict[str, Any]]) -> bool:
    texts = [value for record in found for value in record.values() if isinstance(value, str)]
    numbers = [value for record in found for value in record.values() if isinstance(value, int)]
    return all(-(2**63) <= number < 2**64 for number in numbers) and not any(
        0xD800 <= ord(sign) <= 0xDFFF for text in texts for sign in text
    )
