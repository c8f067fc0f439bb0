"""Quota and rate, counted in the database so that they hold over all processes, and what changed there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gateway.names import ClientId, GrantId, ResourceId
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.exchange")


class Ask(NamedTuple):
    """A grant in the versions of it and of its resource that a call was decided by."""

    grant: GrantId
    version: int
    resource_version: int


class Taken(NamedTuple):
    """One call taken from today's quota."""

    used: int
    daily_quota: int


@dataclass(frozen=True, slots=True)
class Given:
    """How a grant's day stands after calls were taken from it.

    Attributes:
        gone: calls used and set aside, by all processes, with those of this asking.
        lent: how many of them were set aside for the process that asked.
    """

    gone: int
    lent: int
    daily_quota: int


@dataclass(frozen=True, slots=True)
class Wish:
    """How many calls are to be taken at once, and how many more set aside if plenty is left."""

    calls: int
    extra: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """What became of calls that were set aside."""

    grant: GrantId
    day: date
    spent: int
    returned: int


@dataclass(frozen=True, slots=True)
class Change:
    """A grant, client or resource that changed; ``n`` numbers the tellings."""

    n: int
    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What may have kept a call from being taken; ``spaced_until`` in microseconds since 1970."""

    client_is_live: bool
    resource_is_live: bool
    used: int
    leased: int
    daily_quota: int
    per_minute: int | None
    spaced_until: int


async def take_many(
    connection: Connection, asked: Mapping[Ask, Wish], day: date, now: int
) -> dict[Ask, Given]:
    """Take several calls of each grant, all of one ask or none.

    Args:
        asked: how many calls; of a grant asked for in several versions only the one in force can be taken.
        now: microseconds since 1970, for grants that bound the calls of a minute.

    Returns:
        How each quota stands after the last of its calls; an ask that is missing got nothing.
    """
    rows = await connection.fetch(
        _SQL["take_many"],
        [ask.grant for ask in asked],
        [ask.version for ask in asked],
        [ask.resource_version for ask in asked],
        [wish.calls for wish in asked.values()],
        [wish.extra for wish in asked.values()],
        day,
        now,
    )
    return {_ask(row): Given(row["gone"], row["lent"], row["daily_quota"]) for row in rows}


def _ask(row: Row) -> Ask:
    return Ask(GrantId(row["grant_id"]), row["grant_version"], row["resource_version"])


async def settle(connection: Connection, told: Sequence[Spent]) -> None:
    """Say what became of calls set aside; at most one telling for a grant and day."""
    await connection.execute(
        _SQL["settle"], [one.grant for one in told], [one.day for one in told], [one.spent for one in told],
        [one.returned for one in told],
    )  # fmt: skip


async def is_live(connection: Connection, client: ClientId, resource: ResourceId) -> bool:
    """Whether the application system is enabled and the resource published."""
    row = await connection.fetchrow(_SQL["is_live"], client, resource)
    return bool(row["client_is_live"] and row["resource_is_live"])


async def seen_now(connection: Connection) -> str:
    """Where the database stands, for :func:`changes`."""
    return str(await connection.fetchval(_SQL["seen_now"]))


async def changes(connection: Connection, since: str) -> tuple[str, list[Change]]:
    """Where the database stands, and what was committed since it stood at ``since``; some of it may be told twice."""
    rows = await connection.fetch(_SQL["changes"], since)
    return rows[0]["seen"], [
        Change(row["n"], row["kind"], row["key"]) for row in rows if row["n"] is not None
    ]


async def sweep_changes(connection: Connection) -> None:
    """Delete what nobody asks for any more."""
    await connection.execute(_SQL["sweep_changes"])


async def used_on(connection: Connection, grants: Sequence[GrantId], day: date) -> dict[GrantId, int]:
    """Calls taken that day under each of these grants that has any, with those set aside."""
    rows = await connection.fetch(_SQL["used"], list(grants), day)
    return {GrantId(row["grant_id"]): row["used"] for row in rows}


async def obstacles(connection: Connection, grant: GrantId, day: date) -> Obstacles | None:
    """Why :func:`take_many` gave nothing; None if there is no such grant."""
    row = await connection.fetchrow(_SQL["obstacles"], grant, day)
    if row is None:
        return None
    return Obstacles(
        row["client_is_live"], row["resource_is_live"], row["used"], row["leased"], row["daily_quota"],
        row["per_minute"], row["spaced_until"],
    )  # fmt: skip
