"""The timers of all clocks: any number of processes sweep, each step is taken once.

A sweep looks for due clocks by an index, then locks each alone (``FOR UPDATE SKIP LOCKED``) and takes its next step in
one transaction; what one process holds the others pass by, and what a killed process held is free again. Nothing is
remembered between sweeps.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Final, NoReturn

from gateway.deadlines import Almanac
from gateway.errors import GatewayError
from gateway.settings import Supervision as Pace
from gateway.storage import Database
from gateway.supervision import store
from gateway.supervision.ladder import Ladder, Step
from gateway.supervision.ladder_file import edition_of
from gateway.supervision.model import TimedClock
from gateway.supervision.steps import Steps
from gateway.supervision.timing import Moment, Timing
from gateway.telemetry import Metrics, get_logger

_log = get_logger()
_PLANNED_AT_ONCE: Final = 1000


class Timers:
    """One process's sweeper; :meth:`run` is a worker."""

    def __init__(
        self,
        database: Database,
        ladder: Ladder,
        almanac: Almanac,
        steps: Steps,
        pace: Pace,
        metrics: Metrics,
        timing: Timing,
    ) -> None:
        self._database = database
        self._ladder = ladder
        self._almanac = almanac
        self._steps = steps
        self._pace = pace
        self._metrics = metrics
        self._timing = timing
        self._edition = ""

    async def run(self) -> NoReturn:
        """Sweep until cancelled; a database that fails is asked again at the next interval."""
        while True:
            busy = 0
            try:
                busy = await self.sweep()
                self._metrics.supervision_sweep.set_to_current_time()
            except GatewayError as fault:
                _log.error("supervision.sweep.failed", why=fault.detail)
            if not busy:
                await asyncio.sleep(self._pace.sweep_seconds)

    async def sweep(self) -> int:
        """Plan what moved, then take one step of each due clock; how many were planned and taken."""
        await self._keep_edition()
        planned = await self._plan()
        async with self._database.connection() as connection:
            now = await self._timing.now(connection)
            keys = await store.due(connection, now, self._pace.batch_max)
        taken = 0
        for key in keys:
            taken += await self._try(key)
        return planned + taken

    async def _keep_edition(self) -> None:
        """Another ladder or calendar than last time: all plans are made anew."""
        edition = edition_of(self._ladder, self._almanac.editions.newest.version)
        if edition == self._edition:
            return
        found = True
        while found:
            async with self._database.connection() as connection:
                found = await store.outdate_plans(connection, edition, _PLANNED_AT_ONCE * 10)
        self._edition = edition

    async def _plan(self) -> int:
        async with self._database.transaction() as tx:
            now = await self._timing.now(tx)
            clocks = await store.unplanned(tx, _PLANNED_AT_ONCE)
            plans = [(clock, _at(self._next(clock, clock.taken, now))) for clock in clocks]
            if plans:
                await store.plan(tx, plans, self._edition)
        return len(plans)

    async def _try(self, key: store.Key) -> int:
        """One clock that cannot be served must not stop the others."""
        try:
            return await self._step(key)
        except GatewayError as fault:
            self._metrics.supervision_failures.inc()
            _log.error("supervision.step.failed", case=str(key[1]), rule=key[2], why=fault.detail)
            return 0

    async def _step(self, key: store.Key) -> int:
        async with self._database.transaction() as tx:
            now = await self._timing.now(tx)
            clock = await store.lock_due(tx, key, now)
            if clock is None:
                return 0
            coming = self._next(clock, clock.taken, now)
            if coming is None or coming[1] > now:  # moved since it was planned, or it waits for the window
                await store.plan(tx, [(clock, _at(coming))], self._edition)
                return 0
            step, planned = coming
            await self._steps.take(tx, clock, step, self._moment(planned, now))
            after = self._next(clock, clock.taken | {step.id}, now)
            await store.plan(tx, [(clock, _at(after))], self._edition)
        self._metrics.supervision_steps.labels(step.kind).inc()
        return 1

    def _moment(self, planned: datetime, now: datetime) -> Moment:
        tell_at = self._ladder.window.fit(now, self._almanac.editions.newest)
        return Moment(planned, now, tell_at)

    def _next(self, clock: TimedClock, taken: Collection[str], now: datetime) -> tuple[Step, datetime] | None:
        return self._ladder.next(clock.watched, taken, now, self._almanac.editions.newest)


def _at(coming: tuple[Step, datetime] | None) -> datetime | None:
    return coming[1] if coming else None
