"""Answers about one certificate's revocation (OCSP, RFC 6960), read and proven without tolerance.

An answer proves something only if the issuer, or a responder the issuer certified for this, signed the bytes as they
came; if it names this certificate and this issuer; and if it is current. Nothing is fetched here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha1
from typing import Any, Final, Literal

from asn1crypto import core, ocsp
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp as strict

from gateway.seals.certificates import (
    UNREADABLE,
    BadCertificate,
    Certificate,
    key_bits_of,
    read_certificate,
    verifies,
)
from gateway.seals.revocation import Evidence, RevocationList, evidence
from gateway.seals.sm2 import Sm2, Sm2Unavailable

LARGEST: Final = 200_000
MOST_ANSWERS: Final = 100
MOST_CERTIFICATES: Final = 4
LATEST: Final = timedelta(minutes=5)
_BASIC: Final = "1.3.6.1.5.5.7.48.1.1"
_NONCE: Final = "1.3.6.1.5.5.7.48.1.2"
_HASHES: Final[dict[str, hashes.HashAlgorithm]] = {
    "1.3.14.3.2.26": hashes.SHA1(),  # names a certificate here, protects nothing (RFC 6960 section 4.1.1)
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "1.2.156.10197.1.401": hashes.SM3(),
}
_UNREADABLE: Final = (*UNREADABLE, BadCertificate)
UNKNOWN: Final = "the responder does not know the certificate"


class OcspRefused(ValueError):
    """The bytes are not an OCSP response the gateway can judge; the text says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one certificate, named by digests of its issuer's name and key, and its serial number."""

    digest: str
    issuer_name: bytes
    issuer_key: bytes
    serial: int
    status: Literal["good", "revoked", "unknown"]
    revoked_at: datetime | None
    this_update: datetime
    next_update: datetime | None


@dataclass(frozen=True, slots=True)
class OcspResponse:
    """A response as read: nothing is proven before :func:`ocsp_evidence` has checked who signed it."""

    der: bytes
    signed: bytes
    algorithm: str
    signature: bytes
    responder_name: bytes | None
    responder_key: bytes | None
    produced_at: datetime
    nonce: bytes | None
    answers: tuple[Answer, ...]
    certificates: tuple[Certificate, ...]

    @property
    def this_update(self) -> datetime:
        """The oldest of its answers' times."""
        return min(each.this_update for each in self.answers)

    @property
    def next_update(self) -> datetime | None:
        """When the first of its answers is no longer current; None if one does not say."""
        ends = [each.next_update for each in self.answers]
        return None if None in ends else min(end for end in ends if end is not None)


def read_ocsp(data: bytes) -> OcspResponse:
    """A response from DER.

    Raises:
        OcspRefused: not a successful basic response, too large, an unknown critical extension, no answer in it.
    """
    if not 0 < len(data) <= LARGEST:
        raise OcspRefused(f"an OCSP response has 1 to {LARGEST} bytes")
    try:
        return _read(data)
    except OcspRefused:
        raise
    except _UNREADABLE as fault:
        raise OcspRefused(f"not an OCSP response: {fault}"[:300]) from None


def _read(data: bytes) -> OcspResponse:
    whole = strict.load_der_ocsp_response(data)  # refuses what is not DER
    if whole.response_status is not strict.OCSPResponseStatus.SUCCESSFUL:
        raise OcspRefused(f"the responder answered {whole.response_status.name}")
    outer = ocsp.OCSPResponse.load(data, strict=True)["response_bytes"]
    if outer["response_type"].dotted != _BASIC:
        raise OcspRefused("the response is of another type than basic")
    basic = ocsp.BasicOCSPResponse.load(outer["response"].contents, strict=True)
    body = basic["tbs_response_data"]
    _check_critical(body["response_extensions"])
    return OcspResponse(
        der=data,
        signed=whole.tbs_response_bytes,
        algorithm=whole.signature_algorithm_oid.dotted_string,
        signature=whole.signature,
        responder_name=_chosen(body["responder_id"], "by_name"),
        responder_key=_chosen(body["responder_id"], "by_key"),
        produced_at=body["produced_at"].native,
        nonce=_nonce(body["response_extensions"]),
        answers=_answers(body["responses"]),
        certificates=_certificates(basic["certs"]),
    )


def _chosen(name: Any, wanted: str) -> bytes | None:
    if name.name != wanted:
        return None
    return bytes(name.chosen.untag().dump()) if wanted == "by_name" else bytes(name.chosen.native)


def _check_critical(extensions: Any) -> None:
    for each in extensions if extensions.native is not None else ():
        if each["critical"].native and each["extn_id"].dotted != _NONCE:
            raise OcspRefused(f"the critical extension {each['extn_id'].dotted} is not understood")


def _nonce(extensions: Any) -> bytes | None:
    for each in extensions if extensions.native is not None else ():
        if each["extn_id"].dotted == _NONCE:
            return bytes(core.OctetString.load(each["extn_value"].contents, strict=True))
    return None


def _answers(found: Any) -> tuple[Answer, ...]:
    if not 0 < len(found) <= MOST_ANSWERS:
        raise OcspRefused(f"a response has 1 to {MOST_ANSWERS} answers")
    return tuple(map(_answer, found))


def _answer(found: Any) -> Answer:
    _check_critical(found["single_extensions"])
    named, status = found["cert_id"], found["cert_status"]
    return Answer(
        digest=named["hash_algorithm"]["algorithm"].dotted,
        issuer_name=bytes(named["issuer_name_hash"].native),
        issuer_key=bytes(named["issuer_key_hash"].native),
        serial=named["serial_number"].native,
        status=status.name,
        revoked_at=status.chosen["revocation_time"].native if status.name == "revoked" else None,
        this_update=found["this_update"].native,
        next_update=found["next_update"].native,
    )


def _certificates(found: Any) -> tuple[Certificate, ...]:
    items = [] if found.native is None else list(found)
    if len(items) > MOST_CERTIFICATES:
        raise OcspRefused(f"more than {MOST_CERTIFICATES} certificates")
    return tuple(read_certificate(item.dump()) for item in items)


def ocsp_request(subject: Certificate, issuer: Certificate, nonce: bytes | None) -> bytes:
    """A question about ``subject`` in DER (RFC 6960 section 4.1); ``nonce`` has 1 to 32 bytes (RFC 8954)."""
    digest = "1.2.156.10197.1.401" if issuer.key_kind == "SM2" else "1.3.14.3.2.26"
    named = {
        "hash_algorithm": {"algorithm": digest, "parameters": core.Null()},
        "issuer_name_hash": _digest(digest, issuer.subject_der),
        "issuer_key_hash": _digest(digest, key_bits_of(issuer)),
        "serial_number": subject.serial,
    }
    body: dict[str, Any] = {"request_list": [{"req_cert": named}]}
    if nonce is not None:
        value = core.ParsableOctetString(core.OctetString(nonce).dump())
        body["request_extensions"] = [{"extn_id": "nonce", "critical": False, "extn_value": value}]
    raw: bytes = ocsp.OCSPRequest({"tbs_request": body}).dump()
    return raw


def ocsp_evidence(
    subject: Certificate,
    issuer: Certificate,
    responses: Iterable[OcspResponse],
    lists: Iterable[RevocationList],
    now: datetime,
    sm2: Sm2 | None,
) -> Evidence:
    """What the newest good answer says of ``subject``; ``lists`` tell of a responder whose own certificate says nothing."""
    said = [
        (each, answer)
        for each in responses
        for answer in each.answers
        if answer.serial == subject.serial and is_issued_by(answer, issuer)
    ]
    if not said:
        return Evidence(problem="no OCSP answer about this certificate")
    problems, proven = [], []
    held = tuple(lists)
    for response, answer in said:
        problem = problem_of(response, issuer, held, now, sm2)
        problems.append(problem)
        if problem is None:
            proven.append((answer.this_update, answer.status != "good", response, answer))
    if not proven:
        return Evidence(problem=problems[0])
    _, _, response, answer = max(proven, key=lambda each: each[:2])
    return _said(response, answer, now)


def known(
    subject: Certificate,
    issuer: Certificate,
    lists: Iterable[RevocationList],
    responses: Iterable[OcspResponse],
    now: datetime,
    sm2: Sm2 | None,
) -> Evidence:
    """What lists and answers together say: the earliest revocation any proves, else good if one proves it.

    A responder that does not know the certificate outweighs a list that does not hold it: the certificate may never
    have been issued (RFC 6960 section 2.2).
    """
    held = tuple(lists)
    by_list = evidence(subject, issuer, held, now, sm2)
    answered = tuple(responses)
    if not answered:
        return by_list
    by_answer = ocsp_evidence(subject, issuer, answered, held, now, sm2)
    revoked = [(each.revoked_at, each) for each in (by_answer, by_list) if each.revoked_at is not None]
    if revoked:
        return min(revoked, key=lambda each: each[0])[1]
    if by_answer.problem == UNKNOWN:
        return by_answer
    if by_answer.problem is None or by_list.problem is None:
        return by_list if by_answer.problem else by_answer
    told = (by_answer.problem, by_list.problem) if held else (by_answer.problem,)
    return Evidence(problem="; ".join(told))


def _digest(oid: str, data: bytes) -> bytes:
    digest = hashes.Hash(_HASHES[oid])
    digest.update(data)
    return digest.finalize()


def is_issued_by(answer: Answer, issuer: Certificate) -> bool:
    """Whether the certificate spoken of is one of this issuer's: its name and its key (RFC 6960 section 4.1.1)."""
    return (
        answer.digest in _HASHES
        and answer.issuer_name == _digest(answer.digest, issuer.subject_der)
        and answer.issuer_key == _digest(answer.digest, key_bits_of(issuer))
    )


def _said(response: OcspResponse, answer: Answer, now: datetime) -> Evidence:
    if answer.status == "revoked":
        return Evidence(answer.revoked_at, answer.next_update, source="ocsp", proof=response.der)
    if answer.status == "unknown":
        return Evidence(problem=UNKNOWN)
    if answer.this_update > now + LATEST:
        return Evidence(problem="the OCSP answer is from the future")
    if answer.next_update is None or answer.next_update < now:
        return Evidence(problem="the OCSP answer has no next update, or it is past")
    return Evidence(None, answer.next_update, source="ocsp", proof=response.der)


def problem_of(
    response: OcspResponse,
    issuer: Certificate,
    lists: tuple[RevocationList, ...],
    now: datetime,
    sm2: Sm2 | None,
) -> str | None:
    """Why the response is not the issuer's word; None if it is (RFC 6960 section 4.2.2.2)."""
    try:
        for responder in (issuer, *response.certificates):
            if not _is_named(response, responder):
                continue
            if problem := _delegation(response, responder, issuer, lists, now, sm2):
                return problem
            return None if _signed(response.der, responder, sm2) else "the OCSP signature does not verify"
    except Sm2Unavailable:
        return "the OCSP response is signed with SM2, which is unavailable here"
    return "the OCSP response is not by the issuer or a responder of its own"


def _is_named(response: OcspResponse, responder: Certificate) -> bool:
    if response.responder_name is not None:
        return response.responder_name == responder.subject_der
    return response.responder_key == sha1(key_bits_of(responder), usedforsecurity=False).digest()


def _delegation(
    response: OcspResponse,
    responder: Certificate,
    issuer: Certificate,
    lists: tuple[RevocationList, ...],
    now: datetime,
    sm2: Sm2 | None,
) -> str | None:
    if responder.der == issuer.der:
        return None
    if responder.issuer_der != issuer.subject_der or not _certified(responder.der, issuer, sm2):
        return "the OCSP responder was not certified by the certificate's issuer"
    if "ocsp_signing" not in (responder.extended_usage or ()) or responder.is_ca:
        return "the OCSP responder's certificate is not for signing OCSP"
    if responder.usage is not None and not responder.usage & {"digital_signature", "non_repudiation"}:
        return "the OCSP responder's key usage allows no signatures"
    if not responder.is_valid_at(response.produced_at):
        return "the OCSP responder's certificate was not valid when it signed"
    if responder.is_never_checked:
        return None
    own = evidence(responder, issuer, lists, now, sm2)
    if own.problem is not None:
        return f"whether the OCSP responder is revoked is not known: {own.problem}"
    if own.revoked_at is not None and own.revoked_at <= response.produced_at:
        return "the OCSP responder's certificate is revoked"
    return None


@lru_cache(maxsize=256)
def _signed(der: bytes, responder: Certificate, sm2: Sm2 | None) -> bool:
    response = _read(der)
    return verifies(responder, response.algorithm, response.signed, response.signature, sm2)


@lru_cache(maxsize=256)
def _certified(der: bytes, issuer: Certificate, sm2: Sm2 | None) -> bool:
    signed, algorithm, signature = read_certificate(der).signed_parts()
    return verifies(issuer, algorithm, signed, signature, sm2)
