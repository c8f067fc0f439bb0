"""Verification that goes on from the last one: what is new is read, what was verified must still be there."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from ledgers import an_event

from gateway.audit import EventType, Finding, Origin, Problem, Verdict, Who, integrate_once
from gateway.audit.checking.nightly import Nightly, is_due
from gateway.audit.checking.service import Checking
from gateway.audit.writer import emit_all, utc_now
from gateway.names import new_id
from gateway.storage import Zone

SYSTEM = Who("system", "node-1")


class Desk:
    """A log that grows, and somebody who verifies it."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.origin = Origin("node-1", new_id())

    async def open(self) -> None:
        self.control = await self.database.open(Zone.CONTROL)
        self.orders = await self.database.open(Zone.INTEGRATOR)
        self.checking = Checking(await self.database.open(Zone.READER), self.control, self.origin, utc_now)

    async def grow(self, count: int) -> None:
        async with self.control.transaction() as tx:
            await emit_all(tx, [an_event()] * count, self.origin, utc_now())
        async with self.orders.connection() as connection:
            while await integrate_once(connection):
                pass

    async def verify(self, *, whole: bool = False) -> Finding | Verdict:
        return await self.checking.verify(SYSTEM, whole=whole)


@pytest.fixture
async def desk(database: Any) -> Desk:
    made = Desk(database)
    await made.open()
    return made


async def spoil(owner: asyncpg.Connection, statement: str) -> None:
    """As somebody who may do anything to the database."""
    tables = [row[0] for row in await owner.fetch("SELECT name FROM audit.partition_map")] + [
        "ledger",
        "head",
    ]
    async with owner.transaction():
        for table in tables:
            await owner.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER USER")
        await owner.execute(statement)
        for table in tables:
            await owner.execute(f"ALTER TABLE audit.{table} ENABLE TRIGGER USER")


async def test_each_verification_begins_where_the_last_ended_also_in_the_middle_of_a_tile(
    desk: Desk, owner: asyncpg.Connection
) -> None:
    for count in (300, 100, 200, 1):
        await desk.grow(count)
        assert isinstance(await desk.verify(), Verdict)
    rows = await owner.fetch("SELECT from_size, size FROM audit.verification ORDER BY id")
    assert [tuple(row) for row in rows] == [(0, 300), (300, 401), (401, 602), (602, 604)]
    kinds = await owner.fetch(
        "SELECT outcome FROM audit.ledger WHERE type = $1", EventType.AUDIT_VERIFIED.value
    )
    assert [row[0] for row in kinds] == ["done"] * 3  # the last one waits to be ordered
    assert isinstance(await desk.verify(whole=True), Verdict)


@pytest.mark.parametrize(
    ("statement", "problem", "place"),
    [
        ("UPDATE audit.ledger SET actor = 'x' WHERE idx = 350", Problem.LEAF_DIFFERS, 350),
        ("UPDATE audit.ledger SET cseq = cseq + 1 WHERE idx = 320", Problem.COUNTER_GAP, 320),
        ("DELETE FROM audit.ledger WHERE idx = 330", Problem.RECORD_MISSING, 330),
        ("UPDATE audit.head SET frontier = set_byte(frontier, 0, get_byte(frontier, 0) # 1) WHERE size = 300",
         Problem.HEAD_BROKEN, 299),
        ("UPDATE audit.head SET root = sha256('x') WHERE size = 300", Problem.HEAD_BROKEN, 299),
    ],
    ids=["column", "counter", "row", "verified-frontier", "verified-root"],
)  # fmt: skip
async def test_what_was_changed_since_is_found_with_its_place_and_kept(
    statement: str, problem: Problem, place: int, desk: Desk, owner: asyncpg.Connection
) -> None:
    await desk.grow(300)
    await desk.verify()
    await desk.grow(100)
    await spoil(owner, statement)
    found = await desk.verify()
    assert isinstance(found, Finding)
    assert (found.problem, found.idx) == (problem, place)
    kept = await owner.fetchrow("SELECT problem, idx FROM audit.verification ORDER BY id DESC LIMIT 1")
    assert tuple(kept) == (problem.value, place)
    again = await desk.verify()
    assert isinstance(again, Finding)  # a finding is no place to begin from


async def test_what_was_changed_behind_the_verified_head_is_found_by_the_whole_one(
    desk: Desk, owner: asyncpg.Connection
) -> None:
    await desk.grow(50)
    await desk.verify()
    await spoil(owner, "UPDATE audit.ledger SET actor = 'x' WHERE idx = 7")
    assert isinstance(await desk.verify(), Verdict)
    found = await desk.verify(whole=True)
    assert isinstance(found, Finding)
    assert found.idx == 7


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-09-30T12:00", True),
        ("2026-09-29T18:40", "2026-09-30T12:00", False),
        ("2026-09-29T18:20", "2026-09-29T18:31", True),
        ("2026-09-28T18:40", "2026-09-29T18:29", False),
        ("2026-09-28T18:40", "2026-09-29T18:30", True),
    ],
    ids=["never", "this-night", "just-before", "yesterday-night", "half-past-two"],
)
def test_a_verification_is_due_once_a_night(last: str | None, now: str, due: bool) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert is_due(at(last) if last else None, at(now)) is due


async def test_of_two_processes_one_verifies_a_night_and_the_first_time_the_whole(
    desk: Desk, integrate: Callable[[], Awaitable[None]]
) -> None:
    await desk.grow(5)
    nights = [Nightly(desk.control, desk.checking, "node-1", utc_now) for _ in range(2)]
    assert await nights[0].look()
    assert not await nights[1].look()
