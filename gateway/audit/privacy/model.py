"""Which secret a record of an instant and a department takes, and what becomes of text under it. Pure."""

import base64
import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from gateway.proof.detail import opening_of, seal_detail

SECRET_BYTES: Final = 32
_BLOCK_BYTES: Final = 64


class Kind(StrEnum):
    """What a secret is for."""

    DETAIL = "detail"
    PEPPER = "pepper"


class SubjectKind(StrEnum):
    """What number names the one a call is about (当事人)."""

    ID_NUMBER = "id_number"
    """公民身份号码 (GB 11643)."""
    PASSPORT = "passport"
    """护照号码."""
    RESIDENCE_PERMIT = "residence_permit"
    """港澳台居民居住证、外国人永久居留证号码."""
    PHONE = "phone"
    """手机号码."""
    ORG_CODE = "org_code"
    """统一社会信用代码 (GB 32100)."""


class Period(NamedTuple):
    """One secret by name: its kind, the first day of its month or year (UTC), the department or nothing."""

    kind: Kind
    period: date
    org: str

    @property
    def name(self) -> str:
        """As records name it, e.g. ``2026-11/11621000MB00000037``; also the context it is wrapped in."""
        return f"{self.period:%Y-%m}/{self.org}" if self.kind is Kind.DETAIL else f"{self.period:%Y}"

    @property
    def context(self) -> str:
        """What its wrapping is bound to."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Sealed:
    """Personal detail as a record holds it: the name of its key, and the sealed bytes."""

    key: Period
    content: bytes

    def stored(self) -> dict[str, str]:
        """As JSON."""
        return {"key": self.key.name, "sealed": base64.b64encode(self.content).decode()}

    @classmethod
    def read(cls, stored: dict[str, str]) -> "Sealed":
        """Read back.

        Raises:
            ValueError, KeyError: not as :meth:`stored` writes it.
        """
        month, _, org = stored["key"].partition("/")
        key = Period(Kind.DETAIL, date.fromisoformat(f"{month}-01"), org)
        return cls(key, base64.b64decode(stored["sealed"], validate=True))


def detail_period(at: datetime, *orgs: str) -> Period:
    """The key of a record: the month it happened in (UTC), the first department named, else the installation's."""
    day = at.astimezone(UTC).date().replace(day=1)
    return Period(Kind.DETAIL, day, next(filter(None, orgs), ""))


def pepper_period(at: datetime) -> Period:
    """The pepper of a record: that of its year (UTC)."""
    return Period(Kind.PEPPER, at.astimezone(UTC).date().replace(month=1, day=1), "")


def sealed(key: Period, secret: bytes, event_id: UUID, text: bytes) -> Sealed:
    """The text as a record holds it."""
    return Sealed(key, seal_detail(opening_of(secret, event_id), event_id, text))


def pseudonym(pepper: bytes, kind: SubjectKind, number: str) -> str:
    """The subject's word in records, 32 hexadecimal digits: HMAC-SHA-256(pepper, kind ‖ number), cut to 16 bytes.

    Spaces, width and case do not count: one number written two ways is one subject.
    """
    return Peppered(pepper).pseudonym(kind, number)


class Peppered:
    """Makes pseudonyms under one pepper: what HMAC makes of its key (RFC 2104 section 2) is made once."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, pepper: bytes) -> None:
        if len(pepper) > _BLOCK_BYTES:
            raise ValueError("a pepper is no longer than a block of SHA-256")
        block = pepper.ljust(_BLOCK_BYTES, b"\x00")
        self._inner = hashlib.sha256(bytes(one ^ 0x36 for one in block))
        self._outer = hashlib.sha256(bytes(one ^ 0x5C for one in block))

    def pseudonym(self, kind: SubjectKind, number: str) -> str:
        """See :func:`pseudonym`."""
        plain = number if number.isascii() else unicodedata.normalize("NFKC", number)
        made, outer = self._inner.copy(), self._outer.copy()
        made.update(f"{kind}\x00{''.join(plain.split()).upper()}".encode())
        outer.update(made.digest())
        return outer.hexdigest()[:32]
