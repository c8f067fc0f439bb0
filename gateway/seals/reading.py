"""Seals and stamps from untrusted bytes: strict DER, limits, and the few leniences the field needs, each recorded.

Everything that is refused is refused as :class:`FormatRefused`; nothing here checks a signature.
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, TypeVar

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from gateway.seals import structures as wire
from gateway.seals.model import Deviation, Seal, Signed, Stamp, Version

LARGEST: Final = 2_000_000
_MOST_CERTS: Final = 100
_LARGEST_NUMBER: Final = 2**31 - 1
_SHANGHAI: Final = timezone(timedelta(hours=8))
_SM3_NAMES: Final = frozenset({"SM3", "1.2.156.10197.1.401", "1.2.156.10197.1.401.1"})
_T = TypeVar("_T")


class FormatRefused(ValueError):
    """The bytes are not a seal or stamp of a known version; the text says what is wrong."""


def read(raw: bytes) -> Seal | Stamp:
    """A seal or a stamp, told apart by its first element.

    Raises:
        FormatRefused: neither.
    """
    outer = _children(raw)
    first = bytes(outer[0].data)
    return read_stamp(raw) if first[:1] == b"\x02" else read_seal(raw)


def read_seal(raw: bytes) -> Seal:
    """A seal of version 1, 4 or 5.

    Raises:
        FormatRefused: larger than 2 MB, not DER, another version, or shape, header and version disagree.
    """
    outer = _children(raw)
    deviations: list[Deviation] = []
    if len(outer) == 2:
        shape = _decoded(wire.SealV1, raw)
        body = asn1.encode_der(shape.info)
        sign = shape.sign_info
        maker = _maker_v1(body, sign)
    else:
        late = _decoded(wire.Seal, raw)
        body = asn1.encode_der(late.info)
        maker = Signed(
            body,
            late.cert,
            late.algorithm.dotted_string,
            _bits(late.signature),
            None if late.timestamp is None else _bits(late.timestamp),
            sequence(body, *(asn1.encode_der(part) for part in outer[1:3])),
        )
    info = _decoded(wire.SealInfo, body)
    version = _version(info.header.version)
    if info.header.id.as_str() != "ES":
        raise FormatRefused("the header's id is not ES")
    if len(outer) != 5 and (len(outer) == 2) != (version is Version.V1):
        raise FormatRefused(f"the shape is not that of version {version}")
    if len(outer) == 5 and version is not Version.V5:
        raise FormatRefused("a timestamp in the seal belongs to version 5")
    return _seal(raw, version, info, maker, deviations)


def _maker_v1(body: bytes, sign: wire.SignInfoV1) -> Signed:
    cert, algorithm = asn1.encode_der(sign.cert), asn1.encode_der(sign.algorithm)
    oid: ObjectIdentifier = _decoded(ObjectIdentifier, algorithm)
    return Signed(
        sequence(body, cert, algorithm), _decoded(bytes, cert), oid.dotted_string, _bits(sign.signature)
    )


def _seal(
    raw: bytes, version: Version, info: wire.SealInfo, maker: Signed, deviations: list[Deviation]
) -> Seal:
    certs, digests, known = _property(version, asn1.encode_der(info.property))
    for value in (info.picture.width, info.picture.height, known.type):
        _number(value)
    if known.type not in (1, 2):
        raise FormatRefused("the seal's type is neither 1 (unit) nor 2 (person)")
    if info.extensions is not None and info.tagged is not None:
        raise FormatRefused("extDatas stand there twice")
    if info.tagged is not None:
        deviations.append(Deviation("TAGGED_EXT_DATAS", "extDatas of the seal stand in [0]"))
        if version is not Version.V1:
            raise FormatRefused("extDatas in [0] occur in version 1 only")
    return Seal(
        raw=raw,
        version=version,
        es_id=info.es_id.as_str(),
        vid=info.header.vid.as_str(),
        type=known.type,
        name=known.name,
        certs=certs,
        digests=digests,
        created=_aware(known.created.as_datetime()),
        start=_aware(known.start.as_datetime()),
        end=_aware(known.end.as_datetime()),
        picture_type=info.picture.type.as_str(),
        picture=info.picture.data,
        critical_extensions=_extensions(info.extensions or info.tagged, deviations),
        maker=maker,
        deviations=tuple(deviations),
    )


def _property(version: Version, der: bytes) -> tuple[tuple[bytes, ...], tuple[bytes, ...], Any]:
    if version is Version.V1:
        first = _decoded(wire.PropertyV1, der)
        return _few(first.certs), (), first
    try:
        with_certs = asn1.decode_der(wire.PropertyWithCerts, der)
    except ValueError:
        with_digests = _decoded(wire.PropertyWithDigests, der)
        if with_digests.list_type != 2:
            raise FormatRefused("certListType is not 2, but the list holds digests") from None
        return (), _few([_digest(item) for item in with_digests.certs]), with_digests
    if with_certs.list_type != 1 and not (with_certs.list_type == 2 and not with_certs.certs):
        raise FormatRefused("certListType is not 1, but the list holds certificates")
    return _few(with_certs.certs), (), with_certs


def _few(items: list[bytes]) -> tuple[bytes, ...]:
    if len(items) > _MOST_CERTS:
        raise FormatRefused(f"the seal lists more than {_MOST_CERTS} certificates")
    return tuple(items)


def _digest(item: wire.Digest) -> bytes:
    if item.type.as_str() not in _SM3_NAMES:
        raise FormatRefused("a listed digest is not SM3")
    if len(item.value) != 32:
        raise FormatRefused("a listed digest has not 32 bytes")
    return item.value


def read_stamp(raw: bytes) -> Stamp:
    """A stamp of version 1, 4 or 5, with the seal inside it.

    Raises:
        FormatRefused: as for a seal, or the versions of stamp and seal disagree.
    """
    outer = _children(raw)
    deviations: list[Deviation] = []
    if len(outer) == 2:
        return _stamp_v1(raw, _decoded(wire.StampV1, raw), deviations)
    shape = _decoded(wire.Stamp, raw)
    body = asn1.encode_der(shape.tbs)
    tbs = _decoded(wire.Tbs, body)
    version = _version(tbs.version)
    if version is Version.V1:
        raise FormatRefused("the shape is not that of version 1")
    return Stamp(
        raw=raw,
        version=version,
        seal=_inner(tbs.seal, version),
        claimed=_aware(tbs.time.as_datetime()),
        data_hash=_hash(tbs.data_hash),
        property_info=tbs.property_info.as_str(),
        critical_extensions=_extensions(tbs.extensions, deviations),
        signer=Signed(
            body,
            shape.cert,
            shape.algorithm.dotted_string,
            _bits(shape.signature),
            None if shape.timestamp is None else _bits(shape.timestamp),
        ),
        deviations=tuple(deviations),
    )


def _stamp_v1(raw: bytes, shape: wire.StampV1, deviations: list[Deviation]) -> Stamp:
    body = asn1.encode_der(shape.tbs)
    tbs = _decoded(wire.TbsV1, body)
    version = _version(tbs.version)
    if version is not Version.V1:
        raise FormatRefused(f"the shape is not that of version {version}")
    claimed, token = _time_info(_bits(tbs.time_info), deviations)
    return Stamp(
        raw=raw,
        version=version,
        seal=_inner(tbs.seal, version),
        claimed=claimed,
        data_hash=_hash(tbs.data_hash),
        property_info=tbs.property_info.as_str(),
        critical_extensions=(),
        signer=Signed(body, tbs.cert, tbs.algorithm.dotted_string, _bits(shape.signature), token),
        deviations=tuple(deviations),
    )


def _inner(part: asn1.TLV, version: Version) -> Seal:
    seal = read_seal(asn1.encode_der(part))
    if seal.version is not version:
        raise FormatRefused(f"the stamp is of version {version}, its seal of version {seal.version}")
    return seal


def _time_info(value: bytes, deviations: list[Deviation]) -> tuple[datetime | None, bytes | None]:
    """Version 1 puts a time or a timestamp token into one BIT STRING; text is not in the standard."""
    if value[:1] == b"\x30":
        return None, value
    if value[:1] in (b"\x17", b"\x18"):
        utc = value[:1] == b"\x17"
        found = _decoded(asn1.UTCTime, value) if utc else _decoded(asn1.GeneralizedTime, value)
        return _aware(found.as_datetime()), None
    for form, zone in (("%Y%m%d%H%M%SZ", UTC), ("%Y-%m-%dT%H:%M:%SZ", UTC), ("%Y%m%dT%H%M%SZ", UTC),
                       ("%Y-%m-%d %H:%M:%S", _SHANGHAI)):  # fmt: skip
        try:
            told = datetime.strptime(value.decode("ascii"), form).replace(tzinfo=zone)
        except ValueError:
            continue
        deviations.append(
            Deviation("TEXT_TIME_INFO", "timeInfo is text; without an offset it is Asia/Shanghai")
        )
        return told, None
    raise FormatRefused("timeInfo is neither a time nor a timestamp token")


def _extensions(items: list[wire.ExtData] | None, deviations: list[Deviation]) -> tuple[str, ...]:
    found = items or []
    if any(item.critical is False for item in found):
        deviations.append(Deviation("EXPLICIT_FALSE", "critical FALSE is written out, which is not DER"))
    oids = [item.oid.dotted_string for item in found]
    if len(set(oids)) != len(oids):
        raise FormatRefused("an extension stands there twice")
    return tuple(item.oid.dotted_string for item in found if item.critical)


def _version(number: int) -> Version:
    try:
        return Version(str(number))
    except ValueError:
        raise FormatRefused("the version is none of 1, 4 and 5") from None


def _number(value: int) -> None:
    if not 0 <= value <= _LARGEST_NUMBER:
        raise FormatRefused("a number is negative or too large")


def _aware(value: datetime) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _hash(value: asn1.BitString) -> bytes:
    found = _bits(value)
    if len(found) != 32:
        raise FormatRefused("dataHash has not the 32 bytes of SM3")
    return found


def _bits(value: asn1.BitString) -> bytes:
    if value.padding_bits():
        raise FormatRefused("a BIT STRING does not end on a byte")
    return value.as_bytes()


def _decoded(kind: type[_T], der: bytes) -> _T:
    try:
        return asn1.decode_der(kind, der)
    except (ValueError, OverflowError) as fault:
        raise FormatRefused(f"{kind.__name__}: not the DER of this structure ({fault})"[:300]) from None


def sequence(*parts: bytes) -> bytes:
    """A new SEQUENCE header around original bytes."""
    content = b"".join(parts)
    return b"\x30" + _length(len(content)) + content


def explicit(tag: int, content: bytes) -> bytes:
    """``content`` in a context-specific tag of its own."""
    return bytes((0xA0 | tag,)) + _length(len(content)) + content


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes((size,))
    raw = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((0x80 | len(raw),)) + raw


def _children(raw: bytes) -> list[asn1.TLV]:
    """The elements of the outermost SEQUENCE, 2 to 5 of them."""
    if not 0 < len(raw) <= LARGEST:
        raise FormatRefused(f"a seal or stamp has 1 to {LARGEST} bytes")
    outer = _decoded(asn1.TLV, raw)
    if raw[:1] != b"\x30":
        raise FormatRefused("not a SEQUENCE")
    found: list[asn1.TLV] = []
    rest = bytes(outer.data)
    while rest:
        size = _size_of_first(rest)
        found.append(_decoded(asn1.TLV, rest[:size]))
        rest = rest[size:]
        if len(found) > 5:
            break
    if len(found) not in (2, 4, 5):
        raise FormatRefused("the outermost SEQUENCE has not 2, 4 or 5 elements")
    return found


def _size_of_first(data: bytes) -> int:
    if len(data) < 2:
        raise FormatRefused("truncated")
    first = data[1]
    if first < 0x80:
        return 2 + first
    if not 0x81 <= first <= 0x84 or len(data) < 2 + (first & 0x7F):
        raise FormatRefused("a length is not DER")
    return 2 + (first & 0x7F) + int.from_bytes(data[2 : 2 + (first & 0x7F)])
