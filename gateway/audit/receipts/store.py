"""The place a record got, for the process that wrote it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from gateway.storage import Connection, Queries

_SQL = Queries("gateway.audit.receipts")


class Place(NamedTuple):
    """Where a record stands: index, time, and its numbers among those of its consumer and its provider."""

    idx: int
    recorded_at: datetime
    cseq: int
    pseq: int


async def place_of(connection: Connection, event_id: UUID) -> Place | None:
    """The place of a record; None while it waits in the inbox."""
    row = await connection.fetchrow(_SQL["place_of"], event_id)
    return Place(*row.values()) if row else None
