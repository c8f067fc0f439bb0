"""Sharing attributes per data item, formats with their types and modes, and the further groups of 1272号."""

from typing import Any

import pytest
from makes import BASIS, describe
from pydantic import ValidationError

from gateway.catalog import ModeKind, SharingClass
from gateway.catalog.description import FormatKind, strictest_offered
from gateway.catalog.value_lists import FORMAT_MODES, FORMAT_TYPES
from gateway.errors import Invalid
from gateway.web.reading import validated

CONDITIONAL = {"sharing_class": "conditional", "conditions": "限登记业务"}
WITHHELD = {"sharing_class": "not_shared", "not_shared_basis": BASIS}


def items(*own: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": f"i{at}", "title": "项", "type": "C", **one} for at, one in enumerate(own)]


@pytest.mark.parametrize(
    ("whole", "own", "good"),
    [
        ({}, [{}, {}], True),
        ({}, [{}, {"sharing_class": "unconditional"}], True),
        ({}, [{}, WITHHELD], True),
        ({}, [{}, {"sharing_class": "conditional"}], False),
        ({}, [WITHHELD, WITHHELD], False),
        (CONDITIONAL, [{}, {"sharing_class": "unconditional"}], True),
        (CONDITIONAL, [{"sharing_class": "conditional", "conditions": "逐件"}, WITHHELD], True),
        (CONDITIONAL, [{"sharing_class": "unconditional"}, {"sharing_class": "unconditional"}], True),
        (CONDITIONAL, [WITHHELD, WITHHELD], False),
        (WITHHELD, [{}, {}], True),
        (WITHHELD, [{}, WITHHELD], True),
        (WITHHELD, [{}, {"sharing_class": "unconditional"}], False),
    ],
)
def test_the_class_of_the_whole_is_at_least_that_of_the_strictest_item_on_offer(
    whole: dict[str, Any], own: list[dict[str, Any]], good: bool
) -> None:
    if good:
        assert describe(items=items(*own), **whole).items
    else:
        with pytest.raises(ValidationError, match="strictest item on offer"):
            describe(items=items(*own), **whole)


@pytest.mark.parametrize(
    "own",
    [
        {"sharing_class": "not_shared"},
        {"not_shared_basis": BASIS},
        {"sharing_class": "conditional", "not_shared_basis": BASIS},
        {"conditions": "限登记"},
        {"sharing_class": "unconditional", "conditions": "限登记"},
        {"type": "U"},
        {"custom_type": "几何型"},
    ],
)
def test_an_item_states_what_its_class_and_type_need_and_nothing_else(own: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="items"):
        describe(items=items(own), **CONDITIONAL)


def test_an_item_without_own_attributes_has_the_resource_s() -> None:
    what = describe(
        items=items(
            {},
            {"sharing_class": "unconditional"},
            {"sharing_class": "conditional", "conditions": "逐件"},
            WITHHELD,
        ),
        **CONDITIONAL,
    )
    assert [what.class_of(one) for one in what.items] == [
        "conditional",
        "unconditional",
        "conditional",
        "not_shared",
    ]
    assert [what.conditions_of(one) for one in what.items] == ["限登记业务", None, "逐件", None]
    assert [one is not None for one in map(what.basis_of, what.items)] == [False, False, False, True]


def test_the_strictest_on_offer_passes_over_what_is_withheld() -> None:
    one, two, three = SharingClass
    assert strictest_offered([one, three]) is one
    assert strictest_offered([one, two, three]) is two
    assert strictest_offered([three]) is strictest_offered([]) is None


@pytest.mark.parametrize("kind", FormatKind)
def test_a_format_has_its_types_and_its_modes(kind: FormatKind) -> None:
    for mode in ModeKind:
        given = {"format": kind, "mode": mode, "parameters": []}
        if mode in FORMAT_MODES[kind]:
            assert describe(**given).mode is mode
        else:
            with pytest.raises(ValidationError, match="is shared as"):
                describe(**given)
    good = {"format": kind, "mode": FORMAT_MODES[kind][0]}
    for named in FORMAT_TYPES[kind]:
        assert describe(**good, format_type=named.upper()).format_type == named.upper()
    if FORMAT_TYPES[kind]:
        with pytest.raises(ValidationError, match="is one of"):
            describe(**good, format_type="parchment")
    else:
        assert describe(**good, format_type="geojson").format_type == "geojson"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shared_scope": "自然资源部门"}, "conditional sharing"),
        ({"shared_use": "登记"}, "conditional sharing"),
        ({**WITHHELD, "open_to_public": True}, "not opened to the public"),
        ({"survey": {"stored_volume": 1}}, "Field required"),
        (
            {
                "survey": dict.fromkeys(
                    ("stored_volume", "stored_records", "shared_volume", "shared_records", "open_volume"), 0
                )
                | {"open_records": -1}
            },
            "greater than or equal to 0",
        ),
        ({"also_by": ["fax"]}, "also_by"),
        ({"also_by": ["mail", "medium", "mail"]}, "also_by"),
    ],
)
def test_what_does_not_go_together_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        describe(**changes)


def test_a_broken_rule_is_told_in_chinese_too() -> None:
    given = describe().model_dump(mode="json") | {"format": "spreadsheet"}
    with pytest.raises(Invalid) as refused:
        validated(type(describe()), given, strict=True)
    [fault] = refused.value.faults
    assert (fault.pointer, fault.detail) == (
        "",
        "data of format spreadsheet is shared as file, not as interface",
    )
    assert "文件类格式只能以文件方式共享" in fault.detail_zh
