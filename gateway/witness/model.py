"""What is sent to a witness, and what it makes of it (C2SP tlog-witness). Pure."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.proof.checkpoint import Checkpoint, read_checkpoint
from gateway.proof.notes import LARGEST_NOTE, Note, NoteKey, read_note
from gateway.proof.proofs import LARGEST_SIZE, check_consistency
from gateway.proof.refusal import Refused

MOST_HASHES: Final = 63
LARGEST_SUBMISSION: Final = LARGEST_NOTE + 45 * MOST_HASHES + 64
_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})")
_HASH: Final = re.compile(r"[A-Za-z0-9+/]{43}=")


class NotCosigned(Exception):
    """The witness does not cosign（见证方不予会签）.

    Args:
        status: the HTTP status the protocol asks for.
        latest: the size cosigned last, where that is what the log must know (409).
    """

    def __init__(self, status: int, detail: str, detail_zh: str, latest: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.detail_zh = detail_zh
        self.latest = latest


class Forked(NotCosigned):
    """One size, two roots, both signed by the log: it shows two histories（日志出现两个历史）."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint to cosign, and the proof that it begins with the tree of ``old`` leaves."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes

    @classmethod
    def read(cls, body: bytes) -> "Submission":
        """Read the body of ``add-checkpoint``.

        Raises:
            NotCosigned: 400, another form.
        """
        head, blank, note = body.partition(b"\n\n")
        try:
            first, *rest = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise _malformed() from None
        old = _OLD.fullmatch(first)
        if not blank or old is None or int(old[1]) > LARGEST_SIZE or len(rest) > MOST_HASHES:
            raise _malformed()
        return cls(int(old[1]), tuple(_hash(line) for line in rest), note)


@dataclass(frozen=True, slots=True)
class Verified:
    """A checkpoint whose signature by its log holds, and the note with the log's lines only."""

    checkpoint: Checkpoint
    note: bytes


def verified(note: bytes, logs: Sequence[NoteKey]) -> Verified:
    """The checkpoint of a submission, if a log known here signed it; lines of unknown signers are left out.

    Args:
        logs: keys of the known logs; a log's name is its origin, and it may have several keys.

    Raises:
        NotCosigned: 400, not a checkpoint; 404, an unknown log; 403, none of its keys signed.
    """
    try:
        read = read_note(note)
        checkpoint = read_checkpoint(read.text)
    except Refused as refusal:
        raise NotCosigned(400, refusal.detail, refusal.detail_zh) from None
    keys = [key for key in logs if key.name == checkpoint.origin]
    if not keys:
        raise NotCosigned(404, f"{checkpoint.origin} is not known here", f"未登记的日志：{checkpoint.origin}")
    try:
        signed = [one.key for one in read.verified(keys)]
    except Refused as refusal:
        raise NotCosigned(403, refusal.detail, refusal.detail_zh) from None
    return Verified(checkpoint, _only(read, signed))


def judge(submission: Submission, asked: Checkpoint, latest: Checkpoint | None) -> None:
    """Whether the checkpoint may be cosigned after ``latest``, the one cosigned before it.

    Raises:
        NotCosigned: 400, the old size is larger than the new; 409, it is not that of ``latest``; 422, the proof does not
            hold. Forked: 409, another root than that of ``latest`` for its size.
    """
    known = latest.size if latest else 0
    if submission.old > asked.size:
        raise NotCosigned(400, "the old size is larger than the checkpoint's", "旧大小大于检查点大小")
    if submission.old != known:
        raise NotCosigned(409, f"{known} records were cosigned last", f"最近会签的大小为 {known}", known)
    if latest is not None and asked.size == known and asked.root != latest.root:
        raise Forked(409, "another root was cosigned for this size", "同一大小已会签过另一树根", latest=known)
    if latest is None or known == 0:
        if submission.proof:
            raise NotCosigned(422, "from an empty tree there is no proof", "自空树无需证明")
        return
    try:
        check_consistency(known, latest.root, asked.size, asked.root, submission.proof)
    except Refused as refusal:
        raise NotCosigned(422, refusal.detail, refusal.detail_zh) from None


def _only(note: Note, keys: Sequence[NoteKey]) -> bytes:
    kept = {(key.name, key.hash) for key in keys}
    lines = [
        f"— {name} {base64.b64encode(body).decode()}\n"
        for name, body in note.lines
        if (name, body[:4]) in kept
    ]
    return f"{note.text}\n{''.join(lines)}".encode()


def _hash(line: str) -> bytes:
    raw = base64.b64decode(line) if _HASH.fullmatch(line) else b""
    if len(raw) != 32 or base64.b64encode(raw).decode() != line:
        raise _malformed()
    return raw


def _malformed() -> NotCosigned:
    return NotCosigned(
        400,
        "a submission is an old size, hashes in base64 line by line, an empty line and a checkpoint",
        "提交内容应为：旧大小、逐行 base64 散列值、空行、检查点",
    )
