"""SQL of tiles and nodes; the leaves of the open tile come from the ledger."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from gateway.audit.errors import TilesMissing
from gateway.audit.ledger import Head
from gateway.audit.tiles.model import TILE_WIDTH, Gone, Node, Tile, TiledTree
from gateway.audit.tiles.paths import Run
from gateway.storage import Connection, Queries

_SQL = Queries("gateway.audit.tiles")
_FETCH: Final = 200
_LEAVES_AT_ONCE: Final = 10000


async def keep_filled(connection: Connection, filled: Sequence[Tile | Node]) -> None:
    """Write tiles and nodes, in this transaction.

    Raises:
        asyncpg.UniqueViolationError: one of these places is filled already.
    """
    if filled:
        await _write(connection, filled, "add_filled")


async def _write(connection: Connection, filled: Sequence[Tile | Node], by: str) -> None:
    tiles = [item for item in filled if isinstance(item, Tile)]
    nodes = [item for item in filled if isinstance(item, Node)]
    await connection.execute(
        _SQL[by], [t.n for t in tiles], [t.data for t in tiles],
        [n.level for n in nodes], [n.n for n in nodes], [n.hash for n in nodes],
    )  # fmt: skip


async def leaves(connection: Connection, first: int, beyond: int) -> AsyncIterator[list[bytes]]:
    """Leaf hashes of the records from ``first`` up to, not including, ``beyond``, many at once."""
    for start in range(first, beyond, _LEAVES_AT_ONCE):
        rows = await connection.fetch(_SQL["leaves"], start, min(start + _LEAVES_AT_ONCE, beyond))
        yield [row["leaf_hash"] for row in rows]


async def open_tile(connection: Connection, size: int) -> bytes:
    """The leaf hashes after the last full tile of a log of this size, joined."""
    rows = await connection.fetch(_SQL["leaves"], size // TILE_WIDTH * TILE_WIDTH, size)
    return b"".join(row["leaf_hash"] for row in rows)


async def catch_up(connection: Connection, head: Head) -> int:
    """Fill what is missing of the tiles of a ledger that grew while none were kept; how many there were too few.

    Raises:
        TilesMissing: the leaves in the ledger do not lead to the head; nothing was filled.
    """
    there: int = await connection.fetchval(_SQL["count_tiles"])
    if there >= head.size // TILE_WIDTH:
        return 0
    tree = TiledTree()
    async with connection.transaction():
        async for some in leaves(connection, 0, head.size):
            tree.extend(some)
            if tree.filled:
                await _write(connection, tree.filled, "mend_filled")
                tree.filled.clear()
        if tree.root() != head.root:
            raise TilesMissing(
                f"{head.size // TILE_WIDTH - there} tiles are missing, and the ledger does not hold their leaves",
                f"缺少 {head.size // TILE_WIDTH - there} 个哈希块，账本中亦无对应叶子",
            )
    return head.size // TILE_WIDTH - there


async def known(connection: Connection, runs: Sequence[Run]) -> dict[tuple[int, int], bytes]:
    """The hashes of these runs, by level and place; what is not stored is left out."""
    found: dict[tuple[int, int], bytes] = {}
    low = [run for run in runs if run.level == 0]
    high = [run for run in runs if run.level > 0]
    if low:
        tiles = await full_tiles(connection, {run.first // TILE_WIDTH for run in low})
        for run in low:
            found |= await _leaves_of(connection, run, tiles.get(run.first // TILE_WIDTH))
    if high:
        rows = await connection.fetch(
            _SQL["nodes"],
            [run.level for run in high],
            [run.first for run in high],
            [run.beyond for run in high],
        )
        found |= {(row["level"], row["n"]): row["hash"] for row in rows}
    return found


async def _leaves_of(connection: Connection, run: Run, tile: Tile | None) -> dict[tuple[int, int], bytes]:
    places = range(run.first, run.beyond)
    if tile is not None:
        return {(0, place): tile.leaf(place - tile.first) for place in places}
    return dict(
        zip(
            [(0, place) for place in places],
            [leaf async for some in leaves(connection, run.first, run.beyond) for leaf in some],
            strict=False,
        )
    )


async def full_tiles(connection: Connection, numbers: Iterable[int]) -> dict[int, Tile]:
    """Those of these tiles that are full, by number."""
    rows = await connection.fetch(_SQL["tiles"], list(numbers))
    return {row["n"]: Tile(row["n"], row["data"]) for row in rows}


async def all_tiles(connection: Connection) -> AsyncIterator[Tile]:
    """All tiles in order; inside a transaction."""
    async for row in connection.cursor(_SQL["all_tiles"], prefetch=_FETCH):
        yield Tile(row["n"], row["data"])


async def all_nodes(connection: Connection) -> AsyncIterator[Node]:
    """All nodes in the order in which they became known; inside a transaction."""
    async for row in connection.cursor(_SQL["all_nodes"], prefetch=_FETCH):
        yield Node(row["level"], row["n"], row["hash"])


async def gone(connection: Connection) -> AsyncIterator[Gone]:
    """Leaves of the records before the first that is left, as far as full tiles hold them; inside a transaction."""
    low: int | None = await connection.fetchval(_SQL["lowest"])
    if not low:
        return
    async for row in connection.cursor(_SQL["first_tiles"], (low - 1) // TILE_WIDTH, prefetch=_FETCH):
        tile = Tile(row["n"], row["data"])
        for place in range(min(TILE_WIDTH, low - tile.first)):
            yield Gone(tile.first + place, tile.leaf(place))
