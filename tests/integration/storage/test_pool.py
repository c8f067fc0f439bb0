"""A pool whose database is away: callers are told so, and workers still end."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from gateway.storage import Zone
from gateway.storage.pool import DatabaseDown


async def test_a_worker_told_to_end_ends_though_its_connection_fails_at_the_same_moment(
    database: Any,
) -> None:
    pool = await database.open(Zone.CONTROL)
    await pool.close()
    with pytest.raises(DatabaseDown):
        async with pool.connection():
            raise AssertionError("a closed pool gave a connection")

    async def worker() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        with suppress(
            asyncio.CancelledError
        ):  # as asyncio.wait_for of Python 3.11 does when a failure comes first
            await asyncio.sleep(0)
        async with pool.connection():
            raise AssertionError("a closed pool gave a connection")

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(worker())
