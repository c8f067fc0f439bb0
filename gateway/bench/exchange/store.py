"""Grants by the hundred thousand, under the owner's login of a throw-away database."""

import asyncpg

from gateway.storage import Queries

_SQL = Queries("gateway.bench.exchange")


async def grow(dsn: str, number: int) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(_SQL["more_applications"], number)
            await connection.execute(_SQL["more_grants"], number)
        await connection.execute(_SQL["plan_for_them"])
        return int(await connection.fetchval(_SQL["counted_grants"]))
    finally:
        await connection.close()
