"""Known answers: SM3, SM2, ES256, paths of SM2 certificates in the library in use, and a stamp of every version.

A fault closes SM2 for the process; nothing takes its place.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from gateway.seals.certificates import BadCertificate, read_certificate
from gateway.seals.paths import Anchors, PathRefused, path
from gateway.seals.revocation import read_crl
from gateway.seals.sm2 import SPKI_PREFIX, BadKey, Sm2, Sm2Unavailable
from gateway.seals.vectors import AT, DOCUMENT, LEAF, LIST, ROOT, STAMPS
from gateway.seals.verification import Outside, Trust, sm3, verify

_ABC: Final = bytes.fromhex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
# GM/T 0003.5, appendix A: the public key, and the signature of "message digest" under the default id.
_KEY: Final = SPKI_PREFIX + bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_SIGNATURE: Final = bytes.fromhex(
    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
_MESSAGE: Final = b"message digest"


@dataclass(frozen=True, slots=True)
class Check:
    """One known answer and whether it was given."""

    name: str
    ok: bool


def checks(sm2: Sm2) -> tuple[Check, ...]:
    """Every known answer, tried now."""
    stamps = [
        check
        for version, stamp in STAMPS.items()
        for check in (
            Check(f"stamp of version {version}", _stamp_verdict(sm2, stamp) == "valid"),
            Check(
                f"stamp of version {version} refused when changed",
                _stamp_verdict(sm2, _flipped(stamp)) == "invalid",
            ),
        )
    ]
    return (
        Check("SM3 of abc", sm3(b"abc") == _ABC),
        Check("SM2 vector of GM/T 0003.5", sm2.verify(_KEY, _MESSAGE, _SIGNATURE)),
        Check("SM2 refuses a flipped signature", not sm2.verify(_KEY, _MESSAGE, _flipped(_SIGNATURE))),
        Check("SM2 refuses another message", not sm2.verify(_KEY, b"message digess", _SIGNATURE)),
        Check("SM2 refuses another id", not sm2.verify(_KEY, _MESSAGE, _SIGNATURE, b"ALICE123@YAHOO.COM")),
        Check("ES256 round trip", _es256_holds()),
        Check("SM2 certificate path", _path_holds(LEAF)),
        Check("SM2 path refuses a tampered leaf", not _path_holds(_flipped(LEAF))),
        *stamps,
    )


def _flipped(value: bytes) -> bytes:
    return value[:-1] + bytes((value[-1] ^ 1,))


def _es256_holds() -> bool:
    key = ec.generate_private_key(ec.SECP256R1())
    signature = key.sign(_MESSAGE, ec.ECDSA(SHA256()))
    return _es256(key, _MESSAGE, signature) and not _es256(key, _MESSAGE + b"x", signature)


def _es256(key: ec.EllipticCurvePrivateKey, message: bytes, signature: bytes) -> bool:
    try:
        key.public_key().verify(signature, message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _stamp_verdict(sm2: Sm2, stamp: bytes) -> str:
    anchors = Anchors((read_certificate(ROOT),))
    trust = Trust(anchors, anchors, lists=(read_crl(LIST),), sm2=sm2)
    return verify(stamp, trust, AT, Outside(DOCUMENT)).verdict


def _path_holds(leaf: bytes) -> bool:
    try:
        path(read_certificate(leaf), (), Anchors((read_certificate(ROOT),)), AT, "seal")
    except (PathRefused, BadCertificate):
        return False
    return True


@lru_cache(maxsize=4)
def proven_sm2(libcrypto: str = "libcrypto.so.3") -> Sm2:
    """The SM2 engine, once it has given every known answer.

    Raises:
        Sm2Unavailable: there is none, or an answer is wrong.
    """
    sm2 = Sm2(libcrypto)
    try:
        wrong = [check.name for check in checks(sm2) if not check.ok]
    except BadKey as fault:
        wrong = [str(fault)]
    if wrong:
        raise Sm2Unavailable(f"the self-test failed: {', '.join(wrong)}", "SM2 自检未通过")
    return sm2
