"""The pools of a process: one for each zone it works in, opened when it is first asked for."""

import asyncio
from contextlib import AsyncExitStack
from typing import Final

from gateway.errors import GatewayError
from gateway.settings import Storage
from gateway.storage.migrate import pending
from gateway.storage.pool import Database
from gateway.storage.powers import check_powers
from gateway.storage.zones import Zone
from gateway.telemetry import Metrics

_SAMPLE_SECONDS: Final = 5


class Pools:
    """Opens pools; they close with ``stack``.

    Args:
        dsns: the address of the database by zone.
    """

    def __init__(self, dsns: dict[Zone, str], settings: Storage, stack: AsyncExitStack) -> None:
        self._dsns = dsns
        self._settings = settings
        self._stack = stack
        self._opened: dict[Zone, Database] = {}

    async def get(self, zone: Zone) -> Database:
        """The pool of a zone, opened once, its login checked against what the zone may do.

        Raises:
            DatabaseDown: the database cannot be reached. TooPowerful, LedgerUnguarded: see :func:`check_powers`.
        """
        if zone not in self._opened:
            opened = await Database.open(self._dsns[zone], self._settings)
            self._stack.push_async_callback(opened.close)
            await check_powers(opened, zone)
            self._opened[zone] = opened
        return self._opened[zone]

    async def ready(self) -> dict[str, str]:
        """Whether each pool can be asked: ``ok``, or the name of what is wrong."""
        parts = {}
        for zone, pool in self._opened.items():
            try:
                async with asyncio.timeout(2), pool.connection() as connection:
                    await pending(connection)
                parts[f"database_{zone}"] = "ok"
            except (GatewayError, TimeoutError) as fault:
                parts[f"database_{zone}"] = type(fault).__name__
        return parts

    async def sample(self, metrics: Metrics) -> None:
        """Show in the metrics how many connections are in use, until cancelled."""
        while True:
            for zone, pool in self._opened.items():
                size, idle = pool.in_use()
                metrics.pool.labels(zone, "size").set(size)
                metrics.pool.labels(zone, "in_use").set(size - idle)
            await asyncio.sleep(_SAMPLE_SECONDS)
