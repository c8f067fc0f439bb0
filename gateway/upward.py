"""What joins the federation room to the rooms beside it; part of the roof, apart because it is a subject of its own."""

import ssl
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

from gateway.audit import AuditLog
from gateway.authz import Applications
from gateway.catalog import Catalog
from gateway.exchange.connectors.upper import UpperServices
from gateway.federation import Cascades, LocalApplication, Reporting, Sending, Uppers, load_platforms
from gateway.identity import Identity
from gateway.names import ApplicationId, OrgCode
from gateway.seals import Vault
from gateway.settings import Settings, config_dir
from gateway.storage import Database
from gateway.telemetry import Metrics
from gateway.web import Principal
from gateway.web.egress import Egress
from gateway.web.posting import Posting


class Local:
    """What federation sees of the rooms beside it."""

    def __init__(self, identity: Identity, applications: Applications) -> None:
        self._identity = identity
        self._applications = applications

    async def application(self, actor: Principal, application: ApplicationId) -> LocalApplication:
        """Raises NoSuchApplication where the actor may not see it."""
        one = (await self._applications.show(actor, application)).application
        form = one.form
        return LocalApplication(
            id=one.id, consumer_org=one.consumer_org, state=one.state,
            is_accepted=one.was_accepted and one.closed_at is None, basis=form.basis or "", scene=form.scene or "",
            scope=form.scope or "", mode=form.mode, fields=tuple(form.fields), valid_from=form.valid_from,
            valid_until=form.valid_until, matter=form.matter or "",
            sign_off=form.sign_off.model_dump(mode="json") if form.sign_off else {}, cause=one.cause,
        )  # fmt: skip

    async def name_of(self, org: OrgCode) -> str:
        """The department's name."""
        return (await self._identity.org(org)).name


class Upward:
    """Makes the parts that speak to upper platforms, each once.

    Raises:
        BadSettings: a platform's file is wrong.
    """

    def __init__(
        self,
        settings: Settings,
        master_key: bytes,
        metrics: Metrics,
        stack: AsyncExitStack,
        now: Callable[[], datetime],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self._settings = settings
        self._vault = Vault(master_key, "upper platforms")
        self._metrics = metrics
        self._stack = stack
        self._now = now
        self._platforms = load_platforms(settings.federation.folder or config_dir() / "federation")

    async def cascades(
        self, control: Database, log: AuditLog, catalog: Catalog, local: Local
    ) -> tuple[Cascades, list[Coroutine[Any, Any, None]]]:
        """The acts of people, and the worker of the queue where a platform is enabled."""
        acts = Cascades(control, log, self._platforms, local, self._vault, self._now)
        if not self._platforms.enabled:
            return acts, []
        federation = self._settings.federation
        reporting = Reporting(
            control, log, catalog, self._platforms, federation.calls_url, local.name_of, self._now
        )
        sending = Sending(
            control, log, self._platforms, await self._uppers(control), reporting, self._metrics,
            federation.tick_seconds, self._now,
        )  # fmt: skip
        return acts, [sending.run()]

    async def services(self, database: Database) -> UpperServices:
        """What signs calls to services of upper platforms."""
        return UpperServices(self._platforms, await self._uppers(database))

    async def _uppers(self, database: Database) -> Uppers:
        limits = self._settings.exchange
        posting = await self._stack.enter_async_context(
            Posting(limits, Egress(limits.egress_networks), self._tls)
        )
        return Uppers(database, self._vault, posting, self._now)
