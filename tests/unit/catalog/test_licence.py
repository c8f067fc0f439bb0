"""A licence's part of a catalogue entry: what hangs together, and what is refused with the reason."""

from typing import Any

import pytest
from licensing import entry, licence
from pydantic import ValidationError

from gateway.catalog import Description
from gateway.catalog.licence import LicenceState

WORDS = {"number": "text", "holder": "org_code"}


@pytest.mark.parametrize("question", ["query", "verification", "code_check"])
def test_each_question_has_an_entry_that_fits(question: str) -> None:
    found = Description.model_validate(entry(question)).licence
    assert found is not None
    assert found.states["吊销"] is LicenceState.REVOKED
    assert found.needed_items() == ("number", "holder", "state", "valid_until")


def not_shared(name: str) -> dict[str, Any]:
    basis = {"kind": "law", "citation": "《保守国家秘密法》", "reason": "涉密"}
    return {
        "name": name,
        "title": "状态",
        "type": "C",
        "sharing_class": "not_shared",
        "not_shared_basis": basis,
    }


ITEMS = entry()["items"]
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a type code without three digits": (entry(licence={"type_code": "11621000MB00000037"}), "GB/T 36904"),
    "a type code of no body": (entry(licence={"type_code": "11621000MB00000038001"}), "GB/T 36904"),
    "an issuer with a wrong check digit": (entry(licence={"issuer": "11621000MB00000038"}), "统一社会信用代码"),
    "no word that means valid": (entry(licence={"states": {"吊销": "revoked"}}), "means valid"),
    "a state of no meaning": (entry(licence={"states": {"正常": "valid", "其他": "maybe"}}), "'valid', 'suspended'"),
    "an unknown item": (entry(licence={"number": "nummer"}), "unknown items: nummer"),
    "a seal without a document": (entry(licence={"document_is_sealed": True}), "needs document"),
    "a verification with a document": (entry("verification", licence={"document": "file"}), "no document"),
    "a code outside code checks": (entry(licence={"code": "number"}), "code belongs to code_check"),
    "a code check without code": (entry("code_check", licence={"code": None}), "code belongs to code_check"),
    "a code that is no parameter": (entry("code_check", licence={"code": "other"}), "marked personal"),
    "a code that may stand in an address": (
        entry("code_check", parameters=[{"name": "code", "title": "码", "kind": "text"}]), "marked personal",
    ),
    "a code checked in a table": (entry("code_check", mode="table", format="database"), "interface"),
    "a verification by number alone": (
        entry("verification", parameters=[{"name": "number", "title": "号码", "kind": "text"}]), "holder must be",
    ),
    "an optional holder": (
        entry("verification", mode="table", format="database", parameters=[
            {"name": name, "title": name, "kind": kind, "required": name == "number"} for name, kind in WORDS.items()
        ]), "holder must be",
    ),
    "a state that is not shared": (
        entry(items=[not_shared("state") if one["name"] == "state" else one for one in ITEMS]), "always shared",
    ),
    "a state that is no text": (
        entry(items=[{**one, "type": "I"} if one["name"] == "state" else one for one in ITEMS]), "type C or M",
    ),
    "a last day that is a number": (
        entry(items=[{**one, "type": "N"} if one["name"] == "valid_until" else one for one in ITEMS]), "type D or C",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_hang_together_is_refused_with_the_reason(case: str) -> None:
    given, reason = WRONG[case]
    with pytest.raises(ValidationError, match=reason):
        Description.model_validate(given)


def test_the_licence_belongs_to_what_was_assessed() -> None:
    """Its digest changes with a state's meaning, so that an assessment of the old entry no longer covers it."""
    named = {"code": "307011024701/000009", "service": "licences", "name": "证照"}
    states = {**licence()["states"], "停业": "suspended"}
    before, after = (
        Description.model_validate(entry(**named, licence=changes)) for changes in ({}, {"states": states})
    )
    assert before.digest() != after.digest()
