"""A line of a pack: a record's place, stub and leaf hash, and the event as it was written unless it is hidden.

Every line is a JSON object, so that other programs read the file too; the event stands in it byte for byte, so that its
digest can be taken from the line. ``event_hex`` holds bytes that are no event.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

from .event import content_of
from .refusal import Refused
from .stub import STUB_BYTES, Stub
from .tree import leaf_hash

LONGEST_LINE: Final = 200_000
_LINE: Final = re.compile(
    rb'\{"idx":(0|[1-9][0-9]{0,18}),"stub":"([A-Za-z0-9+/]{%d}={0,2})","leaf_hash":"([0-9a-f]{64})"' % (4 * ((STUB_BYTES + 2) // 3) - 1)
    + rb'(?:,"event":(\[.*\])|,"event_hex":"([0-9a-f]*)")?\}\n'
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A line as read: the record's stub, its leaf hash, and the event's bytes and content.

    Args:
        event: the bytes; None where they are hidden.
        said: what they say; None where they are hidden or no event.
    """

    stub: Stub
    leaf: bytes
    event: bytes | None
    said: dict[str, Any] | None


def line_of(stub: bytes, event: bytes | None) -> bytes:
    """The line of one record; without the event its place and digest only."""
    idx, encoded = int.from_bytes(stub[1:9], "big"), base64.b64encode(stub).decode()
    head = f'{{"idx":{idx},"stub":"{encoded}","leaf_hash":"{leaf_hash(stub).hex()}"'.encode()
    if event is None:
        return head + b"}\n"
    if content_of(event) is None:
        return head + b',"event_hex":"' + event.hex().encode() + b'"}\n'
    return head + b',"event":' + event + b"}\n"


def read_line(line: bytes) -> Row:
    """Read and check one line by itself: what it shows of a record is one and the same record.

    Raises:
        Refused: another form, a leaf hash that is not the stub's, an event that is not the stub's.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise Refused("line", "not a line of a pack", "不是举证包的行")
    raw = base64.b64decode(found[2])
    stub, leaf = Stub.read(raw), leaf_hash(raw)
    if base64.b64encode(raw) != found[2] or stub.idx != int(found[1]) or leaf.hex().encode() != found[3]:
        raise Refused("leaf", "place, stub and leaf hash do not belong together", "序号、叶内容与叶哈希不符")
    event = found[4] if found[5] is None else bytes.fromhex(found[5].decode())
    if event is not None and hashlib.sha256(event).digest() != stub.digest:
        raise Refused("event", "the event is not the one that was recorded", "事件内容与记录时不符")
    said = content_of(event) if event is not None else None
    if (said is None) != (found[4] is None):
        raise Refused("line", "not a line of a pack", "不是举证包的行")
    return Row(stub, leaf, event, said)
