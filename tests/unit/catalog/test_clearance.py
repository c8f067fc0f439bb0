"""Clearance before publication (Decree 809 Art. 13): what must be there, and when it counts."""

from datetime import date
from typing import Any

import pytest
from makes import NOW, describe
from pydantic import ValidationError
from world import clearance, description

from gateway.catalog.clearance import Clearance, Cleared, clearance_faults, clearance_gaps

TODAY = date(2026, 9, 30)
IMPORTANT = {"grade": "important"}
IMPERSONAL = {"items": [{"name": "uscc", "title": "统一社会信用代码", "type": "C"}]}


def given(changes: dict[str, Any], **parts: dict[str, Any] | None) -> Clearance:
    """The clearance of a description with these changes, parts of it changed or (None) left out."""
    made = clearance(description(**changes))
    dated = {name: {**part, "on": "2026-09-20"} for name, part in made.items()}
    for name, part in parts.items():
        if part is None:
            del dated[name]
        else:
            dated[name] = {**dated.get(name, {}), **part}
    return Clearance.model_validate(dated)


def pointers(what: Clearance, **changes: Any) -> list[str]:
    return [fault.pointer for fault in clearance_faults(what, describe(**changes), TODAY)]


@pytest.mark.parametrize(
    ("changes", "parts", "wrong"),
    [
        ({}, {}, []),
        (IMPERSONAL, {}, []),
        (IMPORTANT, {}, []),
        ({}, {"personal_information": None}, ["/personal_information"]),
        (IMPORTANT, {"important": None}, ["/important"]),
        ({"grade": "core"}, {"important": None}, ["/important"]),
        (
            IMPORTANT,
            {"personal_information": None, "important": None},
            ["/personal_information", "/important"],
        ),
        ({}, {"confidentiality": {"on": "2026-10-01"}}, ["/confidentiality/on"]),
        ({}, {"head": {"on": "2026-09-30"}}, []),
        ({}, {"head": {"on": "2026-10-01"}}, ["/head/on"]),
        ({}, {"head": {"on": "2026-09-19"}}, ["/head/on", "/head/on"]),
    ],
)
def test_a_clearance_is_complete_for_its_description_and_its_days_are_in_order(
    changes: dict[str, Any], parts: dict[str, Any], wrong: list[str]
) -> None:
    assert pointers(given(changes, **parts), **changes) == wrong


def test_a_parameter_that_is_personal_needs_the_assessment_as_an_item_does() -> None:
    parameter = {"name": "id_number", "title": "公民身份号码", "kind": "id_number", "personal": True}
    impersonal = given(IMPERSONAL)
    assert pointers(impersonal, **IMPERSONAL, parameters=[parameter]) == ["/personal_information"]


def test_what_the_description_gives_no_reason_for_is_asked_back() -> None:
    assert pointers(given(IMPORTANT), **IMPERSONAL) == ["/personal_information", "/important"]


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("confidentiality", {"result": "acceptable_with_measures"}),
        ("confidentiality", {"measures": "加密"}),
        ("confidentiality", {"result": "passed"}),
        ("confidentiality", {"reference": " "}),
        ("head", {"result": "acceptable"}),
        ("head", {"position": ""}),
    ],
)
def test_a_part_without_its_particulars_is_refused(part: str, changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=part):
        given({}, **{part: changed})


@pytest.mark.parametrize(
    ("part", "result", "obstacle"),
    [
        ("confidentiality", "unacceptable", "confidentiality-risk"),
        ("personal_information", "unacceptable", "personal-information-risk"),
        ("head", "not_agreed", "head-not-agreed"),
    ],
)
def test_a_negative_result_is_kept_and_keeps_the_entry_out(part: str, result: str, obstacle: str) -> None:
    what = describe()
    made = Cleared(
        given=given({}, **{part: {"result": result}}), digest=what.digest(), recorded_by="p", recorded_at=NOW
    )
    assert [one.code for one in clearance_gaps(made, what)] == [obstacle]


def test_the_digest_tells_every_change_and_no_default() -> None:
    first = describe()
    assert first.digest() == describe(grade="general", related=[]).digest()
    assert len({describe(**one).digest() for one in ({}, IMPORTANT, IMPERSONAL, {"summary": "别的"})}) == 4
