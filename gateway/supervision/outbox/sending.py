"""Sending what waits in the outbox: any number of processes, each notice with one of them at a time.

The next attempt is set before an attempt is made; a process that dies in between costs a repetition, no notice.
"""

import asyncio
from collections.abc import Mapping
from typing import NoReturn

from gateway.errors import GatewayError
from gateway.settings import Notify
from gateway.storage import Database
from gateway.supervision.outbox import store
from gateway.supervision.outbox.channels import Deliver
from gateway.supervision.outbox.model import Channel, Notice
from gateway.supervision.timing import Timing
from gateway.telemetry import Metrics, get_logger

_log = get_logger()


class Sending:
    """One process's sender; :meth:`run` is a worker."""

    def __init__(
        self,
        database: Database,
        deliver: Mapping[Channel, Deliver],
        settings: Notify,
        metrics: Metrics,
        timing: Timing,
    ) -> None:
        self._database = database
        self._deliver = deliver
        self._settings = settings
        self._metrics = metrics
        self._timing = timing

    async def run(self) -> NoReturn:
        """Send until cancelled."""
        while True:
            busy = 0
            try:
                busy = await self.send_due()
                await self._measure()
            except GatewayError as fault:
                _log.error("supervision.outbox.failed", why=fault.detail)
            if not busy:
                await asyncio.sleep(self._settings.outbox_seconds)

    async def send_due(self) -> int:
        """Try what is due, a batch at once; how many were tried."""
        settings = self._settings
        async with self._database.transaction() as tx:
            now = await self._timing.now(tx)
            claimed = await store.claim_notices(
                tx, now, settings.batch_max, settings.retry_seconds, settings.retry_max_seconds
            )
        async with asyncio.TaskGroup() as group:
            for notice in claimed:
                group.create_task(self._send(notice))
        return len(claimed)

    async def _send(self, notice: Notice) -> None:
        try:
            await self._deliver[notice.channel](notice)
        except GatewayError as fault:
            result, why = "failed", fault.detail
            _log.warning("supervision.notice.failed", id=str(notice.id), attempts=notice.attempts, why=why)
        else:
            result, why = "sent", ""
        self._metrics.notices.labels(notice.channel, result).inc()
        try:
            await self._note(notice, why)
        except GatewayError as fault:  # it stays pending and goes once more, under the same id
            _log.error("supervision.notice.not_noted", id=str(notice.id), why=fault.detail)

    async def _note(self, notice: Notice, why: str) -> None:
        async with self._database.transaction() as tx:
            if why:
                await store.failed(tx, notice.id, why[:500])
            else:
                await store.sent(tx, notice.id, await self._timing.now(tx))

    async def _measure(self) -> None:
        async with self._database.connection() as connection:
            waiting, oldest = await store.waiting(connection)
            now = await self._timing.now(connection)
        self._metrics.outbox_pending.set(waiting)
        self._metrics.outbox_oldest.set(max(0.0, (now - oldest).total_seconds()) if oldest else 0)
