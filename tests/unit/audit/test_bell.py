"""The bell wakes who waits at once, remembers one ring, and never keeps anybody from looking."""

import asyncio

from gateway.audit.bell import Bell


async def test_a_ring_wakes_who_waits_and_counts_once() -> None:
    bell = Bell()
    async with asyncio.timeout(30):
        waiting = asyncio.ensure_future(bell.heard(3600))
        await asyncio.sleep(0)
        bell.ring()
        await waiting
        bell.ring()
        bell.ring()
        await bell.heard(3600)
    again = asyncio.ensure_future(bell.heard(3600))
    await asyncio.sleep(0.01)
    assert not again.done()
    again.cancel()


async def test_nobody_waits_for_ever_where_nobody_rings() -> None:
    async with asyncio.timeout(30):
        await Bell().heard(0.01)
