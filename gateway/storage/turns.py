"""A worker that takes turns: as long as there is something to do at once, else when it is called or the time has come to look."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn

from gateway.errors import GatewayError
from gateway.telemetry import get_logger

_log = get_logger()


class Turns:
    """Takes turns until cancelled; a turn that fails is told to the log, and the next comes after a rest.

    Args:
        turn: does a piece of work; whether there was one. What it loses by failing the next turn finds again.
        poll_seconds: the longest rest.
        name: of the work, in the log.
    """

    def __init__(self, turn: Callable[[], Awaitable[bool]], poll_seconds: float, name: str) -> None:
        self._turn = turn
        self._poll_seconds = poll_seconds
        self._name = name
        self._called = asyncio.Event()

    def call(self) -> None:
        """There is something to do."""
        self._called.set()

    async def run(self) -> NoReturn:
        """Take turns until cancelled."""
        while True:
            busy = False
            try:
                busy = await self._turn()
            except GatewayError as fault:
                _log.error(f"{self._name}.turn_failed", problem=fault.slug(), said=fault.detail)
            if not busy:
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._poll_seconds):
                await self._called.wait()
        except TimeoutError:
            pass
        self._called.clear()
