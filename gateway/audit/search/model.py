"""What is asked for, and what a page of it is."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from gateway.audit.model import JSON, Outcome
from gateway.audit.record import Record
from gateway.audit.types import EventType
from gateway.names import OrgCode


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records an auditor asks for; None leaves a field open, and all that are given must hold.

    Args:
        org: a department on either side.
        actor: kind and id, as ``person:li-na`` or ``client:realty``.
        case_id: 办件编号. subject: the pseudonym of the 当事人, 32 hexadecimal digits. grade: 数据分级.
        since, until: instants of recording; ``since`` counts, ``until`` does not.
    """

    type: EventType | None = None
    outcome: Outcome | None = None
    consumer_org: OrgCode | None = None
    provider_org: OrgCode | None = None
    application_id: UUID | None = None
    grant_id: UUID | None = None
    request_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    org: OrgCode | None = None
    reason: str | None = None
    actor: str | None = None
    resource: str | None = None
    matter: str | None = None
    case_id: str | None = None
    subject: str | None = None
    grade: str | None = None

    def stated(self) -> dict[str, JSON]:
        """What is asked for, as text by field."""
        given = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: str(value) for name, value in given if value is not None}

    @property
    def is_open(self) -> bool:
        """Whether every record of its time passes."""
        return self.stated().keys() <= {"since", "until"}


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, newest first; ``next_before`` asks for the page after it, None on the last."""

    records: tuple[Record, ...]
    next_before: int | None
