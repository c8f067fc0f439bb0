"""Proofs about the hash tree, made and checked: that a leaf is in it, that a later tree only appended (RFC 9162 §2.1).

Pure; whoever checks needs neither the log nor its database. A check recomputes roots from what the proof holds and
compares, and refuses every shape a careless verifier lets through: a place outside the tree, hashes of another length,
too many or too few of them, a tree of no leaves as the earlier one.
"""

from collections.abc import Sequence
from typing import Final

from .refusal import Refused
from .tree import EMPTY_ROOT, HASH_BYTES, node_hash

LARGEST_SIZE: Final = 2**63 - 1


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes by the recursive definition (RFC 9162 section 2.1.1); not by the frontier."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(root_of(leaves[:split]), root_of(leaves[split:]))


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from one leaf to the root (RFC 9162 section 2.1.3.1), from the leaf upwards.

    Raises:
        ValueError: ``index`` is no place in the tree.
    """
    if not 0 <= index < len(leaves):
        raise ValueError("the index is outside the tree")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root_of(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root_of(leaves[:split])]


def consistency_proof(leaves: Sequence[bytes], earlier: int) -> list[bytes]:
    """The hashes that show that the first ``earlier`` leaves were only appended to (RFC 9162 section 2.1.4.1).

    Raises:
        ValueError: no earlier size of this tree.
    """
    if not 0 < earlier <= len(leaves):
        raise ValueError("no earlier size of this tree")
    return _subproof(leaves, earlier, whole=True)


def _subproof(leaves: Sequence[bytes], earlier: int, *, whole: bool) -> list[bytes]:
    if earlier == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = _split(len(leaves))
    if earlier <= split:
        return [*_subproof(leaves[:split], earlier, whole=whole), root_of(leaves[split:])]
    return [*_subproof(leaves[split:], earlier - split, whole=False), root_of(leaves[:split])]


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def check_inclusion(leaf: bytes, index: int, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """That the leaf hash stands at ``index`` of the tree of ``size`` leaves (RFC 9162 section 2.1.3.2).

    Raises:
        Refused: it does not, or the proof cannot be one.
    """
    _check_hashes((leaf, root, *proof))
    _check_size(size)
    if not 0 <= index < size:
        raise Refused("index", f"index {index} is outside a tree of {size} leaves", "序号超出树的大小")
    place, last, found = index, size - 1, leaf
    for node in proof:
        if last == 0:
            raise _length()
        if place & 1 or place == last:
            found = node_hash(node, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, node)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise _length()
    if found != root:
        raise Refused("root", "the proof leads to another root", "由证明推得的树根不一致")


def check_consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    """That the tree of ``size2`` leaves begins with that of ``size1`` (RFC 9162 section 2.1.4.2).

    Raises:
        Refused: it does not, or the proof cannot be one; from a tree of no leaves nothing can be shown.
    """
    _check_hashes((root1, root2, *proof))
    _check_size(size1)
    _check_size(size2)
    if size1 == 0:
        raise Refused(
            "size", "an empty tree is consistent with everything and proves nothing", "空树不能证明一致性"
        )
    if size1 > size2:
        raise Refused("size", "the earlier tree is larger than the later one", "前一棵树大于后一棵树")
    if size1 == size2:
        if proof:
            raise _length()
        if root1 != root2:
            raise Refused(
                "fork", "two roots for one size: the log was forked", "同一大小出现两个树根：日志已分叉"
            )
        return
    _walk_consistency(size1, root1, size2, root2, list(proof))


def _walk_consistency(size1: int, root1: bytes, size2: int, root2: bytes, path: list[bytes]) -> None:
    if size1 & (size1 - 1) == 0:
        path.insert(0, root1)
    if not path:
        raise _length()
    place, last = size1 - 1, size2 - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    earlier = later = path[0]
    for node in path[1:]:
        if last == 0:
            raise _length()
        if place & 1 or place == last:
            earlier, later = node_hash(node, earlier), node_hash(node, later)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            later = node_hash(later, node)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise _length()
    if earlier != root1:
        raise Refused("root1", "the proof leads to another earlier root", "由证明推得的前一树根不一致")
    if later != root2:
        raise Refused("root2", "the proof leads to another later root", "由证明推得的后一树根不一致")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise Refused("hash", f"a hash has not {HASH_BYTES} bytes", f"散列值长度不是 {HASH_BYTES} 字节")


def _check_size(size: int) -> None:
    if not 0 <= size <= LARGEST_SIZE:
        raise Refused("size", "a size is outside 0 … 2^63 − 1", "树的大小超出范围")


def _length() -> Refused:
    return Refused("length", "the proof has not the length these sizes ask for", "证明的长度与树的大小不符")
