"""JSON shapes of the audit log as auditors read it."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.audit.ledger import Head
from gateway.audit.model import Outcome
from gateway.audit.record import Record
from gateway.audit.search.model import Filter
from gateway.audit.types import EventType
from gateway.names import is_org_code
from gateway.web import Instant, Model, PageQuery, disagreement


def _org_code(text: str) -> str:
    if not is_org_code(text):
        raise disagreement("org", "is not a 统一社会信用代码 (GB 32100)", "不是统一社会信用代码（GB 32100）")
    return text


Org = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$"), AfterValidator(_org_code)]
"""A department's code with its check digit."""


_Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=150)]


class Wanted(Model):
    """Which records; all given must hold. ``org`` is a department on either side, ``case`` the 办件编号."""

    type: EventType | None = None
    outcome: Outcome | None = None
    consumer_org: Org | None = None
    provider_org: Org | None = None
    application_id: UUID | None = None
    grant_id: UUID | None = None
    request_id: UUID | None = None
    since: Instant | None = None
    until: Instant | None = None
    org: Org | None = None
    reason: _Text | None = None
    person: _Name | None = None
    client: _Name | None = None
    resource: _Text | None = None
    matter: _Text | None = None
    case: _Text | None = None
    subject: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = None
    grade: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")] | None = None

    @model_validator(mode="after")
    def _one_actor(self) -> Self:
        if self.person is not None and self.client is not None:
            raise disagreement(
                "client", "who acted is either a person or a client", "操作者为人员或应用系统之一"
            )
        return self

    def filter(self) -> Filter:
        """The same as the room asks it."""
        same = {
            name: getattr(self, name)
            for name in Filter.__dataclass_fields__
            if name in type(self).model_fields
        }
        actor = f"person:{self.person}" if self.person else f"client:{self.client}" if self.client else None
        return Filter(**same, actor=actor, case_id=self.case)


class AuditQuery(Wanted, PageQuery):
    """A page of records."""


class CheckpointQuery(Model):
    """``witnessed``: the newest that a quorum of witnesses cosigned, which is some seconds older."""

    witnessed: bool = False


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
