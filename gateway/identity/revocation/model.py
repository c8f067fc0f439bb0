"""A list or an answer as it is kept, and how one is read from bytes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.errors import Malformed
from gateway.seals.certificates import Certificate
from gateway.seals.ocsp import LATEST, OcspRefused, OcspResponse, is_issued_by, problem_of, read_ocsp
from gateway.seals.recognition import Authority, Recognition
from gateway.seals.revocation import CrlRefused, RevocationList, is_signed_by, read_crl, revoked_in
from gateway.seals.sm2 import Sm2, Sm2Unavailable


class Kind(StrEnum):
    """A revocation list (RFC 5280 section 5) or an answer about one certificate (RFC 6960)."""

    CRL = "crl"
    OCSP = "ocsp"


class EvidenceRefused(Malformed):
    """The revocation information is not accepted（吊销信息不被采信）."""

    remedy = (
        "Get the file again from the authority itself; it must be signed by a certificate of config/authorities.",
        "请直接向 CA 重新获取；文件须由 config/authorities 所列 CA 签名。",
    )

    def __init__(self, reason: str, detail: str, detail_zh: str) -> None:
        super().__init__(detail, detail_zh, reason=reason)


@dataclass(frozen=True, slots=True)
class Read:
    """Evidence whose signature holds, and what it is about.

    ``issuer`` is the SHA-256 of the issuer's name in DER; ``scope`` names the certificates it speaks of: the serial
    number of an answer (hexadecimal), the partition of a list.
    """

    kind: Kind
    authority: str
    issuer: bytes
    scope: str
    number: int | None
    this_update: datetime
    next_update: datetime | None
    content: bytes

    @property
    def digest(self) -> bytes:
        """SHA-256 of the bytes as they came."""
        return hashlib.sha256(self.content).digest()


@dataclass(frozen=True, slots=True)
class Kept:
    """Evidence in the archive without its bytes; ``source`` is the address it was fetched from, or who brought it."""

    digest: bytes
    kind: Kind
    authority: str
    scope: str
    number: int | None
    this_update: datetime
    next_update: datetime | None
    size: int
    source: str
    received_at: datetime


def issuer_named(name_der: bytes) -> bytes:
    """How evidence of an issuer is found: SHA-256 of its name in DER."""
    return hashlib.sha256(name_der).digest()


def revokes(new: Read, leaf: Certificate, now: datetime) -> bool:
    """Whether the evidence says that a certificate of its issuer is revoked by now."""
    if new.kind is Kind.OCSP:
        (answer,) = read_ocsp(new.content).answers
        when = answer.revoked_at if answer.serial == leaf.serial else None
    else:
        when = revoked_in(read_crl(new.content), leaf)
    return when is not None and when <= now


def read_list(content: bytes, recognition: Recognition, now: datetime, sm2: Sm2 | None) -> Read:
    """A revocation list of a recognised authority.

    Raises:
        EvidenceRefused: not a list, not of a recognised authority, or from the future.
    """
    try:
        found = read_crl(content)
    except CrlRefused as fault:
        raise EvidenceRefused("format", str(fault), "不是可采信的吊销列表") from None
    authority = _author_of_list(found, recognition, sm2)
    _check_begun(found.this_update, now)
    reach = ["users"] * found.only_users + ["authorities"] * found.only_authorities
    return Read(
        Kind.CRL, authority.id, issuer_named(found.issuer_der), " ".join([*reach, *sorted(found.points)]),
        found.number, found.this_update, found.next_update, found.der,
    )  # fmt: skip


def read_answer(
    content: bytes,
    recognition: Recognition,
    lists: tuple[RevocationList, ...],
    now: datetime,
    sm2: Sm2 | None,
) -> Read:
    """An OCSP response with one answer about a certificate of a recognised authority.

    Raises:
        EvidenceRefused: not a response, of another, with several answers, or from the future.
    """
    try:
        found = read_ocsp(content)
    except OcspRefused as fault:
        raise EvidenceRefused("format", str(fault), "不是可采信的 OCSP 应答") from None
    if len(found.answers) != 1:
        raise EvidenceRefused("format", "ask for one certificate at a time", "请逐张证书查询")
    authority, issuer = _author_of_answer(found, recognition, lists, now, sm2)
    answer = found.answers[0]
    _check_begun(answer.this_update, now)
    return Read(
        Kind.OCSP, authority.id, issuer_named(issuer.subject_der), f"{answer.serial:x}", None,
        answer.this_update, answer.next_update, content,
    )  # fmt: skip


def _author_of_list(found: RevocationList, recognition: Recognition, sm2: Sm2 | None) -> Authority:
    try:
        for authority, anchor in recognition.issuers():
            if is_signed_by(found, anchor, sm2):
                return authority
    except Sm2Unavailable as fault:
        raise EvidenceRefused("engine", fault.detail, fault.detail_zh) from None
    raise EvidenceRefused(
        "issuer", "no recognised authority signed this list", "不是已认可 CA 签发的吊销列表"
    )


def _author_of_answer(
    found: OcspResponse,
    recognition: Recognition,
    lists: tuple[RevocationList, ...],
    now: datetime,
    sm2: Sm2 | None,
) -> tuple[Authority, Certificate]:
    problem = "no recognised authority issued the certificate it speaks of"
    for authority, anchor in recognition.issuers():
        if is_issued_by(found.answers[0], anchor):
            told = problem_of(found, anchor, lists, now, sm2)
            if told is None:
                return authority, anchor
            problem = told
    raise EvidenceRefused("issuer", problem, "不是已认可 CA 的 OCSP 应答")


def _check_begun(this_update: datetime, now: datetime) -> None:
    if this_update > now + LATEST:
        raise EvidenceRefused(
            "future", f"thisUpdate {this_update.isoformat()} lies ahead", "thisUpdate 在将来"
        )
