"""All SQL of personal detail and pseudonyms."""

from datetime import date
from typing import Final

from gateway.audit.privacy.model import Kind, Period
from gateway.storage import Connection, Queries

_SQL: Final = Queries("gateway.audit.privacy")


async def present(connection: Connection, period: Period, fresh: bytes) -> bytes | None:
    """The wrapped secret of a present period; ``fresh`` becomes it if there was none. None: it was destroyed."""
    found: bytes | None = await connection.fetchval(_SQL["present"], *period, fresh)
    return found


async def secret(connection: Connection, period: Period) -> bytes | None:
    """A wrapped secret of any period; None if there is none, or none any more."""
    row = await connection.fetchrow(_SQL["secret"], *period)
    return row["wrapped"] if row else None


async def peppers(connection: Connection) -> list[tuple[Period, bytes]]:
    """The wrapped peppers that live, newest first."""
    rows = await connection.fetch(_SQL["peppers"])
    return [(_pepper(row["period"]), row["wrapped"]) for row in rows]


def _pepper(period: date) -> Period:
    return Period(Kind.PEPPER, period, "")
