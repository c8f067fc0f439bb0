"""Rows of ``authz.service_change`` as values; constraint names as refusals."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.authz.service_changes.model import ChangeKind, ServiceChange
from gateway.errors import Conflict
from gateway.names import GrantId, OrgCode, ResourceId
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.authz.service_changes")


class ConsultationOpen(Conflict):
    """A consultation on this grant is open already（该授权已有进行中的协商）."""


_WRITES = Writes(
    {
        "one_consultation_per_grant_is_open": ConsultationOpen(
            "answer or file the open one", "请先办结进行中的协商"
        )
    }
)


async def add(tx: Connection, new: ServiceChange) -> None:
    """Raises ConsultationOpen."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_change"], new.id, new.grant_id, new.consumer_org, new.provider_org, new.kind, new.reason,
            new.planned_on, new.answer_until, new.opened_by, new.opened_at, new.cause.event_id, new.cause.digest,
        )  # fmt: skip


async def lock(tx: Connection, change: UUID) -> ServiceChange | None:
    row = await tx.fetchrow(_SQL["lock_change"], change)
    return _change(row) if row else None


async def move(tx: Connection, after: ServiceChange, written: Written) -> None:
    await tx.execute(
        _SQL["move_change"], after.id, after.agrees, after.answer, after.answered_by, after.answered_at, after.filing,
        after.filed_by, after.filed_at, written.event_id, written.digest,
    )  # fmt: skip


async def listed(tx: Connection, org: str | None, after: UUID | None, count: int) -> list[ServiceChange]:
    return [_change(row) for row in await tx.fetch(_SQL["list_changes"], org, after, count)]


async def not_filed(tx: Connection, grants: Sequence[GrantId]) -> list[GrantId]:
    """Of these grants, those whose ending nobody has filed."""
    return [GrantId(row["id"]) for row in await tx.fetch(_SQL["not_filed"], list(grants))]


async def in_force_for(tx: Connection, resource: ResourceId, today: date) -> list[GrantId]:
    """Grants for a resource that are not over."""
    return [GrantId(row["id"]) for row in await tx.fetch(_SQL["in_force_for"], resource, today)]


def _change(row: Row) -> ServiceChange:
    return ServiceChange(
        id=row["id"], grant_id=GrantId(row["grant_id"]), consumer_org=OrgCode(row["consumer_org"]),
        provider_org=OrgCode(row["provider_org"]), kind=ChangeKind(row["kind"]), reason=row["reason"],
        planned_on=row["planned_on"], answer_until=row["answer_until"], opened_by=row["opened_by"],
        opened_at=row["opened_at"], agrees=row["agrees"], answer=row["answer"], answered_by=row["answered_by"],
        answered_at=row["answered_at"], filing=row["filing"], filed_by=row["filed_by"], filed_at=row["filed_at"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip
