"""Seals and stamps written in every version: for tests, demonstrations, and the gateway's own decisions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from gateway.seals import structures as wire
from gateway.seals.authority import Issued
from gateway.seals.model import Version
from gateway.seals.reading import explicit, sequence
from gateway.seals.verification import sm3

DOT: bytes = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63f8cfc0f01f0005000"
    "1ffcd9d2f5c0000000049454e44ae426082"
)
"""A picture of one point, for seals that nobody looks at."""


@dataclass(frozen=True, slots=True)
class SealWish:
    """What a seal is to say."""

    version: Version
    es_id: str
    name: str
    signers: tuple[bytes, ...]
    """Signers' certificates in DER."""
    created: datetime
    start: datetime
    end: datetime
    vid: str = "gateway"
    type: int = 1
    by_digest: bool = False
    picture: bytes = field(default=DOT)
    extensions: tuple[tuple[str, bool | None, bytes], ...] = ()
    tagged_extensions: bool = False
    like_v1: bool = False


def seal(wish: SealWish, maker: Issued) -> bytes:
    """A seal signed by its maker (制章者)."""
    info = asn1.encode_der(_info(wish))
    cert, oid = asn1.encode_der(maker.der), asn1.encode_der(ObjectIdentifier(maker.signer.algorithm))
    over_v1 = sequence(info, cert, oid)
    if wish.version is Version.V1:
        return sequence(info, sequence(cert, oid, _bits(maker.signer.sign(over_v1))))
    return sequence(info, cert, oid, _bits(maker.signer.sign(over_v1 if wish.like_v1 else info)))


def stamp(
    version: Version,
    seal_der: bytes,
    signer: Issued,
    document: bytes,
    at: datetime,
    property_info: str,
    *,
    time_info: bytes | None = None,
    timestamp: Callable[[bytes], bytes] | None = None,
) -> bytes:
    """A stamp on ``document`` by the seal's signer.

    Args:
        time_info: for version 1, the content of timeInfo; a GeneralizedTime if left out.
        timestamp: for versions 4 and 5, makes a token over the signature's value.
    """
    number, path = asn1.encode_der(version_number(version)), asn1.encode_der(asn1.IA5String(property_info))
    digest, cert = _bits(sm3(document)), asn1.encode_der(signer.der)
    oid = asn1.encode_der(ObjectIdentifier(signer.signer.algorithm))
    time = asn1.encode_der(asn1.GeneralizedTime(at.astimezone(UTC).replace(microsecond=0)))
    if version is Version.V1:
        tbs = sequence(number, seal_der, _bits(time_info or time), digest, path, cert, oid)
        return sequence(tbs, _bits(signer.signer.sign(tbs)))
    tbs = sequence(number, seal_der, time, digest, path)
    value = signer.signer.sign(tbs)
    parts = (tbs, cert, oid, _bits(value))
    return sequence(*parts) if timestamp is None else sequence(*parts, explicit(0, _bits(timestamp(value))))


def version_number(version: Version) -> int:
    """The number in the header."""
    return int(version.value)


def _info(wish: SealWish) -> wire.SealInfo:
    extensions = [
        wire.ExtData(oid=ObjectIdentifier(oid), critical=critical, value=value)
        for oid, critical, value in wish.extensions
    ] or None
    return wire.SealInfo(
        header=wire.Header(
            id=asn1.IA5String("ES"), version=version_number(wish.version), vid=asn1.IA5String(wish.vid)
        ),
        es_id=asn1.IA5String(wish.es_id),
        property=asn1.decode_der(asn1.TLV, asn1.encode_der(_property(wish))),
        picture=wire.Picture(type=asn1.IA5String("png"), data=wish.picture, width=42, height=42),
        extensions=None if wish.tagged_extensions else extensions,
        tagged=extensions if wish.tagged_extensions else None,
    )


def _property(wish: SealWish) -> Any:
    same: dict[str, Any] = {"type": wish.type, "name": wish.name}
    times = {
        name: getattr(wish, name).astimezone(UTC).replace(microsecond=0)
        for name in ("created", "start", "end")
    }
    if wish.version is Version.V1:
        short: dict[str, Any] = {name: asn1.UTCTime(when) for name, when in times.items()}
        return wire.PropertyV1(**same, certs=list(wish.signers), **short)
    dates: dict[str, Any] = {name: asn1.GeneralizedTime(when) for name, when in times.items()}
    if wish.by_digest:
        digests = [wire.Digest(type=asn1.PrintableString("SM3"), value=sm3(each)) for each in wish.signers]
        return wire.PropertyWithDigests(**same, list_type=2, certs=digests, **dates)
    return wire.PropertyWithCerts(**same, list_type=1, certs=list(wish.signers), **dates)


def _bits(value: bytes) -> bytes:
    return asn1.encode_der(asn1.BitString(value, 0))
