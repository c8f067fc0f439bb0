"""Rows of ``supervision.calendar_edition``, and the deadlines of ``supervision.clock``, as values."""

from uuid import UUID

import orjson

from gateway.audit import Written
from gateway.deadlines import Deadline, Source, retold
from gateway.storage import Connection, Queries, Row
from gateway.supervision.calendars.model import StoredClock, StoredEdition

_SQL = Queries("gateway.supervision.calendars")
FIRST = ("", UUID(int=0), "")
"""Before all stored clocks."""


async def lock_publishing(tx: Connection) -> None:
    await tx.fetchval(_SQL["lock_publishing"])


async def add(tx: Connection, new: StoredEdition, written: Written) -> None:
    await tx.execute(
        _SQL["add_edition"], new.number, new.version, new.covered_until, new.published_at, new.published_by,
        new.source.model_dump(mode="json"), written.event_id, written.digest,
    )  # fmt: skip


async def newest_number(tx: Connection) -> int:
    """0 before the first."""
    return int(await tx.fetchval(_SQL["newest_number"]) or 0)


async def editions(tx: Connection) -> list[StoredEdition]:
    return [_edition(row) for row in await tx.fetch(_SQL["list_editions"])]


async def open_clocks(tx: Connection, after: tuple[str, UUID, str], count: int) -> list[StoredClock]:
    return [_clock(row) for row in await tx.fetch(_SQL["open_clocks"], *after, count)]


async def lock(tx: Connection, clock: StoredClock) -> StoredClock | None:
    row = await tx.fetchrow(_SQL["lock_clock"], *clock.key)
    return _clock(row) if row else None


async def move(tx: Connection, clock: StoredClock, deadline: Deadline) -> None:
    await tx.execute(
        _SQL["move_clock"], *clock.key, deadline.due_at, deadline.provisional, deadline.calendar_version
    )
    await tx.execute(_SQL["rebind"], clock.kind, clock.id)


def _edition(row: Row) -> StoredEdition:
    return StoredEdition(
        number=row["number"],
        version=row["version"],
        covered_until=row["covered_until"],
        published_at=row["published_at"],
        published_by=row["published_by"],
        source=Source.model_validate_json(orjson.dumps(row["source"])),
    )


def _clock(row: Row) -> StoredClock:
    return StoredClock(
        kind=row["case_kind"],
        id=row["case_id"],
        rule=row["rule"],
        holder=row["holder"],
        due_at=row["due_at"],
        provisional=row["provisional"],
        history=retold(row["reckoned"]),
    )
