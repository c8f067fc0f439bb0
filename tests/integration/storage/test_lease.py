"""A lease: one process at a time does a work."""

from typing import Any

from gateway.storage import Lease, Zone


async def test_a_lease_is_one_process_s_until_it_lets_go_or_its_time_is_over(database: Any) -> None:
    control = await database.open(Zone.CONTROL)
    first, second = Lease(control, "work", 60), Lease(control, "work", 60)
    assert await first.held()
    assert not await second.held()
    assert await first.held()
    await second.release()
    assert await first.held()
    await first.release()
    assert await second.held()
    assert not await first.held()
    assert await Lease(control, "other work", 60).held()
    await second.release()
    assert await Lease(control, "work", 0).held()
    assert await first.held()
