"""Personal detail in a record (个人信息): encrypted inside the event, so that the record stays whole when its key is destroyed.

Each record has a secret of its own, its *opening*, derived from a key kept apart. With the opening a third party reads this
one record's detail, and no other's, and knows that nothing else can have been meant: the sealed bytes begin with a
commitment to the opening, since AES-GCM alone would let one ciphertext say different things under different keys.
"""

import base64
import hashlib
import hmac
import json
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .refusal import Refused

OPENING_BYTES: Final = 32
_COMMITMENT: Final = b"gateway personal detail commitment "
_NONCE: Final = bytes(12)
"""One opening encrypts one text, so the nonce need not differ (NIST SP 800-38D section 8: never twice under one key)."""


def opening_of(key: bytes, event_id: UUID) -> bytes:
    """The opening (32 bytes) of one record, from the key it was sealed under: HMAC-SHA-256 over the event's id."""
    return hmac.digest(key, b"gateway personal detail " + event_id.bytes, "sha256")


def seal_detail(opening: bytes, event_id: UUID, text: bytes) -> bytes:
    """Commitment to the opening (32 bytes), then ``text`` under AES-256-GCM, bound to the event's id."""
    return _commitment(opening) + AESGCM(opening).encrypt(_NONCE, text, event_id.bytes)


def open_detail(opening: bytes, event_id: UUID, sealed: bytes) -> bytes:
    """The text that was sealed.

    Raises:
        Refused: another opening, another event, or changed bytes.
    """
    if len(opening) != OPENING_BYTES or not hmac.compare_digest(sealed[:32], _commitment(opening)):
        raise Refused("opening", "the opening is not this record's", "开启值与该记录不符")
    try:
        return AESGCM(opening).decrypt(_NONCE, sealed[32:], event_id.bytes)
    except (InvalidTag, ValueError):
        raise Refused("detail", "the sealed detail was changed", "加密内容已被改动") from None


def personal_of(event: dict[str, Any], opening: str) -> Any:
    """What an event says of persons, by its opening in hexadecimal.

    Raises:
        Refused: the event holds no personal detail, or this is not its opening.
    """
    try:
        event_id, sealed = UUID(event["id"]), base64.b64decode(event["personal"]["sealed"], validate=True)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused("detail", "the event holds no personal detail", "该事件不含个人信息") from None
    try:
        secret = bytes.fromhex(opening)
    except ValueError:
        raise Refused("opening", "the opening is not hexadecimal", "开启值不是十六进制") from None
    try:
        return json.loads(open_detail(secret, event_id, sealed))
    except ValueError:
        raise Refused("detail", "what was sealed is not JSON", "加密内容不是 JSON") from None


def _commitment(opening: bytes) -> bytes:
    return hashlib.sha256(_COMMITMENT + opening).digest()
