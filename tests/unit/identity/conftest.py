"""Tokens made by hand: every part can be anything."""

import base64
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.identity.assertion import ClientKeyFile
from gateway.identity.jwk import accepted

NOW = 1_790_000_000


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Signer:
    """A P-256 key that signs whatever it is given, as raw text."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.file = ClientKeyFile.of(self.private)
        self.public = accepted(json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key())))
        self.head = {"alg": "ES256", "typ": "at+jwt", "kid": self.file.kid}
        self.claims = {"sub": "registration", "iat": NOW, "exp": NOW + 60}

    def sign(self, head: bytes, claims: bytes) -> str:
        """A token of these very bytes."""
        said = f"{b64(head)}.{b64(claims)}"
        algorithm = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256)
        return f"{said}.{b64(algorithm.sign(said.encode(), self.private))}"

    def token(self, head: dict[str, Any] | None = None, claims: dict[str, Any] | None = None) -> str:
        """A well-formed token with members changed; None as value leaves a member out."""
        return self.sign(_with(self.head, head), _with(self.claims, claims))


def _with(members: dict[str, Any], changes: dict[str, Any] | None) -> bytes:
    changed = {**members, **(changes or {})}
    return json.dumps({name: value for name, value in changed.items() if value is not None}).encode()


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer()


@pytest.fixture(scope="session")
def now() -> int:
    return NOW


@pytest.fixture(scope="session")
def encode() -> Callable[[bytes], str]:
    return b64
