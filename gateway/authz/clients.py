"""How an application system proves itself at the OAuth endpoints: one place for tokens, revocation and introspection."""

from typing import Annotated, Final

from pydantic import ConfigDict, StringConstraints

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.errors import Malformed
from gateway.identity import AssertionRefused, Tokens
from gateway.identity.certificates import CertificateRefused, ClientCertificates
from gateway.identity.tokens import ProvedClient
from gateway.storage import Connection
from gateway.telemetry import Metrics
from gateway.web import Model

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
        self, connection: Connection, form: ClientForm, address: str, request_id: str
    ) -> ProvedClient:
        """The system behind a request; what it proved itself with is used up.

        Raises:
            TokenRequestWrong: nothing here says who asks, or two things say different.
            AssertionRefused, CertificateRefused: it did not prove itself; recorded.
        """
        if form.client_assertion_type != ASSERTION_TYPE or not form.client_assertion:
            raise wrong(
                "invalid_request",
                f"client_assertion_type must be {ASSERTION_TYPE}, with an assertion",
                "缺少或不支持的客户端断言",
            )
        try:
            client = await self._tokens.prove_client(connection, form.client_assertion)
            if client.certificate is not None:
                await self._certificates.check(connection, client.certificate)
        except (AssertionRefused, CertificateRefused) as refusal:
            await self._refused(str(refusal.extra.get("reason", refusal.slug())), address, request_id)
            raise
        self._metrics.tokens.labels("assertion", "accepted").inc()
        if form.client_id not in (None, client.id):
            raise wrong("invalid_request", "client_id is not the assertion's client", "client_id 与断言不符")
        return client

    async def _refused(self, reason: str, address: str, request_id: str) -> None:
        self._metrics.token_refused("assertion", reason)
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
