"""Proofs from rows of hashes are those of the recursive definition, for every size and place near the edges of tiles."""

import hashlib

import pytest

from gateway.audit.tiles.model import Node, Tile, TiledTree
from gateway.audit.tiles.paths import consistency_ranges, inclusion_ranges, roots_of, runs_of
from gateway.proof.proofs import check_consistency, check_inclusion, consistency_proof, inclusion_proof
from gateway.proof.tree import Tree

LEAVES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(66_100)]
SIZES = [*range(1, 20), *range(254, 260), 300, 510, 511, 512, 513, 600]


def known_at(size: int) -> dict[tuple[int, int], bytes]:
    """What is stored of a log of this size: full tiles, nodes, and the leaves of the open tile."""
    tree = TiledTree()
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    known = {(0, place): LEAVES[place] for place in range(size // 256 * 256, size)}
    for item in tree.filled:
        if isinstance(item, Tile):
            known |= {(0, item.first + place): item.leaf(place) for place in range(256)}
        else:
            assert isinstance(item, Node)
            known[item.level, item.n] = item.hash
    return known


def roots() -> dict[int, bytes]:
    tree, found = Tree(), {}
    for leaf in LEAVES:
        tree.append(leaf)
        found[tree.size] = tree.root()
    return found


ROOTS = roots()


@pytest.mark.parametrize("size", SIZES)
def test_inclusion_proofs_are_those_of_the_definition(size: int) -> None:
    known = known_at(600)
    for index in {0, size // 2, *range(max(0, size - 3), size), min(255, size - 1)}:
        proof = roots_of(inclusion_ranges(index, size), known)
        assert proof == inclusion_proof(LEAVES[:size], index)
        check_inclusion(LEAVES[index], index, size, ROOTS[size], proof)


@pytest.mark.parametrize("size", SIZES)
def test_consistency_proofs_are_those_of_the_definition(size: int) -> None:
    known = known_at(600)
    for earlier in [one for one in SIZES if one <= size]:
        proof = roots_of(consistency_ranges(earlier, size), known)
        assert proof == consistency_proof(LEAVES[:size], earlier)
        check_consistency(earlier, ROOTS[earlier], size, ROOTS[size], proof)


@pytest.mark.parametrize("size", SIZES)
def test_the_root_of_any_size_follows_from_the_rows(size: int) -> None:
    assert roots_of([(0, size)], known_at(600)) == [ROOTS[size]]


def test_proofs_in_a_tree_of_three_levels_hold_and_need_few_rows() -> None:
    known, size = known_at(66_100), 66_100
    for index in (0, 300, 65_535, 65_536, 66_000, 66_099):
        ranges = inclusion_ranges(index, size)
        check_inclusion(LEAVES[index], index, size, ROOTS[size], roots_of(ranges, known))
        assert len({(run.level, run.first // 256) for run in runs_of(ranges)}) <= 6
    for earlier in (1, 255, 65_535, 65_536, 65_537, 66_099):
        proof = roots_of(consistency_ranges(earlier, size), known)
        check_consistency(earlier, ROOTS[earlier], size, ROOTS[size], proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (0, 0)])
def test_there_is_no_proof_of_a_place_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("earlier", "size"), [(0, 5), (6, 5), (-1, 5)])
def test_there_is_no_proof_from_no_tree_or_a_later_one(earlier: int, size: int) -> None:
    with pytest.raises(ValueError, match="earlier"):
        consistency_ranges(earlier, size)


def test_a_hash_that_is_not_there_is_not_made_up() -> None:
    known = known_at(600)
    del known[1, 0]
    with pytest.raises(KeyError):
        roots_of(inclusion_ranges(599, 600), known)
