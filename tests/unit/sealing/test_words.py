"""Every code a verification can give has words a clerk understands, in both languages."""

import re
from pathlib import Path

import pytest

import gateway
from gateway.sealing.words import _BY_CODE, _BY_STEP, failed, told
from gateway.seals.report import STEPS, Report, Step

SOURCES = Path(gateway.__file__).parent
CODE = re.compile(r'"(?:fail|unknown)", "([A-Z_0-9]+)"|Standing\("(?:fail|unknown)", "([A-Z_0-9]+)"')
PLAIN = {
    "ALGORITHM_NOT_RECOGNISED",
    "NO_DOCUMENT",
    "BYTE_RANGE",
    "COVERAGE",
    "LATER_CHANGES",
    "NOT_SIGNED",
    "PROPERTY_INFO",
    "REFERENCE",
    "REFERENCES",
}
"""Of containers, which are not taken as stamps; of a document that is always given here; of chains of systems."""


def codes() -> set[str]:
    texts = [
        file.read_text("utf-8") for room in ("seals", "sealing") for file in (SOURCES / room).glob("*.py")
    ]
    return {found for text in texts for pair in CODE.findall(text) for found in pair if found}


def test_each_code_in_the_source_has_its_words() -> None:
    known = {*_BY_CODE, *(code for _, code in _BY_STEP), *PLAIN}
    assert {code for code in codes() if not code.startswith("TIMESTAMP")} - known == set()


@pytest.mark.parametrize("step", STEPS)
def test_a_code_without_words_still_names_the_step(step: str) -> None:
    said = told(Step(step, "fail", "SOMETHING_NEW", ""))
    assert (said.step, said.name_zh) == (step, STEPS[step][1])
    assert said.text
    assert re.search("[\u4e00-\u9fff]", said.text_zh)


def test_failed_steps_come_before_unknown_ones_and_passed_ones_not_at_all() -> None:
    report = Report("stamp", (Step("S1", "pass", "OK", ""), Step("S6", "unknown", "NO_REVOCATION_INFO", ""),
                              Step("S8", "fail", "DATA_HASH", ""), Step("S9", "skipped", "NO_CONTAINER", "")))  # fmt: skip
    assert [each.step for each in failed(report)] == ["S8", "S6"]
