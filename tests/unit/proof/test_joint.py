"""One proof for many leaves leads to the root, and nothing else does."""

import hashlib
import random
from itertools import combinations

import pytest

from gateway.proof.joint import joint_root, parts_between
from gateway.proof.proofs import root_of
from gateway.proof.refusal import Refused

LEAVES = [hashlib.sha256(bytes([number])).digest() for number in range(70)]


def proof_for(size: int, places: list[int]) -> list[bytes]:
    return [root_of(LEAVES[first:beyond]) for first, beyond in parts_between(size, places)]


def test_every_choice_of_leaves_of_small_trees_leads_to_the_root() -> None:
    for size in range(1, 9):
        for count in range(1, size + 1):
            for places in map(list, combinations(range(size), count)):
                given = [(place, LEAVES[place]) for place in places]
                assert joint_root(size, given, proof_for(size, places)) == root_of(LEAVES[:size])


def test_a_large_tree_needs_few_hashes_for_neighbours() -> None:
    drawn = random.Random(7)
    for _ in range(50):
        size = drawn.randint(20, 70)
        places = sorted(drawn.sample(range(size), drawn.randint(1, 12)))
        given = [(place, LEAVES[place]) for place in places]
        assert joint_root(size, given, proof_for(size, places)) == root_of(LEAVES[:size])
    assert len(proof_for(64, list(range(16, 32)))) == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda given, proof: (given, proof[:-1]), "length"),
        (lambda given, proof: (given, [*proof, LEAVES[0]]), "length"),
        (lambda given, proof: (given[:-1], proof), "length"),
        (lambda given, proof: (given[::-1], proof), "order"),
        (lambda given, proof: ([given[0], *given], proof), "order"),
        (lambda given, proof: ([*given[:-1], (20, LEAVES[19])], proof), "index"),
        (lambda given, proof: ([(-1, LEAVES[3]), *given], proof), "index"),
        (lambda given, proof: ([], [root_of(LEAVES[:20])]), "index"),
        (lambda given, proof: (given, [proof[0][:-1], *proof[1:]]), "hash"),
    ],
    ids=["short", "long", "leaf less", "falling", "twice", "beyond", "negative", "no leaf", "short hash"],
)
def test_what_cannot_be_a_proof_is_refused(change: object, reason: str) -> None:
    places = [3, 8, 19]
    given, proof = change([(place, LEAVES[place]) for place in places], proof_for(20, places))  # type: ignore[operator]
    with pytest.raises(Refused) as refusal:
        joint_root(20, given, proof)
    assert refusal.value.reason == reason


def test_a_swapped_hash_or_a_moved_leaf_leads_to_another_root() -> None:
    places, root = [3, 8], root_of(LEAVES[:20])
    given, proof = [(place, LEAVES[place]) for place in places], proof_for(20, places)
    assert joint_root(20, given, [proof[1], proof[0], *proof[2:]]) != root
    assert joint_root(20, [(3, LEAVES[8]), (8, LEAVES[3])], proof) != root
