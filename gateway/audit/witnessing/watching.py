"""Watches how long records wait for order, signature, witnesses and time stamps; says so, and stops calls where it must.

Every process watches, because each must know when to stop; what is told is told once, by whichever is first.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NoReturn

from gateway.audit import store as ledger
from gateway.audit.model import JSON, Event, Outcome, Who
from gateway.audit.types import EventType
from gateway.audit.witnessing import store
from gateway.audit.witnessing.model import Patience, Stage
from gateway.audit.writer import AuditLog, utc_now
from gateway.errors import Unavailable
from gateway.settings import Witnessing
from gateway.storage import Connection, Database
from gateway.telemetry import Metrics, get_logger

_log = get_logger()


class Watch:
    """One process's watch; :meth:`run` is a worker.

    Args:
        database: of any zone; the control zone's where ``tells``.
        log: the process's log; it is held while a stage must stop calls.
        tells: whether this process records what is late.
    """

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        settings: Witnessing,
        *,
        tells: bool,
        metrics: Metrics | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._log = log
        self._patience = Patience.of(settings)
        self._every = settings.watch_seconds
        self._tells = tells
        self._metrics = metrics or Metrics()
        self._clock = clock

    async def run(self) -> NoReturn:
        """Look until cancelled; a database that fails is left to those who need it."""
        while True:
            try:
                await self.look()
            except Unavailable as fault:
                _log.warning("audit.watch.waits", why=fault.detail)
            await asyncio.sleep(self._every)

    async def look(self) -> Mapping[Stage, datetime]:
        """Look once; the stages that are late, and since when.

        Raises:
            DatabaseDown, AuditUnavailable.
        """
        with ledger.recording():
            async with self._database.connection() as connection:
                standing = await store.standing(connection)
        now = self._clock()
        for stage in Stage:
            since = standing.get(stage) if stage in self._patience.warn else None
            self._metrics.audit_oldest.labels(stage.value).set(since.timestamp() if since else 0)
        self._hold(self._patience.stopping(standing, now), now)
        late = self._patience.late(standing, now)
        if self._tells:
            await self._tell(late, standing, now)
        return late

    def _hold(self, stopping: Mapping[Stage, datetime], now: datetime) -> None:
        said = [
            (f"{stage.en} for {_minutes(now - since)} min", f"{stage.zh}已 {_minutes(now - since)} 分钟")
            for stage, since in stopping.items()
        ]
        if said:
            self._log.hold("; ".join(en for en, _ in said), "；".join(zh for _, zh in said))
        else:
            self._log.let_go()

    async def _tell(
        self, late: Mapping[Stage, datetime], standing: Mapping[Stage, datetime], now: datetime
    ) -> None:
        with ledger.recording():
            async with self._database.connection() as connection:
                told = await store.open_lateness(connection)
                begun = [(stage, since) for stage, since in late.items() if stage not in dict(told)]
                ended = [(stage, since) for stage, since in told if stage not in late]
                for stage, since in begun:
                    await self._once(connection, stage, since, "late", now)
                for stage, since in ended:
                    await self._once(connection, stage, since, "over", now)

    async def _once(
        self, connection: Connection, stage: Stage, since: datetime, kind: str, now: datetime
    ) -> None:
        detail: dict[str, JSON] = {
            "stage": stage.value,
            "since": since.isoformat(),
            "minutes": _minutes(now - since),
        }
        type_ = EventType.AUDIT_LATE if kind == "late" else EventType.AUDIT_CAUGHT_UP
        outcome = Outcome.ERROR if kind == "late" else Outcome.DONE
        async with connection.transaction():
            if not await store.tell(connection, stage, since, kind, now):
                return
            who = Who(kind="system", id=self._log.origin.node)
            await self._log.emit(connection, Event(type_, outcome, who, reason=stage.value, detail=detail))
        if kind == "late":
            _log.error("audit.late", stage=stage.value, since=since.isoformat())
        else:
            _log.info("audit.caught_up", stage=stage.value)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
