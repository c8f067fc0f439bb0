"""The worker that fetches revocation information from the addresses an operator named for an authority.

The addresses stand in ``config/authorities``; the one in a certificate is never asked, or whoever presents a certificate
could send the gateway where he likes (SSRF). What comes is judged like what a person brings.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NoReturn

from gateway.errors import GatewayError, Upstream
from gateway.identity.revocation.model import EvidenceRefused, Kind
from gateway.identity.revocation.service import Evidences
from gateway.seals.certificates import Certificate
from gateway.seals.ocsp import LARGEST, OcspRefused, ocsp_request, read_ocsp
from gateway.seals.recognition import Authority
from gateway.settings import Certificates as Limits
from gateway.telemetry import Metrics, get_logger
from gateway.web.outbound import Outbound
from gateway.web.posting import Posting

_log = get_logger()
_NONCE_BYTES: Final = 16
_PAUSE: Final = timedelta(seconds=60)
_MOST_TRIED: Final = 10000


class Fetching:
    """One process's share; N processes may run it, what two fetched is kept once."""

    def __init__(
        self,
        evidences: Evidences,
        outbound: Outbound,
        posting: Posting,
        limits: Limits,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._evidences = evidences
        self._outbound = outbound
        self._posting = posting
        self._limits = limits
        self._metrics = metrics
        self._now = now
        self._tried: dict[str, datetime] = {}

    async def run(self) -> NoReturn:
        """Fetch until cancelled; an authority that does not answer is asked again after a minute."""
        while True:
            try:
                await self.once()
            except GatewayError as fault:
                _log.error("revocation.failed", why=fault.detail)
            except Exception:  # what fetches must not be what takes the gateway down
                _log.exception("revocation.broke")
            await asyncio.sleep(self._limits.tick_seconds)

    async def once(self) -> None:
        """Fetch everything that is due."""
        now = self._now()
        since = now - timedelta(seconds=self._limits.refresh_seconds)
        overdue = await self._evidences.lists_due(since)
        for authority in self._evidences.recognition.authorities:
            if not authority.is_recognised_at(now):
                continue
            for url in authority.crl_urls if authority.id in overdue else ():
                if self._may_try(url):
                    await self._counted(authority, Kind.CRL, url, partial(self._list, url))
            if authority.ocsp_url is not None:
                await self._ask_all(authority, authority.ocsp_url, since)

    async def _ask_all(self, authority: Authority, url: str, since: datetime) -> None:
        for issuer in authority.anchors:
            for subject in await self._evidences.due(authority.id, issuer, since):
                if self._may_try(f"{url} {subject.serial:x}"):
                    ask = partial(self._answer, authority, url, subject, issuer)
                    await self._counted(authority, Kind.OCSP, url, ask)

    def _may_try(self, what: str) -> bool:
        now = self._now()
        last = self._tried.get(what)
        if last is not None and last <= now < last + _PAUSE:
            return False
        self._tried[what] = now
        if len(self._tried) > _MOST_TRIED:
            self._tried.pop(next(iter(self._tried)))
        return True

    async def _counted(
        self, authority: Authority, kind: Kind, url: str, fetch: Callable[[], Awaitable[bytes]]
    ) -> None:
        try:
            await self._evidences.fetched(kind, await fetch(), url)
        except (Upstream, EvidenceRefused) as fault:
            self._metrics.revocation.labels(kind, "failed").inc()
            _log.error("revocation.not_fetched", authority=authority.id, kind=kind, url=url, why=fault.detail)
        else:
            self._metrics.revocation.labels(kind, "fetched").inc()

    async def _list(self, url: str) -> bytes:
        return await self._outbound.get(url, {}, self._limits.crl_bytes)

    async def _answer(
        self, authority: Authority, url: str, subject: Certificate, issuer: Certificate
    ) -> bytes:
        """Ask with a nonce where the authority echoes it: an older answer cannot be played back (RFC 8954)."""
        nonce = secrets.token_bytes(_NONCE_BYTES) if authority.ocsp_nonce else None
        headers = {"Content-Type": "application/ocsp-request"}
        content = await self._posting.post(url, headers, ocsp_request(subject, issuer, nonce), LARGEST)
        if nonce is not None and _nonce_of(content) != nonce:
            raise EvidenceRefused(
                "nonce", "the answer does not carry the nonce that was sent", "OCSP 应答未携带所发随机数"
            )
        return content


def _nonce_of(content: bytes) -> bytes | None:
    try:
        return read_ocsp(content).nonce
    except OcspRefused as fault:
        raise EvidenceRefused("format", str(fault), "不是可采信的 OCSP 应答") from None
