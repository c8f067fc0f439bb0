"""CMS SignedData (RFC 5652) and its national twin (GB/T 35275): one signer, strict about what is signed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asn1crypto import cms, core, x509
from cryptography.hazmat.primitives import hashes

from gateway.seals.certificates import (
    SM2_WITH_SM3,
    BadCertificate,
    Certificate,
    read_certificate,
    verifies,
)
from gateway.seals.raw_signatures import as_der
from gateway.seals.sm2 import Sm2

MOST_CERTIFICATES: Final = 8
LARGEST: Final = 2_000_000
_SIGNED: Final = frozenset({"1.2.840.113549.1.7.2", "1.2.156.10197.6.1.4.2.2"})
GM_DATA: Final = "1.2.156.10197.6.1.4.2.1"
_LARGEST_PARTS: Final = {"digest_algorithms": 1024, "certificates": 400_000, "signer_infos": 100_000}
_DIGESTS: Final[dict[str, hashes.HashAlgorithm]] = {
    "1.2.156.10197.1.401": hashes.SM3(),
    "1.2.156.10197.1.401.1": hashes.SM3(),
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
_SM2_NAMES: Final = frozenset({"1.2.156.10197.1.301.1", "1.2.156.10197.1.301"})
_RSA_BY_DIGEST: Final = {
    "sha256": "1.2.840.113549.1.1.11", "sha384": "1.2.840.113549.1.1.12", "sha512": "1.2.840.113549.1.1.13",
}  # fmt: skip
_MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
_SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
_TIMESTAMP: Final = "1.2.840.113549.1.9.16.2.14"
_CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"


class SignedDataRefused(ValueError):
    """The bytes are not a SignedData the gateway can judge, or the signature does not hold; the text says why."""


@dataclass(frozen=True, slots=True)
class SignedData:
    """One signer's part: what is signed, by whom, and the content if it lies inside."""

    content_type: str
    content: bytes | None
    signer: Certificate
    others: tuple[Certificate, ...]
    digest: hashes.HashAlgorithm
    algorithm: str
    signature: bytes
    attributes: bytes | None
    """The signed attributes as a SET, the form that is signed; None where the content is signed directly."""
    attributed_digest: bytes | None
    attributed_type: str | None
    claimed: datetime | None
    """The signer's own claim of the time (signingTime)."""
    timestamp: bytes | None
    """A timestamp token over the signature's value."""

    def check(self, content: bytes, sm2: Sm2 | None) -> None:
        """Whether the signature is the signer's over ``content``.

        Raises:
            SignedDataRefused: it is not; the text says which part.
            Sm2Unavailable: the key is SM2 and there is no engine.
        """
        over = content
        if self.attributes is not None:
            if digest_of(self.digest, content) != self.attributed_digest:
                raise SignedDataRefused("messageDigest is not the digest of the content")
            if self.attributed_type != self.content_type:
                raise SignedDataRefused("the signed contentType is another one")
            over = self.attributes
        value = as_der(self.signature)[0] if self.algorithm == SM2_WITH_SM3 else self.signature
        if not verifies(self.signer, self.algorithm, over, value, sm2):
            raise SignedDataRefused("the signature does not verify")


def digest_of(algorithm: hashes.HashAlgorithm, data: bytes) -> bytes:
    """The digest of ``data``."""
    digest = hashes.Hash(algorithm)
    digest.update(data)
    return digest.finalize()


def digest_named(oid: str) -> hashes.HashAlgorithm:
    """The digest of an OID.

    Raises:
        SignedDataRefused: SHA-1, MD5, the keyed SM3, or unknown.
    """
    if oid not in _DIGESTS:
        raise SignedDataRefused("the digest algorithm is out of policy")
    return _DIGESTS[oid]


def is_signed_data(data: bytes) -> bool:
    """Whether the bytes begin as a ContentInfo with SignedData."""
    head = data[:40]
    return head[:1] == b"\x30" and any(core.ObjectIdentifier(oid).dump() in head for oid in _SIGNED)


def read_signed_data(data: bytes) -> SignedData:
    """Read a ContentInfo with SignedData of exactly one signer.

    Raises:
        SignedDataRefused: not such a structure, too large, too many certificates, an algorithm out of policy.
    """
    if not 0 < len(data) <= LARGEST:
        raise SignedDataRefused(f"a SignedData has 1 to {LARGEST} bytes")
    try:
        return _read(data)
    except SignedDataRefused:
        raise
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
    ) as fault:
        raise SignedDataRefused(f"not a SignedData: {fault}"[:300]) from None


class _ContentInfo(core.Sequence):  # type: ignore[misc]
    _fields = [("content_type", core.ObjectIdentifier), ("content", core.Any, {"explicit": 0})]


class _Inner(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("content_type", core.ObjectIdentifier),
        ("content", core.Any, {"explicit": 0, "optional": True}),
    ]


class _SignedData(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("version", core.Integer),
        ("digest_algorithms", core.SetOf, {"spec": core.Any}),
        ("inner", _Inner),
        ("certificates", cms.CertificateSet, {"implicit": 0, "optional": True}),
        ("crls", cms.RevocationInfoChoices, {"implicit": 1, "optional": True}),
        ("signer_infos", cms.SignerInfos),
    ]


def _read(data: bytes) -> SignedData:
    outer = _ContentInfo.load(data, strict=True)
    if outer["content_type"].dotted not in _SIGNED:
        raise SignedDataRefused("the content is not SignedData")
    body = outer["content"].parse(_SignedData)
    _check_sizes(body)
    certificates = _certificates(body["certificates"])
    if len(body["signer_infos"]) != 1:
        raise SignedDataRefused("there must be exactly one signer")
    info = body["signer_infos"][0]
    _check_frame(body, info)
    signer = _signer(info["sid"], certificates)
    attributes = info["signed_attrs"]
    held = _attributes(attributes)
    digest = digest_named(info["digest_algorithm"]["algorithm"].dotted)
    return SignedData(
        content_type=body["inner"]["content_type"].dotted,
        content=_content(body["inner"]["content"]),
        signer=signer,
        others=tuple(each for each in certificates if each is not signer),
        digest=digest,
        algorithm=_algorithm(info["signature_algorithm"]["algorithm"].dotted, digest),
        signature=info["signature"].native,
        attributes=None if not held else b"\x31" + attributes.dump()[1:],
        attributed_digest=_octets(held.get(_MESSAGE_DIGEST)),
        attributed_type=_oid(held.get(_CONTENT_TYPE)),
        claimed=_time(held.get(_SIGNING_TIME)),
        timestamp=_attributes(info["unsigned_attrs"]).get(_TIMESTAMP),
    )


def _check_sizes(body: Any) -> None:
    """Bounds on what is walked element by element, before it is."""
    for name, most in _LARGEST_PARTS.items():
        if len(body[name].contents or b"") > most:
            raise SignedDataRefused(f"{name} is larger than {most} bytes")


def _check_frame(body: Any, info: Any) -> None:
    """What no signature covers must still be what the standard says, or two readers could differ."""
    if body["version"].native not in (1, 3, 4, 5) or info["version"].native not in ("v1", "v3"):
        raise SignedDataRefused("the version is unknown")
    named = {cms.DigestAlgorithm.load(each.dump())["algorithm"].dotted for each in body["digest_algorithms"]}
    if info["digest_algorithm"]["algorithm"].dotted not in named:
        raise SignedDataRefused("digestAlgorithms does not name the signer's")
    if (
        info["signature_algorithm"].dump()[-2:] != b"\5\0"
        and info["signature_algorithm"]["parameters"].dump()
    ):
        raise SignedDataRefused("the signature algorithm has parameters")


def _certificates(found: Any) -> tuple[Certificate, ...]:
    items = [] if found.native is None else list(found)
    if len(items) > MOST_CERTIFICATES:
        raise SignedDataRefused(f"more than {MOST_CERTIFICATES} certificates")
    try:
        return tuple(read_certificate(item.chosen.dump()) for item in items)
    except BadCertificate as fault:
        raise SignedDataRefused(str(fault)) from None


def _signer(sid: Any, certificates: tuple[Certificate, ...]) -> Certificate:
    if sid.name != "issuer_and_serial_number":
        raise SignedDataRefused("the signer must be named by issuer and serial number")
    issuer, serial = sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native
    for each in certificates:
        if each.serial == serial and each.issuer_der == issuer:
            return each
    raise SignedDataRefused("the signer's certificate is not included")


def _attributes(found: Any) -> dict[str, bytes]:
    held: dict[str, bytes] = {}
    for attribute in found if found.native is not None else ():
        name = attribute["type"].dotted
        if name in held or len(attribute["values"]) != 1:
            raise SignedDataRefused("an attribute stands there twice")
        held[name] = attribute["values"][0].dump()
    return held


def _content(found: Any) -> bytes | None:
    dumped = found.dump()
    if not dumped:
        return None
    inner = found.parsed
    if not isinstance(inner, core.OctetString) or inner.method != 0:
        raise SignedDataRefused("the content is not an OCTET STRING")
    return bytes(inner)


def _octets(dumped: bytes | None) -> bytes | None:
    return None if dumped is None else bytes(core.OctetString.load(dumped, strict=True))


def _time(dumped: bytes | None) -> datetime | None:
    if dumped is None:
        return None
    found: datetime = x509.Time.load(dumped, strict=True).native
    return found


def _oid(dumped: bytes | None) -> str | None:
    return None if dumped is None else str(core.ObjectIdentifier.load(dumped, strict=True).dotted)


def _algorithm(oid: str, digest: hashes.HashAlgorithm) -> str:
    if oid in _SM2_NAMES:
        return SM2_WITH_SM3 if digest.name == "sm3" else oid
    return _RSA_BY_DIGEST.get(digest.name, oid) if oid == "1.2.840.113549.1.1.1" else oid
