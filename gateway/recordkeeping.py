"""What joins the audit room to the process: its logs, its workers, its readers; part of the roof, apart as a subject of its own."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any, Final

from gateway import __version__
from gateway.alerts.making import Ground
from gateway.alerts.making import make as make_alerts
from gateway.alerts.routes import ROUTES as ALERT_ROUTES
from gateway.alerts.service import Alerts, Suspend
from gateway.audit import AuditLog, AuditReader, Event, EventType, Integrator, Outcome, Who, check_durability
from gateway.audit.bell import Bell
from gateway.audit.chain.routes import ROUTES as CHAIN_ROUTES
from gateway.audit.chain.service import Chains
from gateway.audit.checking.nightly import Nightly
from gateway.audit.checking.service import Checking
from gateway.audit.exports.keeping import Keeping
from gateway.audit.exports.making import Making
from gateway.audit.exports.routes import ROUTES as EXPORT_ROUTES
from gateway.audit.exports.sealing import Sealer
from gateway.audit.exports.service import Exports
from gateway.audit.figures.routes import ROUTES as FIGURE_ROUTES
from gateway.audit.figures.service import Counting, Rolling
from gateway.audit.privacy.keys import key_vault
from gateway.audit.privacy.routes import ROUTES as PRIVACY_ROUTES
from gateway.audit.privacy.service import Privacy
from gateway.audit.publisher import Publisher
from gateway.audit.receipts.routes import ROUTES as RECEIPT_ROUTES
from gateway.audit.receipts.service import Receipts
from gateway.audit.retention.archive import archive_vault
from gateway.audit.retention.disposing import Disposing
from gateway.audit.retention.due import Due
from gateway.audit.retention.model import Keep
from gateway.audit.retention.routes import ROUTES as RETENTION_ROUTES
from gateway.audit.retention.service import Retention
from gateway.audit.rollover.model import FIRST, Continued, Logs
from gateway.audit.rollover.store import current
from gateway.audit.routes import ROUTES as AUDIT_ROUTES
from gateway.audit.saved.routes import ROUTES as SAVED_ROUTES
from gateway.audit.saved.service import SavedQueries
from gateway.audit.store import recording
from gateway.audit.tiles.routes import ROUTES as TILE_ROUTES
from gateway.audit.tiles.service import LogTiles
from gateway.audit.witnessing.making import Outward
from gateway.audit.witnessing.model import Patience
from gateway.audit.witnessing.rechecking import Rechecking
from gateway.audit.witnessing.routes import ROUTES as WITNESSING_ROUTES
from gateway.audit.witnessing.service import Vouching
from gateway.audit.witnessing.watching import Watch
from gateway.audit.writer import utc_now
from gateway.deadlines import Almanac
from gateway.errors import BadSettings, GatewayError
from gateway.seals.note import NoteSigner
from gateway.settings import Audit, Settings, config_dir
from gateway.siem import make as make_siem
from gateway.storage import Database, Zone
from gateway.storage.inspection import server_facts
from gateway.storage.migrate import NotMigrated, pending
from gateway.storage.pools import Pools
from gateway.telemetry import Metrics
from gateway.web import Route

RECORD_ROUTES: Final[tuple[Route, ...]] = (
    *RETENTION_ROUTES,
    *AUDIT_ROUTES,
    *FIGURE_ROUTES,
    *CHAIN_ROUTES,
    *ALERT_ROUTES,
    *SAVED_ROUTES,
    *TILE_ROUTES,
    *RECEIPT_ROUTES,
    *PRIVACY_ROUTES,
    *EXPORT_ROUTES,
    *WITNESSING_ROUTES,
)  # one a line, so that two changes seldom meet


_SKEW_MOST: Final = timedelta(seconds=1)


class ClocksDiffer(BadSettings):
    """The clocks of this host and of the database differ（本机与数据库的时钟不一致）."""

    remedy = (
        "Synchronise both with the same time server, then start again.",
        "请将两者与同一时间源同步后重新启动。",
    )


async def check_database(database: Database, settings: Audit, now: Callable[[], datetime]) -> None:
    """See that the database keeps what it acknowledges, is migrated, and knows what time it is.

    Args:
        now: this host's own clock, whatever the domain's.

    Raises:
        BadSettings: it could lose records. NotMigrated. ClocksDiffer.
    """
    async with database.connection() as connection:
        await check_durability(connection, settings)
        if missing := await pending(connection):
            raise NotMigrated(
                f"{len(missing)} migrations are not applied: run ./gw migrate",
                f"有 {len(missing)} 个迁移未执行",
            )
        apart = abs((await server_facts(connection)).clock - now())
        if apart > _SKEW_MOST:
            raise ClocksDiffer(
                f"the clocks of this host and of the database are {apart.total_seconds():.1f} s apart",
                f"本机与数据库的时钟相差 {apart.total_seconds():.1f} 秒",
            )


class Recordkeeping:
    """Makes the parts that write, order, sign and read records, for one process.

    Args:
        zones: the login of each zone.
        node: this host's name in records.
        issuer: the gateway's own name.
    """

    def __init__(
        self,
        settings: Settings,
        zones: dict[Zone, str],
        master_key: bytes,
        pools: Pools,
        metrics: Metrics,
        node: str,
        issuer: str,
    ) -> None:
        self._settings = settings
        self._zones = zones
        self._master_key = master_key
        self._pools = pools
        self._metrics = metrics
        self._node = node
        self._issuer = issuer
        self._logs: list[AuditLog] = []
        self._waiting, self._grown = Bell(), Bell()
        self._zones_of_logs: list[Zone] = []
        self._alerts: Alerts | None = None
        self._following: list[Coroutine[Any, Any, None]] = []

    async def log(self, zone: Zone) -> AuditLog:
        """A log that writes with the zone's login.

        Raises:
            AuditUnavailable, BadSettings: see :meth:`AuditLog.open`.
        """
        log = await AuditLog.open(
            self._zones[zone],
            self._settings.audit,
            node=self._node,
            master_key=self._master_key,
            metrics=self._metrics,
            bell=self._waiting,
        )
        self._logs.append(log)
        self._zones_of_logs.append(zone)
        return log

    async def reader(self, log: AuditLog, almanac: Almanac, suspend: Suspend) -> AuditReader:
        """What auditors read by.

        Args:
            log: takes the records of their reading.
            almanac: says what is off hours.
            suspend: what an alert may do to a grant.
        """
        quorum = self._settings.witnessing.quorum_min
        reader = AuditReader(await self._pools.get(Zone.READER), log.append, quorum)
        control = await self._pools.get(Zone.CONTROL)
        self._following += make_siem(
            control, reader, log.append, self._settings.siem, self._metrics, self._node
        )
        read = await self._pools.get(Zone.READER)
        if self._settings.alerting.nightly:
            vouched = Rechecking.of(self._settings, self._master_key)
            checking = Checking(read, control, log.origin, utc_now, vouched)
            self._following.append(Nightly(control, checking, self._node, utc_now).run())
        rules = config_dir() / "alerts.toml"
        self._alerts, watching = make_alerts(
            Ground(control, reader, log, self._settings, self._metrics, self._node, almanac, rules, utc_now)
        )
        self._alerts.suspend = suspend
        self._following += watching
        return reader

    async def rooms(
        self, reader: AuditReader, log: AuditLog, seal: Sealer, now: Callable[[], datetime]
    ) -> list[tuple[Any, object]]:
        """The tables of addresses with what answers them; ``log`` takes the records of what is answered, ``seal`` seals packs."""
        read, control = await self._pools.get(Zone.READER), await self._pools.get(Zone.CONTROL)
        return [
            (RETENTION_ROUTES, Retention(await self._pools.get(Zone.RETENTION), log, self._due())),
            (AUDIT_ROUTES, reader),
            (FIGURE_ROUTES, Counting(read, log.append)),
            (CHAIN_ROUTES, Chains(read, log.append)),
            (ALERT_ROUTES, self._alerts),
            (SAVED_ROUTES, SavedQueries(control, log, reader, now)),
            (TILE_ROUTES, LogTiles(read)),
            (RECEIPT_ROUTES, Receipts(read, log.append, witnessed=self._settings.witnessing.quorum_min > 0)),
            (PRIVACY_ROUTES, Privacy(read, log.append, key_vault(self._master_key))),
            (EXPORT_ROUTES, self._exports(read, control, log, seal)),
            (WITNESSING_ROUTES, Vouching(read, Patience.of(self._settings.witnessing), utc_now)),
        ]

    def _exports(self, read: Database, control: Database, log: AuditLog, seal: Sealer) -> Exports:
        keeping, settings = Keeping(self._master_key), self._settings.exports
        making = Making(read, control, log, keeping, seal, self._issuer, settings, utc_now)
        self._following.append(making.run())
        return Exports(control, log, keeping, making, settings, utc_now)

    async def workers(self, *, orders: bool) -> list[Coroutine[Any, Any, None]]:
        """What runs as long as the process; with ``orders`` also what orders and signs the log.

        Raises:
            LogRolledBack, BadSignedHead, DatabaseDown: the log is not the one that was signed last, or nobody can say.
        """
        try:
            ordering = await self._ordering() if orders else []
            watches = [
                Watch(
                    await self._pools.get(zone),
                    log,
                    self._settings.witnessing,
                    tells=zone is Zone.CONTROL,
                    metrics=self._metrics,
                )
                for zone, log in zip(self._zones_of_logs, self._logs, strict=True)
            ]
        except BaseException:
            # the process does not start
            for worker in self._following:
                worker.close()
            await self.close()
            raise
        running = [*self._logs, *watches, *ordering]
        return [*(each.run() for each in running), *self._following]

    async def _ordering(self) -> list[Any]:
        """What orders the log, signs it and carries it out; each has ``run``."""
        integrator = Integrator(
            self._zones[Zone.INTEGRATOR], self._settings.audit, metrics=self._metrics,
            bell=self._waiting, grown=self._grown,
        )  # fmt: skip
        database = await self._pools.get(Zone.INTEGRATOR)
        logs = Logs(self._settings.platform.org_code, self._master_key)
        with recording():
            async with database.connection() as connection:
                begun = await current(connection)
        signer = logs.signer(begun.number if begun else FIRST)
        publisher = await self._publisher(database, signer, logs, begun)
        outward = Outward(database, self._settings, signer.key, self._metrics)
        await outward.check(remembers=publisher.remembers)
        rolling = Rolling(database, self._settings.audit.figures_seconds)
        return [integrator, publisher, outward, rolling, await self._disposing()]

    async def say_started(self, parts: frozenset[str]) -> None:
        """Record that this process serves these parts."""
        for log in self._logs[:1]:
            await log.append(self._event(EventType.SYSTEM_STARTED, parts))

    async def say_stopped(self, parts: frozenset[str]) -> None:
        """Record that it stops."""
        for log in self._logs[:1]:
            try:
                await log.append(self._event(EventType.SYSTEM_STOPPED, parts))
            except GatewayError:
                return  # the database went first; its own log says so

    async def close(self) -> None:
        """Close the logs."""
        for log in reversed(self._logs):
            await log.close()

    def _due(self) -> Due:
        settings = self._settings.audit
        keep = Keep(settings.keep_process_months, settings.keep_months)
        return Due(keep, has_archives=settings.archive_dir is not None, now=utc_now)

    async def _disposing(self) -> Disposing:
        settings, vault = self._settings.audit, archive_vault(self._master_key)
        return Disposing(
            await self._pools.get(Zone.RETENTION),
            self._due(),
            settings.archive_dir,
            vault,
            self._node,
            settings.disposal_seconds,
        )

    async def _publisher(
        self, database: Database, signer: NoteSigner, logs: Logs, begun: Continued | None
    ) -> Publisher:
        settings = self._settings.audit
        publisher = Publisher(
            database, signer, settings.signed_head_file, settings.publish_seconds, bell=self._grown, logs=logs,
            begun=begun,
        )  # fmt: skip
        await publisher.check()
        return publisher

    def _event(self, kind: EventType, parts: frozenset[str]) -> Event:
        detail = {"version": __version__, "parts": sorted(parts), "issuer": self._issuer}
        return Event(kind, Outcome.DONE, Who(kind="system", id=self._node), detail=detail)
