"""What a seal and a stamp say, whichever version they are written in; no signature has been checked here."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Version(StrEnum):
    """The format, by the number in its header."""

    V1 = "1"
    """GM/T 0031-2014."""
    V4 = "4"
    """GB/T 38540-2020."""
    V5 = "5"
    """GM/T 0031-2025."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something the standard does not allow but the field writes, tolerated and reported."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature: the exact bytes it is over, the signer's certificate, algorithm (OID) and value."""

    over: bytes
    cert: bytes
    algorithm: str
    signature: bytes
    timestamp: bytes | None = None
    also_over: bytes | None = None
    """The bytes some writers sign instead, accepted only by policy."""


@dataclass(frozen=True, slots=True)
class Seal:
    """An electronic seal (电子印章, ``SESeal``)."""

    raw: bytes
    version: Version
    es_id: str
    vid: str
    type: int
    name: str
    certs: tuple[bytes, ...]
    """Signers' certificates in DER, empty where the seal lists digests."""
    digests: tuple[bytes, ...]
    """SM3 of signers' certificates, empty where the seal lists certificates."""
    created: datetime
    start: datetime
    end: datetime
    picture_type: str
    picture: bytes
    critical_extensions: tuple[str, ...]
    maker: Signed
    deviations: tuple[Deviation, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp on a document (电子签章, ``SES_Signature``)."""

    raw: bytes
    version: Version
    seal: Seal
    claimed: datetime | None
    """The signer's own claim of the time; None where a version 1 stamp carries a timestamp token instead."""
    data_hash: bytes
    property_info: str
    critical_extensions: tuple[str, ...]
    signer: Signed
    deviations: tuple[Deviation, ...]
