"""All SQL of holds and disposals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from gateway.audit.model import Cause, Written
from gateway.audit.record import Record
from gateway.audit.retention.errors import DisposalUnderWay, SecondPersonNeeded, UnderHold
from gateway.audit.retention.model import Disposal, Hold, Kind, Month, first_instant, months_after
from gateway.audit.store import record_of
from gateway.storage import Connection, Queries, Row, Writes
from gateway.storage.pool import DatabaseBusy

_SQL: Final = Queries("gateway.audit.retention")
_SECOND: Final = SecondPersonNeeded("another person must do this", "须由另一人办理")
_WRITES: Final = Writes(
    {
        "a_month_is_disposed_of_once": DisposalUnderWay(
            "this month has a disposal already", "该月份已有处置"
        ),
        "a_disposal_is_approved_by_another": _SECOND,
        "a_hold_is_lifted_by_another": _SECOND,
    }
)


@dataclass(frozen=True, slots=True)
class Grown:
    """The ledger's size, its last record's time, and how many of its records stand in the figures."""

    size: int
    recorded_at: datetime
    counted: int


async def months(connection: Connection, now: datetime) -> list[Month]:
    """The months that are over and still in the ledger, oldest first."""
    rows = await connection.fetch(_SQL["months"], now)
    low: int = await connection.fetchval(_SQL["lowest"])
    found = []
    for row in rows:
        first = low if row["first"] is None else row["first"]
        low = first if row["beyond"] is None else row["beyond"]
        found.append(Month(row["month"], row["ends"], first, low, row["is_process"], row["is_held"]))
    return found


async def grown(connection: Connection) -> Grown:
    """How far the ledger has grown."""
    return Grown(**dict(await connection.fetchrow(_SQL["head"])))


async def is_held(connection: Connection, month: date) -> bool:
    """Whether a hold is on a month."""
    held: bool = await connection.fetchval(_SQL["is_held"], month)
    return held


async def add_disposal(tx: Connection, one: Disposal) -> None:
    """Raises DisposalUnderWay: there is one of this month."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_disposal"], one.id, one.kind, one.month, one.reason, one.proposed_by, one.proposed_at,
            one.cause.event_id, one.cause.digest,
        )  # fmt: skip


async def approve(tx: Connection, disposal: UUID, by: str, at: datetime, written: Written) -> None:
    """Raises SecondPersonNeeded: the one who proposed it."""
    with _WRITES.guarded():
        await tx.execute(_SQL["approve_disposal"], disposal, by, at, written.event_id, written.digest)


async def withdraw(tx: Connection, disposal: UUID, by: str, at: datetime, written: Written) -> None:
    """End a disposal that was not recorded yet."""
    await tx.execute(_SQL["withdraw_disposal"], disposal, by, at, written.event_id, written.digest)


async def recorded(tx: Connection, one: Disposal) -> None:
    """Keep what was archived, and the record that says so."""
    await tx.execute(
        _SQL["record_disposal"],
        one.id,
        one.first,
        one.beyond,
        one.archive,
        one.archive_sha256,
        one.recorded_id,
    )


async def find(connection: Connection, disposal: UUID) -> Disposal | None:
    """One disposal."""
    return _disposal(await connection.fetchrow(_SQL["disposal"], disposal))


async def lock(tx: Connection, disposal: UUID) -> Disposal | None:
    """One disposal, for an act on it."""
    return _disposal(await tx.fetchrow(_SQL["lock_disposal"], disposal))


async def next_approved(tx: Connection) -> Disposal | None:
    """The next that must be carried out, locked; None if there is none, or another process has it."""
    return _disposal(await tx.fetchrow(_SQL["next_disposal"]))


async def disposals(connection: Connection, after: UUID | None, count: int) -> list[Disposal]:
    """Newest first."""
    rows = await connection.fetch(_SQL["disposals"], after, count)
    return [found for row in rows if (found := _disposal(row)) is not None]


async def is_signed(connection: Connection, event_id: UUID) -> bool:
    """Whether a signed checkpoint covers a record."""
    signed: bool = await connection.fetchval(_SQL["is_signed"], event_id)
    return signed


async def carry_out(connection: Connection, one: Disposal) -> None:
    """Let the database drop the records, or destroy the keys.

    Raises:
        DatabaseBusy: readers hold the ledger; nothing was done.
        UnderHold: the database does not see that it may be done; mostly a hold was placed meanwhile.
    """
    name = "drop_partition" if one.kind is Kind.RECORDS else "destroy_keys"
    try:
        await connection.execute(_SQL[name], one.id)
    except asyncpg.LockNotAvailableError as busy:
        raise DatabaseBusy("somebody reads the records", "记录正被读取") from busy
    except asyncpg.InsufficientPrivilegeError as refusal:
        raise UnderHold(str(refusal), "数据库拒绝处置") from refusal


async def piece(connection: Connection, one: Month, first: int, count: int) -> list[Record]:
    """Some records of a month, from an index on."""
    since = first_instant(one.month)
    rows = await connection.fetch(
        _SQL["records_from"], first, one.beyond, count, since, months_after(since, 1)
    )
    return [record_of(row) for row in rows]


async def tile(connection: Connection, n: int) -> bytes:
    """The leaf hashes of a full tile; empty if there is none."""
    data: bytes | None = await connection.fetchval(_SQL["tile"], n)
    return data or b""


async def add_hold(tx: Connection, one: Hold) -> None:
    """Place a hold."""
    await tx.execute(
        _SQL["add_hold"],
        one.id,
        one.first_month,
        one.last_month,
        one.reason,
        one.placed_by,
        one.placed_at,
    )


async def lock_hold(tx: Connection, hold: UUID) -> Hold | None:
    """One hold, for an act on it."""
    row = await tx.fetchrow(_SQL["lock_hold"], hold)
    return Hold(**dict(row)) if row else None


async def lift_hold(tx: Connection, hold: UUID, by: str, at: datetime, because: str) -> None:
    """Raises SecondPersonNeeded: the one who placed it."""
    with _WRITES.guarded():
        await tx.execute(_SQL["lift_hold"], hold, by, at, because)


async def holds(connection: Connection, after: UUID | None, count: int) -> Sequence[Hold]:
    """Newest first."""
    return [Hold(**dict(row)) for row in await connection.fetch(_SQL["holds"], after, count)]


def _disposal(row: Row | None) -> Disposal | None:
    if row is None:
        return None
    said: dict[str, Any] = dict(row)
    cause = Cause(said.pop("event_id"), said.pop("event_digest"))
    return Disposal(**{**said, "kind": Kind(said["kind"])}, cause=cause)
