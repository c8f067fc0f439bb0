"""The worker: looks at every record once and in order, and at the counters of its own process."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Final, NoReturn

from gateway.alerts import store
from gateway.alerts.evaluating import Evaluation
from gateway.alerts.model import Hit, Rule, RuleKind, Severity
from gateway.alerts.service import Alerts
from gateway.audit import AuditReader, Glance
from gateway.errors import Unavailable
from gateway.sections import Alerting
from gateway.storage import Database, Lease
from gateway.telemetry import Metrics, get_logger

_log = get_logger()
_LEASE_SECONDS: Final = 20.0
_AT_A_STRETCH: Final = 100


class Watching:
    """One process's watch; :meth:`run` is a worker.

    Args:
        works: whether a day is a working day.
        now: the clock for what is no record.
    """

    def __init__(
        self, database: Database, reader: AuditReader, alerts: Alerts, settings: Alerting, metrics: Metrics,
        works: Callable[[date], bool], now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._reader = reader
        self._alerts = alerts
        self._settings = settings
        self._metrics = metrics
        self._works = works
        self._now = now
        self._lease = Lease(database, "alerts", settings.look_seconds + _LEASE_SECONDS)
        self._evaluation: Evaluation | None = None
        self._next = 0
        self._counted = {rule.id: self._sample(rule.metric, rule.labels) for rule in self._rising()}

    async def run(self) -> NoReturn:
        """Look until cancelled; a database that fails is asked again."""
        try:
            while True:
                busy = False
                try:
                    busy = await self.look()
                except Unavailable as fault:
                    self._evaluation = None
                    _log.warning("alerts.wait", why=fault.detail)
                if not busy:
                    await asyncio.sleep(self._settings.look_seconds)
        finally:
            with suppress(Unavailable):  # the lease ends by itself
                await self._lease.release()

    async def look(self) -> bool:
        """Look at what is new; whether there may be more.

        Raises:
            DatabaseDown, AuditUnavailable: nothing is lost, the same records are looked at again.
        """
        await self._rise()
        if not await self._lease.held():
            self._evaluation = None
            return False
        if self._evaluation is None:
            self._evaluation = await self._remember()
        records = await self._reader.glances(self._next, self._settings.batch_max)
        if records:
            hits = await self._take(self._evaluation, records)
            await self._alerts.raise_for(hits, records[-1].idx + 1)
            self._next = records[-1].idx + 1
        await self._count()
        return len(records) == self._settings.batch_max

    async def _remember(self) -> Evaluation:
        """Where looking stopped, and what the records before that leave behind; a first start looks from the end on."""
        evaluation = Evaluation(self._alerts.rules, self._works)
        async with self._database.connection() as connection:
            kept = await store.position(connection)
        if kept is None:
            kept = (await self._reader.head()).size
            await self._alerts.raise_for((), kept)
        self._next = max(0, kept - self._settings.remember_max)
        while self._next < kept:
            some = await self._reader.glances(self._next, min(self._settings.batch_max, kept - self._next))
            await self._take(evaluation, some)
            self._next = some[-1].idx + 1
        return evaluation

    async def _take(self, evaluation: Evaluation, records: Sequence[Glance]) -> list[Hit]:
        hits: list[Hit] = []
        try:
            for place, record in enumerate(records):
                if not place % _AT_A_STRETCH:
                    await asyncio.sleep(0)  # signing and ordering go on in this process
                if grant := evaluation.asks(record):
                    evaluation.learn(grant, await self._reader.spoken_of_before(grant, record.idx))
                hits += evaluation.take(record)
        except BaseException:
            self._evaluation = None  # half of the records are remembered: they will come again
            raise
        return hits

    async def _rise(self) -> None:
        """Counters of this process, whoever holds the lease: nobody else can see them."""
        for rule in self._rising():
            found = self._sample(rule.metric, rule.labels)
            if found > self._counted[rule.id]:
                await self._alerts.raise_for([Hit(rule, "", self._now(), None)])
                self._counted[rule.id] = found

    def _rising(self) -> list[Rule]:
        return [rule for rule in self._alerts.rules if rule.kind is RuleKind.RISE]

    def _sample(self, metric: str, labels: Mapping[str, str]) -> float:
        return self._metrics.registry.get_sample_value(metric, dict(labels)) or 0.0

    async def _count(self) -> None:
        async with self._database.connection() as connection:
            open_now = await store.census(connection)
        for severity in Severity:
            self._metrics.audit_alerts.labels(severity).set(open_now.get(severity, 0))
