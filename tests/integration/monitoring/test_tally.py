"""Calls counted in memory and written down beside probes that are settled at the same moment."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from world import World, another, http_mount

from gateway.catalog import NoSuchResource
from gateway.monitoring import store
from gateway.monitoring.model import Calls
from gateway.monitoring.tally import Tally
from gateway.names import ResourceId
from gateway.storage import Zone


async def watched(world: World, database: Any) -> tuple[Any, ResourceId]:
    """A pool of the control zone, and a published resource that is watched."""
    resource = ResourceId(await world.publish(another(), http_mount("http://127.0.0.1:9")))
    pool = await database.open(Zone.CONTROL)
    async with pool.transaction() as tx:
        await store.watch_new(tx, datetime.now(UTC))
    return pool, resource


async def test_counting_calls_and_settling_a_probe_wait_for_each_other_in_one_order(
    shared_world: World, shared_database: Any
) -> None:
    pool, resource = await watched(shared_world, shared_database)
    now = datetime.now(UTC)

    async def count() -> None:
        async with pool.transaction() as tx:
            await store.add_calls(tx, now, {resource: (Calls(ok=1), 0.1)})

    await count()
    async with pool.transaction() as tx:
        await store.lock_watch(tx, resource)
        counting = asyncio.create_task(count())
        await asyncio.sleep(0.2)
        await store.count_probe(tx, resource, now, failed=False)
    await counting
    async with pool.transaction() as tx:
        assert (await store.lock_watch(tx, resource)).recent == Calls(ok=2)


async def test_counts_that_could_not_be_written_are_added_to_the_next(
    shared_world: World, shared_database: Any
) -> None:
    pool, resource = await watched(shared_world, shared_database)
    tally = Tally(
        await shared_database.open(Zone.CONTROL, statement_timeout_seconds=1), lambda: datetime.now(UTC)
    )
    tally.count(resource, None, 0.5)
    async with pool.transaction() as tx:
        await store.lock_watch(tx, resource)
        flushing = asyncio.create_task(tally.flush())
        await asyncio.sleep(0)
        tally.count(resource, NoSuchResource("gone", "没有"), 0.5)
        await flushing
    await tally.flush()
    async with pool.transaction() as tx:
        assert (await store.lock_watch(tx, resource)).recent == Calls(ok=1, caller=1)
