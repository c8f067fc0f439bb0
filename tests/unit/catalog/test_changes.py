"""Differences of two descriptions, and what of them takes something from callers."""

from typing import Any

import pytest
from makes import BASIS, CONTROLLED, describe
from world import description

from gateway.catalog.changes import changes, narrowing

ITEMS = description()["items"]
OPTIONAL = {"name": "sort", "title": "类别", "kind": "choice", "required": False, "choices": ["甲", "乙"]}
MODE = {"mode": "table"}


def test_a_description_differs_from_itself_in_nothing() -> None:
    assert changes(describe(), describe()) == []
    assert not narrowing(describe(), describe())


def test_each_difference_is_told_by_its_place_with_before_and_after() -> None:
    items = [
        ITEMS[0],
        {**ITEMS[1], "title": "名称", "length": 80},
        ITEMS[3],
        {"name": "kind", "title": "类型", "type": "C"},
    ]
    found = {
        one.pointer: (one.before, one.after)
        for one in changes(describe(), describe(summary="新", items=items))
    }
    assert found.pop("/summary") == ("企业登记的基本信息", "新")
    assert found.pop("/items/name/title") == ("企业名称", "名称")
    assert found.pop("/items/name/length") == (None, 80)
    before, after = found.pop("/items/legal_person")
    assert (before["personal"], after) == (True, None)
    before, after = found.pop("/items/kind")
    assert (before, after["title"]) == (None, "类型")
    assert not found


def test_another_order_of_items_is_a_difference_that_takes_nothing() -> None:
    turned = describe(items=[*ITEMS[1:], ITEMS[0]])
    assert [one.pointer for one in changes(describe(), turned)] == ["/items"]
    assert not narrowing(describe(), turned)


@pytest.mark.parametrize(
    ("before", "after", "items", "parameters", "everyone"),
    [
        ({}, {"items": ITEMS[:3]}, {"capital"}, set(), False),
        ({}, {"items": [*ITEMS[:3], {**ITEMS[3], "name": "funds"}]}, {"capital"}, set(), False),
        ({}, {"items": [*ITEMS[:3], {**ITEMS[3], "type": "C"}]}, {"capital"}, set(), False),
        (
            {},
            {"items": [*ITEMS[:3], {**ITEMS[3], "sharing_class": "not_shared", "not_shared_basis": BASIS}]},
            {"capital"},
            set(),
            False,
        ),
        ({}, {"items": [*ITEMS, {"name": "more", "title": "更多", "type": "C"}]}, set(), set(), False),
        ({}, {"items": [*ITEMS[:3], {**ITEMS[3], "title": "资本"}]}, set(), set(), False),
        ({}, {"parameters": []}, set(), {"uscc"}, False),
        ({}, {"parameters": [{**CONTROLLED, "name": "code"}]}, set(), {"uscc", "code"}, False),
        ({}, {"parameters": [{**CONTROLLED, "kind": "text"}]}, set(), {"uscc"}, False),
        ({}, {"parameters": [{**CONTROLLED, "longest": 18}]}, set(), {"uscc"}, False),
        ({}, {"parameters": [{**CONTROLLED, "title": "代码"}]}, set(), set(), False),
        ({}, {"parameters": [CONTROLLED, OPTIONAL]}, set(), set(), False),
        ({}, {"parameters": [CONTROLLED, {**OPTIONAL, "required": True}]}, set(), {"sort"}, False),
        (
            {"parameters": [OPTIONAL]},
            {"parameters": [{**OPTIONAL, "choices": ["甲"]}]},
            set(),
            {"sort"},
            False,
        ),
        (
            {"parameters": [OPTIONAL]},
            {"parameters": [{**OPTIONAL, "choices": ["甲", "乙", "丙"]}]},
            set(),
            set(),
            False,
        ),
        (
            {"parameters": [OPTIONAL]},
            {"parameters": [{**OPTIONAL, "required": True}]},
            set(),
            {"sort"},
            False,
        ),
        ({}, {"sharing_class": "conditional", "conditions": "限登记"}, set(), set(), True),
        ({"sharing_class": "conditional", "conditions": "限登记"}, {}, set(), set(), False),
        ({}, MODE, set(), set(), True),
        ({}, {"consent_required": True}, set(), set(), True),
        ({"consent_required": True}, {}, set(), set(), False),
        ({}, {"summary": "新", "update_cycle": "monthly", "daily_quota_limit": 1}, set(), set(), False),
    ],
)
def test_what_narrows_and_what_does_not(
    before: dict[str, Any], after: dict[str, Any], items: set[str], parameters: set[str], everyone: bool
) -> None:
    found = narrowing(describe(**before), describe(**after))
    assert (found.items, found.parameters, found.everyone) == (items, parameters, everyone)
    assert bool(found) is bool(items or parameters or everyone)
