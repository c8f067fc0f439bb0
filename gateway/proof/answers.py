"""What a check answers, for programs and for people; every command that checks evidence says it through these functions."""

import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .checkpoint import verify_checkpoint
from .detail import personal_of
from .notes import NoteKey
from .policy import read_policy
from .proofs import check_consistency, check_inclusion
from .receipts import Receipt, check_body, verify_receipt
from .refusal import Refused
from .tree import HASH_BYTES, Tree, leaf_hash


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict: members for programs, lines for people."""

    ok: bool
    members: dict[str, Any]
    lines: tuple[str, ...]

    def shown(self, *, as_json: bool) -> str:
        """One JSON object, or the lines."""
        return json.dumps(self.members, ensure_ascii=False) if as_json else "\n".join(self.lines)


def answered(check: Callable[[], Answer]) -> Answer:
    """What ``check`` answers, or the refusal it ends in as an answer."""
    try:
        return check()
    except Refused as refusal:
        members = {
            "ok": False,
            "verdict": "invalid",
            "reason": refusal.reason,
            "detail": refusal.detail,
            "detail_zh": refusal.detail_zh,
            **({"place": refusal.place} if refusal.place else {}),
        }
        return Answer(False, members, (f"Does not hold: {refusal.detail}.", f"不成立：{refusal.detail_zh}。"))


def holds(members: dict[str, Any], *lines: str) -> Answer:
    """The answer that something was shown."""
    return Answer(True, {"ok": True, "verdict": "valid", "reason": None, **members}, lines)


def inclusion(leaf: str, index: int, size: int, root: str, proof: str) -> Answer:
    """Whether a leaf hash stands at its place; all hashes in hexadecimal, those of the proof separated by commas.

    Raises:
        Refused: it does not.
    """
    check_inclusion(read_hash(leaf), index, size, read_hash(root), _hashes(proof))
    said = f"The record stands at {index} in the tree of {size}."
    return holds({"index": index, "size": size, "root": root}, said, "成立：该记录在树中。")


def consistency(size1: int, root1: str, size2: int, root2: str, proof: str) -> Answer:
    """Whether a later tree begins with an earlier one; hashes as for :func:`inclusion`.

    Raises:
        Refused: it does not.
    """
    check_consistency(size1, read_hash(root1), size2, read_hash(root2), _hashes(proof))
    members = {"size1": size1, "root1": root1, "size2": size2, "root2": root2}
    said = f"The tree of {size2} leaves begins with the tree of {size1}."
    return holds(members, said, "成立：后一棵树仅在前一棵树之后追加。")


def tree_root(lines: Iterable[str]) -> Answer:
    """The root over leaves, one a line: over leaf hashes where the first line is one, else over the leaves' own bytes.

    An empty line is an empty leaf. Nothing is guessed after the first line that says something: a hash cut short is refused.

    Raises:
        Refused: a line is not what the first one was.
    """
    tree = Tree()
    leaf: Callable[[str], bytes] = _empty_leaf
    try:
        for line in lines:
            text = line.strip()
            if text and leaf is _empty_leaf:
                leaf = read_hash if len(text) == 2 * HASH_BYTES and not tree.size else _leaf_of
            tree.append(leaf(text))
    except (Refused, UnicodeDecodeError) as fault:
        said = f"line {tree.size + 1}: {fault.detail if isinstance(fault, Refused) else 'not text'}"
        raise Refused("hash", said, f"第 {tree.size + 1} 行：与首行形式不符") from None
    root = tree.root().hex()
    of = "hashes" if leaf is read_hash else "bytes"
    return Answer(True, {"ok": True, "size": tree.size, "root": root, "leaves": of}, (root,))


def _empty_leaf(_: str) -> bytes:
    return leaf_hash(b"")


def _leaf_of(text: str) -> bytes:
    try:
        return leaf_hash(binascii.unhexlify(text))
    except ValueError:
        raise Refused("hash", "the bytes of a leaf in hexadecimal", "须为叶子的十六进制内容") from None


def checkpoint(note: bytes, keys: Sequence[str], origin: str | None) -> Answer:
    """Whether a checkpoint is signed by one of these keys, and every line of theirs verifies.

    Raises:
        Refused: it is not.
    """
    found, signed = verify_checkpoint(note, [NoteKey.parse(key) for key in keys], origin)
    signers = [{"key": str(one.key), "at": one.at.isoformat() if one.at else None} for one in signed]
    members = {"origin": found.origin, "size": found.size, "root": found.root.hex(), "signed_by": signers}
    names = ", ".join(one.key.name for one in signed)
    said = f"{found.origin}: {found.size} records, root {found.root.hex()}, signed by {names}."
    return holds(members, said, "成立：签名有效。")


def receipt(
    data: bytes,
    policy: bytes,
    body: bytes | None = None,
    nonce: str | None = None,
    opening: str | None = None,
) -> Answer:
    """Whether a receipt holds under a policy; with ``body`` and ``nonce`` also whether that is the body of the call.

    With ``opening`` (hexadecimal) also what the record says of persons under seal.

    Raises:
        Refused: it does not.
    """
    found = verify_receipt(data, read_policy(policy))
    if body is not None:
        check_body(found, body, _nonce(nonce))
    personal = personal_of(found.content() or {}, opening) if opening is not None else None
    said = {**receipt_members(found), "body": body is not None or None, "personal": personal}
    shown = [] if personal is None else [f"personal 个人信息 {json.dumps(personal, ensure_ascii=False)}"]
    return holds(said, *shown, *_told(found, body is not None))


def receipt_members(found: Receipt) -> dict[str, Any]:
    """A verified receipt for programs."""
    stub, witnessed = found.stub, found.witnessed
    return {
        "index": stub.idx,
        "recorded_at": found.recorded_at.isoformat(timespec="milliseconds"),
        "consumer_org": stub.consumer_org or None,
        "provider_org": stub.provider_org or None,
        "consumer_number": stub.cseq,
        "provider_number": stub.pseq,
        "event_sha256": stub.digest.hex(),
        "event": found.content(),
        "event_hex": None if found.content() is not None else found.event.hex(),
        "log": {
            "origin": witnessed.checkpoint.origin,
            "size": witnessed.checkpoint.size,
            "root": witnessed.checkpoint.root.hex(),
            "key": str(witnessed.log),
        },
        "cosigned_by": [{"witness": name, "at": at.isoformat()} for name, at in witnessed.cosigned],
    }


def _told(found: Receipt, with_body: bool) -> list[str]:
    event, checkpoint = found.content() or {}, found.witnessed.checkpoint
    who: dict[str, Any] = event["who"] if isinstance(event.get("who"), dict) else {}
    lines = [
        f"record 记录      {found.stub.idx} of {checkpoint.size} in {checkpoint.origin}",
        f"recorded 时间    {found.recorded_at.isoformat(timespec='milliseconds')}",
        f"act 行为         {event.get('type', 'unreadable')} {event.get('outcome', '')}".rstrip(),
        f"by 主体          {' '.join(str(who[name]) for name in ('kind', 'id', 'org', 'role') if name in who)}",
    ]
    for name, words in (
        ("grant_id", "grant 授权"),
        ("application_id", "application 申请"),
        ("request_id", "request 请求"),
    ):
        lines += [f"{words:<16} {event[name]}"] if event.get(name) else []
    parties = " <- ".join(one or "-" for one in (found.stub.consumer_org, found.stub.provider_org))
    lines.append(f"departments 部门 {parties}")
    lines += [f"cosigned 会签    {name} {at.isoformat()}" for name, at in found.witnessed.cosigned]
    lines += ["body 正文        is the one the record commits to 与记录一致"] if with_body else []
    return [*lines, "The receipt holds.", "成立：该记录在日志中。"]


def read_hash(text: str) -> bytes:
    """A hash of 64 hexadecimal digits.

    Raises:
        Refused: it is none.
    """
    try:
        raw = bytes.fromhex(text.strip())
    except ValueError:
        raw = b""
    if len(raw) != HASH_BYTES or len(text.strip()) != 2 * HASH_BYTES:
        raise Refused("hash", "a hash is 64 hexadecimal digits", "散列值须为 64 位十六进制")
    return raw


def _hashes(text: str) -> list[bytes]:
    return [read_hash(one) for one in text.split(",")] if text.strip() else []


def _nonce(text: str | None) -> bytes:
    try:
        return bytes.fromhex(text or "x")
    except ValueError:
        raise Refused(
            "nonce", "the body needs its nonce in hexadecimal", "核对正文需提供十六进制随机数"
        ) from None
