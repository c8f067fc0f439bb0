"""The audit log on a real database: writers, integrators and what the owner can see of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

import asyncpg
import pytest

from gateway.audit import AuditLog, integrate_once
from gateway.settings import Audit
from gateway.storage import Zone

Writing: TypeAlias = Callable[..., AbstractAsyncContextManager[AuditLog]]


@pytest.fixture
async def owner(database: Any) -> AsyncIterator[asyncpg.Connection]:
    """The database's owner, who may see and spoil everything."""
    connection = await asyncpg.connect(database.owner_dsn)
    yield connection
    await connection.close()


@pytest.fixture
def writing(database: Any) -> Writing:
    """A running audit log: ``async with writing(deadline_seconds=0.2) as log``."""

    @asynccontextmanager
    async def start(dsn: str | None = None, **settings: Any) -> AsyncIterator[AuditLog]:
        log = await AuditLog.open(
            dsn or database.dsn(Zone.EXCHANGE),
            # a disk that others keep busy may take seconds over a commit
            Audit(**{"allow_unsafe_durability": True, "deadline_seconds": 20, **settings}),
            node="node-under-test",
        )
        async with asyncio.TaskGroup() as workers:
            workers.create_task(log.run())
            try:
                yield log
            finally:
                await log.close()

    return start


@pytest.fixture
def integrate(database: Any) -> Callable[[], Awaitable[None]]:
    """Order everything that waits."""

    async def until_nothing_waits() -> None:
        zone = await database.open(Zone.INTEGRATOR)
        async with zone.connection() as connection:
            while await integrate_once(connection):
                pass

    return until_nothing_waits
