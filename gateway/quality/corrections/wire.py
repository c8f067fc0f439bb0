"""JSON shapes of corrections and notices."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from gateway.catalog.description import FieldName
from gateway.quality.corrections.model import ADVICE, Content, Correction, Doubt, Notice, State
from gateway.quality.corrections.service import Opened
from gateway.web import Line, Model, Note, PageQuery

Key = Annotated[dict[FieldName, Line], Field(min_length=1, max_length=5)]
"""Which record: parameters or items of the resource with their values."""


class NewCorrection(Model):
    """One item of one record that is doubted."""

    item: FieldName
    doubt: Doubt
    key: Key
    seen: Note | None = None
    expected: Note | None = None
    note: Note

    def content(self) -> Content:
        """What only the two parties read."""
        return Content(dict(self.key), self.seen, self.expected, self.note)


class NewFinding(Model):
    """A sample of the newest report: which one (from 0), whose record is doubted, and in which item of that side."""

    sample: Annotated[int, Field(ge=0, le=99)]
    side: Literal["left", "right"]
    item: FieldName
    note: Note


class NewAnswer(Model):
    """What the provider found; the report is read by the doubting department."""

    outcome: Literal["corrected", "upheld"]
    report: Note


class RecordKey(Model):
    """The key of a record the asking department holds."""

    key: Key


class MatchShown(Model):
    """Whether it is the corrected record."""

    same: bool


class CorrectionQuery(PageQuery):
    """A page of corrections."""

    state: State | None = None


class ContentShown(Model):
    """The record and the doubt, for the two parties only."""

    key: dict[str, str]
    seen: str | None = None
    expected: str | None = None
    note: str


class ToldShown(Model):
    """Who was told, and whether they looked after their copies."""

    consumer_org: str
    grant_id: UUID
    given_at: datetime
    acknowledged_at: datetime | None = None


class CorrectionShown(Model):
    """A correction; a personal key is shown as its pseudonym, and to the two parties in ``content``."""

    id: UUID
    resource_id: UUID
    resource_code: str
    grant_id: UUID | None = None
    comparison_id: UUID | None = None
    consumer_org: str
    provider_org: str
    item: str
    doubt: Doubt
    pseudonym: str
    key: dict[str, str] | None = None
    state: State
    rule_sets: list[str]
    due_at: datetime | None = None
    provisional: bool
    overdue: bool
    filed_by: str
    filed_at: datetime
    report: str | None = None
    answered_by: str | None = None
    closed_at: datetime | None = None
    advice: str | None = None
    advice_zh: str | None = None
    content: ContentShown | None = None
    told: list[ToldShown] | None = None
    audit_id: UUID

    @classmethod
    def of(cls, one: Correction, now: datetime) -> "CorrectionShown":
        advice, advice_zh = ADVICE if one.state is State.OPEN else (None, None)
        return cls(
            id=one.id, resource_id=one.resource_id, resource_code=one.resource_code, grant_id=one.grant_id, comparison_id=one.comparison_id,
            consumer_org=one.consumer_org, provider_org=one.provider_org, item=one.item, doubt=one.doubt,
            pseudonym=one.pseudonym.hex(), key=dict(one.key_shown) if one.key_shown else None, state=one.state,
            rule_sets=list(one.rule_sets), due_at=one.due_at, provisional=one.provisional,
            overdue=one.is_overdue(now), filed_by=one.filed_by, filed_at=one.filed_at,
            report=one.report, answered_by=one.answered_by, closed_at=one.closed_at, advice=advice,
            advice_zh=advice_zh, audit_id=one.cause.event_id,
        )  # fmt: skip

    @classmethod
    def opened(cls, opened: Opened, now: datetime) -> "CorrectionShown":
        shown = cls.of(opened.correction, now)
        said = opened.content
        content = ContentShown(key=dict(said.key), seen=said.seen, expected=said.expected, note=said.note) if said else None  # fmt: skip
        told = [
            ToldShown(
                consumer_org=one.consumer_org, grant_id=one.grant_id, given_at=one.given_at,
                acknowledged_at=one.acknowledged_at,
            )
            for one in opened.notices
        ]  # fmt: skip
        hidden = {} if said else {"report": None}
        return shown.model_copy(update={"content": content, "told": told, **hidden})


class DoubtsShown(Model):
    """What callers of a resource are told while records of it are being verified."""

    open: int
    since: datetime | None = None
    advice: str | None = None
    advice_zh: str | None = None

    @classmethod
    def of(cls, count: int, since: datetime | None) -> "DoubtsShown":
        advice, advice_zh = ADVICE if count else (None, None)
        return cls(open=count, since=since, advice=advice, advice_zh=advice_zh)


class NoticeShown(Model):
    """A corrected record of a resource the department has a grant of; ask ``match`` whether it is one it holds."""

    id: UUID
    correction_id: UUID
    grant_id: UUID
    consumer_org: str
    provider_org: str
    resource_code: str
    item: str
    pseudonym: str
    key: dict[str, str] | None = None
    given_at: datetime
    acknowledged_at: datetime | None = None

    @classmethod
    def of(cls, one: Notice) -> "NoticeShown":
        return cls(
            id=one.id, correction_id=one.correction_id, grant_id=one.grant_id, consumer_org=one.consumer_org,
            provider_org=one.provider_org, resource_code=one.resource_code, item=one.item,
            pseudonym=one.pseudonym.hex(), key=dict(one.key_shown) if one.key_shown else None,
            given_at=one.given_at, acknowledged_at=one.acknowledged_at,
        )  # fmt: skip
