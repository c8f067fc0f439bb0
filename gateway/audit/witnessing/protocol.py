"""What is said to a witness and what its answers mean (C2SP tlog-witness). Pure."""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gateway.proof.notes import NoteKey, read_note
from gateway.proof.refusal import Refused

SUBMIT: Final = "/add-checkpoint"
SIZE_TYPE: Final = "text/x.tlog.size"
LARGEST_ANSWER: Final = 32768
_SIZE: Final = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


def submission(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """The body of ``add-checkpoint``: the old size, a hash a line, an empty line, the note."""
    hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in proof)
    return f"old {old}\n{hashes}\n".encode() + note


def cosignature(note: bytes, answer: bytes, key: NoteKey) -> tuple[bytes, datetime]:
    """The witness's line and its time out of an answer; lines of other keys are ignored.

    Raises:
        Refused: none is the key's, or it does not verify over the note.
    """
    lines = [line for line in answer.split(b"\n") if _is_by(line, key)]
    if len(lines) != 1:
        raise Refused(
            "unsigned", "the answer holds not one line of the witness's key", "应答中没有该见证方的签名"
        )
    line = lines[0] + b"\n"
    at = read_note(note + line).verified([key])[0].at
    if at is None:
        raise Refused("key", "the witness's key is not one for cosignatures", "见证方公钥不是会签公钥")
    return line, at


def told_size(answer: bytes) -> int | None:
    """The size in a 409 answer; None if it is none."""
    match = _SIZE.fullmatch(answer)
    return int(match[1]) if match else None


def shown_at(monitoring_url: str, origin: str) -> str:
    """Where a witness of this gateway shows what it cosigned last of a log."""
    return f"{monitoring_url.rstrip('/')}/logs/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint"


def _is_by(line: bytes, key: NoteKey) -> bool:
    name, _, body = line.removeprefix("— ".encode()).rpartition(b" ")
    try:
        return name == key.name.encode() and base64.b64decode(body, validate=True)[:4] == key.hash
    except ValueError:
        return False
