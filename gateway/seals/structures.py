"""The ASN.1 of electronic seals: GM/T 0031-2014 (version 1), GB/T 38540-2020 (4), GM/T 0031-2025 (5).

Strict DER by ``cryptography.hazmat.asn1``. What is signed or hashed stays a TLV, whose original bytes come back
unchanged. The layout of version 5 is taken from secondary sources: re-check it against the printed standard.
"""

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier


@asn1.sequence
class Header:
    """``SES_Header``: "ES", the format's version, the maker's id."""

    id: asn1.IA5String
    version: int
    vid: asn1.IA5String


@asn1.sequence
class Picture:
    """``SES_ESPictrueInfo``: type, data, width and height in millimetres."""

    type: asn1.IA5String
    data: bytes
    width: int
    height: int


@asn1.sequence
class PropertyV1:
    """``SES_ESPropertyInfo`` of version 1: certificates in full, UTCTime."""

    type: int
    name: str
    certs: list[bytes]
    created: asn1.UTCTime
    start: asn1.UTCTime
    end: asn1.UTCTime


@asn1.sequence
class Digest:
    """``CertDigestObj``: the name of a digest and its value."""

    type: asn1.PrintableString
    value: bytes


@asn1.sequence
class PropertyWithCerts:
    """``SES_ESPropertyInfo`` of versions 4 and 5 whose list holds certificates (certListType 1)."""

    type: int
    name: str
    list_type: int
    certs: list[bytes]
    created: asn1.GeneralizedTime
    start: asn1.GeneralizedTime
    end: asn1.GeneralizedTime


@asn1.sequence
class PropertyWithDigests:
    """The same, whose list holds digests of certificates (certListType 2)."""

    type: int
    name: str
    list_type: int
    certs: list[Digest]
    created: asn1.GeneralizedTime
    start: asn1.GeneralizedTime
    end: asn1.GeneralizedTime


@asn1.sequence
class ExtData:
    """``ExtData``; an explicit ``critical FALSE`` is not DER, occurs in the field, and is recorded."""

    oid: ObjectIdentifier
    critical: bool | None
    value: bytes


@asn1.sequence
class SealInfo:
    """``SES_SealInfo``; the property differs between versions and is read by itself."""

    header: Header
    es_id: asn1.IA5String
    property: asn1.TLV
    picture: Picture
    extensions: list[ExtData] | None
    tagged: Annotated[list[ExtData] | None, asn1.Explicit(0)]


@asn1.sequence
class SignInfoV1:
    """The maker's certificate, algorithm and signature of a version 1 seal."""

    cert: asn1.TLV
    algorithm: asn1.TLV
    signature: asn1.BitString


@asn1.sequence
class SealV1:
    """``SESeal`` of version 1."""

    info: asn1.TLV
    sign_info: SignInfoV1


@asn1.sequence
class Seal:
    """``SESeal`` of versions 4 and 5; the timestamp belongs to 5."""

    info: asn1.TLV
    cert: bytes
    algorithm: ObjectIdentifier
    signature: asn1.BitString
    timestamp: Annotated[asn1.BitString | None, asn1.Explicit(0)]


@asn1.sequence
class TbsV1:
    """``TBS_Sign`` of version 1."""

    version: int
    seal: asn1.TLV
    time_info: asn1.BitString
    data_hash: asn1.BitString
    property_info: asn1.IA5String
    cert: bytes
    algorithm: ObjectIdentifier


@asn1.sequence
class Tbs:
    """``TBS_Sign`` of versions 4 and 5."""

    version: int
    seal: asn1.TLV
    time: asn1.GeneralizedTime
    data_hash: asn1.BitString
    property_info: asn1.IA5String
    extensions: Annotated[list[ExtData] | None, asn1.Explicit(0)]


@asn1.sequence
class StampV1:
    """``SES_Signature`` of version 1."""

    tbs: asn1.TLV
    signature: asn1.BitString


@asn1.sequence
class Stamp:
    """``SES_Signature`` of versions 4 and 5."""

    tbs: asn1.TLV
    cert: bytes
    algorithm: ObjectIdentifier
    signature: asn1.BitString
    timestamp: Annotated[asn1.BitString | None, asn1.Explicit(0)]
