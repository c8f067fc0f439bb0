"""How an application system proves itself at the OAuth endpoints: one place for tokens, revocation and introspection."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from pydantic import ConfigDict, StringConstraints

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.errors import Malformed
from gateway.identity import AssertionRefused, Tokens
from gateway.identity.certificates import CertificateRefused, ClientCertificates
from gateway.identity.tokens import ProvedClient
from gateway.storage import Connection
from gateway.telemetry import Metrics
from gateway.web import Ask, Model
from gateway.web.peer_certificate import PeerCertificate

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

Field = Annotated[str, StringConstraints(min_length=1, max_length=8192)]


class TokenRequestWrong(Malformed):
    """The token request is not right（令牌请求不正确）."""

    remedy = (
        "Send grant_type, client_assertion_type, client_assertion and resource as a form; see the README.",
        "请以表单提交 grant_type、client_assertion_type、client_assertion 与 resource，参见 README。",
    )


class ClientForm(Model):
    """What every OAuth request of a system carries; unrecognised parameters are ignored (RFC 6749 section 3.2)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    client_assertion_type: Field | None = None
    client_assertion: Field | None = None
    client_id: Field | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: the network address, and the certificate of its connection, if one was presented."""

    address: str
    certificate: PeerCertificate | None = None


def origin_of(ask: Ask[Any]) -> Origin:
    """Where a request came from."""
    return Origin(ask.principal.address, ask.certificate)


class Clients:
    """Proves systems, and records those who could not prove themselves."""

    def __init__(
        self, log: AuditLog, tokens: Tokens, certificates: ClientCertificates, metrics: Metrics
    ) -> None:
        self._log = log
        self._tokens = tokens
        self._certificates = certificates
        self._metrics = metrics

    async def prove(
        self, connection: Connection, form: ClientForm, origin: Origin, request_id: str
    ) -> ProvedClient:
        """The system behind a request; what it proved itself with is used up.

        By assertion, or by the certificate of the connection alone (RFC 8705 section 2). A certificate that comes with an
        assertion must be the system's too.

        Raises:
            TokenRequestWrong: nothing here says who asks, or two things say different.
            AssertionRefused, CertificateRefused: it did not prove itself; recorded.
        """
        try:
            if (
                form.client_assertion is None
                and origin.certificate is not None
                and form.client_id is not None
            ):
                client = await self._by_certificate(connection, form.client_id, origin.certificate)
            else:
                client = await self._by_assertion(connection, form, origin.certificate)
        except (AssertionRefused, CertificateRefused) as refusal:
            kind = "assertion" if isinstance(refusal, AssertionRefused) else "certificate"
            await self._refused(
                kind, str(refusal.extra.get("reason", refusal.slug())), origin.address, request_id
            )
            raise
        if form.client_id not in (None, client.id):
            raise wrong("invalid_request", "client_id is not the assertion's client", "client_id 与断言不符")
        return client

    async def _by_certificate(
        self, connection: Connection, client: str, certificate: PeerCertificate
    ) -> ProvedClient:
        found = await self._certificates.prove(connection, client, certificate)
        self._metrics.tokens.labels("certificate", "accepted").inc()
        return ProvedClient(
            found.id, found.org, found.registered, x5t=found.thumbprint, until=found.not_after
        )

    async def _by_assertion(
        self, connection: Connection, form: ClientForm, certificate: PeerCertificate | None
    ) -> ProvedClient:
        if form.client_assertion_type != ASSERTION_TYPE or not form.client_assertion:
            raise wrong(
                "invalid_request",
                f"client_assertion_type must be {ASSERTION_TYPE}, with an assertion",
                "缺少或不支持的客户端断言",
            )
        client = await self._tokens.prove_client(connection, form.client_assertion)
        self._metrics.tokens.labels("assertion", "accepted").inc()
        if client.certificate is not None:
            own = await self._certificates.check(connection, client.certificate)
            client = replace(client, until=own.not_after)
        if certificate is not None:
            shown = await self._certificates.prove(connection, client.id, certificate)
            until = min(client.until or shown.not_after, shown.not_after)
            client = replace(client, x5t=shown.thumbprint, until=until)
        return client

    async def _refused(self, kind: str, reason: str, address: str, request_id: str) -> None:
        self._metrics.token_refused(kind, reason)
        await self._log.append(
            Event(
                type=EventType.TOKEN_REFUSED, outcome=Outcome.DENY, who=Who(kind="anonymous", address=address),
                reason=reason, request_id=request_id,
            )
        )  # fmt: skip


def wrong(error: str, detail: str, detail_zh: str) -> TokenRequestWrong:
    """A refusal with its OAuth ``error`` (RFC 6749 section 5.2)."""
    return TokenRequestWrong(detail, detail_zh, error=error, error_description=detail)


def who(client: ProvedClient, address: str) -> Who:
    """How a system that proved itself stands in the audit log."""
    return Who(
        kind="client", id=client.id, org=client.org, client=client.id, address=address, authenticated_by=client.kid
    )  # fmt: skip
