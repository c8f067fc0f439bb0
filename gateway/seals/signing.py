"""Keys that sign seals, certificates and decisions: the ``Signer`` protocol and its first form, a key in memory.

A key in a file or in a device is another form of the same two members; whoever signs need not know which.
"""

from dataclasses import dataclass
from typing import Any, Protocol, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from gateway.seals.certificates import SM2_WITH_SM3
from gateway.seals.sm2 import BadKey, Key, Sm2


class Signer(Protocol):
    """Signs, and says with which algorithm (OID) and for which public key."""

    @property
    def algorithm(self) -> str:
        """OID of the signature algorithm."""

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo."""

    def sign(self, message: bytes) -> bytes:
        """The signature's value; of SM2 and ECDSA in DER."""


@dataclass(frozen=True, slots=True)
class Sm2Signer:
    """An SM2 key in memory."""

    sm2: Sm2
    key: Key
    algorithm: str = SM2_WITH_SM3

    @classmethod
    def read(cls, sm2: Sm2, pkcs8: bytes) -> Self:
        """From an unencrypted private key in DER.

        Raises:
            BadKey: not an SM2 key.
        """
        return cls(sm2, sm2.private_key(pkcs8))

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo."""
        return self.sm2.public_bytes(self.key)

    def sign(self, message: bytes) -> bytes:
        """The signature in DER, over SM3 with the default id."""
        return self.sm2.sign(self.key, message)


@dataclass(frozen=True, slots=True)
class PlainSigner:
    """An RSA (PKCS #1, SHA-256) or P-256 (ECDSA, SHA-256) key in memory."""

    key: Any

    @property
    def algorithm(self) -> str:
        """OID of the signature algorithm."""
        return "1.2.840.113549.1.1.11" if isinstance(self.key, rsa.RSAPrivateKey) else "1.2.840.10045.4.3.2"

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo."""
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        raw: bytes = self.key.public_key().public_bytes(serialization.Encoding.DER, form)
        return raw

    def sign(self, message: bytes) -> bytes:
        """The signature's value."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        raw: bytes = self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        return raw


def new_private_key(kind: str, sm2: Sm2 | None) -> bytes:
    """A new private key in PKCS #8, unencrypted: ``sm2``, ``rsa`` (2048 bits) or ``p256``."""
    if kind == "sm2":
        if sm2 is None:
            raise BadKey("there is no SM2 engine")
        return sm2.generate()[0]
    key: Any = (
        ec.generate_private_key(ec.SECP256R1()) if kind == "p256" else rsa.generate_private_key(65537, 2048)
    )
    raw: bytes = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return raw


def signer_of(pkcs8: bytes, sm2: Sm2 | None) -> Signer:
    """The signer for a private key in DER.

    Raises:
        BadKey: of another kind than SM2, RSA and P-256, or unreadable.
    """
    if sm2 is not None:
        try:
            return Sm2Signer.read(sm2, pkcs8)
        except BadKey:
            pass
    try:
        key = serialization.load_der_private_key(pkcs8, password=None)
    except (ValueError, TypeError) as fault:
        raise BadKey(f"not a private key: {fault}") from None
    if isinstance(key, rsa.RSAPrivateKey):
        return PlainSigner(key)
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == "secp256r1":
        return PlainSigner(key)
    raise BadKey("not an SM2, RSA or P-256 key")
