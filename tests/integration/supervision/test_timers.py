"""Each step once: with processes racing, one killed in the middle, three days down, and by the database's clock."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from handclock import HandClock, at
from supervising import CONFIG, Bench, bench, clocks, until_quiet
from world import PROVIDER, World

from gateway.audit.errors import AuditUnavailable
from gateway.supervision import Case
from gateway.supervision.ladder import Step
from gateway.supervision.model import TimedClock
from gateway.supervision.steps import Steps
from gateway.supervision.timing import Moment

TESTS = Path(__file__).resolve().parents[2]
FILED = "2026-11-20T10:00"
ALL = ["amber", "red", "deputy", "breach", "order"]
BINDING = "qy132.review"
"""Due at the end of 2026-11-25; tl809.reply_cond at the end of 2026-12-04."""


@pytest.fixture
async def kit(world: World, database: Any) -> AsyncIterator[tuple[Bench, HandClock]]:
    clock = HandClock(FILED)
    async with bench(database, clock) as made:
        yield made, clock


async def at_times(kit: tuple[Bench, HandClock], *moments: str) -> None:
    made, clock = kit
    timers = made.timers()
    for moment in moments:
        clock.now = at(moment)
        await until_quiet(timers)


async def test_a_case_climbs_the_ladder_one_step_a_time(kit: tuple[Bench, HandClock]) -> None:
    made, _ = kit
    case = await made.case(PROVIDER, filed=FILED)
    await at_times(kit, FILED, "2026-11-24T08:29")
    assert await made.steps() == []
    await at_times(kit, "2026-11-24T08:30")
    assert await made.steps() == [(BINDING, "amber")]
    await at_times(kit, "2026-11-24T17:00", "2026-11-25T09:00", "2026-11-25T23:59")
    assert await made.steps() == [(BINDING, step) for step in ("amber", "red", "deputy")]
    await at_times(kit, "2026-11-26T00:00", "2026-11-26T08:30", "2026-12-04T12:00", "2026-12-05T00:00")
    assert await made.steps(case.id) == [
        *((BINDING, step) for step in ("amber", "red", "deputy", "breach", "order")),
        ("tl809.reply_cond", "breach"),
    ]
    (row,) = await made.rows("SELECT light, desk, next_at FROM supervision.clock WHERE is_binding")
    assert row == {"light": 0, "desk": "head", "next_at": None}


async def test_ten_sweepers_take_each_step_of_fifty_cases_once(kit: tuple[Bench, HandClock]) -> None:
    made, clock = kit
    for _ in range(50):
        await made.case(PROVIDER, filed=FILED)
    await until_quiet(made.timers())  # planned
    clock.now = at("2026-11-26T09:00")
    before = await made.recorded()
    await asyncio.gather(*(until_quiet(made.timers(batch=7)) for _ in range(10)))
    assert len(await made.steps()) == len(set(map(str, await made.steps()))) * 50 == 250
    assert await made.recorded() - before == 250
    assert len(await made.rows("SELECT id FROM supervision.breach")) == 50
    assert len(await made.rows("SELECT id FROM supervision.work_order")) == 50
    assert await until_quiet(made.timers()) == 0


async def test_after_three_days_down_each_step_is_taken_once(kit: tuple[Bench, HandClock]) -> None:
    made, _ = kit
    await made.case(PROVIDER, filed=FILED)
    await at_times(kit, FILED, "2026-11-24T09:00")
    await at_times(kit, "2026-11-27T09:00", "2026-11-27T09:00", "2026-11-27T12:00")
    assert sorted(step for _, step in await made.steps()) == sorted(ALL)


async def test_a_gateway_that_comes_back_at_night_records_the_breach_and_reminds_in_the_morning(
    kit: tuple[Bench, HandClock],
) -> None:
    made, _ = kit
    await made.case(PROVIDER, filed=FILED)
    await at_times(kit, FILED, "2026-11-26T03:00")
    assert await made.steps() == [(BINDING, "breach")]
    await at_times(kit, "2026-11-26T08:30")
    assert sorted(step for _, step in await made.steps()) == sorted(ALL)


async def test_keeping_a_case_again_repeats_nothing_but_a_new_due_date_starts_anew(
    kit: tuple[Bench, HandClock],
) -> None:
    made, _ = kit
    case = await made.case(PROVIDER, filed=FILED)
    await at_times(kit, "2026-11-24T09:00")
    await made.keep(case, "2026-11-24T09:01", filed=FILED)
    await at_times(kit, "2026-11-24T09:02")
    assert await made.steps() == [(BINDING, "amber")]
    (light,) = await made.rows("SELECT light FROM supervision.clock WHERE is_binding")
    assert light == {"light": 2}
    await made.keep(case, "2026-11-24T10:00", filed="2026-11-23T09:00")  # due a day later now
    (light,) = await made.rows("SELECT light FROM supervision.clock WHERE is_binding")
    assert light == {"light": 3}
    await at_times(kit, "2026-11-25T09:00")
    assert await made.steps() == [(BINDING, "amber"), (BINDING, "amber")]


async def test_a_case_done_in_time_is_heard_of_no_more(kit: tuple[Bench, HandClock]) -> None:
    made, _ = kit
    case = await made.case(PROVIDER, filed=FILED)
    await at_times(kit, "2026-11-24T09:00")
    done = {"filed": FILED, "reviewed": "2026-11-25T10:00", "closed": "2026-11-25T10:00"}
    await made.keep(case, "2026-11-25T10:00", **done)
    await at_times(kit, "2026-12-24T09:00")
    assert await made.steps() == [(BINDING, "amber")]
    assert await made.rows("SELECT id FROM supervision.breach") == []


async def test_what_was_done_late_while_no_timer_ran_is_still_put_on_record(
    kit: tuple[Bench, HandClock],
) -> None:
    made, _ = kit
    case = await made.case(PROVIDER, filed=FILED)
    done = {"filed": FILED, "reviewed": "2026-11-26T10:00", "closed": "2026-11-26T10:00"}
    await made.keep(case, "2026-11-26T10:00", **done)
    await at_times(kit, "2026-11-27T09:00")
    assert await made.steps() == [(BINDING, "breach")]
    (breach,) = await made.rows("SELECT due_at, ended_at, ended_as FROM supervision.breach")
    assert breach == {
        "due_at": at("2026-11-26T00:00"),
        "ended_at": at("2026-11-26T10:00"),
        "ended_as": "late",
    }


async def test_a_breach_that_was_recorded_is_dated_when_the_act_is_done(
    kit: tuple[Bench, HandClock],
) -> None:
    made, _ = kit
    case = await made.case(PROVIDER, filed=FILED)
    await at_times(kit, "2026-11-26T09:00")
    (breach,) = await made.rows("SELECT ended_at FROM supervision.breach")
    assert breach == {"ended_at": None}
    await made.keep(case, "2026-11-27T10:00", filed=FILED, reviewed="2026-11-27T10:00")
    (breach,) = await made.rows("SELECT ended_at, ended_as FROM supervision.breach")
    assert breach == {"ended_at": at("2026-11-27T10:00"), "ended_as": "late"}


async def test_a_breach_cannot_be_removed_or_rewritten(kit: tuple[Bench, HandClock]) -> None:
    made, _ = kit
    await made.case(PROVIDER, filed=FILED)
    await at_times(kit, "2026-11-26T09:00")
    for statement in ("DELETE FROM supervision.breach", "TRUNCATE supervision.breach"):
        with pytest.raises(Exception, match="stays on record"):
            await made.rows(statement)
    async with made.pool.connection() as gateways_own:
        with pytest.raises(Exception, match="permission denied"):
            await gateways_own.execute("UPDATE supervision.breach SET due_at = now()")


class Stuck(Steps):
    """Cannot record the steps of one case."""

    poison: Case | None = None

    async def take(self, tx: Any, clock: TimedClock, step: Step, moment: Moment) -> None:
        if self.poison is not None and clock.id == self.poison.id:
            raise AuditUnavailable("no record", "无法记录")
        await super().take(tx, clock, step, moment)


async def test_a_case_that_cannot_be_served_does_not_stop_the_others(kit: tuple[Bench, HandClock]) -> None:
    made, clock = kit
    stuck = made.steps_taker(Stuck)
    stuck.poison = await made.case(PROVIDER, filed="2026-11-19T10:00")
    other = await made.case(PROVIDER, filed=FILED)
    clock.now = at("2026-11-26T09:00")
    await until_quiet(made.timers(stuck))
    assert len(await made.steps(other.id)) == len(ALL)
    assert await made.steps(stuck.poison.id) == []
    await until_quiet(made.timers())
    assert len(await made.steps(stuck.poison.id)) == len(ALL)


async def test_another_ladder_is_in_force_for_open_cases_from_the_next_start(
    kit: tuple[Bench, HandClock], tmp_path: Path
) -> None:
    made, clock = kit
    await made.case(PROVIDER, filed=FILED)
    await at_times(kit, FILED)
    earlier = tmp_path / "supervision.toml"
    text = (CONFIG / "supervision.toml").read_text("utf-8")
    earlier.write_text(text.replace("share = 0.5", "share = 0.1"), "utf-8")
    clock.now = at("2026-11-23T09:00")
    await until_quiet(made.timers())
    assert await made.steps() == []
    await until_quiet(made.timers(ladder=earlier))
    assert await made.steps() == [(BINDING, "amber")]


async def test_the_timers_go_by_the_clock_of_the_database(world: World, database: Any) -> None:
    """A case that was due long ago by any clock: its breach is recorded at the database's instant."""
    async with bench(database, None) as made:
        async with made.pool.transaction() as tx:
            before = await tx.fetchval("SELECT clock_timestamp()")
        await made.case(PROVIDER, filed="2026-01-05T10:00")
        await until_quiet(made.timers())
        (breach,) = await made.rows(
            "SELECT recorded_at BETWEEN $1 AND clock_timestamp() AS within FROM supervision.breach WHERE rule = $2",
            before,
            BINDING,
        )
        assert breach == {"within": True}


KILLED = """
import asyncio, sys
sys.path[:0] = {paths!r}
from handclock import HandClock
from conftest import TestDatabase
from supervising import Bench, until_quiet
from gateway.supervision.steps import Steps


class Hanging(Steps):
    async def take(self, tx, clock, step, moment):
        await super().take(tx, clock, step, moment)
        print("holding", flush=True)
        await asyncio.sleep(600)


async def main():
    made = await Bench(TestDatabase({dsn!r}, {name!r}), HandClock("2026-11-24T09:00")).open()
    await until_quiet(made.timers(made.steps_taker(Hanging)))


asyncio.run(main())
"""


async def test_a_process_killed_in_the_middle_of_a_step_leaves_it_to_the_others(
    kit: tuple[Bench, HandClock], database: Any
) -> None:
    made, clock = kit
    await made.case(PROVIDER, filed=FILED)
    clock.now = at("2026-11-24T09:00")
    program = KILLED.format(paths=[str(TESTS)], dsn=database.owner_dsn, name=database.name)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=CONFIG.parent, env=dict(os.environ), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while (line := await process.stdout.readline()) and line != b"holding\n":
            pass
    assert line == b"holding\n"
    await until_quiet(made.timers())
    assert await made.steps() == [], "what another process holds is passed by"
    process.send_signal(signal.SIGKILL)
    await process.wait()
    async with asyncio.timeout(20):
        while not await made.steps():
            await until_quiet(made.timers())
    assert await made.steps() == [(BINDING, "amber")]


def test_the_kit_counts_by_the_rules_the_tests_are_about() -> None:
    due = {one.rule.id: one.deadline.due_date.isoformat() for one in clocks(filed=FILED) if one.deadline}
    assert due == {BINDING: "2026-11-25", "tl809.reply_cond": "2026-12-04"}
