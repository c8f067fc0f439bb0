"""What the three messengers share: a place in the log they come from, somebody outside they ask, and rounds without end."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

from gateway.audit.writer import utc_now
from gateway.errors import Unavailable
from gateway.settings import Witnessing
from gateway.storage import Database
from gateway.telemetry import Metrics, get_logger
from gateway.web.posting import Posting

_log = get_logger()


class Messenger(ABC):
    """Carries the newest checkpoint to somebody outside; :meth:`run` is a worker.

    Args:
        database: the integrator zone's.
        every_seconds: between two rounds.
    """

    def __init__(
        self,
        database: Database,
        posting: Posting,
        settings: Witnessing,
        every_seconds: float,
        metrics: Metrics | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._posting = posting
        self._settings = settings
        self._every = every_seconds
        self._metrics = metrics or Metrics()
        self._clock = clock

    async def run(self) -> NoReturn:
        """One round after another; a database that is away is waited for. Raises what :meth:`round` raises beside that."""
        while True:
            try:
                await self.round()
            except Unavailable as fault:
                _log.warning("audit.messenger.waits", messenger=type(self).__name__, why=fault.detail)
            await asyncio.sleep(self._every)

    @abstractmethod
    async def round(self) -> int:
        """Carry the newest checkpoint wherever it is not yet; how many took it now."""
