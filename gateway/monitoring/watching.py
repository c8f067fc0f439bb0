"""The worker: takes what is due, asks its source, settles the finding; N processes share the work."""

import asyncio
from datetime import timedelta
from typing import Final, NoReturn

from gateway.catalog import Catalog
from gateway.errors import GatewayError
from gateway.monitoring import store
from gateway.monitoring.model import REASONS, AlarmKind, HealthState, Side
from gateway.monitoring.probe import Prober
from gateway.monitoring.service import Monitor
from gateway.names import ResourceId
from gateway.settings import Monitoring
from gateway.storage import Database
from gateway.telemetry import Metrics, get_logger

_log = get_logger()
_TICK_MOST_SECONDS: Final = 5.0
_TICKS_PER_INTERVAL: Final = 4
_FORGET_EVERY_TICKS: Final = 720


class Watching:
    """One process's share of the probes; :meth:`run` is a worker of the control part."""

    def __init__(
        self, database: Database, monitor: Monitor, prober: Prober, catalog: Catalog, settings: Monitoring,
        metrics: Metrics,
    ) -> None:  # fmt: skip
        self._database = database
        self._monitor = monitor
        self._prober = prober
        self._catalog = catalog
        self._settings = settings
        self._metrics = metrics
        self._ticks = 0

    async def run(self) -> NoReturn:
        """Probe until cancelled; a database that fails is asked again with the next tick."""
        tick = min(self._settings.interval_seconds / _TICKS_PER_INTERVAL, _TICK_MOST_SECONDS)
        while True:
            try:
                while await self.once():
                    self._ticks += 1
                await self._count()
            except GatewayError as fault:
                _log.error("monitoring.failed", why=fault.detail)
            except Exception:  # what watches must not be what takes the gateway down
                _log.exception("monitoring.broke")
            self._ticks += 1
            await asyncio.sleep(tick)

    async def once(self) -> int:
        """Probe what is due, at most ``concurrent_max`` at once; how many were taken."""
        now = self._monitor.now()
        next_at = now + timedelta(seconds=self._settings.interval_seconds)
        async with self._database.connection() as connection:
            await store.watch_new(connection, now)
            taken = await store.claim_due(connection, now, next_at, self._settings.concurrent_max)
        await asyncio.gather(*(self._probe(one) for one in taken))
        return len(taken)

    async def _probe(self, resource_id: ResourceId) -> None:
        """A finding that cannot be settled is lost; the next probe makes another."""
        try:
            async with self._database.connection() as connection:
                resource = await self._catalog.at(connection, resource_id)
            finding = await self._prober.ask(resource)
            await self._monitor.settle(resource, finding)
        except GatewayError as fault:
            _log.error("monitoring.not_settled", resource=str(resource_id), why=fault.detail)
            return
        except Exception:
            _log.exception("monitoring.not_settled", resource=str(resource_id))
            return
        side = REASONS[finding.reason].side if finding.reason else "none"
        self._metrics.probes.labels(side).inc()
        if finding.seconds is not None:
            self._metrics.probe_seconds.observe(finding.seconds)

    async def _count(self) -> None:
        async with self._database.connection() as connection:
            states = await store.census(connection)
            alarms = await store.alarm_census(connection)
            if self._ticks % _FORGET_EVERY_TICKS == 0:
                oldest = self._monitor.now() - timedelta(days=self._settings.history_days)
                await store.forget_hours(connection, oldest)
        for state in HealthState:
            self._metrics.watched.labels(state).set(states.get(state, 0))
        for kind in AlarmKind:
            for side in Side:
                self._metrics.alarms.labels(kind, side).set(alarms.get((kind, side), 0))
