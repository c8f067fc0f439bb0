"""Sending records on: one process at a time, from where the last one stopped."""

import asyncio
from contextlib import suppress
from typing import Final, NoReturn

from gateway.audit import AuditReader, Event, EventType, Outcome, Recorder, Who
from gateway.errors import BadSettings, Unavailable
from gateway.sections import Siem
from gateway.siem import store
from gateway.siem.model import Sink
from gateway.siem.ocsf import outgoing
from gateway.storage import Database, Lease
from gateway.telemetry import Metrics, get_logger

_log = get_logger()
_LEASE_SECONDS: Final = 20.0
_FIRST_PAUSE_SECONDS: Final = 1.0


class Streaming:
    """One process's candidate for sending; :meth:`run` is a worker.

    Args:
        database: the control zone's, which keeps the position.
        record: makes durable that records are about to be sent.
        node: this host's name in records.
    """

    def __init__(
        self, database: Database, reader: AuditReader, record: Recorder, sink: Sink, settings: Siem, metrics: Metrics,
        node: str,
    ) -> None:  # fmt: skip
        self._database = database
        self._reader = reader
        self._record = record
        self._sink = sink
        self._settings = settings
        self._metrics = metrics
        self._node = node
        self._lease = Lease(database, "siem", settings.send_seconds + settings.idle_seconds + _LEASE_SECONDS)
        self._pause = _FIRST_PAUSE_SECONDS

    async def run(self) -> NoReturn:
        """Send until cancelled; a sink or database that fails is tried again after a pause that grows."""
        while True:
            try:
                await self._session()
            except (Unavailable, BadSettings) as fault:
                self._metrics.siem_failures.inc()
                _log.warning("siem.interrupted", sink=self._sink.name, why=fault.detail)
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, self._settings.retry_max_seconds)

    async def _session(self) -> None:
        if not await self._lease.held():
            self._pause = _FIRST_PAUSE_SECONDS
            return
        try:
            await self._sink.open()
            await self._stream()
        finally:
            await self._sink.close()
            with suppress(Unavailable):  # the lease ends by itself
                await self._lease.release()

    async def _stream(self) -> None:
        """Send as long as the lease is ours."""
        self._pause = _FIRST_PAUSE_SECONDS
        kept = following = await self._start()
        await self._record(self._about(kept))
        _log.info("siem.streams", sink=self._sink.name, idx=kept)
        while await self._lease.held():
            records = await self._reader.following(following, self._settings.batch_max)
            if records:
                await self._sink.send([outgoing(one) for one in records])
                following = records[-1].idx + 1
                self._metrics.siem_sent.inc(len(records))
            settled = self._sink.settled()
            if settled is not None and settled >= kept:
                kept = settled + 1
                await self._keep(kept)
            if len(records) < self._settings.batch_max:
                await asyncio.sleep(self._settings.idle_seconds)

    async def _start(self) -> int:
        async with self._database.connection() as connection:
            kept = await store.position(connection, self._sink.name)
        if kept is None and self._settings.start == "end":
            kept = (await self._reader.head()).size
            await self._keep(kept)
        return kept or 0

    async def _keep(self, kept: int) -> None:
        async with self._database.connection() as connection:
            await store.move(connection, self._sink.name, kept)
        self._metrics.siem_position.set(kept)

    def _about(self, first: int) -> Event:
        return Event(
            EventType.AUDIT_STREAMED, Outcome.ALLOW, Who(kind="system", id=self._node), object_kind="sink",
            object_id=self._sink.name, detail={"from": first},
        )  # fmt: skip
