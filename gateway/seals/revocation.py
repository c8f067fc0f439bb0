"""Certificate revocation lists (RFC 5280 section 5) and what they say about a signature made at a time.

A list proves nothing unless its issuer signed it, it is current, and it covers all reasons and this certificate;
then silence means "not revoked". Everything else is unknown, never good.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.seals.certificates import UNREADABLE, Certificate, verifies
from gateway.seals.sm2 import Sm2, Sm2Unavailable

LARGEST: Final = 20_000_000
_UNDERSTOOD: Final = frozenset({"2.5.29.20", "2.5.29.28", "2.5.29.35"})
_UNDERSTOOD_ENTRY: Final = frozenset({"2.5.29.21", "2.5.29.24"})


class CrlRefused(ValueError):
    """The bytes are not a revocation list the gateway can judge; the text says why."""


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list as read: nothing is proven before :func:`evidence` has checked its signature."""

    der: bytes
    parsed: x509.CertificateRevocationList
    issuer_der: bytes
    this_update: datetime
    next_update: datetime | None
    number: int | None
    only_users: bool
    only_authorities: bool
    points: frozenset[str]

    @property
    def issuer_name(self) -> str:
        """Whose list it is, for people (RFC 4514)."""
        return self.parsed.issuer.rfc4514_string()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What lists and answers say of one certificate; ``problem`` tells why they say nothing, ``proof`` the bytes that do."""

    revoked_at: datetime | None = None
    good_until: datetime | None = None
    problem: str | None = None
    source: Literal["crl", "ocsp"] = "crl"
    proof: bytes | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The result of the table of time and revocation: pass, fail or unknown, with its code."""

    result: Literal["pass", "fail", "unknown"]
    code: str
    detail: str


def read_crl(data: bytes) -> RevocationList:
    """A list from DER or PEM.

    Raises:
        CrlRefused: not a list, too large, of some reasons only, indirect, or with an unknown critical extension.
    """
    if len(data) > LARGEST:
        raise CrlRefused(f"a revocation list has at most {LARGEST} bytes")
    try:
        load = x509.load_pem_x509_crl if data.lstrip()[:5] == b"-----" else x509.load_der_x509_crl
        return _read(load(data))
    except CrlRefused:
        raise
    except UNREADABLE as fault:
        raise CrlRefused(f"not a revocation list: {fault}"[:300]) from None


def _read(parsed: x509.CertificateRevocationList) -> RevocationList:
    number, scope = None, None
    for extension in parsed.extensions:
        if isinstance(extension.value, x509.CRLNumber):
            number = extension.value.crl_number
        elif isinstance(extension.value, x509.IssuingDistributionPoint):
            scope = extension.value
        if extension.critical and extension.oid.dotted_string not in _UNDERSTOOD:
            raise CrlRefused(f"the critical extension {extension.oid.dotted_string} is not understood")
    if scope and (scope.indirect_crl or scope.only_some_reasons or scope.only_contains_attribute_certs):
        raise CrlRefused("the list is indirect, or of some reasons or attribute certificates only")
    if scope and scope.relative_name:
        raise CrlRefused("the list's distribution point is relative")
    return RevocationList(
        der=parsed.public_bytes(Encoding.DER),
        parsed=parsed,
        issuer_der=parsed.issuer.public_bytes(),
        this_update=parsed.last_update_utc,
        next_update=parsed.next_update_utc,
        number=number,
        only_users=bool(scope and scope.only_contains_user_certs),
        only_authorities=bool(scope and scope.only_contains_ca_certs),
        points=frozenset(str(name.value) for name in (scope.full_name if scope and scope.full_name else ())),
    )


def evidence(
    subject: Certificate, issuer: Certificate, lists: Iterable[RevocationList], now: datetime, sm2: Sm2 | None
) -> Evidence:
    """What the newest good list of the issuer says of ``subject``."""
    candidates = [each for each in lists if each.issuer_der == issuer.subject_der and _covers(each, subject)]
    try:
        proven = [each for each in candidates if is_signed_by(each, issuer, sm2)]
    except Sm2Unavailable:
        return Evidence(problem="the list is signed with SM2, which is unavailable here")
    if not proven:
        return Evidence(
            problem="a list's signature does not verify" if candidates else "no list of this issuer"
        )
    proven.sort(key=lambda each: each.this_update)
    if _numbers_fall(proven):
        return Evidence(problem="a newer list has a smaller number")
    newest = proven[-1]
    revoked = _revoked_at(newest, subject.serial)
    if isinstance(revoked, str):
        return Evidence(problem=revoked)
    if revoked is None and (newest.next_update is None or newest.next_update < now):
        return Evidence(problem="the list has no next update, or it is past")
    return Evidence(revoked, newest.next_update, proof=newest.der)


def standing(found: Evidence, at: datetime, proven: datetime | None) -> Standing:
    """The table: revoked before, after with proof, after without proof, not revoked, not known.

    Args:
        found: what the lists say.
        at: the time of the signature, proven or claimed.
        proven: a time at which the signature surely existed (timestamp, first receipt).
    """
    if found.problem is not None:
        return Standing("unknown", "NO_REVOCATION_INFO", found.problem)
    if found.revoked_at is None:
        return Standing("pass", "NOT_REVOKED", "")
    when = found.revoked_at.isoformat()
    if found.revoked_at <= at:
        return Standing("fail", "REVOKED", f"revoked {when}")
    if proven is not None and proven < found.revoked_at:
        return Standing("pass", "REVOKED_LATER", f"revoked {when}, after the signature existed")
    return Standing("fail", "REVOKED_TIME_UNPROVEN", f"revoked {when}; nothing proves an earlier signature")


def _covers(each: RevocationList, subject: Certificate) -> bool:
    if (each.only_users and subject.is_ca) or (each.only_authorities and not subject.is_ca):
        return False
    return not each.points or bool(each.points & subject.crl_points)


def is_signed_by(each: RevocationList, issuer: Certificate, sm2: Sm2 | None) -> bool:
    """Whether the list is this issuer's word.

    Raises:
        Sm2Unavailable: the issuer's key is SM2 and there is no engine.
    """
    if each.issuer_der != issuer.subject_der:
        return False
    if issuer.usage is not None and "crl_sign" not in issuer.usage:
        return False
    return _checked(each.der, issuer, sm2)


@lru_cache(maxsize=16)
def _checked(der: bytes, issuer: Certificate, sm2: Sm2 | None) -> bool:
    parsed = x509.load_der_x509_crl(der)
    oid = parsed.signature_algorithm_oid.dotted_string
    return verifies(issuer, oid, parsed.tbs_certlist_bytes, parsed.signature, sm2)


def _numbers_fall(lists: list[RevocationList]) -> bool:
    numbers = [each.number for each in lists if each.number is not None]
    return numbers != sorted(numbers)


def revoked_in(each: RevocationList, subject: Certificate) -> datetime | None:
    """When a list whose signature was checked says that a certificate of its issuer was revoked; None if it does not."""
    when = _revoked_at(each, subject.serial) if _covers(each, subject) else None
    return when if isinstance(when, datetime) else None


def _revoked_at(each: RevocationList, serial: int) -> datetime | str | None:
    try:
        entry = each.parsed.get_revoked_certificate_by_serial_number(serial)
        return None if entry is None else _time_of(entry)
    except UNREADABLE as fault:
        return f"the list's entry cannot be read: {fault}"[:300]


def _time_of(entry: Any) -> datetime | str:
    when: datetime = entry.revocation_date_utc
    for extension in entry.extensions:
        if extension.critical and extension.oid.dotted_string not in _UNDERSTOOD_ENTRY:
            return "the list's entry has a critical extension that is not understood"
        if isinstance(extension.value, x509.InvalidityDate):
            when = min(when, extension.value.invalidity_date_utc.astimezone(UTC))
    return when
