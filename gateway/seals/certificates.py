"""Certificates as the seals room reads them: strictly, and with SM2 beside RSA and elliptic curves.

Names and dates come from ``cryptography``; key usage and key bytes from ``asn1crypto``, because the former refuses
encodings that occur in valid government certificates (an explicit cA FALSE) and knows no SM2 key.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from asn1crypto import keys
from asn1crypto import x509 as lenient
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from gateway.seals.model import Deviation
from gateway.seals.sm2 import BadKey, Sm2, Sm2Unavailable

LARGEST: Final = 65_536
SM2_WITH_SM3: Final = "1.2.156.10197.1.501"
_SM2_CURVE: Final = "1.2.156.10197.1.301"
_EC: Final = "1.2.840.10045.2.1"
_RSA: Final = {
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}
_ECDSA: Final = {"1.2.840.10045.4.3.2": hashes.SHA256(), "1.2.840.10045.4.3.3": hashes.SHA384()}
_ED25519: Final = "1.3.101.112"
_CURVES: Final = {"1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384"}
_UNDERSTOOD: Final = frozenset({"2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.31", "2.5.29.32", "2.5.29.35",
                                "2.5.29.37", "2.5.29.14", "2.5.29.30", "2.5.29.36"})  # fmt: skip

UNREADABLE: Final = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
    x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm,
)  # fmt: skip
"""What the two parsers raise on bytes made to break them."""


class BadCertificate(ValueError):
    """The bytes are not a certificate the gateway can judge; the text says why."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What decides whether a certificate may be relied on."""

    der: bytes
    subject: str
    subject_der: bytes
    issuer: str
    issuer_der: bytes
    serial: int
    not_before: datetime
    not_after: datetime
    spki: bytes
    key_kind: str
    """``SM2``, ``RSA``, ``P-256``, ``P-384``, ``Ed25519`` or ``other``."""
    key_bits: int
    algorithm: str
    """OID of the issuer's signature."""
    usage: frozenset[str] | None
    extended_usage: frozenset[str] | None
    is_ca: bool
    crl_points: frozenset[str]
    key_id: bytes | None
    issuer_key_id: bytes | None
    deviations: tuple[Deviation, ...]
    is_never_checked: bool = False
    """Whether its issuer says that nobody need ask for its revocation (id-pkix-ocsp-nocheck, RFC 6960 section 4.2.2.2.1)."""

    def is_valid_at(self, time: datetime) -> bool:
        """Whether ``time`` lies in the period of validity, ends included (RFC 5280 section 4.1.2.5)."""
        return self.not_before <= time <= self.not_after

    def signed_parts(self) -> tuple[bytes, str, bytes]:
        """The bytes its issuer signed, the algorithm's OID, and the signature."""
        parsed = x509.load_der_x509_certificate(self.der)
        return parsed.tbs_certificate_bytes, self.algorithm, parsed.signature


@lru_cache(maxsize=4096)
def read_certificate(der: bytes) -> Certificate:
    """A certificate from DER.

    Raises:
        BadCertificate: larger than 64 KB; not strict X.509; a repeated or unknown critical extension; two signature algorithms.
    """
    if len(der) > LARGEST:
        raise BadCertificate(f"a certificate has at most {LARGEST} bytes")
    try:
        loose = lenient.Certificate.load(der, strict=True)
        if loose.serial_number <= 0:  # RFC 5280 section 4.1.2.2
            raise BadCertificate("a serial number is positive")
        return _certificate(der, x509.load_der_x509_certificate(der), loose)
    except BadCertificate:
        raise
    except UNREADABLE as fault:
        raise BadCertificate(f"not a certificate: {fault}"[:300]) from None


def _certificate(der: bytes, strict: x509.Certificate, loose: Any) -> Certificate:
    body = loose["tbs_certificate"]
    extensions = body["extensions"] if body["extensions"].native is not None else []
    oids = [item["extn_id"].dotted for item in extensions]
    if len(set(oids)) != len(oids):
        raise BadCertificate("an extension stands there twice")
    if unknown := [
        item["extn_id"].dotted
        for item in extensions
        if item["critical"].native and item["extn_id"].dotted not in _UNDERSTOOD
    ]:
        raise BadCertificate(f"the critical extension {unknown[0]} is not understood")
    if body["signature"]["algorithm"].dotted != loose["signature_algorithm"]["algorithm"].dotted:
        raise BadCertificate("the inner and the outer signature algorithm differ")
    spki = body["subject_public_key_info"].dump()
    kind, bits = _key(spki, body["subject_public_key_info"])
    return Certificate(
        der=der,
        subject=strict.subject.rfc4514_string(),
        subject_der=strict.subject.public_bytes(),
        issuer=strict.issuer.rfc4514_string(),
        issuer_der=strict.issuer.public_bytes(),
        serial=strict.serial_number,
        not_before=strict.not_valid_before_utc,
        not_after=strict.not_valid_after_utc,
        spki=spki,
        key_kind=kind,
        key_bits=bits,
        algorithm=strict.signature_algorithm_oid.dotted_string,
        usage=_names(loose.key_usage_value),
        extended_usage=_names(loose.extended_key_usage_value),
        is_ca=bool(loose.ca),
        crl_points=frozenset(point.url for point in loose.crl_distribution_points if point.url),
        key_id=loose.key_identifier,
        issuer_key_id=loose.authority_key_identifier,
        deviations=_deviations(loose, extensions),
        is_never_checked=loose.ocsp_no_check_value is not None,
    )


def _names(value: Any) -> frozenset[str] | None:
    return None if value is None else frozenset(value.native)


def _deviations(loose: Any, extensions: Any) -> tuple[Deviation, ...]:
    found = []
    parameters = loose["signature_algorithm"]
    if parameters["algorithm"].dotted == SM2_WITH_SM3 and parameters["parameters"].dump():
        found.append(Deviation("NULL_PARAMETERS", "the SM2-SM3 algorithm carries NULL"))
    for item in extensions:
        constrained = item["extn_id"].dotted == "2.5.29.19"
        if constrained and item["extn_value"].contents[:2] == b"\x30\x03" and not loose.ca:
            found.append(
                Deviation("EXPLICIT_FALSE", "BasicConstraints writes cA FALSE out, which is not DER")
            )
    return tuple(found)


def _key(spki: bytes, info: Any) -> tuple[str, int]:
    oid = info["algorithm"]["algorithm"].dotted
    if oid == _EC:
        curve = info["algorithm"]["parameters"].chosen.dotted
        return ("SM2", 256) if curve == _SM2_CURVE else (_CURVES.get(curve, "other"), 0)
    if oid in ("1.2.840.113549.1.1.1", _ED25519):
        key = serialization.load_der_public_key(spki)
        return ("RSA", key.key_size) if isinstance(key, rsa.RSAPublicKey) else ("Ed25519", 256)
    return "other", 0


def key_bits_of(certificate: Certificate) -> bytes:
    """The public key without its algorithm: what key identifiers are digests of."""
    bits: bytes = keys.PublicKeyInfo.load(certificate.spki)["public_key"].contents[1:]
    return bits


def fits(algorithm: str, key_kind: str) -> bool:
    """Whether a signature algorithm is in the policy and belongs to the kind of key; SHA-1 and MD5 never do."""
    return (
        (algorithm == SM2_WITH_SM3 and key_kind == "SM2")
        or (algorithm in _RSA and key_kind == "RSA")
        or (algorithm in _ECDSA and key_kind in ("P-256", "P-384"))
        or (algorithm == _ED25519 and key_kind == "Ed25519")
    )


def is_strong(certificate: Certificate) -> bool:
    """Whether the key is of a kind and size that is relied on: RSA from 2048 bits, SM2, P-256/384, Ed25519."""
    if certificate.key_kind == "RSA":
        return 2048 <= certificate.key_bits <= 8192
    return certificate.key_kind != "other"


def verifies(signer: Certificate, algorithm: str, message: bytes, signature: bytes, sm2: Sm2 | None) -> bool:
    """Whether ``signature`` is the certificate's key's over ``message``.

    Raises:
        Sm2Unavailable: the key is SM2 and there is no engine.
    """
    if not fits(algorithm, signer.key_kind) or not is_strong(signer):
        return False
    if signer.key_kind == "SM2":
        return _verifies_sm2(signer, message, signature, sm2)
    key = _loaded(signer.spki)
    try:
        match key:
            case rsa.RSAPublicKey():
                key.verify(signature, message, padding.PKCS1v15(), _RSA[algorithm])
            case ec.EllipticCurvePublicKey():
                key.verify(signature, message, ec.ECDSA(_ECDSA[algorithm]))
            case ed25519.Ed25519PublicKey():
                key.verify(signature, message)
            case _:
                return False
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=1024)
def _loaded(spki: bytes) -> Any:
    return serialization.load_der_public_key(spki)


def _verifies_sm2(signer: Certificate, message: bytes, signature: bytes, sm2: Sm2 | None) -> bool:
    try:
        return needed(sm2).verify(signer.spki, message, signature)
    except BadKey:
        return False


def needed(sm2: Sm2 | None) -> Sm2:
    """The engine.

    Raises:
        Sm2Unavailable: there is none.
    """
    if sm2 is None:
        raise Sm2Unavailable("SM2 is not available", "SM2 不可用")
    return sm2
