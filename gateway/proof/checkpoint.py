"""Checkpoints: what a log says of itself at one size, as text to be signed (C2SP tlog-checkpoint)."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .notes import NoteKey, Signed, read_note
from .proofs import LARGEST_SIZE
from .refusal import Refused
from .tree import EMPTY_ROOT, HASH_BYTES

_ORIGIN: Final = re.compile(r"[^\s].{0,254}")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's name, its size in records and the root of its tree (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Three lines: origin, size, root in base64."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint, which is exactly three lines.

    Raises:
        Refused: another form, an extension line, a size with leading zeros, a root that is no hash, or an empty log
            with another root than that of nothing.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not _ORIGIN.fullmatch(lines[0]) or not _SIZE.fullmatch(lines[1]):
        raise Refused(
            "form", "a checkpoint is three lines: origin, size, root", "检查点应为三行：来源、大小、树根"
        )
    size = int(lines[1])
    try:
        root = base64.b64decode(lines[2], validate=True)
    except ValueError:
        root = b""
    if len(root) != HASH_BYTES or base64.b64encode(root).decode() != lines[2] or size > LARGEST_SIZE:
        raise Refused("form", "the root is not 32 bytes in base64, or the size too large", "树根或大小不正确")
    if size == 0 and root != EMPTY_ROOT:
        raise Refused("form", "an empty log has the root of nothing", "空日志的树根不正确")
    return Checkpoint(lines[0], size, root)


def verify_checkpoint(
    data: bytes, keys: Sequence[NoteKey], origin: str | None = None
) -> tuple[Checkpoint, list[Signed]]:
    """Check a signed checkpoint as published.

    Args:
        keys: whom the caller trusts; lines of others are ignored.
        origin: the log it must be of.

    Raises:
        Refused: with the rule broken.
    """
    note = read_note(data)
    checkpoint = read_checkpoint(note.text)
    if origin is not None and checkpoint.origin != origin:
        raise Refused(
            "origin", f"the checkpoint is of {checkpoint.origin}", f"该检查点属于 {checkpoint.origin}"
        )
    return checkpoint, note.verified(keys)
