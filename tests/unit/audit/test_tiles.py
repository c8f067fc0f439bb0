"""What the leaves of a tree fill: tiles of 256 hashes, and nodes above them."""

import hashlib

import pytest
from ledgers import a_ledger, event_bytes

from gateway.audit import Record
from gateway.audit.tiles.model import TILE_BYTES, Node, Tile, TiledTree, fills_a_tile
from gateway.audit.verify import Finding, Problem, Verdict, Verification, in_order
from gateway.proof.tree import Tree

LEAVES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(66_000)]


def root_of(leaves: list[bytes]) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def tiled(size: int) -> TiledTree:
    tree = TiledTree()
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    return tree


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 600])
def test_every_full_row_of_256_leaves_is_a_tile_with_its_root(size: int) -> None:
    tree = tiled(size)
    wanted: list[Tile | Node] = []
    for n in range(size // 256):
        row = LEAVES[256 * n : 256 * (n + 1)]
        wanted += [Tile(n, b"".join(row)), Node(1, n, root_of(row))]
    assert tree.filled == wanted
    assert (tree.size, tree.root()) == (size, root_of(LEAVES[:size]))


def test_256_tiles_have_one_node_above_them() -> None:
    filled = tiled(66_000).filled
    assert [item for item in filled if isinstance(item, Node) and item.level == 2] == [
        Node(2, 0, root_of(LEAVES[:65536]))
    ]
    at = filled.index(Node(2, 0, root_of(LEAVES[:65536])))
    assert [type(item).__name__ for item in filled[at - 2 : at + 2]] == ["Tile", "Node", "Node", "Tile"]
    assert [item.size for item in filled] == sorted(item.size for item in filled)


@pytest.mark.parametrize("start", [1, 200, 256, 300, 511])
def test_a_tree_that_goes_on_fills_the_same_tiles(start: int) -> None:
    before = tiled(start)
    later = TiledTree(start, before.frontier, b"".join(LEAVES[start // 256 * 256 : start]))
    for leaf in LEAVES[start:600]:
        later.append(leaf)
    assert before.filled + later.filled == tiled(600).filled


def test_a_tile_is_never_filled_with_less_than_its_leaves() -> None:
    before = tiled(200)
    short = TiledTree(200, before.frontier)
    for leaf in LEAVES[200:255]:
        short.append(leaf)
    with pytest.raises(ValueError, match="a tile"):
        short.append(LEAVES[255])
    assert len(tiled(256).filled[0].data) == TILE_BYTES  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("size", "added", "fills"), [(0, 255, False), (0, 256, True), (255, 1, True), (256, 255, False)]
)
def test_it_is_known_before_whether_a_tile_will_be_filled(size: int, added: int, *, fills: bool) -> None:
    assert fills_a_tile(size, added) is fills


RECORDS, HEADS = a_ledger([event_bytes(number) for number in range(600)], split=[100, 256, 300])


def kept() -> list[Tile | Node]:
    tree = TiledTree()
    for record in RECORDS:
        tree.append(record.leaf_hash)
    return tree.filled


def outcome_with(filled: list[Tile | Node]) -> Finding | Verdict:
    """The verification of records and heads as they are, beside these tiles and nodes."""
    verification, waiting = Verification(tiles=True), list(filled)
    for item in in_order(RECORDS, HEADS):
        at = item.idx if isinstance(item, Record) else item.size
        while waiting and waiting[0].size <= at:
            if finding := verification.take(waiting.pop(0)):
                return finding
        if finding := verification.take(item):
            return finding
    for extra in waiting:
        if finding := verification.take(extra):
            return finding
    return verification.end()


def test_tiles_that_are_what_the_records_give_fit() -> None:
    assert outcome_with(kept()) == Verdict(600, HEADS[-1].root)


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_tile_or_node_that_is_gone_is_named(place: int) -> None:
    filled = kept()
    gone = filled.pop(place)
    found = outcome_with(filled)
    assert isinstance(found, Finding)
    assert (found.problem, found.idx, found.last_idx) == (Problem.TILE_MISSING, gone.first, gone.size - 1)
    assert found.what in ("tile 0", "node 0 of level 1", "tile 1", "node 1 of level 1")


@pytest.mark.parametrize("idx", [0, 77, 255, 256, 511])
def test_one_bit_of_a_tile_names_its_record(idx: int) -> None:
    filled = kept()
    at = 2 * (idx // 256)
    data = bytearray(filled[at].data)  # type: ignore[union-attr]
    data[32 * (idx % 256) + 5] ^= 1
    filled[at] = Tile(idx // 256, bytes(data))
    found = outcome_with(filled)
    assert isinstance(found, Finding)
    assert (found.problem, found.idx) == (Problem.TILE_DIFFERS, idx)
    assert found.expected == RECORDS[idx].leaf_hash.hex()
    assert found.found == data[32 * (idx % 256) : 32 * (idx % 256 + 1)].hex()


def test_a_changed_node_names_the_records_below_it() -> None:
    filled = kept()
    filled[3] = Node(1, 1, bytes(32))
    found = outcome_with(filled)
    assert isinstance(found, Finding)
    assert (found.problem, found.idx, found.last_idx, found.what) == (
        Problem.TILE_DIFFERS, 256, 511, "node 1 of level 1",
    )  # fmt: skip


@pytest.mark.parametrize("extra", [Tile(2, bytes(TILE_BYTES)), Node(2, 0, bytes(32))])
def test_a_tile_no_records_fill_is_found(extra: Tile | Node) -> None:
    found = outcome_with([*kept(), extra])
    assert isinstance(found, Finding)
    assert (found.problem, found.idx) == (Problem.TILE_DIFFERS, 600)
