"""Clearance before publication (Decree 809 Art. 13): what was assessed, by whom, and that the head agreed.

保密风险评估, 个人信息保护影响评估 where persons are concerned (个人信息保护法 Art. 55, 56), for 重要数据 a named approval
with risk assessment and encryption (数据安全法 Art. 30; this gateway's gate), and the consent of 部门负责人. The reports
stay with the department; their references are kept here, bound to the description they were made for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gateway.audit.model import JSON
from gateway.catalog.description import Description, Grade
from gateway.errors import FieldFault
from gateway.web import Day, Line, Model, Note


class AssessmentResult(StrEnum):
    """What an assessment came to."""

    ACCEPTABLE = "acceptable"
    """风险可控."""
    ACCEPTABLE_WITH_MEASURES = "acceptable_with_measures"
    """采取措施后风险可控."""
    UNACCEPTABLE = "unacceptable"
    """风险不可接受."""


class HeadResult(StrEnum):
    """What the department's head decided."""

    AGREED = "agreed"
    """同意."""
    NOT_AGREED = "not_agreed"
    """不同意."""


class Assessment(Model):
    """One assessment: the number of its report, who made it, when, and what it came to."""

    reference: Line
    by: Line
    on: Day
    result: AssessmentResult
    measures: Note | None = None

    @model_validator(mode="after")
    def _measures_are_named(self) -> Self:
        if (self.result is AssessmentResult.ACCEPTABLE_WITH_MEASURES) != (self.measures is not None):
            raise PydanticCustomError(
                "measures", "measures belong to acceptable_with_measures, and only there"
            )
        return self


class HeadApproval(Model):
    """部门负责人审核: of the department, not of its sharing office."""

    reference: Line
    name: Line
    position: Line
    on: Day
    result: HeadResult


class ImportantData(Model):
    """重要数据: who approved its entering by name, the risk assessment, and how it is encrypted on its way."""

    reference: Line
    approved_by: Line
    position: Line
    on: Day
    risk_assessment: Line
    encryption: Note


class Clearance(Model):
    """What Decree 809 Art. 13 asks for before a description goes to the platform."""

    confidentiality: Assessment
    """保密风险评估."""
    personal_information: Assessment | None = None
    """个人信息保护影响评估: exactly where the data or its parameters are personal."""
    important: ImportantData | None = None
    """重要数据: exactly where the grade is important or higher."""
    head: HeadApproval
    """部门负责人审核同意."""

    def summary(self) -> JSON:
        """What the audit record keeps: all but the long texts."""
        texts = {"measures", "encryption"}
        parts = dict.fromkeys(("confidentiality", "personal_information", "important"), texts)
        kept: JSON = self.model_dump(mode="json", exclude_none=True, exclude=parts)
        return kept


class Cleared(Model):
    """A clearance as recorded, with the SHA-256 of the description it was made for."""

    given: Clearance
    digest: str
    recorded_by: str
    recorded_at: datetime

    def covers(self, description: Description) -> bool:
        """Whether it was made for exactly this description."""
        return self.digest == description.digest()


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps an entry from being published: a word for programs, and a sentence in each language."""

    code: str
    en: str
    zh: str


def clearance_faults(given: Clearance, description: Description, today: date) -> list[FieldFault]:
    """Everything wrong with a clearance for that description; ``today`` is the day in Asia/Shanghai."""
    return [
        *_missing(given, description),
        *(
            FieldFault(f"/{name}/on", "must not be later than today", "日期不得晚于今天")
            for name, on in _days(given)
            if on > today
        ),
        *(
            FieldFault(
                "/head/on",
                f"the head agrees after the assessments: not before {name} ({on})",
                f"部门负责人审核不得早于评估日期（{on}）",
            )
            for name, on in _days(given)
            if name != "head" and given.head.on < on <= today
        ),
    ]


def clearance_gaps(cleared: Cleared | None, description: Description) -> Iterator[Obstacle]:
    """What the clearance leaves open for publication."""
    if cleared is None:
        yield Obstacle(
            "clearance-missing",
            "the assessments and the consent of the department's head (Decree 809 Art. 13) are missing: PUT its "
            "clearance first",
            "尚未登记保密风险、个人信息保护影响评估和部门负责人审核同意（条例第十三条），请先提交发布前评估信息（clearance）",
        )
        return
    if not cleared.covers(description):
        yield Obstacle(
            "clearance-stale",
            "the description was changed after its clearance: assess it and PUT the clearance again",
            "评估和审核之后资源描述有改动，请重新评估、审核并提交发布前评估信息（clearance）",
        )
    yield from _negative(cleared.given)


def _negative(given: Clearance) -> Iterator[Obstacle]:
    bad = AssessmentResult.UNACCEPTABLE
    if given.confidentiality.result is bad:
        yield Obstacle(
            "confidentiality-risk",
            "its confidentiality assessment found the risk unacceptable",
            "保密风险评估结论为不可接受",
        )
    if given.personal_information is not None and given.personal_information.result is bad:
        yield Obstacle(
            "personal-information-risk",
            "its assessment of personal-information impact found the risk unacceptable",
            "个人信息保护影响评估结论为不可接受",
        )
    if given.head.result is HeadResult.NOT_AGREED:
        yield Obstacle("head-not-agreed", "the department's head did not agree", "部门负责人未审核同意")


def _missing(given: Clearance, description: Description) -> Iterator[FieldFault]:
    personal, important = description.is_personal, description.grade is not Grade.GENERAL
    if personal and given.personal_information is None:
        yield FieldFault(
            "/personal_information",
            "the data concerns persons: its impact on them must be assessed (个人信息保护法 Art. 55)",
            "涉及个人信息，须开展个人信息保护影响评估（个人信息保护法第五十五条）",
        )
    if important and given.important is None:
        yield FieldFault(
            "/important",
            f"data of grade {description.grade} needs a named approval, a risk assessment and a statement on encryption",
            "重要数据须有批准人、风险评估和加密措施说明",
        )
    if not personal and given.personal_information is not None:
        yield FieldFault(
            "/personal_information",
            "no item or parameter is marked personal: mark it in the description, or leave this out",
            "信息项和参数均未标注个人信息：请在资源描述中标注，或不填此项",
        )
    if not important and given.important is not None:
        yield FieldFault(
            "/important",
            "the grade is general: correct it in the description, or leave this out",
            "数据分级为一般：请在资源描述中更正分级，或不填此项",
        )


def _days(given: Clearance) -> Iterator[tuple[str, date]]:
    yield "confidentiality", given.confidentiality.on
    if given.personal_information is not None:
        yield "personal_information", given.personal_information.on
    if given.important is not None:
        yield "important", given.important.on
    yield "head", given.head.on
