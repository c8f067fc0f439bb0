"""Inclusion and consistency proofs: the published vectors, every small tree, and everything that must be refused."""

import hashlib
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.proofs import (
    LARGEST_SIZE,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    root_of,
)
from gateway.proof.refusal import Refused
from gateway.proof.tree import EMPTY_ROOT, Tree, leaf_hash

VECTORS: Final = (
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    ("606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
)
"""The leaves and roots with which implementations of Certificate Transparency are tested."""
LEAVES: Final = [hashlib.sha256(str(number).encode()).digest() for number in range(300)]
ROOTS: Final = [root_of(LEAVES[:size]) for size in range(70)]
OTHER: Final = hashlib.sha256(b"other").digest()


def test_roots_are_those_of_the_published_vectors() -> None:
    leaves = [leaf_hash(bytes.fromhex(text)) for text, _ in VECTORS]
    for size, (_, root) in enumerate(VECTORS, 1):
        assert root_of(leaves[:size]).hex() == root
    assert root_of([]) == EMPTY_ROOT


def test_the_frontier_gives_the_same_roots() -> None:
    tree = Tree()
    for size, leaf in enumerate(LEAVES, 1):
        tree.append(leaf)
        assert tree.root() == root_of(LEAVES[:size])


def test_every_leaf_of_every_small_tree_is_proved_and_at_no_other_place() -> None:
    for size in range(1, 40):
        for index in range(size):
            proof = inclusion_proof(LEAVES[:size], index)
            check_inclusion(LEAVES[index], index, size, ROOTS[size], proof)
            for other in {index ^ 1, size - 1 - index} - {index}:
                with pytest.raises(Refused):
                    check_inclusion(LEAVES[index], other, size, ROOTS[size], proof)


def test_every_pair_of_small_trees_is_proved_consistent_in_one_order_only() -> None:
    for later in range(1, 40):
        for earlier in range(1, later + 1):
            proof = consistency_proof(LEAVES[:later], earlier)
            check_consistency(earlier, ROOTS[earlier], later, ROOTS[later], proof)
            if earlier < later:
                with pytest.raises(Refused):
                    check_consistency(later, ROOTS[later], earlier, ROOTS[earlier], proof)
                with pytest.raises(Refused):
                    check_consistency(earlier, OTHER, later, ROOTS[later], proof)
                with pytest.raises(Refused):
                    check_consistency(earlier, ROOTS[earlier], later, OTHER, proof)


@given(st.integers(1, 300), st.data())
def test_a_proof_with_any_change_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(LEAVES[:size], index)
    root = root_of(LEAVES[:size])
    changed = list(proof)
    kinds = ["longer"] + (["bit", "shorter", "cut"] if proof else []) + (["swap"] if len(proof) > 1 else [])
    kind = data.draw(st.sampled_from(kinds))
    at = data.draw(st.integers(0, max(0, len(proof) - 1)))
    if kind == "longer":
        changed.insert(at, OTHER)
    elif kind == "bit":
        changed[at] = bytes([changed[at][0] ^ 1]) + changed[at][1:]
    elif kind == "shorter":
        del changed[at]
    elif kind == "cut":
        changed[at] = changed[at][:31]
    else:
        changed[0], changed[1] = changed[1], changed[0]
    check_inclusion(LEAVES[index], index, size, root, proof)
    with pytest.raises(Refused):
        check_inclusion(LEAVES[index], index, size, root, changed)


@given(st.integers(2, 300), st.data())
def test_a_consistency_proof_with_any_change_is_refused(later: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, later - 1))
    proof = consistency_proof(LEAVES[:later], earlier)
    roots = root_of(LEAVES[:earlier]), root_of(LEAVES[:later])
    check_consistency(earlier, roots[0], later, roots[1], proof)
    at = data.draw(st.integers(0, len(proof) - 1))
    flipped = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
    for changed in (flipped, proof[:at] + proof[at + 1 :], [*proof, OTHER], []):
        with pytest.raises(Refused):
            check_consistency(earlier, roots[0], later, roots[1], changed)


@pytest.mark.parametrize(
    ("index", "size", "reason"),
    [(5, 5, "index"), (6, 5, "index"), (-1, 5, "index"), (0, 0, "index"), (0, -1, "size"), (0, LARGEST_SIZE + 1, "size")],
)  # fmt: skip
def test_a_place_outside_the_tree_is_refused(index: int, size: int, reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_inclusion(LEAVES[0], index, size, ROOTS[5], [])
    assert refusal.value.reason == reason


def test_a_tree_of_one_leaf_needs_no_proof_and_takes_none() -> None:
    check_inclusion(LEAVES[0], 0, 1, LEAVES[0], [])
    with pytest.raises(Refused) as refusal:
        check_inclusion(LEAVES[0], 0, 1, LEAVES[0], [OTHER])
    assert refusal.value.reason == "length"


def test_nothing_follows_from_an_empty_earlier_tree() -> None:
    for later, root in ((0, EMPTY_ROOT), (7, ROOTS[7])):
        with pytest.raises(Refused) as refusal:
            check_consistency(0, EMPTY_ROOT, later, root, [])
        assert refusal.value.reason == "size"


def test_two_roots_for_one_size_are_called_a_fork_and_equal_ones_need_no_proof() -> None:
    check_consistency(7, ROOTS[7], 7, ROOTS[7], [])
    with pytest.raises(Refused) as refusal:
        check_consistency(7, ROOTS[7], 7, OTHER, [])
    assert refusal.value.reason == "fork"
    with pytest.raises(Refused) as refusal:
        check_consistency(7, ROOTS[7], 7, ROOTS[7], [OTHER])
    assert refusal.value.reason == "length"


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_hash_of_another_length_is_refused_wherever_it_stands(length: int) -> None:
    odd = b"x" * length
    proof = inclusion_proof(LEAVES[:4], 1)
    for leaf, root, path in (
        (odd, ROOTS[4], proof),
        (LEAVES[1], odd, proof),
        (LEAVES[1], ROOTS[4], [odd, proof[1]]),
    ):
        with pytest.raises(Refused) as refusal:
            check_inclusion(leaf, 1, 4, root, path)
        assert refusal.value.reason == "hash"
    with pytest.raises(Refused):
        check_consistency(3, odd, 4, ROOTS[4], [])


def test_proofs_are_made_for_places_in_the_tree_only() -> None:
    for index in (-1, 3):
        with pytest.raises(ValueError, match="outside"):
            inclusion_proof(LEAVES[:3], index)
    for earlier in (0, 4):
        with pytest.raises(ValueError, match="earlier"):
            consistency_proof(LEAVES[:3], earlier)
