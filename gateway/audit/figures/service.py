"""Giving figures, and the worker that keeps them cheap."""

import asyncio
from typing import Final, NoReturn

from gateway.audit.figures import store
from gateway.audit.figures.errors import TooManyFigures
from gateway.audit.figures.model import Asked, Figures
from gateway.audit.model import JSON, Event, Outcome, Who
from gateway.audit.service import Recorder
from gateway.audit.types import EventType
from gateway.errors import Unavailable
from gateway.storage import Database
from gateway.telemetry import get_logger

_LINES_MAX: Final = 10_000
_log = get_logger()


class Counting:
    """The auditors' way to figures.

    Args:
        database: the reader zone's.
        record: makes ``audit.queried`` durable; if it fails, nothing is shown.
    """

    def __init__(self, database: Database, record: Recorder) -> None:
        self._database = database
        self._record = record

    async def figures(self, who: Who, asked: Asked, *, request_id: str = "") -> Figures:
        """How many records there are of what is asked.

        Raises:
            TooManyFigures: more than ten thousand lines.
            AuditUnavailable: the query could not be recorded.
        """
        async with self._database.connection() as connection:
            found = await store.figures(connection, asked, _LINES_MAX)
        if len(found.lines) > _LINES_MAX:
            raise TooManyFigures(f"more than {_LINES_MAX} lines", f"超过 {_LINES_MAX} 行")
        detail: dict[str, JSON] = {"figures": asked.stated(), "found": len(found.lines)}
        await self._record(
            Event(EventType.AUDIT_QUERIED, Outcome.ALLOW, who, request_id=request_id, detail=detail)
        )
        return found


class Rolling:
    """Moves the rollup up to the end of the ledger; :meth:`run` is a worker, and any number may run.

    Args:
        database: the integrator zone's.
        every_seconds: pause once nothing is left to add.
    """

    def __init__(self, database: Database, every_seconds: float) -> None:
        self._database = database
        self._every = every_seconds

    async def run(self) -> NoReturn:
        """Roll up until cancelled; a database that fails is asked again after the pause."""
        while True:
            try:
                while await self.step():
                    pass
            except Unavailable as fault:
                _log.warning("audit.figures.wait", why=fault.detail)
            await asyncio.sleep(self._every)

    async def step(self) -> int:
        """Add what is new, at most a hundred thousand records; how many.

        Raises:
            DatabaseDown, DatabaseBusy: nothing was added.
        """
        async with self._database.connection() as connection:
            return await store.roll_up(connection)
