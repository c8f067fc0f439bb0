"""The token endpoint: a client proves itself and gets a token for exactly one grant (RFC 6749 section 4.4).

Here and not in ``identity``, because a token is bound to a grant: one data service (RFC 8707), one purpose.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.authz.clients import ClientForm, Clients, Field, Origin, TokenRequestWrong, origin_of, who, wrong
from gateway.authz.grants import store
from gateway.authz.grants.model import Grant
from gateway.catalog import TokenBinding
from gateway.deadlines import local_day
from gateway.identity import AssertionRefused, TokenRefused
from gateway.identity.binding import NOTHING, Presented
from gateway.identity.certificates import CertificateRefused
from gateway.identity.making import Passes
from gateway.identity.proofs import Proof, TokenProofRefused
from gateway.identity.tokens import ProvedClient
from gateway.names import GrantId
from gateway.storage import Connection, Database
from gateway.telemetry import Metrics
from gateway.web import ANYONE, Ask, Model, Reply, Route

_SCOPE: Final = "data:call"
DETAILS_TYPE: Final = "data_call"
_DETAILS_BYTES: Final = 3000
"""A token must stay far below the 8 KB that are read of one; what is longer is to be looked up."""


class TokenForm(ClientForm):
    """The form of the token request."""

    grant_type: Field | None = None
    resource: Field | None = None
    grant_id: Field | None = None
    scope: Field | None = None
    authorization_details: Field | None = None


class TokenAnswer(Model):
    """The token (RFC 6749 section 5.1); ``grant_id`` says which grant it is bound to, the details what it allows."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    grant_id: UUID
    authorization_details: list[dict[str, Any]]


class TokenDesk:
    """Issues tokens for grants. ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        passes: Passes,
        clients: Clients,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._tokens = passes.tokens
        self.proofs = passes.proofs
        self._clients = clients
        self._metrics = metrics
        self._now = now
        self._default = TokenBinding(self._tokens.limits.token_binding)

    async def issue(
        self, form: TokenForm, proof_text: str | None, origin: Origin, request_id: str
    ) -> TokenAnswer:
        """Prove the client, find its one grant, sign; with a DPoP proof the token is bound to its key (RFC 9449).

        A proof is read before the assertion is used up, so that a proof without a nonce costs no assertion.

        Raises:
            TokenRequestWrong: with the OAuth ``error`` member (RFC 6749 section 5.2, RFC 8707 section 2).
            TokenProofRefused: the proof is not accepted, or needs the server's nonce.
            AssertionRefused, CertificateRefused: the client did not prove itself; recorded.
        """
        service = self._service(form)
        proof = self._read_proof(proof_text)
        async with self._database.connection() as connection:
            client = await self._clients.prove(connection, form, origin, request_id)
            presented = await self._use_proof(connection, proof) if proof else NOTHING
            presented = replace(presented, x5t=client.x5t)
            found = await self._grant(connection, form, client, service)
            self._check_bound(found, presented)
            said = self._claims(found, client, presented)
            token, token_id, expires = await self._tokens.issue(
                connection,
                client.id,
                self._tokens.service_audience(service),
                self._seconds(client),
                said,
            )
        await self._log.append(_issued(found.grant, client, origin.address, request_id, token_id))
        return TokenAnswer(
            access_token=token,
            token_type="DPoP" if proof else "Bearer",
            expires_in=expires - self._tokens.now(),
            scope=_SCOPE,
            grant_id=found.grant.id,
            authorization_details=said["authorization_details"],
        )

    def _seconds(self, client: ProvedClient) -> int:
        """The token's life: never longer than the certificate that got it."""
        life = self._tokens.limits.token_seconds
        if client.until is None:
            return life
        return max(1, min(life, int(client.until.timestamp()) - self._tokens.now()))

    def _claims(self, found: store.Callable, client: ProvedClient, presented: Presented) -> dict[str, Any]:
        grant, bound = found.grant, presented.confirmation()
        said: dict[str, Any] = {
            "client_id": client.id,
            "scope": _SCOPE,
            "grant_id": str(grant.id),
            "purpose_id": grant.purpose,
            "item": found.item,
            "item_version": found.item_version,
            "consumer_org": grant.consumer_org,
            "provider_org": grant.provider_org,
            "proved_by": client.kid,
            "authorization_details": [self._details(found)],
        }
        if client.digest is not None:
            said["digest"] = client.digest
        if bound:
            said["cnf"] = bound
        return said

    def _details(self, found: store.Callable) -> dict[str, Any]:
        """What the token allows, in the words of RFC 9396; the grant is asked anew on every call all the same."""
        grant, terms = found.grant, found.grant.terms
        short = {
            "type": DETAILS_TYPE,
            "locations": [self._tokens.service_audience(grant.service)],
            "actions": ["call"],
            "identifier": found.item,
            "purpose": grant.purpose,
        }
        bounds = {name: one.model_dump(exclude_none=True) for name, one in terms.parameters.items()}
        full = {**short, "fields": terms.fields, **({"parameters": bounds} if bounds else {})}
        if len(orjson.dumps(full)) <= _DETAILS_BYTES:
            return full
        return {**short, "terms": f"{self._tokens.issuer}/v1/grants/{grant.id}"}

    def _read_proof(self, text: str | None) -> Proof | None:
        if text is None:
            return None
        try:
            return self.proofs.read(text, "POST", f"{self._tokens.issuer}/oauth/token")
        except TokenRefused as fault:
            raise self._proof_refused(fault) from None

    async def _use_proof(self, connection: Connection, proof: Proof) -> Presented:
        try:
            await self.proofs.use(connection, proof)
        except TokenRefused as fault:
            raise self._proof_refused(fault) from None
        self._metrics.tokens.labels("proof", "accepted").inc()
        return proof.presented

    def _proof_refused(self, fault: TokenRefused) -> TokenProofRefused:
        self._metrics.token_refused("proof", str(fault.extra.get("reason", "")))
        return self.proofs.of_token_request(fault)

    def _check_bound(self, found: store.Callable, presented: Presented) -> None:
        wanted = found.token_binding or self._default
        if wanted is TokenBinding.SENDER_CONSTRAINED and not presented.confirmation():
            raise wrong(
                "invalid_request",
                "this resource takes only tokens bound to a key: send a DPoP proof or use mutual TLS",
                "该资源仅接受绑定密钥的令牌：请携带 DPoP 证明或使用双向 TLS",
            )

    def _service(self, form: TokenForm) -> str:
        if form.grant_type != "client_credentials":
            raise wrong(
                "unsupported_grant_type",
                "grant_type must be client_credentials",
                "grant_type 须为 client_credentials",
            )
        if form.scope not in (None, _SCOPE):
            raise wrong("invalid_scope", f"the only scope is {_SCOPE}", f"scope 只能为 {_SCOPE}")
        if form.authorization_details is not None:
            raise wrong(
                "invalid_authorization_details",
                "the grant says what the token allows: name it with resource and grant_id",
                "令牌权限由授权确定：请以 resource 与 grant_id 指明",
            )
        prefix = self._tokens.service_audience("")
        if not form.resource or not form.resource.startswith(prefix):
            raise wrong(
                "invalid_target", f"resource must be {prefix}<service>", f"resource 须为 {prefix}<服务名称>"
            )
        return form.resource.removeprefix(prefix)

    async def _grant(
        self, connection: Connection, form: TokenForm, client: ProvedClient, service: str
    ) -> store.Callable:
        today = local_day(self._now())
        named = _grant_id(form.grant_id)
        found = await store.callable_by(connection, client.id, service, today, named, client.purpose)
        if not found:
            raise wrong("invalid_target", f"no grant in force for {service}", f"{service} 没有有效授权")
        if len(found) > 1:
            raise wrong(
                "invalid_target",
                "several grants match: name one with grant_id",
                "存在多个授权，请用 grant_id 指明",
            )
        return found[0]


def _issued(grant: Grant, client: ProvedClient, address: str, request_id: str, token_id: str) -> Event:
    return Event(
        type=EventType.TOKEN_ISSUED, outcome=Outcome.ALLOW, who=who(client, address),
        consumer_org=grant.consumer_org, provider_org=grant.provider_org, object_kind="token", object_id=token_id,
        resource=grant.service, purpose=grant.purpose, grant_id=str(grant.id), application_id=str(grant.application_id),
        request_id=request_id, cause=(grant.cause,), detail={"digest": client.digest} if client.digest else {},
    )  # fmt: skip


def _grant_id(given: str | None) -> GrantId | None:
    try:
        return GrantId(UUID(given)) if given else None
    except ValueError:
        raise wrong("invalid_request", "grant_id is not a grant's id", "grant_id 格式不正确") from None


async def issue_token(desk: TokenDesk, ask: Ask[TokenForm]) -> Reply:
    issued = await desk.issue(ask.given, ask.proof, origin_of(ask), ask.request_id)
    return Reply(issued, {} if ask.proof is None else {"DPoP-Nonce": desk.proofs.nonces.fresh()})


ROUTES: Final = [
    Route("POST", "/oauth/token", issue_token, ANYONE, "Get an access token for one data service", "获取数据服务访问令牌",
          "identity", given=TokenForm, returns=TokenAnswer, form=True,
          problems=(TokenRequestWrong, TokenProofRefused, AssertionRefused, CertificateRefused)),
]  # fmt: skip
