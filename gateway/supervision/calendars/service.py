"""Publishing calendars, learning of them, and checking that no stored deadline differs from the computed one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, time, timedelta
from typing import Any, Final

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.deadlines import SHANGHAI, Almanac, Clockwork, Deadline, Edition, Editions, Source, calendar_of
from gateway.errors import Conflict, GatewayError
from gateway.storage import Connection, Database
from gateway.supervision.calendars import store
from gateway.supervision.calendars.model import Shift, StoredClock, StoredEdition, editions_of, shifts
from gateway.telemetry import Metrics, get_logger

_log = get_logger()
_BATCH: Final = 500
_NIGHT: Final = time(2)


class NothingToPublish(Conflict):
    """The calendar in the folder is the one that counts already（目录中的工作日历已发布）."""

    remedy = (
        "Put the file of the new year, or of the region, into the folder first.",
        "请先将新年度或地区日历文件放入目录。",
    )


class Calendars:
    """The editions of this platform; ``work.almanac`` always holds those this process knows.

    Args:
        node: who publishes where no person does, for the audit record.
        now: gives the present instant with its zone.
    """

    def __init__(
        self, database: Database, log: AuditLog, work: Clockwork, node: str, now: Callable[[], datetime],
        metrics: Metrics | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._log = log
        self._work = work
        self._node = node
        self._now = now
        self._metrics = metrics
        self._known: list[StoredEdition] = []

    @property
    def almanac(self) -> Almanac:
        """The editions this process knows."""
        return self._work.almanac

    async def open(self, source: Source) -> None:
        """Learn what was published; the very first start of an installation publishes ``source``."""
        async with self._database.transaction() as tx:
            await store.lock_publishing(tx)
            if not await store.newest_number(tx):
                await self._publish(tx, source, 1, self._now())
        await self.refresh()

    async def refresh(self) -> None:
        """Learn of editions published by others."""
        async with self._database.connection() as connection:
            if await store.newest_number(connection) != len(self._known):
                self._known = await store.editions(connection)
                self._work.almanac.editions = editions_of(self._known, self._work.region)
        if self._metrics is not None:
            covered = self._work.almanac.editions.newest.covered_until
            ends = datetime(covered.year + 1, 1, 1, tzinfo=SHANGHAI)
            self._metrics.calendar.set(ends.timestamp())

    async def editions(self) -> list[StoredEdition]:
        """All editions, in the order of publication."""
        async with self._database.connection() as connection:
            return await store.editions(connection)

    async def drift(self) -> list[Shift]:
        """Open clocks whose stored deadline is not the computed one. There must be none."""
        async with self._database.connection() as tx:
            return [each async for each in self._differing(tx, self._work.almanac.editions)]

    async def preview(self, source: Source) -> list[Shift]:
        """What publishing ``source`` now would change of open clocks. Nothing is stored."""
        new = Edition(calendar_of(source, self._work.region), self._now())
        async with self._database.connection() as tx:
            return [
                each async for each in self._differing(tx, Editions(*self._work.almanac.editions.items, new))
            ]

    async def publish(self, source: Source, lead: timedelta) -> list[Shift]:
        """Publish an edition and move the open deadlines it changes; each leaves a record with old and new.

        An interrupted publication is finished by the next one, with the same files.

        Args:
            lead: how long the processes have to learn of it before it counts.

        Raises:
            NothingToPublish: the newest edition has the same days and no deadline is left to move.
        """
        version = calendar_of(source, self._work.region).version
        is_new = version != self._work.almanac.editions.newest.version
        if is_new:
            counts_from = self._now() + lead
            async with self._database.transaction() as tx:
                await store.lock_publishing(tx)
                number = await store.newest_number(tx) + 1
                await self._publish(tx, source, number, counts_from)
            await asyncio.sleep(max(0.0, (counts_from - self._now()).total_seconds()))
            await self.refresh()
        moved = await self._settle()
        if not is_new and not moved:
            raise NothingToPublish(
                f"calendar {version} counts already", f"工作日历 {version} 已发布", version=version
            )
        return moved

    async def run(self, refresh_seconds: float) -> None:
        """Worker: learn of editions, and check every night at 02:00 for drift."""
        check_at = _next_night(self._now())
        while True:
            await asyncio.sleep(refresh_seconds)
            try:
                await self.refresh()
                if self._now() >= check_at:
                    check_at = _next_night(self._now())
                    await self.measure()
            except GatewayError as fault:
                _log.error("calendars.failed", why=fault.detail)

    async def measure(self) -> int:
        """Count the drift, for the metric; each one is logged."""
        found = await self.drift()
        for each in found:
            _log.error(
                "deadline.drift", case_kind=each.clock.kind, case_id=str(each.clock.id), rule=each.clock.rule
            )
        if self._metrics is not None:
            self._metrics.deadline_drift.set(len(found))
        return len(found)

    async def _publish(self, tx: Connection, source: Source, number: int, counts_from: datetime) -> None:
        calendar = calendar_of(source, self._work.region)
        until = calendar.covered_until.isoformat()
        new = StoredEdition(number, calendar.version, until, counts_from, self._node, source)
        detail = {"number": number, "covered_until": until, "counts_from": counts_from.isoformat()}
        written = await self._log.emit(
            tx, self._event(EventType.CALENDAR_PUBLISHED, calendar.version, detail)
        )
        await store.add(tx, new, written)

    async def _settle(self) -> list[Shift]:
        """Move what differs, each deadline in its own transaction and with its own record."""
        editions, moved = self._work.almanac.editions, []
        for each in await self.drift():
            async with self._database.transaction() as tx:
                now_stored = await store.lock(tx, each.clock)
                for shift in shifts([now_stored] if now_stored else [], self._work, editions, self._now()):
                    if shift.deadline is not None:
                        await self._move(tx, shift.clock, shift.deadline)
                        moved.append(shift)
        return moved

    async def _move(self, tx: Connection, clock: StoredClock, deadline: Deadline) -> None:
        detail = {
            "rule": clock.rule,
            "old_due_at": clock.due_at.isoformat(),
            "new_due_at": deadline.due_at.isoformat(),
            "was_provisional": clock.provisional,
            "provisional": deadline.provisional,
            "calendar": deadline.calendar_version,
        }
        event = self._event(EventType.DEADLINE_MOVED, str(clock.id), detail, kind_of=clock.kind)
        await self._log.emit(tx, event)
        await store.move(tx, clock, deadline)

    async def _differing(self, tx: Connection, editions: Editions) -> AsyncIterator[Shift]:
        after = store.FIRST
        while batch := await store.open_clocks(tx, after, _BATCH):
            after = batch[-1].key
            for each in shifts(batch, self._work, editions, self._now()):
                yield each

    def _event(
        self, kind: EventType, object_id: str, detail: dict[str, Any], *, kind_of: str = "calendar"
    ) -> Event:
        return Event(
            kind, Outcome.DONE, Who(kind="system", id=self._node), object_kind=kind_of, object_id=object_id, detail=detail
        )  # fmt: skip


def _next_night(now: datetime) -> datetime:
    local = now.astimezone(SHANGHAI)
    night = datetime.combine(local.date(), _NIGHT, SHANGHAI)
    return night if local < night else night + timedelta(days=1)
