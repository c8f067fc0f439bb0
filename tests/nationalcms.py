"""SignedData of GB/T 35275 by the signer of the SM2 world, or another."""

from asn1crypto import core, x509
from sealing import seal_world

from gateway.seals.authority import Issued
from gateway.seals.reading import explicit, sequence
from gateway.seals.signed_data import GM_DATA

W = seal_world("sm2")
ALGORITHMS = ["1.2.156.10197.1.301.1", "1.2.156.10197.1.501"]


def oid(dotted: str) -> bytes:
    raw: bytes = core.ObjectIdentifier(dotted).dump()
    return raw


def as_set(*parts: bytes) -> bytes:
    return b"\x31" + sequence(*parts)[1:]


def attributes(digest: bytes, content_type: str = GM_DATA) -> bytes:
    return as_set(
        sequence(oid("1.2.840.113549.1.9.3"), as_set(oid(content_type))),
        sequence(oid("1.2.840.113549.1.9.4"), as_set(core.OctetString(digest).dump())),
    )


def signed_data(
    content: bytes,
    held: bytes | None,
    algorithm: str = ALGORITHMS[0],
    digest: str = "1.2.156.10197.1.401",
    by: Issued = W.signer,
) -> bytes:
    """One signer over ``held`` (a SET of attributes), or over the content itself."""
    cert = x509.Certificate.load(by.der)
    method = sequence(oid(digest))
    signer = sequence(
        b"\2\1\1",
        sequence(cert.issuer.dump(), core.Integer(cert.serial_number).dump()),
        method,
        b"" if held is None else b"\xa0" + held[1:],
        sequence(oid(algorithm)),
        core.OctetString(by.signer.sign(content if held is None else held)).dump(),
    )
    inner = sequence(oid(GM_DATA), explicit(0, core.OctetString(content).dump()))
    body = sequence(b"\2\1\1", as_set(method), inner, explicit(0, by.der), as_set(signer))
    return sequence(oid("1.2.156.10197.6.1.4.2.2"), explicit(0, body))
