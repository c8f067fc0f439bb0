"""JSON shapes of complaints."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gateway.authz.applications.wire import ClockShown, shown_clocks
from gateway.authz.complaints.model import ComplainantKind, Redress
from gateway.authz.complaints.service import ComplaintStanding
from gateway.deadlines import binding
from gateway.identity.wire import OrgCodeText
from gateway.web import Line, Model, Note, PageQuery
from gateway.web.model import Code


class Complaining(Model):
    """A complaint as the clerk takes it in; ``name`` and ``contact`` may be left out."""

    complainant_kind: ComplainantKind
    name: Line | None = None
    contact: Line | None = None
    text: Note
    application_id: UUID | None = None
    grant_id: UUID | None = None
    call_id: UUID | None = None
    """The Request-Id of a call."""
    holder: OrgCodeText | None = None
    """统一社会信用代码 of the party it is against; without it the authority holds it."""

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        if sum(each is not None for each in (self.application_id, self.grant_id, self.call_id)) > 1:
            raise PydanticCustomError("parameter", "give at most one of application_id, grant_id and call_id")
        return self


class Forwarding(Model):
    """Who shall answer it, and why."""

    holder: OrgCodeText
    reason: Note


class ComplaintAnswer(Model):
    """What came of it."""

    redress: Redress
    text: Note


class ComplaintQuery(PageQuery):
    """A page of complaints, or the one of a number."""

    number: Code | None = None


class ComplaintShown(Model):
    """A complaint: its number, who holds it, and until when."""

    id: UUID
    number: str
    application_id: UUID | None = None
    grant_id: UUID | None = None
    call_id: UUID | None = None
    complainant_kind: ComplainantKind
    name: str | None = None
    contact: str | None = None
    text: str | None = None
    org: str
    received_by: str
    received_at: datetime
    holder: str
    due_date: date | None = None
    redress: Redress | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    clocks: list[ClockShown]
    version: int
    audit_id: UUID

    @classmethod
    def of(cls, standing: ComplaintStanding) -> "ComplaintShown":
        one, said, bound = standing.complaint, standing.said, binding(standing.clocks)
        return cls(
            id=one.id, number=one.number, application_id=one.application_id, grant_id=one.grant_id,
            call_id=one.call_id, complainant_kind=one.complainant_kind, name=said.name if said else None,
            contact=said.contact if said else None, text=said.text if said else None, org=one.received_org,
            received_by=one.received_by, received_at=one.received_at, holder=one.holder,
            due_date=bound.deadline.due_date if bound and bound.deadline else None, redress=one.redress,
            answer=one.answer, answered_by=one.answered_by, answered_at=one.answered_at,
            clocks=shown_clocks(standing.clocks), version=one.version, audit_id=one.cause.event_id,
        )  # fmt: skip
