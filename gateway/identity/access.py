"""What an access token must say, once its signature verifies (RFC 9068 section 4).

Apart from the issuing of tokens, so that an explanation of a refusal runs the same rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from gateway.identity.jose import refused

ACCESS_TYPES: Final = ("at+jwt",)
"""The ``typ`` of access tokens (RFC 9068 section 2.1)."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who issues the tokens and which service reads them; None is not compared."""

    issuer: str | None
    audience: str | None


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """One rule on the claims: its stable name and a check that raises ``TokenRefused``."""

    name: str
    check: Callable[[dict[str, Any], Party], None]


def check_claims(claims: dict[str, Any], party: Party) -> None:
    """Every rule of :data:`CLAIM_RULES`.

    Raises:
        TokenRefused: with the first rule broken.
    """
    for rule in CLAIM_RULES:
        rule.check(claims, party)


def _issuer(claims: dict[str, Any], party: Party) -> None:
    if party.issuer is not None and claims.get("iss") != party.issuer:
        raise refused("issuer", "the token is from another issuer", "令牌签发者不符")


def _audience(claims: dict[str, Any], party: Party) -> None:
    if party.audience is not None and claims.get("aud") != party.audience:
        raise refused("audience", f"the token is not for {party.audience}", "令牌不适用于该服务")


def _named(claims: dict[str, Any], _party: Party) -> None:
    if not all(isinstance(claims.get(name), str) for name in ("sub", "jti")):
        raise refused("claims", "the token lacks sub or jti", "令牌缺少 sub 或 jti")


CLAIM_RULES: Final = (
    ClaimRule("issuer", _issuer),
    ClaimRule("audience", _audience),
    ClaimRule("claims", _named),
)
