"""JSON shapes of consultations and filings."""

from datetime import datetime
from uuid import UUID

from gateway.authz.service_changes.model import ChangeKind, ServiceChange
from gateway.web import Day, Model, Note, PageQuery


class Consultation(Model):
    """What the provider plans, why, when, and until when the requester can answer."""

    kind: ChangeKind
    reason: Note
    planned_on: Day
    answer_until: Day


class ConsultationAnswer(Model):
    """Whether the requester agrees, and what it says."""

    agrees: bool
    text: Note


class Filing(Model):
    """What came of the consultation, for the authority's register."""

    filing: Note


class ChangeQuery(PageQuery):
    """A page of consultations."""


class ChangeShown(Model):
    """A consultation with its answer and filing."""

    id: UUID
    grant_id: UUID
    consumer_org: str
    provider_org: str
    kind: ChangeKind
    reason: str
    planned_on: Day
    answer_until: Day
    opened_by: str
    opened_at: datetime
    agrees: bool | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    filing: str | None = None
    filed_by: str | None = None
    filed_at: datetime | None = None
    audit_id: UUID

    @classmethod
    def of(cls, found: ServiceChange) -> "ChangeShown":
        own = {name: getattr(found, name) for name in cls.model_fields if name != "audit_id"}
        return cls(**own, audit_id=found.cause.event_id)
