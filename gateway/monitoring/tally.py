"""Passive health: what became of real calls, counted in memory and written down every few seconds.

A call pays one dictionary look-up and an addition; the database hears of sums only.
"""

import asyncio
from collections.abc import Callable
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
        self._counted: dict[ResourceId, _Sum] = {}

    def count(self, resource: ResourceId, error: GatewayError | None, seconds: float) -> None:
        """One call on a resource: released in ``seconds``, or ended by ``error``."""
        found = self._counted.get(resource)
        if found is None:
            found = self._counted[resource] = _Sum()
        if error is None:
            found.ok += 1
            found.took += seconds
        else:
            found.ended(error)

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
        sums = {resource: (found.calls(), found.took) for resource, found in taken.items()}
        try:
            async with self._database.transaction() as tx:
                await store.add_calls(tx, self._now(), sums)
        except GatewayError as fault:
            _log.warning("monitoring.tally.kept", why=fault.detail)
            for resource, since in self._counted.items():
                if (before := taken.get(resource)) is not None:
                    since.add(before)
            self._counted = {**taken, **self._counted}


class _Sum:
    """Outcomes of the calls on one resource; changed in place, because a value made anew per call costs ten times that."""

    __slots__ = ("caller", "gateway", "invalid", "note", "ok", "provider", "took")

    def __init__(self) -> None:
        self.ok = self.caller = self.gateway = self.provider = self.invalid = 0
        self.note = ""
        self.took = 0.0

    def ended(self, error: GatewayError) -> None:
        """One call that ``error`` ended."""
        side = side_of(error)
        if side is Side.CALLER:
            self.caller += 1
        elif side is Side.GATEWAY:
            self.gateway += 1
        else:
            self.provider += 1
            self.invalid += getattr(error, "result", "") == "invalid"
            self.note = error.detail[:_NOTE_MOST]

    def add(self, before: "_Sum") -> None:
        """What was counted before this, too."""
        for name in ("ok", "caller", "gateway", "provider", "invalid", "took"):
            setattr(self, name, getattr(self, name) + getattr(before, name))
        self.note = self.note or before.note

    def calls(self) -> Calls:
        """As it is written down."""
        return Calls(
            ok=self.ok, caller=self.caller, gateway=self.gateway, provider=self.provider, invalid=self.invalid,
            note=self.note,
        )  # fmt: skip


def side_of(error: GatewayError) -> Side:
    """Whose fault an ended call was: of the source, of the gateway, else of whoever called."""
    if isinstance(error, Upstream):
        return Side.PROVIDER
    return Side.GATEWAY if isinstance(error, Unavailable | InternalFault) else Side.CALLER
