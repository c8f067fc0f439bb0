"""Forgetting what replay stores need no longer: by then a proof or an assertion is refused by its own time."""

import asyncio
from typing import Final

from gateway.errors import GatewayError
from gateway.identity import store
from gateway.settings import Identity as Limits
from gateway.storage import Database
from gateway.telemetry import get_logger

_log = get_logger()
_PACE_SECONDS: Final = 30


class Sweeping:
    """A worker of the control zone: calls remember proofs and forget none."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self._database = database
        # both ends of a proof's window, the clocks' difference, and one more window for good measure
        self._seconds = 2 * (limits.proof_seconds + limits.clock_skew_seconds) + _PACE_SECONDS

    async def run(self) -> None:
        """Sweep until cancelled; a database that is away is tried again."""
        while True:
            await asyncio.sleep(_PACE_SECONDS)
            try:
                await self.sweep()
            except GatewayError as fault:
                _log.warning("identity.sweep_failed", said=fault.detail)

    async def sweep(self) -> None:
        """Forget once."""
        async with self._database.connection() as connection:
            await store.forget_proofs(connection, self._seconds)
            await store.forget_assertions(connection)
