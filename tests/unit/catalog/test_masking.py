"""Masking of sample values, by what an item says it is and by what a value looks like."""

from typing import Any

import pytest

from gateway.catalog.items import DataItem
from gateway.catalog.masking import content_fault, looks_personal, masked, masker
from gateway.catalog.value_lists import ContentKind


def item(**more: Any) -> DataItem:
    return DataItem.model_validate({"name": "x", "title": "项", "type": "C", **more})


@pytest.mark.parametrize(
    ("content", "value", "shown"),
    [
        ("id_number", "11010519491231002X", "**************002X"),
        ("id_number", "110105491231002", "***********1002"),
        ("org_code", "91330106673959654P", "**************654P"),
        ("phone", "13812348000", "138****8000"),
        ("phone", "0934-8210000", "093****0000"),
        ("phone", "8210000", "****"),
        ("person_name", "张三", "张*"),
        ("person_name", "欧阳某某", "欧***"),
        ("person_name", "张", "张*"),
        ("bank_card", "6222021234567890123", "***************0123"),
        ("bank_card", "12345678", "****"),
        ("address", "甘肃省庆阳市西峰区南大街1号", "甘肃省庆阳市西峰区****"),
        ("address", "甘肃省嘉峪关市新华路", "甘肃省嘉峪关市****"),
        ("address", "南大街", "南****"),
        ("email", "someone@example.cn", "s****@example.cn"),
        ("email", "nobody", "n****"),
    ],
)
def test_a_value_is_masked_by_what_its_item_says_it_is(content: str, value: str, shown: str) -> None:
    assert masked(item(content=content), value) == shown


@pytest.mark.parametrize(
    ("more", "value", "shown"),
    [
        ({}, "示例企业", "示例企业"),
        ({}, 12, 12),
        ({"personal": True}, "已婚状况", "已****"),
        ({"personal": True}, 35, "3****"),
        ({"personal": True}, None, None),
        ({"personal": True}, True, True),
        ({"grade": "important"}, "坐标", "坐****"),
        ({}, "11010519491231002X", "**************002X"),
        ({}, "13812348000", "138****8000"),
        ({}, 13812348000, "138****8000"),
    ],
)
def test_what_is_personal_graded_or_looks_personal_is_masked_too(more: Any, value: Any, shown: Any) -> None:
    assert masked(item(**more), value) == shown


def test_what_looks_personal_and_which_check_digits_are_tested() -> None:
    assert looks_personal("11010519491231002X")
    assert looks_personal(13812348000)
    assert not any(looks_personal(one) for one in ("11010519491231002Y", "12812348000", None, 1.5, "示例"))
    assert content_fault(ContentKind.ID_NUMBER, "110105194912310021")
    assert content_fault(ContentKind.ORG_CODE, "91110000100006485D")
    assert not content_fault(ContentKind.ORG_CODE, "91330106673959654P")
    assert not content_fault(ContentKind.PHONE, "x")


@pytest.mark.parametrize(
    ("more", "value", "shown"),
    [
        ({"content": "person_name"}, "张三", "张*"),
        ({"content": "bank_card", "type": "N"}, 6222021234567890, "************7890"),
        ({}, "示例企业", "示****"),
        ({}, "男", "****"),
        ({}, "", ""),
        ({}, "11010519491231002X", "**************002X"),
        ({"type": "D"}, "1990-01-31", "1990****"),
        ({"type": "T"}, "1990-01-31T08:00:00+08:00", "1990****"),
        ({"type": "D"}, "31.1.1990", "****"),
        ({"type": "I"}, 35, "****"),
        ({"type": "Y"}, "1000.00", "****"),
        ({"type": "L"}, True, "****"),
        ({"type": "G"}, "某值", "****"),
        ({"type": "L"}, None, None),
    ],
)
def test_where_a_grant_masks_nothing_is_left_whole(more: Any, value: Any, shown: Any) -> None:
    assert masker(item(**more))(value) == shown
