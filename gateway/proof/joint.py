"""One proof that many leaves stand in a tree: the roots of the parts between them, in order, each once.

A proof by leaf repeats most hashes of its neighbours; where thousands of records are shown together, this one is smaller by
orders and checked in one pass. It shows the same: with these leaves at these places, and only so, the root comes out.
"""

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from .proofs import LARGEST_SIZE
from .refusal import Refused
from .tree import HASH_BYTES, node_hash


def parts_between(size: int, places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The largest subtrees of a tree of ``size`` leaves that hold none of the ``places``, from left to right.

    Args:
        places: indices, each once, rising.

    Yields:
        First leaf of the subtree, and the first beyond it; their roots in this order are the proof.
    """
    yield from _between(0, size, places, 0, len(places))


def _between(
    first: int, beyond: int, places: Sequence[int], start: int, end: int
) -> Iterator[tuple[int, int]]:
    if start == end:
        yield first, beyond
    elif beyond - first > 1:
        half = first + _split(beyond - first)
        middle = bisect_left(places, half, start, end)
        yield from _between(first, half, places, start, middle)
        yield from _between(half, beyond, places, middle, end)


def joint_root(size: int, leaves: Sequence[tuple[int, bytes]], proof: Sequence[bytes]) -> bytes:
    """The root that leaf hashes at their places and the roots between them lead to.

    Args:
        leaves: index and leaf hash (32 bytes), rising; at least one.
        proof: the roots of :func:`parts_between`.

    Raises:
        Refused: a place outside the tree or out of order, a hash of another length, too many hashes or too few.
    """
    places = [place for place, _ in leaves]
    if not places or places[0] < 0 or not places[-1] < size <= LARGEST_SIZE:
        raise Refused("index", f"a record is outside the tree of {size} leaves", "序号超出树的大小")
    if any(later <= earlier for earlier, later in itertools.pairwise(places)):
        raise Refused("order", "the records do not rise by index", "记录未按序号递增")
    if any(len(one) != HASH_BYTES for one in (*proof, *(leaf for _, leaf in leaves))):
        raise Refused("hash", f"a hash has not {HASH_BYTES} bytes", f"散列值长度不是 {HASH_BYTES} 字节")
    given = iter(proof)
    try:
        root = _root(0, size, leaves, places, 0, len(places), given)
    except StopIteration:
        raise _length() from None
    if next(given, None) is not None:
        raise _length()
    return root


def _root(
    first: int, beyond: int, leaves: Sequence[tuple[int, bytes]], places: Sequence[int], start: int, end: int,
    given: Iterator[bytes],
) -> bytes:  # fmt: skip
    if start == end:
        return next(given)
    if beyond - first == 1:
        return leaves[start][1]
    half = first + _split(beyond - first)
    middle = bisect_left(places, half, start, end)
    left = _root(first, half, leaves, places, start, middle, given)
    return node_hash(left, _root(half, beyond, leaves, places, middle, end, given))


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def _length() -> Refused:
    return Refused("length", "the proof has not the length these records ask for", "证明的长度与记录不符")
