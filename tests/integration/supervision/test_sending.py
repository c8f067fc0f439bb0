"""Senders racing and senders killed: each notice with one of them at a time, none lost."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from handclock import HandClock, at
from supervising import Bench, bench, until_quiet
from world import PROVIDER, World

from gateway.settings import Notify
from gateway.supervision.outbox.model import Channel, Notice
from gateway.supervision.outbox.sending import Sending
from gateway.supervision.timing import Timing


@pytest.fixture
async def kit(world: World, database: Any) -> AsyncIterator[tuple[Bench, HandClock]]:
    clock = HandClock("2026-11-20T10:00")
    body = {"name": "某人", "webhook": "http://127.0.0.1:9/notices"}
    (await world.as_("platform-admin", "PUT", f"/v1/orgs/{PROVIDER}/contacts/handler", body)).ok()
    async with bench(database, clock) as made:
        for _ in range(60):
            await made.case(PROVIDER, filed="2026-11-20T10:00")
        clock.now = at("2026-11-24T09:00")
        await until_quiet(made.timers())
        yield made, clock


async def at_once() -> None:
    await asyncio.sleep(0)


def sender(made: Bench, taken: Counter[str], fate: Any = None, busy: Any = at_once) -> Sending:
    async def deliver(notice: Notice) -> None:
        taken[str(notice.id)] += 1
        await busy()
        if fate is not None:
            raise fate

    return Sending(
        made.pool,
        {Channel.WEBHOOK: deliver},
        Notify(batch_max=7, retry_seconds=30),
        made.metrics,
        Timing(made.now),
    )


async def test_senders_side_by_side_deliver_each_notice_once(kit: tuple[Bench, HandClock]) -> None:
    made, _ = kit
    taken: Counter[str] = Counter()
    working, together = set(), asyncio.Event()

    async def work() -> int:
        async def busy() -> None:
            """Nobody is done before two are at it."""
            working.add(one)
            if len(working) > 1:
                together.set()
            async with asyncio.timeout(60):
                await together.wait()

        one, done = sender(made, taken, busy=busy), 0
        while count := await one.send_due():
            done += count
        return done

    done = await asyncio.gather(*(work() for _ in range(5)))
    assert sum(count > 0 for count in done) > 1
    assert (len(taken), set(taken.values())) == (60, {1})


async def test_what_a_killed_sender_had_taken_up_goes_again_after_the_pause(
    kit: tuple[Bench, HandClock],
) -> None:
    made, clock = kit
    taken: Counter[str] = Counter()
    killed = sender(made, taken, RuntimeError("ended"))  # as if the process ended in the middle of an attempt
    with pytest.raises(ExceptionGroup):
        await killed.send_due()
    assert len(taken) > 0
    alive = sender(made, taken)
    while await alive.send_due():
        pass
    assert len(taken) == 60
    assert {row["state"] for row in await made.rows("SELECT state FROM supervision.notification")} == {
        "pending",
        "sent",
    }
    clock.now = at("2026-11-24T09:01")
    while await alive.send_due():
        pass
    assert len(taken) == 60
    states = await made.rows("SELECT DISTINCT state FROM supervision.notification")
    assert states == [{"state": "sent"}]
