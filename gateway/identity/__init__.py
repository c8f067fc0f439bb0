"""Who asks: departments (部门), people (人员), application systems (应用系统), their keys and tokens.

Vocabulary: a *client* is an application system with registered public keys; an *assertion* is what a client signs
to prove itself (RFC 7523); an *access token* is what the gateway signs for it (RFC 9068).
Invariants: nobody holds two of platform administrator, security administrator and auditor (三权分立, GB/T 22239),
enforced by an index; a private key of a client never enters; our own private keys are stored wrapped.
"""

from gateway.identity.evidence import who
from gateway.identity.jose import TokenRefused
from gateway.identity.jwk import thumbprint
from gateway.identity.keys import KeyRing
from gateway.identity.model import Client, Org, Person, Role
from gateway.identity.proved import AccessToken
from gateway.identity.service import Identity
from gateway.identity.tokens import AssertionRefused, Tokens

__all__ = [
    "AccessToken",
    "AssertionRefused",
    "Client",
    "Identity",
    "KeyRing",
    "Org",
    "Person",
    "Role",
    "TokenRefused",
    "Tokens",
    "thumbprint",
    "who",
]
