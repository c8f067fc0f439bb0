"""Makes the parts that judge certificates: the archive of revocation information, systems' certificates, the worker."""

from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.audit import AuditLog
from gateway.identity.certificates import ClientCertificates
from gateway.identity.certificates.routes import ROUTES as CERTIFICATE_ROUTES
from gateway.identity.certificates.routes import CertificateDesk
from gateway.identity.revocation import Evidences
from gateway.identity.revocation.fetching import Fetching
from gateway.identity.revocation.routes import ROUTES as REVOCATION_ROUTES
from gateway.identity.service import Identity
from gateway.seals.recognition_files import recognised
from gateway.seals.selftest import proven_sm2
from gateway.seals.sm2 import Sm2, Sm2Unavailable
from gateway.settings import Settings
from gateway.storage import Database
from gateway.telemetry import Metrics
from gateway.web import Route
from gateway.web.egress import Egress
from gateway.web.outbound import Outbound
from gateway.web.posting import Posting

ROUTES: Final[Sequence[Route]] = (*CERTIFICATE_ROUTES, *REVOCATION_ROUTES)


@dataclass(frozen=True, slots=True)
class Certifying:
    """The parts, made once by :func:`make`."""

    certificates: ClientCertificates
    evidences: Evidences
    workers: tuple[Coroutine[Any, Any, None], ...]
    tls_methods: tuple[str, ...]
    """How clients may prove themselves in mutual TLS; none where no certificate can reach the gateway."""

    def rooms(self, identity: Identity) -> list[tuple[Any, object]]:
        """The routes with what answers them."""
        return [
            (CERTIFICATE_ROUTES, CertificateDesk(identity, self.certificates)),
            (REVOCATION_ROUTES, self.evidences),
        ]


async def make(
    control: Database,
    log: AuditLog,
    settings: Settings,
    metrics: Metrics,
    stack: AsyncExitStack,
    now: Callable[[], datetime],
) -> Certifying:
    """Make the parts; connections for fetching close with ``stack``.

    Raises:
        BadAuthority: an authority is wrongly described: the gateway does not start.
    """
    recognition, limits = recognised(settings.certificates), settings.certificates
    longest = settings.identity.longest_token_seconds
    evidences = Evidences(control, log, recognition, _engine(), now, longest)
    certificates = ClientCertificates(
        control, log, evidences, now, self_signed=limits.self_signed,
        longest_token_seconds=longest,
    )  # fmt: skip
    workers: tuple[Coroutine[Any, Any, None], ...] = ()
    if any(each.crl_urls or each.ocsp_url for each in recognition.authorities):
        egress = Egress(limits.egress_networks)
        outbound = await stack.enter_async_context(Outbound(settings.exchange, egress))
        posting = await stack.enter_async_context(Posting(settings.exchange, egress))
        workers = (Fetching(evidences, outbound, posting, limits, metrics, now).run(),)
    return Certifying(certificates, evidences, workers, _tls_methods(settings))


def _tls_methods(settings: Settings) -> tuple[str, ...]:
    if settings.listen.client_certificates == "off" and not settings.web.client_cert_peers:
        return ()
    own = ("self_signed_tls_client_auth",) if settings.certificates.self_signed else ()
    return ("tls_client_auth", *own)


def _engine() -> Sm2 | None:
    try:
        return proven_sm2()
    except Sm2Unavailable:
        return None  # certificates of SM2 are then indeterminate, hence refused; ./gw doctor says why
