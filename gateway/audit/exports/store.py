"""Rows of the ledger for exports: where spans begin and end, their records page by page, and what those follow from."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from gateway.audit.record import Columns, Record
from gateway.audit.witnessing.store import note_of
from gateway.proof.pack_asked import WHOLE_LOG
from gateway.storage import Connection, Database, Queries, Row

_SQL = Queries("gateway.audit.exports")
_PAGE: Final = 1000
_STRETCH: Final = 12
"""The index of searches holds records by the stretch of 2 to this power they stand in."""
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER: Final = datetime(9000, 1, 1, tzinfo=UTC)


async def exported(connection: Connection, event_id: UUID) -> Record | None:
    """The record of an export; None while it is not in the ledger, or there is none."""
    row = await connection.fetchrow(_SQL["exported"], event_id)
    return _record(row) if row else None


async def first_of(
    connection: Connection, side: str, org: str, number: int, since: datetime | None
) -> tuple[int, int] | None:
    """Index and number of the first record of a side from this number and this time on."""
    low = await _stretch_of(connection, side, org, number) if number > 1 else 0
    if since is not None:
        begun = await connection.fetchrow(_SQL["covers"], since)
        if begun is None:
            return None
        low = max(low, (begun["prev_size"] or 0) >> _STRETCH)
    row = await connection.fetchrow(_SQL[f"{side}_first"], org, number, since or _EVER, low)
    return (row["idx"], row["number"]) if row else None


async def last_of(
    connection: Connection, side: str, org: str, number: int, until: datetime | None, idx: int
) -> tuple[int, int] | None:
    """Index and number of the last record of a side up to this number and index, before this time."""
    high = min(idx >> _STRETCH, await _stretch_of(connection, side, org, number))
    if until is not None and (ended := await connection.fetchrow(_SQL["covers"], until)):
        high = min(high, ended["size"] >> _STRETCH)
    row = await connection.fetchrow(_SQL[f"{side}_last"], org, number, until or _NEVER, idx, high)
    return (row["idx"], row["number"]) if row else None


async def _stretch_of(connection: Connection, side: str, org: str, number: int) -> int:
    """In which stretch of 4096 records a number is, or would be.

    Numbers rise along the index, so halving finds it by the searches' index, and none over the numbers is needed.
    """
    size: int = await connection.fetchval(_SQL["newest_size"])
    low, high = 0, size >> _STRETCH
    if side == WHOLE_LOG:
        return min(number >> _STRETCH, high)
    while low < high:
        middle = (low + high + 1) // 2
        found = await connection.fetchval(_SQL[f"{side}_from"], org, middle)
        if found is not None and found <= number:
            low = middle
        else:
            high = middle - 1
    return low


async def span(database: Database, side: str, org: str, low: int, high: int) -> AsyncIterator[Record]:
    """The records of a side from one index to another, both included; no connection is held between pages."""
    while low <= high:
        async with database.connection() as connection:
            rows = await connection.fetch(_SQL[f"{side}_page"], org, low, high, _PAGE)
        for row in rows:
            yield _record(row)
        if len(rows) < _PAGE:
            return
        low = rows[-1]["idx"] + 1


async def at_places(database: Database, indices: Sequence[int]) -> AsyncIterator[Record]:
    """The records at these indices, which rise."""
    for start in range(0, len(indices), _PAGE):
        async with database.connection() as connection:
            rows = await connection.fetch(_SQL["by_idx"], indices[start : start + _PAGE])
        for row in rows:
            yield _record(row)


async def of_events(database: Database, ids: Sequence[UUID]) -> AsyncIterator[Record]:
    """The records of these events, as far as they are in the ledger."""
    for start in range(0, len(ids), _PAGE):
        async with database.connection() as connection:
            rows = await connection.fetch(_SQL["by_event"], ids[start : start + _PAGE])
        for row in rows:
            yield _record(row)


async def stamps_on(database: Database, applications: Sequence[UUID]) -> list[Record]:
    """The records of electronic seals filed on these applications."""
    async with database.connection() as connection:
        return [_record(row) for row in await connection.fetch(_SQL["stamps"], applications)]


async def checkpoint_beyond(connection: Connection, idx: int) -> bytes | None:
    """A signed checkpoint that covers the record ``idx``, with its cosignatures; None before there is one."""
    size = await connection.fetchval(_SQL["cosigned_beyond"], idx)
    if size is None:
        size = await connection.fetchval(_SQL["signed_beyond"], idx)
    return None if size is None else await note_of(connection, size)


def _record(row: Row) -> Record:
    idx, recorded_at, cseq, pseq, *columns, event, leaf = tuple(row.values())
    return Record(idx, recorded_at, cseq, pseq, Columns(*columns), event, leaf)
