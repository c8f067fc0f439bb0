"""Quota, counted in the database so that it holds over all processes."""

from dataclasses import dataclass
from datetime import date

from gateway.names import GrantId
from gateway.storage import Connection, Queries

_SQL = Queries("gateway.exchange")


@dataclass(frozen=True, slots=True)
class Taken:
    """One call taken from today's quota."""

    used: int
    daily_quota: int


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What may have kept a call from being taken."""

    client_is_live: bool
    resource_is_live: bool
    used: int
    daily_quota: int


async def take(
    connection: Connection, grant: GrantId, version: int, resource_version: int, day: date
) -> Taken | None:
    """Take one call, if the grant is in force in exactly these versions and quota is left."""
    row = await connection.fetchrow(_SQL["take"], grant, version, resource_version, day)
    return Taken(row["used"], row["daily_quota"]) if row else None


async def obstacles(connection: Connection, grant: GrantId, day: date) -> Obstacles | None:
    """Why :func:`take` gave nothing; None if there is no such grant."""
    row = await connection.fetchrow(_SQL["obstacles"], grant, day)
    if row is None:
        return None
    return Obstacles(row["client_is_live"], row["resource_is_live"], row["used"], row["daily_quota"])
