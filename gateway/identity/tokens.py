"""Tokens: reading clients' assertions, writing and reading access tokens.

Profile: OAuth 2.0 client credentials with ``private_key_jwt`` (RFC 7521, 7523) to an ``at+jwt`` (RFC 9068) signed
ES256, for one data service and one purpose, short-lived. People act with tokens of the same form for the control
API, issued on the box until the portal signs them in.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import jwt

from gateway.errors import Unauthenticated
from gateway.identity import store
from gateway.identity.access import Party, check_claims
from gateway.identity.jose import (
    TokenRefused,
    check_still_valid,
    not_signed,
    precheck,
    refused,
    verified,
)
from gateway.identity.keys import KeyRing
from gateway.identity.proved import Proved
from gateway.names import ClientId, Login, OrgCode, is_slug, new_id
from gateway.settings import Identity as Limits
from gateway.storage import Connection

_ASSERTION_TYPES: Final = ("client-authentication+jwt", "JWT")
_ASSERTION_CLAIMS: Final = frozenset({"iss", "sub", "aud", "jti", "exp", "iat"})
_ACCESS_TYPE: Final = "at+jwt"
_EVENT_TYPE: Final = "secevent+jwt"


class AssertionRefused(Unauthenticated):
    """The client's assertion is not accepted（应用系统的身份断言不被接受）."""

    remedy = (
        "Sign a new assertion: iss and sub your client id, aud the issuer, a fresh jti, exp at most 300 s ahead.",
        "请重新签名断言：iss、sub 为应用系统标识，aud 为签发者，jti 不重复，exp 不超过 300 秒。",
    )


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A verified access token: its claims, all present and of their types."""

    subject: str
    audience: str
    token_id: str
    expires_at: int
    claims: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProvedClient:
    """A client that proved itself: id, department and the thumbprint of the key it signed with.

    ``certificate`` is the one the key was registered with, if any: whether it is still good is the caller's to ask.
    """

    id: ClientId
    org: OrgCode
    kid: str
    certificate: str | None = None


class Tokens:
    """Issues and verifies.

    Args:
        issuer: our issuer identifier (RFC 8414), the base of every audience.
        now: Unix seconds; a test's clock can stand here.
    """

    def __init__(
        self, issuer: str, keys: KeyRing, limits: Limits, now: Callable[[], float] = time.time
    ) -> None:
        self.issuer = issuer
        self.keys = keys
        self.limits = limits
        self._now = now
        self._proved = Proved()

    @property
    def control_audience(self) -> str:
        """The audience of people's tokens: the control API."""
        return f"{self.issuer}/v1"

    def service_audience(self, service: str) -> str:
        """The audience of tokens for one data service; also the OAuth ``resource`` (RFC 8707)."""
        return f"{self.issuer}/services/{service}"

    async def prove_client(self, tx: Connection, assertion: str) -> ProvedClient:
        """Check a client assertion and use it up (RFC 7523 section 3).

        Raises:
            AssertionRefused: with the rule broken; an unknown client and a wrong signature read alike.
        """
        try:
            token = precheck(
                assertion,
                types=_ASSERTION_TYPES,
                leeway_seconds=self.limits.clock_skew_seconds,
                longest_seconds=self.limits.assertion_seconds,
                now=int(self._now()),
            )
            client_id, jti = self._assertion_claims(token.claims)
            found = await store.live_key(tx, client_id, token.kid)
            if found is None:
                raise not_signed()
            jwk, org, certificate = found
            claims = verified(token, jwk)
        except TokenRefused as fault:
            raise AssertionRefused(
                fault.detail,
                fault.detail_zh,
                error="invalid_client",
                error_description=fault.detail,
                **fault.extra,
            ) from None
        if not await store.use_assertion(tx, client_id, jti, datetime.fromtimestamp(claims["exp"], UTC)):
            raise AssertionRefused(
                "this assertion was used before", "该断言已被使用", error="invalid_client", reason="replayed",
                error_description="this assertion was used before",
            )  # fmt: skip
        return ProvedClient(ClientId(client_id), org, token.kid, certificate)

    def _assertion_claims(self, claims: dict[str, Any]) -> tuple[str, str]:
        if foreign := sorted(claims.keys() - _ASSERTION_CLAIMS):
            raise refused("claims", f"unknown claims: {', '.join(foreign)[:200]}", "断言含未知声明")
        subject, jti = claims.get("sub"), claims.get("jti")
        if not isinstance(subject, str) or not is_slug(subject) or claims.get("iss") != subject:
            raise refused(
                "claims", "iss and sub must both be your client id", "iss 与 sub 须均为应用系统标识"
            )
        if claims.get("aud") != self.issuer:
            raise refused("audience", f"aud must be exactly {self.issuer}", f"aud 须为 {self.issuer}")
        if not isinstance(jti, str) or not 8 <= len(jti) <= 128 or not jti.isascii() or not jti.isprintable():
            raise refused(
                "claims", "jti must be a fresh text of 8 to 128 characters", "jti 须为 8 至 128 个字符"
            )
        return subject, jti

    async def issue(
        self, tx: Connection, subject: str, audience: str, seconds: int, claims: dict[str, Any]
    ) -> tuple[str, str, int]:
        """Sign an access token.

        Returns:
            The token, its id (jti) and its expiry in Unix seconds.
        """
        kid, private = await self.keys.signing(tx)
        now, token_id = int(self._now()), str(new_id())
        body = {
            "iss": self.issuer, "sub": subject, "aud": audience, "iat": now, "exp": now + seconds, "jti": token_id, **claims,
        }  # fmt: skip
        headers = {"typ": _ACCESS_TYPE, "kid": kid}
        return jwt.encode(body, private, algorithm="ES256", headers=headers), token_id, now + seconds

    async def security_event(
        self, tx: Connection, audience: str, event_id: str, events: dict[str, Any]
    ) -> str:
        """A signed notice for another system (Security Event Token, RFC 8417): ``typ`` keeps it from being any access.

        Args:
            audience: where it goes.
            event_id: its ``jti``: the same for every repetition.
            events: the payload by the URI of its kind.
        """
        kid, private = await self.keys.signing(tx)
        body = {
            "iss": self.issuer,
            "iat": int(self._now()),
            "jti": event_id,
            "aud": audience,
            "events": events,
        }
        return jwt.encode(body, private, algorithm="ES256", headers={"typ": _EVENT_TYPE, "kid": kid})

    async def issue_for_person(
        self, tx: Connection, login: Login, seconds: int | None = None
    ) -> tuple[str, str, int]:
        """A token for a person on the control API; roles are looked up on each request, not carried."""
        life = min(seconds or self.limits.person_token_seconds, self.limits.person_token_seconds)
        return await self.issue(tx, f"person:{login}", self.control_audience, life, {"client_id": "console"})

    async def verify(self, token: str, audience: str) -> AccessToken:
        """Check an access token of ours for ``audience``.

        Raises:
            TokenRefused: with the rule broken.
        """
        try:
            claims = await self._proved_claims(token) or await self._verified_claims(token)
            check_claims(claims, Party(self.issuer, audience))
        except TokenRefused:
            self._proved.forget(token)
            raise
        return AccessToken(claims["sub"], claims["aud"], claims["jti"], claims["exp"], claims)

    async def _proved_claims(self, token: str) -> dict[str, Any] | None:
        found = self._proved.find(token)
        if found is None:
            return None
        read, jwk = found
        check_still_valid(read.claims, self.limits.clock_skew_seconds, int(self._now()))
        return read.claims if await self.keys.find(read.kid) == jwk else None

    async def _verified_claims(self, token: str) -> dict[str, Any]:
        read = precheck(
            token,
            types=(_ACCESS_TYPE,),
            leeway_seconds=self.limits.clock_skew_seconds,
            longest_seconds=max(self.limits.token_seconds, self.limits.person_token_seconds),
            now=int(self._now()),
        )
        jwk = await self.keys.find(read.kid)
        if jwk is None:
            raise refused("key", "the token was not signed by a key of this gateway", "令牌不是本网关签发")
        claims = verified(read, jwk)
        self._proved.keep(read, jwk)
        return claims
