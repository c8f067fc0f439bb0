"""Which stored hashes a proof is made of, and how: pure arithmetic over the tree of RFC 9162 section 2.1.

A proof is a list of roots over *ranges* of leaves; a range is full subtrees side by side; a full subtree is a *run* of
hashes in one row of a tile. So a proof needs the runs of all its subtrees, and nothing in between is stored.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from gateway.audit.tiles.model import TILE_HEIGHT
from gateway.proof.tree import node_hash

Range: TypeAlias = tuple[int, int]
"""Leaves from the first up to, not including, the second; begins where a subtree that holds it all would begin."""

Known: TypeAlias = Mapping[tuple[int, int], bytes]
"""Hashes by level and place: level 0 are leaves, above are nodes."""


class Run(NamedTuple):
    """Hashes of one level from ``first`` up to, not including, ``beyond``; all within one row of 256."""

    level: int
    first: int
    beyond: int


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose roots lead from a leaf to the root, from the leaf upwards (RFC 9162 section 2.1.3.1).

    Raises:
        ValueError: ``index`` is no place in the tree.
    """
    if not 0 <= index < size:
        raise ValueError("the index is outside the tree")
    ranges, first, beyond = [], 0, size
    while beyond - first > 1:
        split = first + _left(beyond - first)
        if index < split:
            ranges.append((split, beyond))
            beyond = split
        else:
            ranges.append((first, split))
            first = split
    return ranges[::-1]


def consistency_ranges(earlier: int, size: int) -> list[Range]:
    """The ranges whose roots show that the first ``earlier`` leaves were only appended to (RFC 9162 section 2.1.4.1).

    Raises:
        ValueError: no earlier size of this tree.
    """
    if not 0 < earlier <= size:
        raise ValueError("no earlier size of this tree")
    ranges, first, beyond = [], 0, size
    while beyond > earlier:
        split = first + _left(beyond - first)
        if earlier <= split:
            ranges.append((split, beyond))
            beyond = split
        else:
            ranges.append((first, split))
            first = split
    if first:
        ranges.append((first, beyond))
    return ranges[::-1]


def runs_of(ranges: list[Range]) -> list[Run]:
    """All stored hashes these ranges' roots are made of."""
    return [run for one in ranges for run in _runs(one)]


def roots_of(ranges: list[Range], known: Known) -> list[bytes]:
    """The roots over these ranges.

    Raises:
        KeyError: a hash is not among the known.
    """
    return [_root(one, known) for one in ranges]


def _left(size: int) -> int:
    """The largest power of two smaller than ``size``: the leaves under the left child."""
    return 1 << ((size - 1).bit_length() - 1)


def _runs(one: Range) -> Iterator[Run]:
    first, beyond = one
    while first < beyond:
        height = (beyond - first).bit_length() - 1
        level, above = divmod(height, TILE_HEIGHT)
        place = first >> (TILE_HEIGHT * level)
        yield Run(level, place, place + (1 << above))
        first += 1 << height


def _root(one: Range, known: Known) -> bytes:
    """Roots of the full subtrees, then joined from the right (RFC 9162 section 2.1.1)."""
    subtrees = [_folded([known[run.level, n] for n in range(run.first, run.beyond)]) for run in _runs(one)]
    root = subtrees.pop()
    while subtrees:
        root = node_hash(subtrees.pop(), root)
    return root


def _folded(row: list[bytes]) -> bytes:
    while len(row) > 1:
        row = [node_hash(row[place], row[place + 1]) for place in range(0, len(row), 2)]
    return row[0]
