"""JSON shapes of the audit log as auditors read it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from gateway.audit.ledger import Head
from gateway.audit.model import Outcome
from gateway.audit.record import Record
from gateway.audit.types import EventType
from gateway.web import Instant, Model, PageQuery

_Org = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]


class AuditQuery(PageQuery):
    """Which records; all given must hold."""

    type: EventType | None = None
    outcome: Outcome | None = None
    consumer_org: _Org | None = None
    provider_org: _Org | None = None
    application_id: UUID | None = None
    grant_id: UUID | None = None
    request_id: UUID | None = None
    since: Instant | None = None
    until: Instant | None = None


class RecordShown(Model):
    """A record: its place in the ledger, its leaf hash, and the event as it was written."""

    idx: Annotated[int, Field(ge=0)]
    recorded_at: datetime
    leaf_hash: str
    event: dict[str, Any]


class HeadShown(Model):
    """The newest head: how many records, and the root of the tree over them (RFC 6962 section 2.1)."""

    size: int
    root: str


def record_shown(record: Record) -> RecordShown:
    """A record as JSON."""
    return RecordShown(
        idx=record.idx,
        recorded_at=record.recorded_at,
        leaf_hash=record.leaf_hash.hex(),
        event=record.content(),
    )


def head_shown(head: Head) -> HeadShown:
    """A head as JSON."""
    return HeadShown(size=head.size, root=head.root.hex())
