"""A signing key that follows from the master key: the same in every process and after a restart, and stored nowhere."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jwt.algorithms import ECAlgorithm

from gateway.seals.vault import derived

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (FIPS 186-5, SP 800-186)."""


class DerivedKey:
    """Signs with ES256 (RFC 7518 section 3.4).

    Args:
        label: names the key; those of other labels say nothing about it.
        kind: the ``typ`` of what it signs (RFC 8725 section 3.11).

    ``public`` is its public key with the thumbprint as ``kid`` (RFC 7517, RFC 7638).
    """

    def __init__(self, master_key: bytes, label: str, kind: str) -> None:
        # twice as many bits as the order has, so that the remainder favours no number (FIPS 186-5 A.2.1)
        number = int.from_bytes(derived(master_key, f"{label} 1") + derived(master_key, f"{label} 2"), "big")
        self._key = ec.derive_private_key(number % (_ORDER - 1) + 1, ec.SECP256R1())
        public = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        named = json.dumps({name: public[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
        kid = _text(hashlib.sha256(named.encode()).digest())
        self.public: dict[str, Any] = {**public, "kid": kid, "alg": "ES256", "use": "sig"}
        self._head = _text(json.dumps({"alg": "ES256", "kid": kid, "typ": kind}).encode())

    def signed(self, claims: Mapping[str, object]) -> str:
        """A JWT of these claims (RFC 7519, compact)."""
        said = f"{self._head}.{_text(json.dumps(claims, ensure_ascii=False).encode())}"
        r, s = decode_dss_signature(self._key.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{said}.{_text(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
