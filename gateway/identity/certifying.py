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
from gateway.seals.recognition import Recognition
from gateway.seals.recognition_files import load_recognition
from gateway.seals.selftest import proven_sm2
from gateway.seals.sm2 import Sm2, Sm2Unavailable
from gateway.settings import Settings, config_dir
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

    def rooms(self, identity: Identity) -> list[tuple[Any, object]]:
        """The routes with what answers them."""
        return [
            (CERTIFICATE_ROUTES, CertificateDesk(identity, self.certificates)),
            (REVOCATION_ROUTES, self.evidences),
        ]


def recognised(settings: Settings) -> Recognition:
    """The authorities recognised here.

    Raises:
        BadAuthority: one is wrongly described: the gateway does not start.
    """
    return load_recognition(settings.certificates.folder or config_dir() / "authorities")


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
        BadAuthority: see :func:`recognised`.
    """
    recognition, limits = recognised(settings), settings.certificates
    evidences = Evidences(control, log, recognition, _engine(), now)
    certificates = ClientCertificates(control, log, evidences, now, self_signed=limits.self_signed)
    workers: tuple[Coroutine[Any, Any, None], ...] = ()
    if any(each.crl_urls or each.ocsp_url for each in recognition.authorities):
        egress = Egress(limits.egress_networks)
        outbound = await stack.enter_async_context(Outbound(settings.exchange, egress))
        posting = await stack.enter_async_context(Posting(settings.exchange, egress))
        workers = (Fetching(evidences, outbound, posting, limits, metrics, now).run(),)
    return Certifying(certificates, evidences, workers)


def _engine() -> Sm2 | None:
    try:
        return proven_sm2()
    except Sm2Unavailable:
        return None  # certificates of SM2 are then indeterminate, hence refused; ./gw doctor says why
