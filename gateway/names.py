"""Identifiers: their types, their grammar and their check digits. No I/O.

Text identifiers compare byte by byte (``COLLATE "C"`` in the database) and are never numbers.
"""

import os
import re
import time
import unicodedata
from collections import deque
from datetime import date
from ipaddress import ip_address
from operator import getitem
from typing import Final, NewType
from urllib.parse import urlsplit
from uuid import UUID

OrgCode = NewType("OrgCode", str)
Login = NewType("Login", str)
ClientId = NewType("ClientId", str)
ServiceName = NewType("ServiceName", str)
ResourceId = NewType("ResourceId", UUID)
ApplicationId = NewType("ApplicationId", UUID)
GrantId = NewType("GrantId", UUID)
EventId = NewType("EventId", UUID)

_ORG_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1)
_ORG_PLACES: Final = tuple(
    {sign: value * weight for value, sign in enumerate(_ORG_ALPHABET)} for weight in _ORG_WEIGHTS
)
_ID_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS: Final = "10X98765432"
_RESOURCE_CODE: Final = re.compile(r"[123][0-9]{5,17}/[0-9]{1,12}")
_SLUG: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def is_org_code(text: str) -> bool:
    """Whether ``text`` is a 统一社会信用代码 with a correct check digit (GB 32100-2015)."""
    if len(text) != 18:
        return False
    try:
        return sum(map(getitem, _ORG_PLACES, text)) % 31 == 0
    except KeyError:
        return False


def is_id_number(text: str) -> bool:
    """Whether ``text`` is an 18-digit 公民身份号码 with a real birth date and check digit (GB 11643-1999)."""
    text = text.upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return text[17] == _ID_CHECKS[sum(int(d) * w for d, w in zip(text[:17], _ID_WEIGHTS, strict=True)) % 11]


def is_resource_code(text: str) -> bool:
    """Whether ``text`` follows 类项目细目/顺序码, e.g. ``307011024701/000001`` (发改高技〔2017〕1272号)."""
    return _RESOURCE_CODE.fullmatch(text) is not None


def is_slug(text: str) -> bool:
    """Whether ``text`` can name a login, client or service: lower-case words joined by single hyphens."""
    return 2 <= len(text) <= 60 and _SLUG.fullmatch(text) is not None


def is_field_name(text: str) -> bool:
    """Whether ``text`` can name an item or a parameter in calls: ``[a-z][a-z0-9_]``, at most 40."""
    return _FIELD.fullmatch(text) is not None


def is_secure_url(text: str) -> bool:
    """Whether ``text`` is an absolute https address, or http to this very machine (127.0.0.0/8, ::1), without credentials."""
    if not re.fullmatch(r"https?://[!-~]+", text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    if "@" in parts.netloc or not parts.hostname:
        return False
    return parts.scheme == "https" or _is_own(parts.hostname)


def _is_own(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def tidy(text: str) -> str:
    """``text`` in NFC without surrounding blanks: the form in which the gateway stores and compares it."""
    return unicodedata.normalize("NFC", text).strip()


def has_control_signs(text: str) -> bool:
    """Whether ``text`` holds control characters other than line feed and tab, or signs that reorder what is read.

    The latter (U+202A–202E, U+2066–2069) let one text look like another (Unicode TR 36 section 3.1).
    """
    return _CONTROL.search(text) is not None


def without_control_signs(text: str) -> str:
    """``text`` with each such sign, and NUL, replaced by U+FFFD: what strangers wrote, fit to be stored and shown."""
    return _CONTROL.sub("\ufffd", text)


# Tails of ids in store, ten bytes a piece: asking the kernel for each id costs more than all the rest of it.
_TAILS: Final[deque[bytes]] = deque()
_TAILS_AT_ONCE: Final = 256
_RANDOM_BITS: Final = int.from_bytes(bytes.fromhex("0fff3fffffffffffffff") * _TAILS_AT_ONCE, "big")
_VERSION_BITS: Final = int.from_bytes(bytes.fromhex("70008000000000000000") * _TAILS_AT_ONCE, "big")
os.register_at_fork(after_in_child=_TAILS.clear)  # two processes must not draw from one store


def _tail() -> bytes:
    """Version 7, variant 2, and 74 random bits between them."""
    try:
        return _TAILS.pop()  # atomic, so that threads never share one
    except IndexError:
        size = 10 * _TAILS_AT_ONCE
        drawn = int.from_bytes(os.urandom(size), "big") & _RANDOM_BITS | _VERSION_BITS
        tails = drawn.to_bytes(size, "big")
        _TAILS.extend(tails[at : at + 10] for at in range(10, size, 10))
        return tails[:10]


def new_id() -> UUID:
    """A new UUIDv7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then 74 random bits."""
    return UUID(bytes=new_id_bytes())


def new_id_bytes() -> bytes:
    """A :func:`new_id` as its sixteen bytes, for whoever makes many."""
    return (time.time_ns() // 1_000_000).to_bytes(6, "big") + _tail()
