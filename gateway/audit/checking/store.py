"""Verifications as rows, and the log from one head on."""

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime
from typing import Any

from gateway.audit.ledger import Head, Side
from gateway.audit.store import Item, by_size, interleaved, pieces
from gateway.audit.tiles.model import TILE_WIDTH, Node, Tile
from gateway.audit.verify import Finding, Verified
from gateway.storage import Connection, Queries

_SQL = Queries("gateway.audit.checking")
_FETCH = 2000


async def last_clean(connection: Connection) -> tuple[Verified, bytes] | None:
    """What was verified last and the root it had then; its head as the log has it now."""
    row = await connection.fetchrow(_SQL["last_clean"])
    if row is None:
        return None
    root = row["root"] or b""
    head = Head(row["size"], row["prev_size"], root, row["frontier"] or b"", row["recorded_at"])
    counters = {(Side(side), org): last for side, org, last in row["counters"]}
    return Verified(head, counters, row["gone"]), row["verified_root"]


async def last_finished(connection: Connection) -> tuple[datetime | None, datetime | None]:
    """When a verification ended last, and a whole one."""
    row = await connection.fetchrow(_SQL["last_finished"])
    return row["any_one"], row["whole"]


async def add_verification(
    tx: Connection, from_size: int, reached: Verified, finding: Finding | None, started_at: datetime,
    finished_at: datetime,
) -> None:  # fmt: skip
    counters: list[Any] = [[side.value, org, last] for (side, org), last in sorted(reached.counters.items())]
    problem, idx = (finding.problem.value, finding.idx) if finding else (None, None)
    await tx.execute(
        _SQL["add_verification"], from_size, reached.head.size, reached.head.root, counters, reached.gone, problem,
        idx, started_at, finished_at,
    )  # fmt: skip


async def since(connection: Connection, size: int) -> AsyncGenerator[Item, None]:
    """The log after a verified head of this size, in the order of :func:`gateway.audit.store.everything`; in a transaction."""
    beside = by_size(_tiles(connection, size), _nodes(connection, size), _heads(connection, size))
    async for item in interleaved(pieces(connection, size), beside):
        yield item


async def _tiles(connection: Connection, size: int) -> AsyncIterator[Tile]:
    async for row in connection.cursor(_SQL["tiles_from"], size // TILE_WIDTH, prefetch=_FETCH):
        yield Tile(row["n"], row["data"])


async def _nodes(connection: Connection, size: int) -> AsyncIterator[Node]:
    async for row in connection.cursor(_SQL["nodes_after"], size, prefetch=_FETCH):
        yield Node(row["level"], row["n"], row["hash"])


async def _heads(connection: Connection, size: int) -> AsyncIterator[Head]:
    async for row in connection.cursor(_SQL["heads_after"], size, prefetch=_FETCH):
        yield Head(**dict(row))
