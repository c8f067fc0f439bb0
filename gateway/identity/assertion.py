"""The client's side of ``private_key_jwt``: making a key pair and signing assertions (RFC 7523 section 2.2).

Here so that our own tools and a department's developer prove themselves with the same few lines.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.errors import BadSettings
from gateway.identity.jwk import accepted
from gateway.names import new_id


@dataclass(frozen=True, slots=True)
class ClientKeyFile:
    """A system's ES256 private key and its kid."""

    private: ec.EllipticCurvePrivateKey
    kid: str

    @classmethod
    def of(cls, private: ec.EllipticCurvePrivateKey) -> Self:
        """With the kid the gateway gives the public part."""
        return cls(private, str(_public(private)["kid"]))

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a PEM file.

        Raises:
            BadSettings: not readable, or not a P-256 private key.
        """
        try:
            private = serialization.load_pem_private_key(file.read_bytes(), password=None)
        except (OSError, ValueError, TypeError):
            private = None
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
            raise BadSettings(f"{file} is not a P-256 private key in PEM", f"{file} 不是 P-256 私钥（PEM）")
        return cls.of(private)


def new_client_key(file: Path) -> dict[str, Any]:
    """Make a P-256 key pair in a new file of mode 0600; the public JWK to register.

    Raises:
        FileExistsError: the file is there already.
    """
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as opened:
        opened.write(pem)
    return _public(private)


def signed_assertion(client_id: str, issuer: str, key: ClientKeyFile, seconds: int = 60) -> str:
    """An assertion for one token request."""
    now = int(time.time())
    claims = {
        "iss": client_id, "sub": client_id, "aud": issuer, "jti": str(new_id()), "iat": now, "exp": now + seconds,
    }  # fmt: skip
    headers = {"typ": "client-authentication+jwt", "kid": key.kid}
    return jwt.encode(claims, key.private, algorithm="ES256", headers=headers)


def _public(private: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    return accepted(json.loads(jwt.algorithms.ECAlgorithm.to_jwk(private.public_key())))
