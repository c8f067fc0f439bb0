"""What a description must say, by 1272号 and Decree 809 Art. 13–15."""

from typing import Any

import pytest
from makes import BASIS, CONTROLLED, UNCONTROLLED, describe
from pydantic import ValidationError

from gateway.catalog import Description, Grade
from gateway.catalog.description import BasisKind


def said(**changes: Any) -> str:
    """Everything the refusal of a description says, with the places."""
    with pytest.raises(ValidationError) as refusal:
        describe(**changes)
    return "\n".join(f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in refusal.value.errors())


def item(name: str = "uscc", **changes: Any) -> dict[str, Any]:
    return {"name": name, "title": "统一社会信用代码", "type": "C", **changes}


@pytest.mark.parametrize(
    "code", ["307011024701/000001", "101001/1", "399999999999999999/999999999999", "201001/0001"]
)
def test_a_code_is_class_item_directory_and_a_sequence_number(code: str) -> None:
    assert describe(code=code).code == code


@pytest.mark.parametrize(
    "code",
    [
        "407011024701/000001",
        "007011/1",
        "307011024701",
        "307011024701/",
        "/000001",
        "30701/1",
        "307011024701/000001/2",
        "307011024701/00000a",
        "307011024701 /000001",
        "307011024701/000001\n",
        "３07011024701/000001",
        "3٠7011024701/000001",
        "3070110247010000000/1",
        "307011024701/1234567890123",
        "",
    ],
)
def test_a_code_of_another_shape_is_refused(code: str) -> None:
    assert said(code=code).startswith("code: ")


@pytest.mark.parametrize("kind", list(BasisKind))
def test_not_shared_stands_on_a_law_a_regulation_or_a_state_council_decision(kind: BasisKind) -> None:
    made = describe(sharing_class="not_shared", not_shared_basis={**BASIS, "kind": kind})
    assert made.not_shared_basis is not None
    assert made.not_shared_basis.kind is kind


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"sharing_class": "not_shared"}, "not_shared_basis"),
        ({"sharing_class": "not_shared", "not_shared_basis": {**BASIS, "kind": "ministry_rule"}}, "kind"),
        ({"sharing_class": "not_shared", "not_shared_basis": {**BASIS, "citation": " "}}, "citation"),
        ({"sharing_class": "not_shared", "not_shared_basis": {**BASIS, "reason": ""}}, "reason"),
        ({"sharing_class": "unconditional", "not_shared_basis": BASIS}, "not_shared_basis"),
        (
            {"sharing_class": "conditional", "conditions": "限登记业务", "not_shared_basis": BASIS},
            "not_shared",
        ),
        ({"sharing_class": "conditional"}, "conditions"),
        ({"sharing_class": "conditional", "conditions": "  "}, "conditions"),
        ({"sharing_class": "unconditional", "conditions": "须经同意"}, "conditions"),
        ({"sharing_class": "not_shared", "not_shared_basis": BASIS, "conditions": "须经同意"}, "conditions"),
        ({"sharing_class": "secret"}, "sharing_class"),
    ],
)
def test_a_sharing_class_without_its_ground_or_with_another_s_is_refused(
    changes: dict[str, Any], place: str
) -> None:
    assert place in said(**changes)


def test_conditional_sharing_states_its_conditions() -> None:
    made = describe(sharing_class="conditional", conditions="限不动产登记业务核验")
    assert made.conditions == "限不动产登记业务核验"


@pytest.mark.parametrize(
    ("of_item", "of_whole", "good"),
    [
        ("general", "general", True),
        ("general", "important", True),
        ("important", "important", True),
        ("core", "core", True),
        ("important", "general", False),
        ("core", "important", False),
        ("core", "general", False),
    ],
)
def test_the_grade_of_the_whole_is_at_least_that_of_each_item(
    of_item: str, of_whole: str, good: bool
) -> None:
    changes = {"items": [item(), item("name", grade=of_item)], "grade": of_whole}
    if good:
        assert describe(**changes).grade is Grade(of_whole)
    else:
        assert "就高从严" in said(**changes)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"items": []}, "items"),
        ({"items": [item(), item()]}, "two items have the same name"),
        ({"items": [item(str("n" + str(n))) for n in range(201)]}, "items"),
        ({"items": [item("名称")]}, "items/0/name"),
        ({"items": [item("1st")]}, "items/0/name"),
        ({"items": [item("Name")]}, "items/0/name"),
        ({"items": [item("n" * 41)]}, "items/0/name"),
        ({"items": [item("n\n")]}, "items/0/name"),
        ({"items": [item(type="X")]}, "items/0/type"),
        ({"items": [item(length=0)]}, "items/0/length"),
        ({"items": [item(unknown=1)]}, "items/0/unknown"),
        ({"parameters": [CONTROLLED, UNCONTROLLED]}, "two parameters have the same name"),
        ({"parameters": [{**CONTROLLED, "choices": ["A"]}]}, "choices"),
        ({"parameters": [{**CONTROLLED, "kind": "choice"}]}, "choices"),
        ({"parameters": [{**CONTROLLED, "kind": "choice", "choices": []}]}, "choices"),
        ({"parameters": [{**CONTROLLED, "longest": 201}]}, "parameters/0/longest"),
        ({"parameters": [{**CONTROLLED, "kind": "regex"}]}, "parameters/0/kind"),
        ({"classification": []}, "classification"),
        ({"classification": ["类", "项", "目", "细目", "再"]}, "classification"),
        ({"related": ["42"]}, "related/0"),
        ({"daily_quota_limit": 0}, "daily_quota_limit"),
        ({"service": "Enterprise"}, "service"),
        ({"service": "enter--prise"}, "service"),
        ({"name": "企业\x00"}, "name"),
        ({"name": "企" * 201}, "name"),
        ({"summary": "述" * 4001}, "summary"),
        ({"mode": "mail"}, "mode"),
        ({"update_cycle": "hourly"}, "update_cycle"),
        ({"format": "paper"}, "format"),
        ({"id": "x"}, "id"),
    ],
)
def test_a_member_out_of_its_bounds_is_named(changes: dict[str, Any], place: str) -> None:
    assert place in said(**changes)


@pytest.mark.parametrize(
    "missing", ["code", "name", "items", "sharing_class", "mode", "summary", "update_cycle"]
)
def test_no_core_member_may_be_left_out(missing: str) -> None:
    given = describe().model_dump()
    del given[missing]
    with pytest.raises(ValidationError, match="Field required"):
        Description.model_validate(given)


def test_texts_are_kept_in_nfc_without_surrounding_blanks() -> None:
    assert describe(name="  e\u0301vénement ").name == "\u00e9v\u00e9nement"


@pytest.mark.parametrize(
    ("parameters", "controlled"),
    [
        ([], False),
        ([UNCONTROLLED], False),
        ([CONTROLLED], True),
        ([{**UNCONTROLLED, "name": "a"}, CONTROLLED], True),
    ],
)
def test_one_controlled_parameter_is_enough_to_need_control(parameters: list[Any], controlled: bool) -> None:
    assert describe(parameters=parameters).has_controlled_parameters is controlled
