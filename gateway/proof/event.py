"""An event's bytes: one JSON array, whose members stand in a fixed order (format 2), and what they say in words.

The first members after the version are those that the log is searched by; together they are the *front* of the event.
Departments, ids and times stand once and short: a log of millions keeps every byte for years. Ids are the sixteen bytes of
a UUID in base64 (RFC 4648 section 4) without padding, 22 signs; an id that is no UUID is kept as text after ``=``. Times are
microseconds since 1970, UTC. What is not said is the empty text, an empty object or list.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

VERSION: Final = 2
FRONT: Final = (
    "v", "id", "occurred_at", "type", "outcome", "reason", "consumer_org", "provider_org", "actor", "resource", "matter",
    "case", "subject", "grade", "application_id", "grant_id", "request_id",
)  # fmt: skip
MEMBERS: Final = (
    *FRONT, "who", "object", "purpose", "node", "boot", "detail", "personal", "cause", "nonce", "n",
)  # fmt: skip
"""The members in their order; ``n``, the writer's number, only where the writer counts."""
WHO: Final = ("org", "role", "client", "address", "authenticated_by")
"""More of the actor; 0 for ``org`` is the consumer's department, 0 for ``client`` the actor's own id."""
OBJECT: Final = ("kind", "id", "version")
SHOWN: Final = (
    "v", "id", "type", "outcome", "reason", "occurred_at", "node", "boot", "who", "consumer_org", "provider_org", "object",
    "resource", "purpose", "matter", "case", "subject", "grade", "application_id", "grant_id", "request_id", "detail",
    "personal", "cause", "nonce", "n",
)  # fmt: skip
"""The order in which people read them."""
_IDS: Final = ("id", "boot", "application_id", "grant_id", "request_id")
_TEXTS: Final = (
    "type", "outcome", "reason", "consumer_org", "provider_org", "actor", "resource", "matter", "case", "subject", "grade",
    "purpose", "node",
)  # fmt: skip
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def content_of(event: bytes) -> dict[str, Any] | None:
    """What an event says, by name, with ids and digests as they are usually written; None where the bytes are no event."""
    if b"\n" in event:
        return None
    try:
        return _content(json.loads(event))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None


def _content(said: Any) -> dict[str, Any]:
    if not isinstance(said, list) or len(said) not in (len(MEMBERS) - 1, len(MEMBERS)) or said[0] != VERSION:
        raise ValueError("not an event of this format")
    found: dict[str, Any] = dict(zip(MEMBERS, said, strict=False))
    if not all(isinstance(found[name], str) for name in (*_TEXTS, *_IDS, "nonce")):
        raise TypeError("a text is none")
    for name in _IDS:
        found[name] = id_text(found[name])
    found["occurred_at"] = instant_text(found["occurred_at"])
    found["nonce"] = unpacked(found["nonce"]).hex()
    found["who"] = _who(found["actor"], found["consumer_org"], found["who"])
    found["object"] = _said(zip(OBJECT, found["object"], strict=True))
    found["cause"] = [
        {"id": id_text(link), "sha256": unpacked(digest).hex()} for link, digest in found["cause"]
    ]
    if not isinstance(found["detail"], dict) or not isinstance(found["personal"], dict):
        raise TypeError("detail is an object")
    return {name: found[name] for name in SHOWN if found.get(name) not in ("", None, {}, [])}


def _who(actor: str, consumer_org: str, more: Any) -> dict[str, str]:
    kind, _, name = actor.partition(":")
    org, role, client, address, how = more
    org, client = consumer_org if org == 0 else org, name if client == 0 else client
    return _said(zip(("kind", "id", *WHO), (kind, name, org, role, client, address, how), strict=True))


def _said(pairs: Any) -> dict[str, str]:
    members: Mapping[str, str] = dict(pairs)
    if not all(isinstance(value, str) for value in members.values()):
        raise TypeError("a text is none")
    return {name: value for name, value in members.items() if value}


def packed(data: bytes) -> str:
    """Bytes in base64 without padding."""
    return binascii.b2a_base64(data, newline=False).decode().rstrip("=")


def unpacked(text: str) -> bytes:
    """The bytes of :func:`packed`.

    Raises:
        ValueError: not the one way to write them.
    """
    data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    if packed(data) != text:
        raise ValueError(text)
    return data


def id_text(written: str) -> str:
    """An id as people write it: canonical UUID text, or the text that it is.

    Raises:
        ValueError: neither.
    """
    if not written or written.startswith("="):
        return written[1:]
    return str(UUID(bytes=unpacked(written)))


def instant_text(microseconds: int) -> str:
    """An instant as RFC 3339 writes it, with microseconds and Z.

    Raises:
        TypeError, OverflowError: no number, or none between the years 1 and 9999.
    """
    if type(microseconds) is not int:
        raise TypeError(microseconds)
    at = _EPOCH + timedelta(microseconds=microseconds)
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
