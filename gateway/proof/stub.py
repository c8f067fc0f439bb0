"""The stub: what stands in a leaf of the log's tree, so that an event can be proven to be there, or to be missing, unseen.

It holds the place, the time, the two departments with the record's number among the records of each, and the hash of the
event. Format 1; whatever was once hashed stays readable for ever.
"""

import hashlib
import struct
from dataclasses import dataclass
from typing import Final

from .refusal import Refused

VERSION: Final = 1
_STUB: Final = struct.Struct(">BQQ18s18sQQ32s")
STUB_BYTES: Final = _STUB.size
_LEAF: Final = struct.Struct(
    ">BBQQ18s18sQQ32s"
).pack  # the sign of a leaf (RFC 6962 section 2.1) before the stub


def stub_of(
    idx: int, recorded_ms: int, consumer_org: str, provider_org: str, cseq: int, pseq: int, event: bytes
) -> bytes:
    """The 101 bytes, all numbers big-endian.

    Version (1 byte), idx (8), recorded_at in milliseconds since 1970 (8), consumer_org and provider_org (18 each, zero-padded,
    zeroes for none), cseq (8), pseq (8), SHA-256 of the event (32).
    """
    digest = hashlib.sha256(event).digest()
    return _STUB.pack(
        VERSION, idx, recorded_ms, consumer_org.encode(), provider_org.encode(), cseq, pseq, digest
    )


def leaf_at(
    idx: int, recorded_ms: int, consumer_org: bytes, provider_org: bytes, cseq: int, pseq: int, event: bytes
) -> bytes:
    """The leaf hash over :func:`stub_of`, in one piece and of departments in bytes: a verification makes millions."""
    sha256 = hashlib.sha256
    digest = sha256(event).digest()
    return sha256(
        _LEAF(0, VERSION, idx, recorded_ms, consumer_org, provider_org, cseq, pseq, digest)
    ).digest()


@dataclass(frozen=True, slots=True)
class Stub:
    """A stub read back.

    Args:
        idx: the record's place in the log, from 0.
        recorded_ms: when it was ordered, milliseconds since 1970, UTC.
        consumer_org, provider_org: 统一社会信用代码 of the two departments, or empty.
        cseq, pseq: the record's number among those of its consumer and of its provider, from 1; 0 without one.
        digest: SHA-256 of the event's bytes.
    """

    idx: int
    recorded_ms: int
    consumer_org: str
    provider_org: str
    cseq: int
    pseq: int
    digest: bytes

    @classmethod
    def read(cls, data: bytes) -> "Stub":
        """Read a stub.

        Raises:
            Refused: another length or version, or a department's place that holds something else.
        """
        if len(data) != STUB_BYTES or data[0] != VERSION:
            raise Refused(
                "stub", f"a stub has {STUB_BYTES} bytes of version {VERSION}", "叶内容长度或版本不符"
            )
        _, idx, recorded_ms, consumer, provider, cseq, pseq, digest = _STUB.unpack(data)
        if bool(cseq) != any(consumer) or bool(pseq) != any(provider):
            raise Refused("stub", "a number without its department", "叶内容中的序号与部门不符")
        return cls(idx, recorded_ms, _org(consumer), _org(provider), cseq, pseq, digest)

    def is_of(self, event: bytes) -> bool:
        """Whether these are the event's bytes."""
        return hashlib.sha256(event).digest() == self.digest


def _org(padded: bytes) -> str:
    if not any(padded):
        return ""
    if not padded.isascii() or not padded.decode().isalnum():
        raise Refused("stub", "a department is not 18 letters and digits", "叶内容中的部门代码不正确")
    return padded.decode()
