"""What became of a token: revocation by the system it was issued to (RFC 7009), introspection by its parties (RFC 7662)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.authz.clients import ClientForm, Clients, Field, Origin, TokenRequestWrong, origin_of, who, wrong
from gateway.authz.grants import store
from gateway.deadlines import local_day
from gateway.identity import AccessToken, AssertionRefused, TokenRefused, Tokens
from gateway.identity.certificates import CertificateRefused
from gateway.identity.revoking import Revoking
from gateway.identity.tokens import ProvedClient
from gateway.names import GrantId
from gateway.storage import Database
from gateway.telemetry import Metrics
from gateway.web import ANYONE, Ask, Model, Reply, Route

_SHOWN: Final = (
    "iss", "sub", "client_id", "aud", "iat", "exp", "jti", "scope", "cnf", "authorization_details", "grant_id",
    "purpose_id", "item", "item_version", "consumer_org", "provider_org", "digest",
)  # fmt: skip


class StateForm(ClientForm):
    """The form of both requests; the hint helps nobody, since there is one kind of token."""

    token: Field | None = None
    token_type_hint: Field | None = None


class TokenState(Model):
    """Whether the token would be accepted now, and if so its claims (RFC 7662 section 2.2); nothing else is told."""

    active: bool
    token_type: str | None = None
    iss: str | None = None
    sub: str | None = None
    client_id: str | None = None
    aud: str | None = None
    iat: int | None = None
    exp: int | None = None
    jti: str | None = None
    scope: str | None = None
    cnf: dict[str, str] | None = None
    authorization_details: list[dict[str, Any]] | None = None
    grant_id: str | None = None
    purpose_id: str | None = None
    item: str | None = None
    item_version: int | None = None
    consumer_org: str | None = None
    provider_org: str | None = None
    digest: dict[str, str] | None = None


class Nothing(Model):
    """An empty object: what is revoked is not said (RFC 7009 section 2.2)."""


class TokenStates:
    """The acts. ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        tokens: Tokens,
        revoking: Revoking,
        clients: Clients,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._tokens = tokens
        self._revoking = revoking
        self._clients = clients
        self._metrics = metrics
        self._now = now

    async def revoke(self, form: StateForm, origin: Origin, request_id: str) -> None:
        """Refuse a token from now on, if it is the asking system's and would still be accepted; else do nothing.

        Raises:
            TokenRequestWrong: no token is named.
            AssertionRefused, CertificateRefused: the system did not prove itself; recorded.
        """
        text = _token(form)
        client, token = await self._prove(form, origin, request_id), await self._read(text)
        if token is None or token.subject != client.id:
            return
        async with self._database.transaction() as tx:
            await self._revoking.refuse_token(tx, token.token_id)
            await self._log.emit(tx, _revoked(token, client, origin.address, request_id))
        self._tokens.revocations.expire()

    async def introspect(self, form: StateForm, origin: Origin, request_id: str) -> TokenState:
        """What a token of the asking system's department, as consumer or provider, says; inactive for any fault.

        Raises:
            TokenRequestWrong: no token is named.
            AssertionRefused, CertificateRefused: the system did not prove itself; recorded.
        """
        text = _token(form)
        client, token = await self._prove(form, origin, request_id), await self._read(text)
        if token is None or not await self._is_good(token, client):
            return TokenState(active=False)
        shown = {name: token.claims[name] for name in _SHOWN if name in token.claims}
        kind = "DPoP" if "jkt" in token.claims.get("cnf", {}) else "Bearer"
        return TokenState(active=True, token_type=kind, **shown)

    async def _prove(self, form: StateForm, origin: Origin, request_id: str) -> ProvedClient:
        # the connection is given back before the token is read: reading may need one, and all could wait for the last
        async with self._database.connection() as connection:
            return await self._clients.prove(connection, form, origin, request_id)

    async def _read(self, text: str) -> AccessToken | None:
        try:
            found = await self._tokens.state_of(text)
        except TokenRefused as fault:
            self._metrics.token_refused("access", str(fault.extra.get("reason", "")))
            return None
        return found if found.audience.startswith(self._tokens.service_audience("")) else None

    async def _is_good(self, token: AccessToken, client: ProvedClient) -> bool:
        """Whether the asker is a party to the token, and the grant behind it is in force."""
        said = token.claims
        if client.org not in (said.get("consumer_org"), said.get("provider_org")):
            return False
        try:
            grant = GrantId(UUID(str(said.get("grant_id"))))
        except ValueError:
            return False
        async with self._database.connection() as connection:
            return await store.is_callable(connection, grant, local_day(self._now()))


def _token(form: StateForm) -> str:
    if form.token is None:
        raise wrong("invalid_request", "the parameter token is missing", "缺少参数 token")
    return form.token


def _revoked(token: AccessToken, client: ProvedClient, address: str, request_id: str) -> Event:
    said = {
        name: str(token.claims.get(name, ""))
        for name in ("consumer_org", "provider_org", "purpose_id", "grant_id")
    }
    return Event(
        type=EventType.TOKEN_REVOKED, outcome=Outcome.DONE, who=who(client, address), object_kind="token",
        object_id=token.token_id, consumer_org=said["consumer_org"], provider_org=said["provider_org"],
        purpose=said["purpose_id"], grant_id=said["grant_id"], request_id=request_id,
    )  # fmt: skip


async def revoke_token(states: TokenStates, ask: Ask[StateForm]) -> Reply:
    await states.revoke(ask.given, origin_of(ask), ask.request_id)
    return Reply(Nothing())


async def introspect_token(states: TokenStates, ask: Ask[StateForm]) -> Reply:
    return Reply(await states.introspect(ask.given, origin_of(ask), ask.request_id))


ROUTES: Final = [
    Route("POST", "/oauth/revoke", revoke_token, ANYONE, "Revoke an own access token (RFC 7009)", "吊销本系统的访问令牌",
          "identity", given=StateForm, returns=Nothing, form=True, problems=(TokenRequestWrong, AssertionRefused, CertificateRefused)),
    Route("POST", "/oauth/introspect", introspect_token, ANYONE, "Show the state of an access token (RFC 7662)",
          "查询访问令牌状态", "identity", given=StateForm, returns=TokenState, form=True,
          problems=(TokenRequestWrong, AssertionRefused, CertificateRefused)),
]  # fmt: skip
