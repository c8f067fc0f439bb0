"""The worker: verifies what came since the last time every night, and everything once a week, one process for all."""

import asyncio
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Final, NoReturn
from zoneinfo import ZoneInfo

from gateway.audit.checking import store
from gateway.audit.checking.service import Checking
from gateway.audit.model import Who
from gateway.errors import Unavailable
from gateway.storage import Database, Lease
from gateway.telemetry import get_logger

_log = get_logger()
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_AT: Final = time(2, 30)
_WEEK: Final = timedelta(days=7)
_LOOK_SECONDS: Final = 300.0
_LEASE_SECONDS: Final = 6 * 3600.0


class Nightly:
    """One process's candidate; :meth:`run` is a worker.

    Args:
        database: the control zone's. node: this host's name in records.
    """

    def __init__(
        self, database: Database, checking: Checking, node: str, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._checking = checking
        self._node = node
        self._now = now
        self._lease = Lease(database, "audit verification", _LEASE_SECONDS)

    async def run(self) -> NoReturn:
        """Look every few minutes whether a verification is due, until cancelled."""
        while True:
            try:
                await self.look()
            except Unavailable as fault:
                _log.warning("audit.verification.waits", why=fault.detail)
            await asyncio.sleep(_LOOK_SECONDS)

    async def look(self) -> bool:
        """Verify if it is due; whether it was.

        Raises:
            DatabaseDown, AuditUnavailable.
        """
        async with self._database.connection() as connection:
            any_one, whole = await store.last_finished(connection)
        if not is_due(any_one, self._now()) or not await self._lease.held():
            return False
        try:
            everything = whole is None or self._now() - whole >= _WEEK
            outcome = await self._checking.verify(Who("system", self._node), whole=everything)
            _log.info("audit.verification.done", whole=everything, outcome=type(outcome).__name__)
        finally:
            await self._lease.release()
        return True


def is_due(last: datetime | None, now: datetime) -> bool:
    """Whether half past two in the morning, Asia/Shanghai, has passed since the last one."""
    local = now.astimezone(_SHANGHAI)
    newest = datetime.combine(local.date(), _AT, _SHANGHAI)
    if newest > local:
        newest -= timedelta(days=1)
    return last is None or last < newest
