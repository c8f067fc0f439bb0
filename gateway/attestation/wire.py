"""JSON shapes of statements and their keys."""

from typing import Any

from gateway.web import Model


class SealedStatement(Model):
    """A JWS in the flattened JSON form (RFC 7515 section 7.2.2); ``payload`` is the statement in base64url."""

    payload: str
    protected: str
    signature: str


class SealKeySet(Model):
    """A JWK Set (RFC 7517): every key statements were ever sealed with, newest first."""

    keys: list[dict[str, Any]]


class SealKeyRotated(Model):
    """The new key statements are sealed with."""

    kid: str
