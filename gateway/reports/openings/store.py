"""Rows of recipients and openings as values; constraint names as refusals."""

from datetime import datetime
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.errors import Conflict
from gateway.names import OrgCode, ResourceId
from gateway.reports.openings.model import Opening, Recipient, Terms
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.reports.openings")


class RecipientKnown(Conflict):
    """This recipient of the resource is registered already（该资源的该接收方已登记）."""


_WRITES = Writes(
    {
        "a_recipient_stands_once_per_resource": RecipientKnown(
            "end the earlier entry before registering changed terms", "如条件变更，请先终止原登记"
        )
    }
)


async def add(tx: Connection, new: Recipient) -> None:
    """Raises RecipientKnown."""
    terms = new.terms
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_recipient"], new.id, new.resource_id, new.provider_org, new.recipient_org, new.recipient_name,
            terms.basis, terms.terms, terms.fee_yuan, terms.fee_basis, new.registered_by, new.registered_at,
            new.cause.event_id, new.cause.digest,
        )  # fmt: skip


async def find(tx: Connection, recipient: UUID) -> Recipient | None:
    row = await tx.fetchrow(_SQL["find_recipient"], recipient)
    return _recipient(row) if row else None


async def lock(tx: Connection, recipient: UUID) -> Recipient | None:
    await tx.fetchval(_SQL["lock_recipient"], recipient)
    return await find(tx, recipient)


async def end(tx: Connection, recipient: UUID, at: datetime, because: str, written: Written) -> None:
    await tx.execute(_SQL["end_recipient"], recipient, at, because, written.event_id, written.digest)


async def listed(tx: Connection, org: str | None, after: UUID | None, count: int) -> list[Recipient]:
    return [_recipient(row) for row in await tx.fetch(_SQL["list_recipients"], org, after, count)]


async def declare(
    tx: Connection, resource: ResourceId, notice: str, login: str, at: datetime, written: Written
) -> None:
    await tx.execute(
        _SQL["declare_equal_terms"], resource, notice, login, at, written.event_id, written.digest
    )


async def openings(tx: Connection, org: str | None, after: str | None, count: int) -> list[Opening]:
    return [_opening(row) for row in await tx.fetch(_SQL["openings"], org, after, count)]


def _recipient(row: Row) -> Recipient:
    return Recipient(
        id=row["id"],
        resource_id=ResourceId(row["resource_id"]),
        resource_code=row["resource_code"],
        provider_org=OrgCode(row["provider_org"]),
        recipient_org=row["recipient_org"],
        recipient_name=row["recipient_name"],
        terms=Terms(row["basis"], row["terms"], row["fee_yuan"], row["fee_basis"]),
        registered_by=row["registered_by"],
        registered_at=row["registered_at"],
        ended_at=row["ended_at"],
        ended_because=row["ended_because"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )


def _opening(row: Row) -> Opening:
    return Opening(
        resource_id=ResourceId(row["resource_id"]),
        code=row["code"],
        name=row["name"],
        provider_org=OrgCode(row["provider_org"]),
        registered=tuple(row["registered"]),
        granted=tuple(row["granted"]),
        grants=tuple(row["grants"]),
        fees_without_basis=tuple(row["fees_without_basis"]),
        equal_terms=row["equal_terms"],
    )
