"""Receipts (回执): one file that shows, to whoever trusts a policy, that a record stands in a log (C2SP tlog-proof).

The record itself travels in the file's ``extra``: its stub (101 bytes), then the event's bytes. Nothing in the file is
believed before the checkpoint at its end is.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from .event import content_of
from .policy import Policy, Witnessed
from .proofs import LARGEST_SIZE, check_inclusion
from .refusal import Refused
from .stub import STUB_BYTES, Stub
from .tree import HASH_BYTES, leaf_hash

HEADER: Final = "c2sp.org/tlog-proof@v1"
LARGEST_RECEIPT: Final = 262144
_MOST_HASHES: Final = 63
_INDEX: Final = re.compile(r"index (0|[1-9][0-9]{0,18})")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_COMMITMENTS: Final = ("answer", "request")


@dataclass(frozen=True, slots=True)
class LogProof:
    """A tlog-proof as it stands, with nothing checked: extra data, the entry's place, hashes from the leaf upwards, a note."""

    extra: bytes
    index: int
    hashes: tuple[bytes, ...]
    note: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was verified: what stands in the leaf, the event's bytes, and the checkpoint that covers it."""

    stub: Stub
    event: bytes
    witnessed: Witnessed
    proof: LogProof

    @property
    def recorded_at(self) -> datetime:
        """When the log ordered the record, by the log's own clock."""
        return _EPOCH + timedelta(milliseconds=self.stub.recorded_ms)

    def content(self) -> dict[str, Any] | None:
        """What the event says, by name; None for bytes that are no event."""
        return content_of(self.event)


def write_proof(proof: LogProof) -> bytes:
    """The file: header, extra, index, hashes, an empty line, the checkpoint."""
    lines = [HEADER]
    if proof.extra:
        lines.append(f"extra {base64.b64encode(proof.extra).decode()}")
    lines.append(f"index {proof.index}")
    lines += [base64.b64encode(one).decode() for one in proof.hashes]
    return "\n".join([*lines, "", ""]).encode() + proof.note


def read_proof(data: bytes) -> LogProof:
    """Read a tlog-proof without tolerance.

    Raises:
        Refused: too large, another header, an index with leading zeros, base64 that is not the one way to write its bytes, a
            hash of another length, or no checkpoint.
    """
    head, blank, note = data.partition(b"\n\n")
    if len(data) > LARGEST_RECEIPT or not blank or not head.isascii():
        raise _form(
            "it has no checkpoint after an empty line, or is too large", "空行之后没有检查点，或文件过大"
        )
    lines = head.decode().split("\n")
    if lines.pop(0) != HEADER:
        raise _form(f"its first line is not {HEADER}", f"首行不是 {HEADER}")
    extra = _decoded(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else b""
    index = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if index is None or int(index[1]) > LARGEST_SIZE:
        raise _form("an index line is missing or wrong", "缺少 index 行或格式不正确")
    hashes = tuple(_decoded(line) for line in lines)
    if len(hashes) > _MOST_HASHES or any(len(one) != HASH_BYTES for one in hashes):
        raise Refused("hash", f"a hash has not {HASH_BYTES} bytes", f"散列值长度不是 {HASH_BYTES} 字节")
    return LogProof(extra, int(index[1]), hashes, note)


def verify_receipt(data: bytes, policy: Policy) -> Receipt:
    """Check a receipt: the event is the one in the leaf, the leaf is in the tree, the tree is a log's that the policy trusts.

    Raises:
        Refused: with the rule broken.
    """
    proof = read_proof(data)
    leaf, event = proof.extra[:STUB_BYTES], proof.extra[STUB_BYTES:]
    stub = Stub.read(leaf)
    if stub.idx != proof.index:
        raise Refused("index", "the record says another place than the proof", "记录所载位置与证明不一致")
    if not stub.is_of(event):
        raise Refused("event", "the event is not the one in the leaf", "事件内容与叶内容不一致")
    witnessed = policy.check(proof.note)
    checkpoint = witnessed.checkpoint
    check_inclusion(leaf_hash(leaf), proof.index, checkpoint.size, checkpoint.root, proof.hashes)
    _check_departments(stub, event)
    return Receipt(stub, event, witnessed, proof)


def check_body(receipt: Receipt, body: bytes, nonce: bytes) -> None:
    """That ``body`` is what the call answered, or was asked, byte for byte.

    Args:
        nonce: of the call; the answer carries it in ``Receipt-Nonce``, the record of the intent in its detail.

    Raises:
        Refused: it is not, or the record commits to no body.
    """
    detail = (receipt.content() or {}).get("detail")
    stated = [detail[name] for name in _COMMITMENTS if isinstance(detail, dict) and name in detail]
    if not stated:
        raise Refused("body", "this record commits to no body", "该记录未对正文作出承诺")
    found = hashlib.sha256(nonce + body).hexdigest()
    if not any(isinstance(one, str) and hmac.compare_digest(one.encode(), found.encode()) for one in stated):
        raise Refused("body", "these are not the bytes the record commits to", "正文与记录所作承诺不一致")


def _check_departments(stub: Stub, event: bytes) -> None:
    """The stub's departments are the event's: proofs of completeness count by the stub alone."""
    content = content_of(event) or {}
    said = (content.get("consumer_org", ""), content.get("provider_org", ""))
    if said != (stub.consumer_org, stub.provider_org):
        raise Refused(
            "event", "the event names other departments than the leaf", "事件所载部门与叶内容不一致"
        )


def _decoded(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    if not raw or base64.b64encode(raw).decode() != text:
        raise _form("a line is not base64", "存在不是 base64 的行")
    return raw


def _form(detail: str, detail_zh: str) -> Refused:
    return Refused("form", f"this is no proof of a log: {detail}", f"不是日志证明：{detail_zh}")
