"""Rows of ``supervision.notification`` as values."""

from datetime import datetime
from uuid import UUID

from gateway.names import OrgCode
from gateway.storage import Connection, Queries, Row
from gateway.supervision.ladder import Desk
from gateway.supervision.outbox.model import Channel, Notice, NoticeKind, NoticeState

_SQL = Queries("gateway.supervision.outbox")


async def add_notice(tx: Connection, new: Notice) -> None:
    await tx.execute(
        _SQL["add_notice"], new.id, new.org, new.desk, new.name, new.channel, new.target, new.kind, new.content,
        new.created_at, new.next_at, new.state, new.last_error,
    )  # fmt: skip


async def claim_notices(
    tx: Connection, now: datetime, count: int, first_seconds: float, longest_seconds: float
) -> list[Notice]:
    rows = await tx.fetch(_SQL["claim_notices"], now, count, first_seconds, longest_seconds)
    return [_notice(row) for row in rows]


async def sent(tx: Connection, notice: UUID, sent_at: datetime) -> None:
    await tx.execute(_SQL["sent"], notice, sent_at)


async def failed(tx: Connection, notice: UUID, why: str) -> None:
    await tx.execute(_SQL["failed"], notice, why)


async def waiting(tx: Connection) -> tuple[int, datetime | None]:
    """How many, and since when the oldest."""
    row = await tx.fetchrow(_SQL["waiting"])
    return row["waiting"], row["oldest"]


async def list_notices(
    tx: Connection, org: str | None, state: str | None, after: UUID | None, count: int
) -> list[Notice]:
    return [_notice(row) for row in await tx.fetch(_SQL["list_notices"], org, state, after, count)]


async def lock_notice(tx: Connection, notice: UUID) -> Notice | None:
    row = await tx.fetchrow(_SQL["lock_notice"], notice)
    return _notice(row) if row else None


async def retry(tx: Connection, after: Notice) -> None:
    await tx.execute(_SQL["retry"], after.id, after.name, after.channel, after.target, after.next_at)


def _notice(row: Row) -> Notice:
    return Notice(
        id=row["id"],
        org=OrgCode(row["org"]),
        desk=Desk(row["desk"]),
        name=row["name"],
        channel=Channel(row["channel"]),
        target=row["target"],
        kind=NoticeKind(row["kind"]),
        content=row["content"],
        created_at=row["created_at"],
        next_at=row["next_at"],
        attempts=row["attempts"],
        state=NoticeState(row["state"]),
        last_error=row["last_error"],
        sent_at=row["sent_at"],
    )
