"""SQL of figures."""

from typing import Final

from gateway.audit.figures.model import Asked, By, Difference, Figure, Figures
from gateway.storage import Connection, Queries

_SQL = Queries("gateway.audit.figures")
_RECORDS_AT_ONCE: Final = 100_000


async def roll_up(connection: Connection) -> int:
    """Add a stretch of new records to the rollup; how many, 0 when there are none."""
    async with connection.transaction():
        first, size = await connection.fetchrow(_SQL["claim_place"])
        beyond: int = min(size, first + _RECORDS_AT_ONCE)
        if beyond > first:
            await connection.execute(_SQL["plan_each_time"])
            await connection.execute(_SQL["roll_up"], first, beyond)
            await connection.execute(_SQL["move_place"], beyond)
        return beyond - int(first)


async def figures(connection: Connection, asked: Asked, most_lines: int) -> Figures:
    """The figures as of this moment, at most so many lines and one more."""
    period = By.DAY if By.DAY in asked.by else By.MONTH if By.MONTH in asked.by else None
    apart = [each in asked.by for each in (By.CONSUMER, By.PROVIDER, By.TYPE, By.OUTCOME)]
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(_SQL["plan_each_time"])
        place, size = await connection.fetchrow(_SQL["place"])
        rows = await connection.fetch(
            _SQL["figures"], place, asked.first_day, asked.last_day, asked.org, asked.consumer_org, asked.provider_org,
            asked.type, asked.outcome, period, *apart, most_lines + 1,
        )  # fmt: skip
    return Figures(tuple(Figure(**dict(row)) for row in rows), size)


async def first_difference(connection: Connection) -> Difference | None:
    """The first line of the rollup that is not what the ledger gives."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(_SQL["take_time"])
        row = await connection.fetchrow(_SQL["difference"])
    return Difference(**dict(row)) if row else None
