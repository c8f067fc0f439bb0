"""Waiting for what another task, process or server does: for exactly the condition, never for a while."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(condition: Callable[[], Awaitable[T]], seconds: float = 60) -> T:
    """Ask again and again until the answer is true; the answer.

    Raises:
        TimeoutError: not within ``seconds``, which are many, for a machine may be busy.
    """
    async with asyncio.timeout(seconds):
        while not (found := await condition()):  # noqa: ASYNC110  # of processes and servers too
            await asyncio.sleep(0.02)
    return found
