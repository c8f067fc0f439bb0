"""The proof that a log only grew, made from what stood at the earlier size and the leaves since (RFC 9162 section 2.1.4.1).

Apart from the proofs over all leaves: a witness asks every two seconds, so the cost must be that of the growth, not that of
the log. What lies left of the earlier size is in its frontier already.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Final

from gateway.proof.tree import HASH_BYTES, Tree

_NOT_OF_THIS_SIZE: Final = "the leaves do not lead from the earlier to the later size"


def spans(earlier: int, later: int) -> Iterator[tuple[int, int]]:
    """The subtrees of a consistency proof as half-open ranges of leaves, in the proof's order; none from an equal size.

    Raises:
        ValueError: ``earlier`` is no earlier size of a tree of ``later`` leaves, or 0.
    """
    if not 0 < earlier <= later:
        raise ValueError("no earlier size of this tree")
    return reversed(list(_downwards(earlier, later)))


def _downwards(earlier: int, later: int) -> Iterator[tuple[int, int]]:
    first, beyond, whole = 0, later, True
    while earlier != beyond:
        split = first + (1 << ((beyond - first - 1).bit_length() - 1))
        if earlier <= split:
            yield split, beyond
            beyond = split
        else:
            yield first, split
            first, whole = split, False
    if not whole:
        yield first, beyond


async def growth_proof(
    earlier: int, frontier: bytes, later: int, leaves: AsyncIterator[bytes]
) -> tuple[list[bytes], bytes]:
    """The proof from ``earlier`` to ``later``, and the root it leads to.

    Args:
        frontier: of the tree at ``earlier``, as :class:`Tree` gives it.
        leaves: leaf hashes from ``earlier`` up to, not including, ``later``.

    Raises:
        ValueError: no such sizes, or too few leaves.
    """
    wanted = list(spans(earlier, later))
    hashes = _full_subtrees(earlier, frontier)
    tree = Tree(earlier, frontier)
    for span in sorted(wanted):
        if span[0] < earlier:
            continue
        part = Tree()
        for _ in range(*span):
            leaf = await anext(leaves, b"")
            if len(leaf) != HASH_BYTES:
                raise ValueError(_NOT_OF_THIS_SIZE)
            part.append(leaf)
            tree.append(leaf)
        hashes[span] = part.root()
    return [hashes[span] for span in wanted], tree.root()


def _full_subtrees(size: int, frontier: bytes) -> dict[tuple[int, int], bytes]:
    found, first = {}, 0
    for number in range(size.bit_count()):
        width = 1 << ((size - first).bit_length() - 1)
        found[first, first + width] = frontier[number * HASH_BYTES : (number + 1) * HASH_BYTES]
        first += width
    return found
