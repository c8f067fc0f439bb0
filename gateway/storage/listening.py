"""Hearing what other processes tell at their commits (LISTEN and NOTIFY of PostgreSQL)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from gateway.storage.pool import Connection, Database


@asynccontextmanager
async def listening(
    database: Database, channel: str, heard: Callable[[str], None]
) -> AsyncIterator[Connection]:
    """A connection of the pool that hears ``channel`` until the block ends; it may ask questions meanwhile.

    What is told while no connection listens is lost: whoever relies on it asks for what was missed.

    Args:
        heard: called in the event loop with each payload, in the order of the commits.

    Raises:
        DatabaseDown, DatabaseBusy: as for every connection; the block ends then.
    """

    def told(_connection: Any, _process: int, _channel: str, payload: object) -> None:
        heard(str(payload))

    async with database.connection() as connection:
        await connection.add_listener(channel, told)
        try:
            yield connection
        finally:
            if not connection.is_closed():
                await connection.remove_listener(channel, told)
