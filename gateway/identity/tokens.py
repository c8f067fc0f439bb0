"""Tokens: reading clients' assertions, writing and reading access tokens.

Profile: OAuth 2.0 client credentials with ``private_key_jwt`` (RFC 7521, 7523) to an ``at+jwt`` (RFC 9068) signed
ES256, for one data service and one purpose, short-lived. People act with tokens of the same form for the control
API, issued on the box until the portal signs them in.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn

import jwt

from gateway.errors import GatewayError, Unauthenticated
from gateway.identity import store
from gateway.identity.access import ACCESS_TYPES, Party, check_claims
from gateway.identity.assertion_rules import ASSERTION_RULES, ASSERTION_TYPES, AssertionReading
from gateway.identity.jose import (
    TokenRefused,
    check_algorithm,
    check_signature,
    check_still_valid,
    not_signed,
    precheck,
    refused,
    verified,
)
from gateway.identity.keys import KeyRing
from gateway.identity.proved import AccessToken, Entry, Proved, token_key
from gateway.identity.revocations import Revocations, check_revoked
from gateway.names import ClientId, Login, OrgCode, new_id
from gateway.settings import Identity as Limits
from gateway.storage import Connection

_MOST_CLIENT_KEYS: Final = 10_000
_REFRESH_SECONDS: Final = 0.2
_EVENT_TYPE: Final = "secevent+jwt"


class AssertionRefused(Unauthenticated):
    """The client's assertion is not accepted（应用系统的身份断言不被接受）."""

    remedy = (
        "Sign a new assertion: iss and sub your client id, aud the issuer, a fresh jti, exp at most 300 s ahead.",
        "请重新签名断言：iss、sub 为应用系统标识，aud 为签发者，jti 不重复，exp 不超过 300 秒。",
    )


@dataclass(frozen=True, slots=True)
class ProvedClient:
    """A client that proved itself: id, department and the thumbprint of the key or certificate that proved it.

    ``certificate`` is the one the key was registered with, if any: whether it is still good is the caller's to ask;
    ``x5t`` is the one presented with the request, checked; ``until`` says when the first of both ends.
    ``purpose`` and ``digest`` are what its assertion says of the token wanted: the purpose of the grant, and a digest of
    the client's own evidence of the case.
    """

    id: ClientId
    org: OrgCode
    kid: str
    certificate: str | None = None
    purpose: str | None = None
    digest: dict[str, str] | None = None
    x5t: str | None = None
    until: datetime | None = None


def check_client_key(token: AssertionReading, jwk: dict[str, Any] | None) -> None:
    """Refuse an assertion that no known key of the client signed.

    Raises:
        TokenRefused: in the same words whether the client, the key or the signature is wrong.
    """
    if jwk is None:
        raise not_signed()
    check_algorithm(token.header["alg"], jwk)
    check_signature(token.text, jwk)


class Tokens:
    """Issues and verifies.

    Args:
        issuer: our issuer identifier (RFC 8414), the base of every audience.
        now: Unix seconds; a test's clock can stand here.
    """

    def __init__(
        self,
        issuer: str,
        keys: KeyRing,
        revocations: Revocations,
        limits: Limits,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.issuer = issuer
        self.keys = keys
        self.revocations = revocations
        self.limits = limits
        self._now = now
        self._proved = Proved()
        self._in_use = False
        self._client_keys: dict[tuple[str, str], dict[str, Any]] = {}

    @property
    def longest_seconds(self) -> int:
        """The longest life of any access token."""
        return max(self.limits.token_seconds, self.limits.person_token_seconds)

    def now(self) -> int:
        """Unix seconds on the clock that tokens are issued and judged by."""
        return int(self._now())

    @property
    def control_audience(self) -> str:
        """The audience of people's tokens: the control API."""
        return f"{self.issuer}/v1"

    def service_audience(self, service: str) -> str:
        """The audience of tokens for one data service; also the OAuth ``resource`` (RFC 8707)."""
        return f"{self.issuer}/services/{service}"

    def reading(self, assertion: str) -> AssertionReading:
        """An assertion with what it is read against."""
        limits = self.limits
        return AssertionReading(
            assertion, ASSERTION_TYPES, limits.clock_skew_seconds, limits.assertion_seconds, self.now(), issuer=self.issuer
        )  # fmt: skip

    async def prove_client(self, connection: Connection, assertion: str) -> ProvedClient:
        """Check a client assertion and use it up (RFC 7523 section 3).

        Raises:
            AssertionRefused: with the rule broken; an unknown client and a wrong signature read alike.
        """
        token = self.reading(assertion)
        try:
            for rule in ASSERTION_RULES:
                rule.check(token)
            kid = token.header["kid"]
            check_client_key(token, await self._client_key(connection, token.client, kid))
            org, certificate = await self._use(connection, token, kid)
        except TokenRefused as fault:
            raise AssertionRefused(
                fault.detail,
                fault.detail_zh,
                error="invalid_client",
                error_description=fault.detail,
                **fault.extra,
            ) from None
        said = token.claims
        return ProvedClient(
            ClientId(token.client), org, kid, certificate, said.get("purpose_id"), said.get("digest")
        )

    async def _client_key(self, connection: Connection, client: str, kid: str) -> dict[str, Any] | None:
        """The key of that thumbprint, in force or not: a kid never names another key, so it is kept for good."""
        known = self._client_keys.get((client, kid))
        if known is None and (known := await store.client_key(connection, client, kid)) is not None:
            if len(self._client_keys) >= _MOST_CLIENT_KEYS:
                self._client_keys.clear()
            self._client_keys[client, kid] = known
        return known

    async def _use(
        self, connection: Connection, token: AssertionReading, kid: str
    ) -> tuple[OrgCode, str | None]:
        """Use the assertion up, if client and key are in force at this moment; the department, and the key's certificate."""
        ends = datetime.fromtimestamp(token.claims["exp"], UTC)
        found = await store.use_assertion(connection, token.client, kid, token.claims["jti"], ends)
        if found is None:
            if await store.live_key(connection, token.client, kid) is None:
                raise not_signed()
            raise refused("replayed", "this assertion was used before", "该断言已被使用")
        return found

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
        headers = {"typ": ACCESS_TYPES[0], "kid": kid}
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
            DatabaseDown: keys or revocations cannot be looked at; then nothing is accepted.
        """
        return self.recalled(token, audience) or await self._verified(token, audience)

    async def keep_fresh(self) -> NoReturn:
        """Look at keys and revocations again before they are too old to answer by, as long as tokens come; until cancelled.

        So no call waits for a look. Where one fails, whoever needs it looks for itself and says why it cannot.
        """
        while True:
            await asyncio.sleep(_REFRESH_SECONDS)
            if self._in_use:
                self._in_use = False
                with suppress(GatewayError):
                    await asyncio.gather(self.revocations.refresh(), self.keys.refresh())

    async def state_of(self, token: str) -> AccessToken:
        """Check an access token of ours for whatever audience, by every rule but that one.

        Raises:
            TokenRefused, DatabaseDown: as :meth:`verify`.
        """
        return await self._verified(token, None)

    def recalled(self, token: str, audience: str) -> AccessToken | None:
        """The token if it was accepted before, and nothing it was accepted by has changed since: its key, the list of
        revocations, the audience asked for, and that it is not past its end. Whom it is bound to is the caller's to check.
        """
        return self.recalled_by(token_key(token), audience)

    def recalled_by(self, key: bytes, audience: str) -> AccessToken | None:
        """:meth:`recalled` for whoever has made the :func:`token_key` of a token before."""
        self._in_use = True
        found = self._proved.find_by(key)
        if found is None or found.access.audience != audience:
            return None
        keys, revoked = self.keys.fresh(), self.revocations.fresh()
        if keys is None or found.keys is not keys or revoked is None or found.revoked is not revoked:
            return None
        now = int(self._now())
        if found.begins_at - self.limits.clock_skew_seconds <= now < found.access.expires_at:
            return found.access
        return None

    async def _verified(self, token: str, audience: str | None) -> AccessToken:
        try:
            entry = await self._proved_entry(token) or await self._read(token)
            claims = entry.read.claims
            check_claims(claims, Party(self.issuer, audience))
            revoked = await self.revocations.current()
            check_revoked(claims, revoked)
        except TokenRefused:
            self._proved.forget(token)
            raise
        entry.revoked = revoked
        self._proved.keep(entry)
        return entry.access

    async def _proved_entry(self, token: str) -> Entry | None:
        found = self._proved.find(token)
        if found is None:
            return None
        check_still_valid(found.read.claims, self.limits.clock_skew_seconds, int(self._now()))
        if await self.keys.find(found.read.kid) != found.jwk:
            return None
        found.keys = self.keys.fresh()
        return found

    async def _read(self, token: str) -> Entry:
        read = precheck(
            token,
            types=ACCESS_TYPES,
            leeway_seconds=self.limits.clock_skew_seconds,
            longest_seconds=self.longest_seconds,
            now=int(self._now()),
        )
        jwk, keys = await self.keys.find(read.kid), self.keys.fresh()
        if jwk is None:
            raise refused("key", "the token was not signed by a key of this gateway", "令牌不是本网关签发")
        claims = verified(read, jwk)
        access = AccessToken(
            str(claims.get("sub")), str(claims.get("aud")), str(claims.get("jti")), claims["exp"], claims
        )
        return Entry(read, jwk, access, max(claims["iat"], claims.get("nbf", 0)), keys)
