"""Proofs of the log, built from what is stored: a few rows of hashes each, whatever the size of the log.

Every function reads in its caller's connection and may be asked about any size up to that of the newest head.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.audit.errors import TilesMissing
from gateway.audit.tiles import store
from gateway.audit.tiles.paths import Range, Run, consistency_ranges, inclusion_ranges, roots_of, runs_of
from gateway.proof.tree import EMPTY_ROOT
from gateway.storage import Connection


async def inclusion(connection: Connection, index: int, size: int) -> list[bytes]:
    """The hashes that show the record ``index`` in the tree of ``size`` records, from the leaf upwards.

    Raises:
        ValueError: there is no such record in that tree.
        TilesMissing: the log's own hashes are not there.
    """
    return await roots(connection, inclusion_ranges(index, size))


async def consistency(connection: Connection, earlier: int, size: int) -> list[bytes]:
    """The hashes that show that the tree of ``size`` records begins with that of ``earlier``, which is at least 1.

    Raises:
        ValueError: no earlier size of this tree.
        TilesMissing: the log's own hashes are not there.
    """
    return await roots(connection, consistency_ranges(earlier, size))


async def root_at(connection: Connection, size: int) -> bytes:
    """The root of the tree of the first ``size`` records.

    Raises:
        TilesMissing: the log's own hashes are not there.
    """
    return (await roots(connection, [(0, size)]))[0] if size else EMPTY_ROOT


async def hashes(connection: Connection, run: Run) -> list[bytes]:
    """The stored hashes of one run, in order.

    Raises:
        TilesMissing: the log's own hashes are not there.
    """
    known = await store.known(connection, [run])
    with _whole():
        return [known[run.level, place] for place in range(run.first, run.beyond)]


async def roots(connection: Connection, ranges: list[Range]) -> list[bytes]:
    """The roots over ranges of leaves, each of which begins where a subtree that holds it all would begin.

    Raises:
        TilesMissing: the log's own hashes are not there.
    """
    known = await store.known(connection, runs_of(ranges))
    with _whole():
        return roots_of(ranges, known)


@contextmanager
def _whole() -> Iterator[None]:
    try:
        yield
    except KeyError as gap:
        level, place = gap.args[0]
        raise TilesMissing(
            f"the hash {place} of level {level} is missing", f"缺少第 {level} 层第 {place} 个哈希"
        ) from None
