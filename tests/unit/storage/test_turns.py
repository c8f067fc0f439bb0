"""A worker that takes turns: one after the other while there is work, a rest when there is none, and no end when one fails."""

import asyncio
from contextlib import suppress

from gateway.errors import Unavailable
from gateway.storage.turns import Turns


async def test_it_rests_only_when_nothing_is_to_be_done_and_a_call_ends_the_rest() -> None:
    outcomes, taken, idle = (
        [True, Unavailable("gone", "不可用"), True, False, True, False],
        list[object](),
        asyncio.Event(),
    )

    async def turn() -> bool:
        outcome = outcomes.pop(0)
        taken.append(outcome)
        if outcome is False:
            idle.set()
        if isinstance(outcome, Unavailable):
            turns.call()  # so that the rest after a failure is over at once
            raise outcome
        return bool(outcome)

    turns = Turns(turn, 3600, "test")
    async with asyncio.TaskGroup() as tasks:
        working = tasks.create_task(turns.run())
        for left in (2, 0):
            async with asyncio.timeout(20):
                await idle.wait()
            idle.clear()
            assert len(outcomes) == left
            turns.call()
            if left == 0:
                working.cancel()
        with suppress(asyncio.CancelledError):
            await working
    assert len(taken) == 6
