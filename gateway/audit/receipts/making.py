"""Building a receipt: the checkpoint that covers a record, and the way from its leaf to that root."""

from gateway.audit.errors import ReceiptBroken
from gateway.audit.tiles import proving
from gateway.audit.witnessing import store as outward
from gateway.audit.witnessing.model import Stage
from gateway.proof.checkpoint import read_checkpoint
from gateway.proof.notes import read_note
from gateway.proof.proofs import check_inclusion
from gateway.proof.receipts import LogProof, write_proof
from gateway.proof.refusal import Refused
from gateway.proof.tree import leaf_hash
from gateway.storage import Connection


async def receipt_of(
    connection: Connection, idx: int, stub: bytes, event: bytes, *, witnessed: bool
) -> bytes | None:
    """The receipt of the record at ``idx``, a tlog-proof; None while no checkpoint covers it.

    Args:
        witnessed: whether a quorum of witnesses must have cosigned that checkpoint.

    Raises:
        ReceiptBroken: the record is not the one in the signed tree. TilesMissing: the log's own hashes are not there.
    """
    note = await _covering(connection, idx, witnessed=witnessed)
    if note is None:
        return None
    signed = read_checkpoint(read_note(note).text)
    hashes = await proving.inclusion(connection, idx, signed.size)
    try:
        check_inclusion(leaf_hash(stub), idx, signed.size, signed.root, hashes)
    except Refused:
        raise ReceiptBroken(
            f"the record {idx} does not lead to the root signed at {signed.size} records",
            f"第 {idx} 条记录推不出第 {signed.size} 条时已签名的树根",
        ) from None
    return write_proof(LogProof(stub + event, idx, tuple(hashes), note))


async def _covering(connection: Connection, idx: int, *, witnessed: bool) -> bytes | None:
    """The newest checkpoint over a record, with the cosignatures it has."""
    if witnessed:
        size = await outward.reached(connection, Stage.UNWITNESSED)
    else:
        newest = await outward.newest(connection)
        size = newest[0] if newest else 0
    return await outward.note_of(connection, size) if size > idx else None
