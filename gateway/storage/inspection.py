"""What an operator's check asks of a database. Apart from the pools, because no room needs it to work.

Nothing here judges: the answers are facts, and what follows from them is decided where they are shown.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import asyncpg

from gateway.errors import Unavailable
from gateway.storage.pool import Connection
from gateway.storage.queries import Queries
from gateway.storage.zones import Zone

_SQL: Final = Queries("gateway.storage")


class NotInspected(Unavailable):
    """The database did not answer a question about itself（数据库未能回答检查问题）."""

    remedy = (
        "Bring it up to date with ./gw migrate, then run ./gw doctor again.",
        "请先运行 ./gw migrate，再重新运行 ./gw doctor。",
    )


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """The server, its clock, and the settings without which a commit does not survive a crash."""

    version: str
    major: int
    is_standby: bool
    clock: datetime
    is_set_up: bool
    fsync: str
    full_page_writes: str
    synchronous_commit: str


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """The newest head of the audit log; ``covered_until`` is the end of the last month with a partition."""

    size: int
    recorded_at: datetime
    covered_until: datetime


@dataclass(frozen=True, slots=True)
class InboxFacts:
    """What waits to be ordered, since when, and whether an integrator is connected."""

    waiting: int
    oldest_at: datetime | None
    is_integrated: bool


async def server_facts(connection: Connection) -> ServerFacts:
    """Under any login.

    Raises:
        NotInspected: the database refused.
    """
    with _asking():
        return ServerFacts(**dict(await connection.fetchrow(_SQL["server_facts"])))


async def excess(connection: Connection, zone: Zone) -> list[str]:
    """What a zone's login lacks or may do beyond its power, and what no power may hold; asked under that login.

    Raises:
        NotInspected: the database refused.
    """
    with _asking():
        return [row["excess"] for row in await connection.fetch(_SQL["excess"], f"gx_{zone}")]


async def unguarded(connection: Connection) -> list[str]:
    """Tables of the ledger that would accept a change.

    Raises:
        NotInspected: the database refused.
    """
    with _asking():
        return [row["name"] for row in await connection.fetch(_SQL["unguarded"])]


async def ledger_facts(connection: Connection) -> LedgerFacts | None:
    """Under the reader's login; None if there is no head at all.

    Raises:
        NotInspected: the database refused.
    """
    with _asking():
        row = await connection.fetchrow(_SQL["ledger_facts"])
    return LedgerFacts(**dict(row)) if row else None


async def inbox_facts(connection: Connection) -> InboxFacts:
    """Under the integrator's login.

    Raises:
        NotInspected: the database refused.
    """
    with _asking():
        row = await connection.fetchrow(_SQL["inbox_facts"])
    oldest = row["oldest"]
    # RFC 9562 section 5.7: the first 48 bits are Unix milliseconds
    at = datetime.fromtimestamp((oldest.int >> 80) / 1000, UTC) if oldest else None
    return InboxFacts(row["waiting"], at, row["is_integrated"])


async def outbox_facts(connection: Connection) -> tuple[int, datetime | None]:
    """How many notices wait, and since when the oldest; under the control login.

    Raises:
        NotInspected: the database refused.
    """
    with _asking():
        row = await connection.fetchrow(_SQL["outbox_facts"])
    return row["waiting"], row["oldest"]


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except asyncpg.PostgresError as fault:
        raise NotInspected(
            f"{type(fault).__name__}: {fault}", f"数据库返回 {type(fault).__name__}"
        ) from fault
