import asyncio
import hashlib
import time
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from ledgers import an_event, said

from gateway.audit import AuditLog, AuditUnavailable, RecordTooLarge, check_durability
from gateway.errors import BadSettings
from gateway.names import new_id
from gateway.settings import Audit
from gateway.storage import Once, Zone, claim

REFUSE = """
CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'no room left'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON audit.inbox FOR EACH ROW EXECUTE FUNCTION public.refuse();
"""


async def stored(owner: asyncpg.Connection) -> list[bytes]:
    rows = await owner.fetch("SELECT events FROM audit.inbox ORDER BY id")
    return [event for row in rows for event in row[0].split(b"\n")]


async def rows(owner: asyncpg.Connection) -> int:
    count: int = await owner.fetchval("SELECT count(*) FROM audit.inbox")
    return count


async def eventually(condition: Any) -> None:
    deadline = time.monotonic() + 30
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_an_acknowledged_event_is_committed(writing: Any, owner: asyncpg.Connection) -> None:
    async with writing() as log:
        written = await log.append(an_event(reason="first"))
        (event,) = await stored(owner)
    assert said(event)["id"] == str(written.event_id)
    assert hashlib.sha256(event).digest() == written.digest
    assert (written.cause.event_id, written.cause.digest) == (written.event_id, written.digest)


async def test_events_that_wait_together_are_committed_together(
    writing: Any, owner: asyncpg.Connection
) -> None:
    async with writing() as log:
        written = await asyncio.gather(*(log.append(an_event()) for _ in range(400)))
        assert await rows(owner) <= 3
        events = [said(event) for event in await stored(owner)]
    assert [event["n"] for event in events] == list(range(400))
    assert {event["boot"] for event in events} == {str(log.origin.boot)}
    assert {event["id"] for event in events} == {str(each.event_id) for each in written}
    assert len({event["nonce"] for event in events}) == 400


async def test_a_flush_takes_no_more_than_its_bounds(writing: Any, owner: asyncpg.Connection) -> None:
    async with writing(flush_events=7) as log:
        await asyncio.gather(*(log.append(an_event()) for _ in range(50)))
        assert await owner.fetchval("SELECT max(size) FROM audit.inbox") == 7
        await asyncio.gather(*(log.append(an_event(detail={"text": "x" * 60000})) for _ in range(40)))
    largest = "SELECT max(octet_length(events)) FROM audit.inbox"
    assert await owner.fetchval(largest) <= 1 << 20


async def test_a_refused_insert_reaches_everybody_who_waits_and_leaves_no_gap(
    writing: Any, owner: asyncpg.Connection
) -> None:
    async with writing() as log:
        await log.append(an_event())
        await owner.execute(REFUSE)
        answers = await asyncio.gather(*(log.append(an_event()) for _ in range(20)), return_exceptions=True)
        assert {type(answer) for answer in answers} == {AuditUnavailable}
        assert "no room left" not in str(answers[0])
        await owner.execute("DROP TRIGGER refuse ON audit.inbox")
        await log.append(an_event())
        assert [said(event)["n"] for event in await stored(owner)] == [0, 1]


async def test_a_refused_record_takes_the_change_with_it(
    writing: Any, owner: asyncpg.Connection, database: Any
) -> None:
    await owner.execute(REFUSE)
    control = await database.open(Zone.CONTROL)

    async def change() -> None:
        async with control.transaction() as tx:
            assert await claim(tx, Once("a", "r", "k", bytes(32)), new_id()) is None
            await log.emit(tx, an_event())

    async with writing() as log:
        with pytest.raises(AuditUnavailable) as refused:
            await change()
    assert "no room left" in str(refused.value.__cause__)
    assert "no room left" not in refused.value.detail
    assert await owner.fetchval("SELECT count(*) FROM storage.once") == 0


async def test_a_change_and_its_record_are_committed_or_rolled_back_together(
    writing: Any, owner: asyncpg.Connection, database: Any
) -> None:
    control = await database.open(Zone.CONTROL)

    async def change_of_mind() -> None:
        async with control.transaction() as tx:
            await log.emit(tx, an_event(reason="undone"))
            raise KeyError

    async with writing() as log:
        with pytest.raises(KeyError):
            await change_of_mind()
        async with control.transaction() as tx:
            written = await log.emit(tx, an_event(reason="done"))
            assert await stored(owner) == []
    (event,) = await stored(owner)
    assert hashlib.sha256(event).digest() == written.digest
    assert "n" not in said(event)


async def test_a_full_queue_refuses_at_once(database: Any) -> None:
    settings = Audit(allow_unsafe_durability=True, queue_events=16, deadline_seconds=20)
    log = await AuditLog.open(database.dsn(Zone.EXCHANGE), settings, node="n")
    async with asyncio.TaskGroup() as workers:
        waiting = [workers.create_task(log.append(an_event())) for _ in range(16)]
        await asyncio.sleep(0)
        with pytest.raises(AuditUnavailable, match="too many"):
            await log.append(an_event())
        workers.create_task(log.run())
        await asyncio.gather(*waiting)
        await log.append(an_event())
        await log.close()


async def test_a_queue_is_full_by_its_bytes_too(database: Any) -> None:
    settings = Audit(allow_unsafe_durability=True, queue_bytes=65536, deadline_seconds=0.05)
    log = await AuditLog.open(database.dsn(Zone.EXCHANGE), settings, node="n")
    large = an_event(detail={"text": "x" * 40000})
    with pytest.raises(AuditUnavailable, match="no confirmation within"):
        await log.append(large)
    with pytest.raises(AuditUnavailable, match="too many"):
        await log.append(large)
    await log.close()


async def test_at_the_deadline_the_caller_is_told_and_the_write_goes_on(
    writing: Any, owner: asyncpg.Connection
) -> None:
    async with writing(deadline_seconds=0.2) as log:
        async with owner.transaction():
            await owner.execute("LOCK TABLE audit.inbox IN ACCESS EXCLUSIVE MODE")
            started = time.monotonic()
            with pytest.raises(AuditUnavailable, match=r"no confirmation within 0\.2 s"):
                await log.append(an_event())
            assert 0.15 < time.monotonic() - started < 10

        async def written() -> bool:
            return await rows(owner) == 1

        await eventually(written)


async def test_a_caller_that_goes_away_leaves_its_record(writing: Any, owner: asyncpg.Connection) -> None:
    async with writing() as log:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await log.append(an_event(reason="left"))
        await log.append(an_event(reason="stayed"))
        assert [said(event)["reason"] for event in await stored(owner)] == ["left", "stayed"]


async def test_a_record_holds_sixty_four_kilobytes_and_not_a_byte_more(
    writing: Any, owner: asyncpg.Connection, database: Any
) -> None:
    async with writing() as log:
        await log.append(an_event(detail={"text": ""}))
        (small,) = await stored(owner)
        room = 65536 - 32 - (len(small) - len(b",0"))
        await log.append(an_event(detail={"text": "x" * room}))
        with pytest.raises(RecordTooLarge):
            await log.append(an_event(detail={"text": "x" * (room + 1)}))
        control = await database.open(Zone.CONTROL)
        async with control.connection() as connection:
            with pytest.raises(RecordTooLarge):
                await log.emit(connection, an_event(detail={"text": "x" * (room + 1)}))
    assert await rows(owner) == 2


async def test_closing_writes_what_waits_and_takes_no_more(writing: Any, owner: asyncpg.Connection) -> None:
    async with writing(flush_events=1) as log:
        waiting = [asyncio.ensure_future(log.append(an_event())) for _ in range(30)]
        await asyncio.sleep(0)
        await log.close()
        assert len({each.event_id for each in await asyncio.gather(*waiting)}) == 30
        with pytest.raises(AuditUnavailable, match="stopping"):
            await log.append(an_event())
    assert await rows(owner) == 30


async def test_closing_without_an_answer_refuses_what_waits(writing: Any, owner: asyncpg.Connection) -> None:
    async with writing(deadline_seconds=0.3) as log, owner.transaction():
        await owner.execute("LOCK TABLE audit.inbox IN ACCESS EXCLUSIVE MODE")
        waiting = [asyncio.ensure_future(log.append(an_event())) for _ in range(3)]
        await asyncio.sleep(0.1)
        started = time.monotonic()
        await log.close()
        assert time.monotonic() - started < 10
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(answer) for answer in answers} == {AuditUnavailable}


async def test_a_log_without_database_is_unavailable() -> None:
    with pytest.raises(AuditUnavailable):
        await AuditLog.open("postgresql://nobody:x@127.0.0.1:1/none", Audit(), node="n")


@pytest.mark.parametrize("value", ["off", "local"])
async def test_a_connection_that_may_lose_commits_is_refused(value: str, owner: asyncpg.Connection) -> None:
    await owner.execute(f"SET synchronous_commit = {value}")
    with pytest.raises(BadSettings, match=f"synchronous_commit = {value}"):
        await check_durability(owner, Audit())
    await check_durability(owner, Audit(allow_unsafe_durability=True))


async def test_the_inbox_itself_refuses_what_the_ledger_cannot_hold(owner: asyncpg.Connection) -> None:
    insert = "INSERT INTO audit.inbox (batch, node, boot, events, size) VALUES ($1, 'n', $1, $2::bytea, $3)"
    for events, size, rule in (
        (b"", 1, "a_batch_is_not_too_large"),
        (b"x" * (1 << 24 | 1), 1, "a_batch_is_not_too_large"),
        (b"x", 0, "a_batch_counts_its_events"),
        (b"x", 8193, "a_batch_counts_its_events"),
    ):
        with pytest.raises(asyncpg.CheckViolationError, match=rule):
            await owner.execute(insert, new_id(), events, size)
    await owner.execute(insert, UUID(int=1), b"x" * 65536, 1)
    with pytest.raises(asyncpg.UniqueViolationError, match="a_batch_waits_once"):
        await owner.execute(insert, UUID(int=1), b"y", 1)
