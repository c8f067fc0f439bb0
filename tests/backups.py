"""A database put back from an old backup."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
from world import running_gateway


@asynccontextmanager
async def copied(database: Any) -> AsyncIterator[Any]:
    """The database as it is now, byte for byte, as a backup keeps it; nobody may be connected."""
    server, _, query = database.owner_dsn.partition("?")
    admin = await asyncpg.connect(f"{server.rpartition('/')[0]}/postgres" + (f"?{query}" if query else ""))
    name = f"t_{uuid4().hex[:16]}"
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {database.name} STRATEGY WAL_LOG")
        dsn = f"{server.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
        yield replace(database, owner_dsn=dsn, name=name, opened=[])
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


async def started(database: Any, settings: dict[str, Any]) -> None:
    """A gateway that comes up on it and goes."""
    async with running_gateway(database, **settings):
        pass
