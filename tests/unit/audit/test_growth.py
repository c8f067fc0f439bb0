"""The proof made from a frontier and the leaves since is the proof made from all leaves."""

import hashlib
from collections.abc import AsyncIterator, Sequence

import pytest

from gateway.audit.witnessing.growth import growth_proof, spans
from gateway.proof.proofs import check_consistency, consistency_proof
from gateway.proof.tree import Tree

LEAVES = [hashlib.sha256(str(number).encode()).digest() for number in range(530)]
NEAR = [1, 2, 3, 7, 8, 9, 100, 255, 256, 257, 300, 511, 512, 513, 529, 530]


async def some(leaves: Sequence[bytes]) -> AsyncIterator[bytes]:
    for leaf in leaves:
        yield leaf


def frontier(size: int) -> bytes:
    tree = Tree()
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    return tree.frontier


async def test_it_is_the_recursive_definition_for_all_small_sizes_and_near_powers() -> None:
    pairs = [(one, two) for two in range(1, 40) for one in range(1, two + 1)]
    pairs += [(one, two) for two in NEAR for one in NEAR if one <= two]
    for earlier, later in pairs:
        proof, root = await growth_proof(earlier, frontier(earlier), later, some(LEAVES[earlier:later]))
        assert proof == consistency_proof(LEAVES[:later], earlier), (earlier, later)
        tree = Tree(earlier, frontier(earlier))
        check_consistency(earlier, tree.root(), later, root, proof)


async def test_leaves_that_are_missing_are_not_made_up() -> None:
    with pytest.raises(ValueError, match="do not lead"):
        await growth_proof(5, frontier(5), 9, some(LEAVES[5:8]))


@pytest.mark.parametrize(("earlier", "later"), [(0, 5), (6, 5)])
def test_no_proof_starts_from_nothing_or_from_later(earlier: int, later: int) -> None:
    with pytest.raises(ValueError, match="no earlier size"):
        list(spans(earlier, later))
