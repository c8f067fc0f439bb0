"""A department's own database behind TCP, with a login that may only read what it is given."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from cutting import CuttingProxy


@asynccontextmanager
async def department_database(database: Any, *statements: str) -> AsyncIterator[str]:
    """The address of a fresh database in which ``statements`` ran; ``{login}`` in them is the reader's name."""
    owner, name = await database.owner(), f"{database.name}_market"
    await owner.execute(f"CREATE DATABASE {name}")
    await owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'canary-pw'")
    inside = await asyncpg.connect(database.owner_dsn.replace(f"/{database.name}", f"/{name}"))
    for statement in statements:
        await inside.execute(statement.replace("{login}", name))
    await inside.close()
    async with CuttingProxy(database.owner_dsn, b"\x00never").listening() as proxy:
        yield f"postgresql://{name}:canary-pw@127.0.0.1:{proxy.port}/{name}"
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await owner.execute(f"DROP ROLE {name}")
    await owner.close()
