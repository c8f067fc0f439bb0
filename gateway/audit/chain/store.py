"""SQL of chains."""

from collections.abc import Iterable
from dataclasses import astuple
from uuid import UUID

from gateway.audit.chain.model import Subject
from gateway.audit.record import Record
from gateway.audit.store import record_of
from gateway.storage import Connection, Queries

_SQL = Queries("gateway.audit.chain")


async def records_of(connection: Connection, event_ids: Iterable[UUID]) -> dict[UUID, Record]:
    """The records of these events, as far as they are in the ledger."""
    rows = await connection.fetch(_SQL["records_of"], list(event_ids))
    return {row["event_id"]: record_of(row) for row in rows}


async def later_records(
    connection: Connection, start: Record, about: Subject, *, after: int, limit: int
) -> list[Record]:
    """Records about the same thing with a higher index, oldest first."""
    async with connection.transaction(readonly=True):
        await connection.execute(_SQL["plan_each_time"])
        rows = await connection.fetch(_SQL["later_records"], after, start.recorded_at, *astuple(about), limit)
    return [record_of(row) for row in rows]
