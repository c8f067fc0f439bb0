"""The token endpoint: a client proves itself and gets a token for exactly one grant (RFC 6749 section 4.4).

Here and not in ``identity``, because a token is bound to a grant: one data service (RFC 8707), one purpose.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import ConfigDict, StringConstraints

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.authz.grants import store
from gateway.authz.grants.model import Grant
from gateway.catalog import Catalog
from gateway.deadlines import local_day
from gateway.errors import Malformed
from gateway.identity import AssertionRefused, Tokens
from gateway.identity.certificates import CertificateRefused, ClientCertificates
from gateway.identity.tokens import ProvedClient
from gateway.names import GrantId
from gateway.storage import Connection, Database
from gateway.telemetry import Metrics
from gateway.web import ANYONE, Ask, Model, Reply, Route

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SCOPE: Final = "data:call"

_Field = Annotated[str, StringConstraints(min_length=1, max_length=8192)]


class TokenRequestWrong(Malformed):
    """The token request is not right（令牌请求不正确）."""

    remedy = (
        "Send grant_type, client_assertion_type, client_assertion and resource as a form; see the README.",
        "请以表单提交 grant_type、client_assertion_type、client_assertion 与 resource，参见 README。",
    )


class TokenForm(Model):
    """The form of the token request; unrecognised parameters are ignored (RFC 6749 section 3.2)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    grant_type: _Field | None = None
    client_assertion_type: _Field | None = None
    client_assertion: _Field | None = None
    client_id: _Field | None = None
    resource: _Field | None = None
    grant_id: _Field | None = None
    scope: _Field | None = None


class TokenAnswer(Model):
    """The token (RFC 6749 section 5.1); ``grant_id`` says which grant it is bound to."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str
    grant_id: UUID


class TokenDesk:
    """Issues tokens for grants. ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        tokens: Tokens,
        certificates: ClientCertificates,
        catalog: Catalog,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._tokens = tokens
        self._certificates = certificates
        self._catalog = catalog
        self._metrics = metrics
        self._now = now

    async def issue(self, form: TokenForm, address: str, request_id: str) -> TokenAnswer:
        """Prove the client, find its one grant, sign.

        Raises:
            TokenRequestWrong: with the OAuth ``error`` member (RFC 6749 section 5.2, RFC 8707 section 2).
            AssertionRefused, CertificateRefused: the client did not prove itself; recorded.
        """
        service = self._service(form)
        client = await self._prove(form.client_assertion or "", address, request_id)
        if form.client_id not in (None, client.id):
            raise _wrong("invalid_request", "client_id is not the assertion's client", "client_id 与断言不符")
        async with self._database.transaction() as tx:
            found = await self._grant(tx, form, client, service)
            resource = await self._catalog.at(tx, found.resource_id)
            token, token_id, expires = await self._tokens.issue(
                tx,
                client.id,
                self._tokens.service_audience(service),
                self._tokens.limits.token_seconds,
                {
                    "client_id": client.id,
                    "scope": _SCOPE,
                    "grant_id": str(found.id),
                    "purpose_id": found.purpose,
                    "item": resource.description.code,
                    "item_version": resource.version,
                    "consumer_org": found.consumer_org,
                    "provider_org": found.provider_org,
                },
            )
            await self._log.emit(tx, _issued(found, client, address, request_id, token_id))
        seconds = expires - int(self._now().timestamp())
        return TokenAnswer(
            access_token=token, token_type="Bearer", expires_in=seconds, scope=_SCOPE, grant_id=found.id
        )

    def _service(self, form: TokenForm) -> str:
        if form.grant_type != "client_credentials":
            raise _wrong(
                "unsupported_grant_type",
                "grant_type must be client_credentials",
                "grant_type 须为 client_credentials",
            )
        if form.client_assertion_type != _ASSERTION_TYPE or not form.client_assertion:
            raise _wrong(
                "invalid_request",
                f"client_assertion_type must be {_ASSERTION_TYPE}, with an assertion",
                "缺少或不支持的客户端断言",
            )
        if form.scope not in (None, _SCOPE):
            raise _wrong("invalid_scope", f"the only scope is {_SCOPE}", f"scope 只能为 {_SCOPE}")
        prefix = self._tokens.service_audience("")
        if not form.resource or not form.resource.startswith(prefix):
            raise _wrong(
                "invalid_target", f"resource must be {prefix}<service>", f"resource 须为 {prefix}<服务名称>"
            )
        return form.resource.removeprefix(prefix)

    async def _prove(self, assertion: str, address: str, request_id: str) -> ProvedClient:
        try:
            async with self._database.transaction() as tx:
                client = await self._tokens.prove_client(tx, assertion)
                if client.certificate is not None:
                    await self._certificates.check(tx, client.certificate)
        except (AssertionRefused, CertificateRefused) as refusal:
            self._metrics.tokens.labels("assertion", "refused").inc()
            await self._log.append(
                Event(
                    type=EventType.TOKEN_REFUSED, outcome=Outcome.DENY, who=Who(kind="anonymous", address=address),
                    reason=str(refusal.extra.get("reason", refusal.slug())), request_id=request_id,
                )
            )  # fmt: skip
            raise
        self._metrics.tokens.labels("assertion", "accepted").inc()
        return client

    async def _grant(self, tx: Connection, form: TokenForm, client: ProvedClient, service: str) -> Grant:
        found = await store.callable_by(
            tx, client.id, service, local_day(self._now()), _grant_id(form.grant_id)
        )
        if not found:
            raise _wrong("invalid_target", f"no grant in force for {service}", f"{service} 没有有效授权")
        if len(found) > 1:
            raise _wrong(
                "invalid_target",
                "several grants match: name one with grant_id",
                "存在多个授权，请用 grant_id 指明",
            )
        return found[0]


def _issued(grant: Grant, client: ProvedClient, address: str, request_id: str, token_id: str) -> Event:
    return Event(
        type=EventType.TOKEN_ISSUED, outcome=Outcome.ALLOW,
        who=Who(kind="client", id=client.id, org=client.org, client=client.id, address=address, authenticated_by=client.kid),
        consumer_org=grant.consumer_org, provider_org=grant.provider_org, object_kind="token", object_id=token_id,
        resource=grant.service, purpose=grant.purpose, grant_id=str(grant.id), application_id=str(grant.application_id),
        request_id=request_id, cause=(grant.cause,),
    )  # fmt: skip


def _grant_id(given: str | None) -> GrantId | None:
    try:
        return GrantId(UUID(given)) if given else None
    except ValueError:
        raise _wrong("invalid_request", "grant_id is not a grant's id", "grant_id 格式不正确") from None


def _wrong(error: str, detail: str, detail_zh: str) -> TokenRequestWrong:
    return TokenRequestWrong(detail, detail_zh, error=error, error_description=detail)


async def issue_token(desk: TokenDesk, ask: Ask[TokenForm]) -> Reply:
    return Reply(await desk.issue(ask.given, ask.principal.address, ask.request_id))


ROUTES: Final = [
    Route("POST", "/oauth/token", issue_token, ANYONE, "Get an access token for one data service", "获取数据服务访问令牌",
          "identity", given=TokenForm, returns=TokenAnswer, form=True, problems=(TokenRequestWrong, AssertionRefused, CertificateRefused)),
]  # fmt: skip
