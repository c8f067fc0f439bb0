"""All SQL of this room. Rows are only ever added, and only by the database's owner."""

from datetime import datetime
from typing import Final

from gateway.audit.rollover.model import Continued
from gateway.storage import Connection, Queries

_SQL: Final = Queries("gateway.audit.rollover")


async def current(connection: Connection) -> Continued | None:
    """The log the database goes on with; None while it is the first one."""
    row = await connection.fetchrow(_SQL["current"])
    return Continued(row["number"], row["first_idx"], row["retired"]) if row else None


async def add_log(tx: Connection, begun: Continued, at: datetime) -> None:
    """Another log begins."""
    await tx.execute(_SQL["add_log"], begun.number, begun.first_idx, begun.retired, at)


async def note_at(connection: Connection, size: int) -> bytes | None:
    """The checkpoint published of a size; None if there is none."""
    note: bytes | None = await connection.fetchval(_SQL["note_at"], size)
    return note
