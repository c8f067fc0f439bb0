"""Quota and rate, counted in the database so that it holds over all processes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.names import GrantId
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.exchange")


@dataclass(frozen=True, slots=True)
class Ask:
    """A grant in the versions of it and of its resource that a call was decided by."""

    grant: GrantId
    version: int
    resource_version: int


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
    per_minute: int | None
    minute: int
    used_in_minute: int

    def in_minute(self, minute: int) -> int:
        """Calls already taken in the present minute; a process whose clock is behind counts in the later one."""
        return self.used_in_minute if minute <= self.minute else 0


async def take_many(
    connection: Connection, asked: Mapping[Ask, int], day: date, minute: int
) -> dict[Ask, Taken]:
    """Take several calls of each grant, all of one ask or none.

    Args:
        asked: how many calls; of a grant asked for in several versions only the one in force can be taken.
        minute: minutes since 1970, for grants that bound the calls of one.

    Returns:
        How each quota stands after the last of its calls; an ask that is missing got nothing.
    """
    rows = await connection.fetch(
        _SQL["take_many"],
        [ask.grant for ask in asked],
        [ask.version for ask in asked],
        [ask.resource_version for ask in asked],
        list(asked.values()),
        day,
        minute,
    )
    return {_ask(row): Taken(row["used"], row["daily_quota"]) for row in rows}


def _ask(row: Row) -> Ask:
    return Ask(GrantId(row["grant_id"]), row["grant_version"], row["resource_version"])


async def used_on(connection: Connection, grants: Sequence[GrantId], day: date) -> dict[GrantId, int]:
    """Calls taken that day under each of these grants that has any."""
    rows = await connection.fetch(_SQL["used"], list(grants), day)
    return {GrantId(row["grant_id"]): row["used"] for row in rows}


async def obstacles(connection: Connection, grant: GrantId, day: date) -> Obstacles | None:
    """Why :func:`take_many` gave nothing; None if there is no such grant."""
    row = await connection.fetchrow(_SQL["obstacles"], grant, day)
    if row is None:
        return None
    return Obstacles(
        row["client_is_live"], row["resource_is_live"], row["used"], row["daily_quota"], row["per_minute"],
        row["minute"], row["used_in_minute"],
    )  # fmt: skip
