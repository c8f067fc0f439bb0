"""SQL of searching the ledger."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gateway.audit.record import Record
from gateway.audit.search.model import Filter
from gateway.audit.store import record_of
from gateway.storage import Connection, Queries

_SQL = Queries("gateway.audit.search")
_FILTERS: Final = (
    "type", "outcome", "consumer_org", "provider_org", "application_id", "grant_id", "request_id", "reason", "actor",
    "resource", "matter", "case_id", "subject", "grade",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Window:
    """A month's part of the time asked for, and the places in the ledger between which it lies."""

    lower: datetime
    upper: datetime
    first: int
    beyond: int


async def find_records(
    connection: Connection, wanted: Filter, *, before: int | None, limit: int
) -> list[Record]:
    """The newest records that pass the filter, below an index."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(_SQL["plan_each_time"])
        months = await connection.fetch(_SQL["months"], wanted.since, wanted.until)
        found: list[Record] = []
        for lower, upper, first, size in months:
            beyond = size if before is None else min(size, before)
            if len(found) < limit and first < beyond:
                window = _Window(lower, upper, first, beyond)
                found += await _find_in(connection, wanted, window, limit - len(found))
        return found


async def _find_in(connection: Connection, wanted: Filter, at: _Window, limit: int) -> list[Record]:
    if wanted.is_open:
        rows = await connection.fetch(_SQL["browse_records"], at.lower, at.upper, at.first, at.beyond, limit)
        return [record_of(row) for row in rows]
    if wanted.org is None:
        return await _filtered(connection, wanted, at, limit)
    # two sides are two indexes; a record with the department on both is found by the first alone
    asked, gave = replace(wanted, consumer_org=wanted.org), replace(wanted, provider_org=wanted.org)
    found: list[Record] = []
    if wanted.consumer_org in (None, wanted.org):
        found += await _filtered(connection, asked, at, limit)
    if wanted.provider_org in (None, wanted.org):
        found += await _filtered(connection, gave, at, limit, but_consumer=wanted.org)
    return sorted(found, key=lambda record: record.idx, reverse=True)[:limit]


async def _filtered(
    connection: Connection, wanted: Filter, at: _Window, limit: int, but_consumer: str | None = None
) -> list[Record]:
    values = [getattr(wanted, name) for name in _FILTERS]
    rows = await connection.fetch(
        _SQL["find_records"], at.lower, at.upper, at.first, at.beyond, but_consumer, limit, *values
    )
    return [record_of(row) for row in rows]
