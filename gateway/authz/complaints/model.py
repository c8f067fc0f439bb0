"""A complaint: who takes it in, about what, against whom, and how it was answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.audit import Cause
from gateway.deadlines import Clock, Clockwork, Event, Subject, history_of
from gateway.names import ApplicationId, GrantId, OrgCode
from gateway.supervision import Case, CaseKind


class ComplainantKind(StrEnum):
    """公民, 法人和其他组织, 政府部门."""

    CITIZEN = "citizen"
    ORGANISATION = "organisation"
    DEPARTMENT = "department"


class Redress(StrEnum):
    """What came of it."""

    UPHELD = "upheld"
    """投诉成立，已处理."""
    PARTLY = "partly_upheld"
    """部分成立."""
    UNFOUNDED = "unfounded"
    """不成立."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """投诉 as stored; ``sealed`` holds who complains and what they say, wrapped."""

    id: UUID
    number: str
    application_id: ApplicationId | None
    grant_id: GrantId | None
    call_id: UUID | None
    complainant_kind: ComplainantKind
    sealed: bytes
    received_org: OrgCode
    received_by: str
    received_at: datetime
    holder: OrgCode
    rule_sets: tuple[str, ...]
    redress: Redress | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    version: int
    cause: Cause


def clocks_of(work: Clockwork, complaint: Complaint, now: datetime) -> list[Clock]:
    """Every clock of a complaint; they are this platform's own, for the law gives none."""
    marks = {Event.RECEIVED: complaint.received_at}
    if complaint.answered_at is not None:
        marks |= {Event.ANSWERED: complaint.answered_at, Event.CLOSED: complaint.answered_at}
    return work.of(complaint.rule_sets, history_of(marks), now, subject=Subject.COMPLAINT)


def case_of(complaint: Complaint) -> Case:
    """The complaint as supervision knows it: whoever it lies with."""
    return Case(
        kind=CaseKind.COMPLAINT,
        id=complaint.id,
        subject=f"投诉 {complaint.number}",
        holder=complaint.holder,
        parties=(complaint.received_org,),
    )
