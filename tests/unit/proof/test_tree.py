import hashlib

import pytest

from gateway.proof.tree import EMPTY_ROOT, Tree, leaf_hash, node_hash

INPUTS = (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(by_definition(leaves[:half]), by_definition(leaves[half:]))


def test_the_roots_are_those_of_the_certificate_transparency_vectors() -> None:
    tree = Tree()
    for text, root in zip(INPUTS, ROOTS, strict=True):
        tree.append(leaf_hash(bytes.fromhex(text)))
        assert tree.root().hex() == root


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Tree().root() == EMPTY_ROOT == hashlib.sha256(b"").digest()


def test_the_frontier_gives_the_root_of_the_definition_at_every_size() -> None:
    leaves = [leaf_hash(number.to_bytes(2, "big")) for number in range(600)]
    tree = Tree()
    for size in range(601):
        assert tree.root() == by_definition(leaves[:size])
        assert tree.size == size
        if size < 600:
            tree.append(leaves[size])


def test_a_tree_goes_on_from_its_frontier() -> None:
    leaves = [leaf_hash(number.to_bytes(2, "big")) for number in range(70)]
    for start in range(70):
        tree = Tree()
        for leaf in leaves[:start]:
            tree.append(leaf)
        later = Tree(tree.size, tree.frontier)
        for leaf in leaves[start:]:
            later.append(leaf)
        assert later.root() == by_definition(leaves)


def test_a_leaf_is_never_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize(("size", "hashes"), [(0, 1), (1, 0), (2, 2), (3, 1), (-1, 1), (255, 7)], ids=str)
def test_a_frontier_of_another_size_is_refused(size: int, hashes: int) -> None:
    with pytest.raises(ValueError, match="does not belong"):
        Tree(size, bytes(32 * hashes))
