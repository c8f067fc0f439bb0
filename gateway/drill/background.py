"""A loop in a thread of its own: provider, relay and callers go on while the drill kills and starts processes."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

import uvloop

T = TypeVar("T")


class Background:
    """Runs coroutines until the block ends; what is still running then is cancelled."""

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=uvloop.run, args=(self._live(ready),))
        self._thread.start()
        ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _live(self, ready: threading.Event) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        ready.set()
        await self._over.wait()

    def start(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Begin; the result can be waited for from any thread."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Begin and wait for the end."""
        return self.start(work).result()
