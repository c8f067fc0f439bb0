"""The integrator: takes what waits in the inbox and grows the ledger by it, in one transaction a pass.

Every process may run one; the session that holds the advisory lock works, the others ask again. The lock saves
work only: what keeps the log from forking is ``audit.head``, where a second successor of one head is refused.
Nothing is remembered between passes, so there is nothing to forget after a fault.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn

from gateway.audit import store
from gateway.audit.bell import Bell
from gateway.audit.errors import AuditUnavailable, LedgerMoved, TilesMissing
from gateway.audit.ledger import Head, Reading, grow, seats
from gateway.audit.tiles.store import catch_up
from gateway.audit.types import EventType
from gateway.audit.writer import utc_now
from gateway.errors import BadSettings
from gateway.settings import Audit
from gateway.storage import Connection
from gateway.telemetry import Metrics, get_logger

_log = get_logger()
_STATEMENT_SECONDS: Final = 60
_PAUSE_MAX_SECONDS: Final = 5.0
_FEW_ROWS: Final = 3
_EXTEND_EVERY: Final = timedelta(hours=6)


class Integrator:
    """One process's candidate for leading the integration; :meth:`run` is a worker.

    Args:
        dsn: the integrator zone's.
        bell: rung by this process's writers; others' records are found by looking.
        grown: rung when the log has grown.
    """

    def __init__(
        self,
        dsn: str,
        settings: Audit,
        *,
        metrics: Metrics | None = None,
        clock: Callable[[], datetime] = utc_now,
        bell: Bell | None = None,
        grown: Bell | None = None,
    ) -> None:
        self._dsn = dsn
        self._bell = bell or Bell()
        self._told = grown or Bell()
        self._settings = settings
        self._metrics = metrics or Metrics()
        self._clock = clock
        self._pause = settings.integrate_idle_seconds
        self._extend_at = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> NoReturn:
        """Integrate until cancelled; a database that fails is tried again after a pause that grows."""
        while True:
            try:
                await self._session()
            except LedgerMoved as race:
                _log.warning("audit.integrator.overtaken", why=race.detail)
            except (AuditUnavailable, BadSettings) as fault:
                _log.error("audit.integrator.failed", why=fault.detail)
                self._pause = min(self._pause * 2, _PAUSE_MAX_SECONDS)
            await asyncio.sleep(self._pause)

    async def _session(self) -> None:
        connection = await store.connect(
            self._dsn, self._settings, name="gateway-audit-integrator", statement_seconds=_STATEMENT_SECONDS
        )
        connection.add_log_listener(_heard)
        try:
            while True:
                if await store.try_lead(connection):
                    _log.info("audit.integrator.leads")
                    await self._lead(connection)
                await asyncio.sleep(self._settings.integrate_idle_seconds)
        finally:
            connection.terminate()

    async def _lead(self, connection: Connection) -> NoReturn:
        self._pause = busy = self._settings.integrate_busy_seconds
        await self._catch_up(connection)
        while True:
            if self._clock() >= self._extend_at:
                await self._extend_ledger(connection)
            count = await integrate_once(connection, self._clock, self._grown)
            if count:
                # few rows: nobody is kept from his receipt for the sake of a larger pass
                await asyncio.sleep(busy if count > _FEW_ROWS else busy / 3)
            else:
                await self._bell.heard(self._settings.integrate_idle_seconds)

    async def _catch_up(self, connection: Connection) -> None:
        # tiles serve proofs; a record that is not ordered is worse than one that cannot be proven yet
        try:
            with store.recording():
                if count := await catch_up(connection, await store.newest_head(connection)):
                    _log.warning("audit.tiles.filled", count=count)
        except (AuditUnavailable, TilesMissing) as fault:
            _log.error("audit.tiles.not_filled", why=fault.detail)

    async def _extend_ledger(self, connection: Connection) -> None:
        # three months are covered, so a failure here is no reason to stop ordering
        self._extend_at = self._clock() + _EXTEND_EVERY
        try:
            covered = await store.extend_ledger(connection)
            _log.info("audit.ledger.covered", until=covered.isoformat())
        except AuditUnavailable as fault:
            _log.error("audit.ledger.not_extended", why=fault.detail)

    def _grown(self, head: Head) -> None:
        self._told.ring()
        self._metrics.audit_size.set(head.size)
        self._metrics.audit_head.set(head.recorded_at.timestamp())


async def integrate_once(
    connection: Connection,
    clock: Callable[[], datetime] = utc_now,
    grown: Callable[[Head], None] = lambda head: None,
) -> int:
    """Take waiting batches and write them to the ledger, all or nothing.

    Args:
        grown: told the new head once it is committed.

    Returns:
        How many rows of the inbox were taken; 0 when nothing waits.

    Raises:
        LedgerMoved: another integrator grew the ledger meanwhile; nothing was changed.
        AuditUnavailable: the database failed; nothing was changed, or everything if only its answer was lost.
    """
    head = None
    with store.recording():
        async with connection.transaction():
            taken, events = await store.take_events(connection)
            if events:
                head = await extend(connection, [Reading.of(event) for event in events], clock)
    if head:
        grown(head)
    return taken


async def extend(connection: Connection, readings: list[Reading], clock: Callable[[], datetime]) -> Head:
    """Write these events behind the head, in the transaction that is open; the head after them.

    Raises:
        asyncpg.UniqueViolationError: another integrator grew the same head.
    """
    for reading in readings:
        if reading.columns.type == EventType.EVENT_UNREADABLE:
            _log.error(
                "audit.event.unreadable", event_id=str(reading.columns.event_id), size=len(reading.event)
            )
    head, counters, begun = await store.standing(connection, seats(readings), len(readings))
    growth = grow(head, counters, readings, clock(), begun)
    await store.keep(connection, growth)
    return growth.head


def _heard(_connection: Any, message: Any) -> None:
    if message.severity_en == "WARNING":
        _log.warning("audit.integrator.warned", why=message.message)
