"""Tiles and nodes: the hashes of the tree kept in rows of 256, from which any proof is built (C2SP tlog-tiles).

A *tile* holds the leaf hashes of 256 records in a row, written once they are full; a *node* of level 1 is the root over
one tile, a node of level 2 the root over 256 nodes of level 1, and so on: eight bits of the tree's height a level. Both
are only ever added, and both stay when the records below them are gone. Hashes in between are made anew when needed.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.proof.tree import HASH_BYTES, Tree

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8
TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES


class Tile(NamedTuple):
    """The leaf hashes of records ``256 n`` to ``256 n + 255``, joined (8192 bytes)."""

    n: int
    data: bytes

    @property
    def first(self) -> int:
        """The first record under it."""
        return self.n * TILE_WIDTH

    @property
    def size(self) -> int:
        """How many records the log holds when it is filled."""
        return self.first + TILE_WIDTH

    def leaf(self, place: int) -> bytes:
        """The hash at a place of 0 to 255."""
        return self.data[place * HASH_BYTES : (place + 1) * HASH_BYTES]


class Node(NamedTuple):
    """The root over the ``n``-th 256 to the power of ``level`` records; ``level`` is at least 1."""

    level: int
    n: int
    hash: bytes

    @property
    def first(self) -> int:
        """The first record under it."""
        return self.n << (TILE_HEIGHT * self.level)

    @property
    def size(self) -> int:
        """How many records the log holds when it is known."""
        return (self.n + 1) << (TILE_HEIGHT * self.level)


class Gone(NamedTuple):
    """The place of a record whose month was dropped, and its leaf hash, which the tree keeps."""

    idx: int
    leaf_hash: bytes


class TiledTree(Tree):
    """A tree that also tells what its leaves fill: ``filled`` holds each tile, then the nodes known with it.

    Args:
        open_tile: the leaf hashes after the last full tile, joined; needed only if this tree comes to fill it.
    """

    def __init__(self, size: int = 0, frontier: bytes = b"", open_tile: bytes = b"") -> None:
        super().__init__(size, frontier)
        self._open = [open_tile]
        self.filled: list[Tile | Node] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf by its leaf hash.

        Raises:
            ValueError: it fills a tile whose first leaves were not given.
        """
        self._open.append(leaf)
        if (self.size + 1) % TILE_WIDTH:
            super().append(leaf)
            return
        data = b"".join(self._open)
        if len(data) != TILE_BYTES:
            raise ValueError(f"a tile of {len(data)} bytes cannot be full")
        self._open.clear()
        roots = self.complete(leaf)
        self.filled.append(Tile(self.size // TILE_WIDTH - 1, data))
        for level, root in enumerate(roots[TILE_HEIGHT - 1 :: TILE_HEIGHT], 1):
            self.filled.append(Node(level, (self.size >> (TILE_HEIGHT * level)) - 1, root))

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add many leaves by their leaf hashes, see :meth:`append`."""
        start = 0
        while start < len(leaves):
            fills = start + TILE_WIDTH - self.size % TILE_WIDTH - 1
            few = leaves[start:fills]
            super().extend(few)
            self._open.append(b"".join(few))
            if fills < len(leaves):
                self.append(leaves[fills])
            start = fills + 1


def fills_a_tile(size: int, added: int) -> bool:
    """Whether a tree of ``size`` leaves that grows by ``added`` fills a tile."""
    return size % TILE_WIDTH + added >= TILE_WIDTH
