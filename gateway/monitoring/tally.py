"""Passive health: what became of real calls, counted in memory and written down every few seconds.

A call pays one dictionary look-up and an addition; the database hears of sums only.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final, NoReturn

from gateway.errors import GatewayError, Unavailable, Upstream
from gateway.monitoring import store
from gateway.monitoring.model import Calls, Side
from gateway.names import ResourceId
from gateway.storage import Database
from gateway.telemetry import get_logger
from gateway.web.problems import InternalFault

_log = get_logger()
_FLUSH_SECONDS: Final = 2.0
_NOTE_MOST: Final = 200


class Tally:
    """The outcomes of one process's calls since the last flush. ``now`` gives the present instant with its zone."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], seconds: float = _FLUSH_SECONDS
    ) -> None:
        self._database = database
        self._now = now
        self._seconds = seconds
        self._counted: dict[ResourceId, tuple[Calls, float]] = {}

    def count(self, resource: ResourceId, error: GatewayError | None, seconds: float) -> None:
        """One call on a resource: released in ``seconds``, or ended by ``error``."""
        calls, took = self._counted.get(resource, (Calls(), 0.0))
        self._counted[resource] = (_with(calls, error), took + (seconds if error is None else 0.0))

    async def run(self) -> NoReturn:
        """Write down what was counted, until cancelled; a database that fails gets it with the next flush."""
        while True:
            await asyncio.sleep(self._seconds)
            await self.flush()

    async def flush(self) -> None:
        """Write down what was counted so far; kept if the database fails."""
        taken, self._counted = self._counted, {}
        if not taken:
            return
        try:
            async with self._database.transaction() as tx:
                await store.add_calls(tx, self._now(), taken)
        except GatewayError as fault:
            _log.warning("monitoring.tally.kept", why=fault.detail)
            for resource, (calls, took) in taken.items():
                since, more = self._counted.get(resource, (Calls(), 0.0))
                self._counted[resource] = (calls + since, took + more)


def side_of(error: GatewayError) -> Side:
    """Whose fault an ended call was: of the source, of the gateway, else of whoever called."""
    if isinstance(error, Upstream):
        return Side.PROVIDER
    return Side.GATEWAY if isinstance(error, Unavailable | InternalFault) else Side.CALLER


def _with(calls: Calls, error: GatewayError | None) -> Calls:
    if error is None:
        return replace(calls, ok=calls.ok + 1)
    side = side_of(error)
    counted = replace(calls, **{str(side): getattr(calls, side) + 1})
    if side is not Side.PROVIDER:
        return counted
    invalid = int(getattr(error, "result", "") == "invalid")
    return replace(counted, invalid=calls.invalid + invalid, note=error.detail[:_NOTE_MOST])
