"""The roof: everything is made here, once, by plain constructor calls, and taken down in the opposite order.

Order of stopping: listeners take no more, running requests finish, workers end, pools close. One task group holds
the workers, so a worker that dies takes the process down instead of leaving it half alive.
"""

import asyncio
import platform
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from gateway.attestation import make as make_attestation
from gateway.attestation.routes import ROUTES as ATTESTATION_ROUTES
from gateway.audit import AuditLog
from gateway.audit.receipts.inline import InlineReceipts
from gateway.authz import DENIALS, GRANTED, Applications, Grants
from gateway.authz.after_grant import AFTER_GRANT_ROUTES, Counting, Office, after_grant, suspending
from gateway.authz.applications.clocks import Clocks
from gateway.authz.applications.desk import Desk
from gateway.authz.applications.routes import ROUTES as APPLICATION_ROUTES
from gateway.authz.applications.scenes import load_scenes
from gateway.authz.applications.supplement import load_supplement_rules
from gateway.authz.grants.routes import ROUTES as GRANT_ROUTES
from gateway.authz.grants.routes import GrantDesk
from gateway.authz.oauth import OAUTH_ROUTES, TOKEN_REASONS, oauth
from gateway.authz.timing.routes import ROUTES as TIMING_ROUTES
from gateway.catalog import Catalog
from gateway.catalog.dcat import DcatDesk
from gateway.catalog.dcat.routes import ROUTES as DCAT_ROUTES
from gateway.catalog.desks import DESK_ROUTES, desks
from gateway.catalog.routes import ROUTES as CATALOG_ROUTES
from gateway.catalog.sheets import Sheets
from gateway.catalog.sheets.routes import ROUTES as SHEET_ROUTES
from gateway.catalog.sources.routes import ROUTES as SOURCE_ROUTES
from gateway.catalog.sources.service import Sources
from gateway.catalog.timing import Timekeeping
from gateway.deadlines import Clockwork
from gateway.exchange import Exchange
from gateway.exchange.admission import obstacle
from gateway.exchange.assertion import ROUTES as ASSERTION_ROUTES
from gateway.exchange.assertion import TYPE as ASSERTION_TYPE
from gateway.exchange.assertion import Assertions
from gateway.exchange.batches import making as batches
from gateway.exchange.batches.routes import BatchDoor
from gateway.exchange.beside import Counter, front
from gateway.exchange.callers import Callers
from gateway.exchange.connectors import Connectors
from gateway.exchange.licences import Licences
from gateway.exchange.plans import Plans
from gateway.exchange.remaining import QuotaDoor
from gateway.exchange.sampling import Sampling
from gateway.exchange.shared_keys import SharedKeys
from gateway.exchange.store import used_on
from gateway.federation.routes import ROUTES as CASCADE_ROUTES
from gateway.identity import Identity, Tokens
from gateway.identity.certifying import ROUTES as CERTIFYING_ROUTES
from gateway.identity.certifying import make as make_certifying
from gateway.identity.doorkeeping import kept
from gateway.identity.making import Passes, make_passes
from gateway.identity.refusals import Refusals
from gateway.identity.routes import ROUTES as IDENTITY_ROUTES
from gateway.identity.signing_in import SIGN_IN_ROUTES
from gateway.identity.signing_in import Ground as SignInGround
from gateway.identity.signing_in import make as make_sign_in
from gateway.monitoring import Monitor, Policy, Prober, Tally, Watching
from gateway.monitoring.routes import ROUTES as MONITOR_ROUTES
from gateway.names import OrgCode
from gateway.recordkeeping import RECORD_ROUTES, Recordkeeping, check_database
from gateway.reports import assembly
from gateway.reports.assembly import ROUTES as REPORT_ROUTES
from gateway.sealing.making import ROUTES as SEAL_ROUTES
from gateway.sealing.making import make as make_sealing
from gateway.seals import Vault
from gateway.seals.recognition_files import recognised
from gateway.settings import Settings, config_dir
from gateway.storage import Database, Zone
from gateway.storage.pools import Pools
from gateway.storage.zones import database_of, zone_dsn
from gateway.subscriptions import making as subscriptions
from gateway.subscriptions.routes import ROUTES as SUBSCRIPTION_ROUTES
from gateway.supervision.calendars import Calendars
from gateway.supervision.calendars.making import open_calendars
from gateway.supervision.making import ROUTES as SUPERVISION_ROUTES
from gateway.supervision.making import Ground
from gateway.supervision.making import make as make_supervision
from gateway.telemetry import AccessLog, Metrics, access_lines
from gateway.upward import Local, Upward
from gateway.web import Api, Listener, Pager, Route
from gateway.web.egress import Egress
from gateway.web.listeners import Listeners
from gateway.web.openapi import describe
from gateway.web.operations import operations
from gateway.web.outbound import Outbound
from gateway.web.pages import ROUTES as PAGE_ROUTES
from gateway.web.pages import Pages
from gateway.web.peers import Peers, peer_tls
from gateway.web.posting import Posting
from gateway.web.probing import Probing

PARTS: Final = frozenset({"exchange", "control", "integrator"})
_ZONES: Final = {"control": Zone.CONTROL, "exchange": Zone.EXCHANGE, "integrator": Zone.INTEGRATOR}

ALL_ROUTES: Final[tuple[Route, ...]] = (
    *IDENTITY_ROUTES,
    *SIGN_IN_ROUTES,
    *CERTIFYING_ROUTES,
    *OAUTH_ROUTES,
    *CATALOG_ROUTES,
    *DESK_ROUTES,
    *SOURCE_ROUTES,
    *APPLICATION_ROUTES,
    *TIMING_ROUTES,
    *SEAL_ROUTES,
    *GRANT_ROUTES,
    *AFTER_GRANT_ROUTES,
    *SUPERVISION_ROUTES,
    *MONITOR_ROUTES,
    *CASCADE_ROUTES,
    *SHEET_ROUTES,
    *DCAT_ROUTES,
    *REPORT_ROUTES,
    *RECORD_ROUTES,
    *ATTESTATION_ROUTES,
    *ASSERTION_ROUTES,
    *SUBSCRIPTION_ROUTES,
    *PAGE_ROUTES,
)  # one a line, so that two changes seldom meet


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def new_metrics() -> Metrics:
    """Metrics of one process, with the closed lists of reasons of decisions and of refused tokens."""
    return Metrics([GRANTED, *(kind.slug() for kind in DENIALS)], TOKEN_REASONS)


@cache
def openapi() -> dict[str, Any]:
    """The OpenAPI document of this version."""
    return describe(ALL_ROUTES)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway: its issuer name, where it listens and the identity room; None for parts not run here."""

    issuer: str
    exchange: Listener | None
    control: Listener | None
    operations: Listener
    identity: Identity | None


@asynccontextmanager
async def build(
    settings: Settings,
    owner_dsn: str,
    master_key: bytes,
    *,
    parts: frozenset[str] = PARTS,
    now: Callable[[], datetime] = utc_now,
    metrics: Metrics | None = None,
) -> AsyncIterator[Gateway]:
    """Make a gateway and serve until the block ends.

    Args:
        owner_dsn: the database's address; each zone connects with its own login in the owner's place.
        master_key: the installation's 32 bytes.
        parts: which parts run in this process.
        now: the clock of the domain; tests set it.
        metrics: this process's, where somebody else counts in them too (the logs).

    Raises:
        BadSettings: settings, files or the database do not allow a safe start.
        DatabaseDown: the database cannot be reached.
    """
    metrics = metrics or new_metrics()
    prefix = settings.storage.login_prefix or database_of(owner_dsn)
    zones = {zone: zone_dsn(owner_dsn, zone, prefix, master_key) for zone in Zone}
    async with AsyncExitStack() as stack:
        listeners = Listeners(settings, parts, stack, metrics)
        issuer = settings.platform.base_url or listeners.own_url
        own = listeners["exchange"].url if "exchange" in parts else issuer
        calls_url = settings.platform.calls_url or settings.platform.base_url or own
        builder = _Builder(settings, zones, master_key, metrics, issuer, calls_url, now, stack)
        yield await builder.start(listeners, parts)


class _Builder:
    def __init__(
        self,
        settings: Settings,
        zones: dict[Zone, str],
        master_key: bytes,
        metrics: Metrics,
        issuer: str,
        calls_url: str,
        now: Callable[[], datetime],
        stack: AsyncExitStack,
    ) -> None:
        self.calls_url = calls_url
        self.settings = settings
        self.zones = zones
        self.master_key = master_key
        self.metrics = metrics
        self.issuer = issuer
        self.now = now
        self.stack = stack
        self.pools = Pools(zones, settings.storage, stack)
        self.pool = self.pools.get
        self.workers: list[Coroutine[Any, Any, None]] = []
        stack.callback(self._close_workers)
        self.tally: Tally | None = None
        self.beside: tuple[QuotaDoor, BatchDoor] | None = None
        peers = recognised(settings.certificates).pool("peer", now()).certificates
        self.peers = Peers(
            peer_tls(peer.der for peer in peers if peer.key_kind != "SM2"), settings.exchange.peers_dir
        )
        self.peers.check()
        self.upward = Upward(settings, master_key, metrics, stack, now, self.peers.common)
        self.node = platform.node()[:100] or "gateway"
        self.records = Recordkeeping(settings, zones, master_key, self.pools, metrics, self.node, issuer)

    def _close_workers(self) -> None:
        """After a start that failed, what was to run is let go; what ran has ended."""
        for worker in self.workers:
            worker.close()

    async def start(self, listeners: Listeners, parts: frozenset[str]) -> Gateway:
        await check_database(await self.pool(_ZONES[min(parts)]), self.settings.audit, utc_now)
        api = identity = exchange = None
        if "control" in parts:
            api, identity = await self._control(
                await self.pool(Zone.CONTROL), await self.records.log(Zone.CONTROL)
            )
        if "exchange" in parts:
            exchange = await self._exchange(await self.records.log(Zone.EXCHANGE))
        if listeners.door is not None and parts - {"integrator"}:
            at = await self.pool(_ZONES[min(parts)])
            self.workers.append(await kept(listeners.door, self.settings, at, self.now))
        self.workers.append(self.pools.sample(self.metrics))
        self.workers += await self.records.workers(orders="integrator" in parts)
        if exchange is not None:
            self.workers.append(exchange.run())
        await self.stack.enter_async_context(_working(self.workers))
        if self.tally is not None and self.settings.monitoring.enabled:
            self.stack.push_async_callback(self.tally.flush)
        self.stack.push_async_callback(self.records.close)
        await self.records.say_started(parts)
        self.stack.push_async_callback(self.records.say_stopped, parts)
        await self._serve(listeners, api, exchange)
        return Gateway(
            self.issuer,
            listeners.get("exchange"),
            listeners.get("control"),
            listeners["operations"],
            identity,
        )

    async def _control(self, control: Database, log: AuditLog) -> tuple[Api, Identity]:
        settings = self.settings
        passes = self._passes(control, signs=True)
        tokens = passes.tokens
        certifying = await make_certifying(control, log, settings, self.metrics, self.stack, self.now)
        self.workers += certifying.workers
        identity = Identity(
            control, log, tokens, certifying.certificates.enrol, certifying.tls_methods
        )  # fmt: skip
        signing_in = await make_sign_in(
            SignInGround(control, log, settings, self.master_key, self.metrics, self.now, identity.identify),
            self.stack,
        )
        catalog = Catalog(control, log, self._mount_vault(), self.now)
        grants = Grants(control, log, self.now)
        grant_desk = GrantDesk(grants, tokens.service_audience)
        platform_org = OrgCode(settings.platform.org_code)
        calendars, work = await open_calendars(
            control, log, settings.platform, config_dir(), self.node, self.now, self.metrics
        )
        clocks = Clocks(work)
        sealing = make_sealing(
            control,
            log,
            certifying.evidences,
            settings.sealing,
            config_dir() / "sealing.toml",
            self.now,
            self.stack,
        )
        applications = Applications(
            control, log, identity, catalog, grants, clocks, self.now, platform_org,
            load_supplement_rules(config_dir() / "supplement.toml"), sealing,
        )  # fmt: skip
        office = Office(platform_org, clocks.work, Vault(self.master_key, "complaints"))
        monitor = await self._monitor(control, log, catalog)
        cascades, sending = await self.upward.cascades(control, log, catalog, Local(identity, applications))
        self.workers += sending
        reader = await self.records.reader(log, calendars.almanac, suspending(grants, platform_org))
        attestation = await make_attestation(
            control, log, reader, applications, settings, self.master_key, self.issuer, self.now, self.stack
        )
        self.workers.append(batches.make_sealing(self._batches(control, log), attestation.keys.seal))
        pages = Pages(openapi)
        services = await self.upward.services(control)
        source = Sampling(
            await self.stack.enter_async_context(Connectors(settings.exchange, services, self.peers))
        )
        around = desks(
            control, log, self._mount_vault(), self.now, catalog, grants.holders, source, settings,
            Timekeeping(work, platform_org),
        )  # fmt: skip
        self.workers.append(around.turning.run())
        limits = settings.exchange
        posting = await self.stack.enter_async_context(
            Posting(limits, Egress(limits.egress_networks), self.peers.common)
        )
        pushing = subscriptions.Ground(
            control, log, grants, catalog, clocks.work, tokens, posting, settings.subscriptions, self.master_key, self.now
        )  # fmt: skip
        rooms: list[tuple[Any, object]] = [
            (IDENTITY_ROUTES, identity),
            *signing_in.rooms,
            *certifying.rooms(identity),
            *oauth(control, log, passes, certifying.certificates, self.calls_url, self.metrics, self.now),
            (CATALOG_ROUTES, catalog),
            *around.rooms,
            (DCAT_ROUTES, self._dcat(catalog, identity)),
            (SHEET_ROUTES, Sheets(control, log, identity, settings.sheets)),
            (SOURCE_ROUTES, Sources(control, log, catalog, self.now)),
            (
                APPLICATION_ROUTES,
                Desk(applications, settings.platform.org_code, load_scenes(config_dir() / "scenes")),
            ),
            (TIMING_ROUTES, applications.timing),
            *sealing.rooms,
            (GRANT_ROUTES, grant_desk),
            *after_grant(
                grants, grant_desk, catalog, around.withdrawals, Counting(obstacle, used_on), office
            ),
            *await self._supervision(control, log, calendars, tokens, posting),
            (MONITOR_ROUTES, monitor),
            (CASCADE_ROUTES, cascades),
            *await self._reports(control, log, catalog, grants, clocks.work),
            *await self.records.rooms(reader, log, attestation.keys.seal, self.now),
            (ATTESTATION_ROUTES, attestation),
            (ASSERTION_ROUTES, self._assertions()),
            subscriptions.make(pushing, self.workers),
            (PAGE_ROUTES, pages),
        ]
        return Api(
            rooms,
            signing_in.sessions.identify,
            Refusals(log).record,
            settings.web,
            self.metrics,
            Pager(Vault(self.master_key, "page cursors")),
            self.issuer,
        ), identity

    async def _reports(
        self, control: Database, log: AuditLog, catalog: Catalog, grants: Grants, work: Clockwork
    ) -> list[tuple[Any, object]]:
        limits, own = self.settings.exchange, self.settings.quality
        parts = assembly.Parts(control, log, catalog, grants, work, own, self.master_key, self.now)
        egress = Egress(limits.egress_networks)
        outbound = await self.stack.enter_async_context(Outbound(limits, egress, self.peers))
        uppers = await self.upward.services(control)
        self.workers.append(assembly.comparing(parts, outbound, egress, uppers, limits))
        return assembly.rooms(parts)

    async def _exchange(self, log: AuditLog) -> Exchange:
        settings, database = self.settings, await self.pool(Zone.EXCHANGE)
        passes = self._passes(database, signs=False)
        self.workers.append(passes.tokens.keep_fresh())
        plans = Plans(
            database, Grants(database, log, self.now), Catalog(database, log, self._mount_vault(), self.now)
        )
        await plans.begin()
        services = await self.upward.services(database)
        asserting = self._assertions() if settings.exchange.assertion != "off" else None
        connectors = await self.stack.enter_async_context(
            Connectors(settings.exchange, services, self.peers, asserting)
        )
        self.tally = Tally(database, self.now)
        if settings.monitoring.enabled:
            self.workers.append(self.tally.run())
        access = self.stack.enter_context(AccessLog(access_lines(), self.metrics.access_dropped))
        callers = Callers(database, passes, self.calls_url, settings.identity, settings.web, self.metrics)
        licences = Licences.relying_on(settings.sealing, database)
        exchange = Exchange(
            database, log, self.issuer, callers, plans, connectors, licences, settings, self.metrics, self.tally,
            InlineReceipts(database, witnessed=settings.witnessing.quorum_min > 0), access, self.now,
        )  # fmt: skip
        counter = Counter(callers, plans, exchange.endings, settings.web, self.metrics)
        door, worker = batches.make(
            self._batches(database, log), counter, exchange.admission, connectors, licences, self.metrics
        )
        self.beside = QuotaDoor(counter, database, self.now), door
        self.workers.append(worker)
        return exchange

    def _batches(self, database: Database, log: AuditLog) -> batches.Ground:
        return batches.Ground(database, log, self.settings, self.master_key, self.issuer, self.now)

    def _assertions(self) -> Assertions:
        limits, each = self.settings.exchange, self.settings.exchange.assertion == "call"
        lasting = limits.assertion_seconds
        shared = SharedKeys(limits.assertion_keys_dir, ASSERTION_TYPE)
        return Assertions(self.master_key, self.issuer, lasting, self._seconds, each_call=each, shared=shared)

    def _passes(self, database: Database, *, signs: bool) -> Passes:
        limits = self.settings.identity
        made = make_passes(database, self.issuer, limits, self.master_key, self._seconds, signs=signs)
        if made.sweeping is not None:
            self.workers.append(made.sweeping.run())
        return made

    def _seconds(self) -> float:
        return self.now().timestamp()

    async def _monitor(self, control: Database, log: AuditLog, catalog: Catalog) -> Monitor:
        settings = self.settings.monitoring
        policy = Policy(
            settings.slow_seconds,
            settings.late_percent,
            settings.call_faults_min,
            settings.call_fault_percent,
        )
        platform = OrgCode(self.settings.platform.org_code)
        monitor = Monitor(control, log, policy, self.now, platform)
        if settings.enabled:
            egress = Egress(self.settings.exchange.egress_networks)
            probing = await self.stack.enter_async_context(
                Probing(egress, settings.timeout_seconds, self.peers)
            )
            prober = Prober(probing, egress, catalog, settings)
            self.workers.append(Watching(control, monitor, prober, catalog, settings, self.metrics).run())
        return monitor

    async def _supervision(
        self, control: Database, log: AuditLog, calendars: Calendars, tokens: Tokens, posting: Posting
    ) -> list[tuple[Any, object]]:
        by_hand = None if self.now is utc_now else self.now
        rooms, workers = make_supervision(
            Ground(
                control, log, self.settings, self.metrics, calendars, tokens, posting, self.now, by_hand, self.node,
                config_dir() / "supervision.toml",
            )
        )  # fmt: skip
        self.workers += workers
        return [*rooms]

    def _dcat(self, catalog: Catalog, identity: Identity) -> DcatDesk:
        place = self.settings.platform
        return DcatDesk(catalog, identity, self.issuer, place.org_code, place.org_name)

    def _mount_vault(self) -> Vault:
        return Vault(self.master_key, "mounts")

    async def _serve(self, listeners: Listeners, api: Api | None, exchange: Exchange | None) -> None:
        served = operations(self.metrics, self.pools.ready, self.settings.web)
        await listeners.serve("operations", served, self.stack)
        if api is not None:
            await listeners.serve("control", api.answer, self.stack)
        if exchange is not None and self.beside is not None:
            quota, batch = self.beside
            all_of_them = front(exchange.answer, lambda path: quota.at(path) or batch.at(path))
            await listeners.converse("exchange", all_of_them, self.stack)


@asynccontextmanager
async def _working(workers: Iterable[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Workers that run until the block ends; one that fails ends the block."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(worker) for worker in workers]
        yield
        for task in tasks:
            task.cancel()
