"""Says within one process that there is something to do, so that nobody waits for the next look; looking goes on all the same."""

import asyncio
from contextlib import suppress


class Bell:
    """Rung by whoever made work, heard by the one who does it."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """There is something to do."""
        self._rung.set()

    async def heard(self, within_seconds: float) -> None:
        """Wait until it rings, but no longer than that; what rang before counts once."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_seconds):
                await self._rung.wait()
        self._rung.clear()
