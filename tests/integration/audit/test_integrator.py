import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from ledgers import CONSUMER, INSERT, PROVIDER, an_event, event_bytes, said

from gateway.audit import AuditUnavailable, Integrator, Verdict, integrate_once, store
from gateway.audit.ledger import Reading, grow
from gateway.audit.verify import verify_stream
from gateway.names import new_id
from gateway.settings import Audit
from gateway.storage import Zone
from gateway.telemetry import Metrics

SETTINGS = Audit(allow_unsafe_durability=True, integrate_idle_seconds=0.02)
LEADERS = "SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"


async def put(owner: asyncpg.Connection, *events: bytes, batch: UUID | None = None) -> UUID:
    batch = batch or new_id()
    await owner.execute(INSERT, batch, events)
    return batch


async def verdict(owner: asyncpg.Connection) -> Verdict:
    outcome = await verify_stream(store.everything(owner))
    assert isinstance(outcome, Verdict), outcome
    return outcome


async def sizes(owner: asyncpg.Connection) -> tuple[int, int]:
    waiting = await owner.fetchval("SELECT count(*) FROM audit.inbox")
    return waiting, await owner.fetchval("SELECT count(*) FROM audit.ledger")


async def eventually(condition: Callable[[], Awaitable[Any]]) -> Any:
    deadline = time.monotonic() + 30
    while not (found := await condition()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    return found


async def test_waiting_events_become_records_in_their_order(
    owner: asyncpg.Connection, integrate: Any
) -> None:
    await put(owner, event_bytes(0), event_bytes(1))
    await put(owner, event_bytes(2, consumer_org="", provider_org=CONSUMER))
    await integrate()
    rows = await owner.fetch(
        "SELECT idx, event_id, consumer_org, provider_org, cseq, pseq, type, outcome, actor, grant_id, audit.event_of(ledger) AS event "
        "FROM audit.ledger ORDER BY idx"
    )
    assert [tuple(row)[:6] for row in rows] == [
        (0, UUID(int=1), CONSUMER, PROVIDER, 1, 1),
        (1, UUID(int=2), CONSUMER, PROVIDER, 2, 2),
        (2, UUID(int=3), None, CONSUMER, 0, 1),
    ]
    assert tuple(rows[0])[6:] == ("call.intended", "allow", "client:realty", UUID(int=99), event_bytes(0))
    assert await sizes(owner) == (0, 3)
    assert (await verdict(owner)).size == 3


async def test_a_batch_that_comes_twice_is_recorded_once(owner: asyncpg.Connection, integrate: Any) -> None:
    batch = await put(owner, event_bytes(0))
    await integrate()
    await put(owner, event_bytes(0), batch=batch)
    await put(owner, event_bytes(1))
    await integrate()
    assert await sizes(owner) == (0, 2)
    await put(owner, event_bytes(0), batch=batch)
    await integrate()
    assert await sizes(owner) == (0, 2)
    assert await owner.fetch("SELECT size FROM audit.head ORDER BY size") == [(0,), (1,), (2,)]


async def test_an_unreadable_event_is_recorded_as_such_and_stops_nothing(
    owner: asyncpg.Connection, integrate: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await put(owner, event_bytes(0), b"\xff\x00", b"{}", event_bytes(1))
    await integrate()
    assert await owner.fetch("SELECT type FROM audit.ledger ORDER BY idx") == [
        ("call.intended",), ("event.unreadable",), ("event.unreadable",), ("call.intended",),
    ]  # fmt: skip
    assert capsys.readouterr().out.count("audit.event.unreadable") == 2
    assert (await verdict(owner)).size == 4


async def test_more_than_one_pass_can_hold_is_taken_in_several(
    owner: asyncpg.Connection, integrate: Any
) -> None:
    await put(owner, *(event_bytes(number) for number in range(8000)))
    for start in range(8000, 8600, 2):
        await put(owner, event_bytes(start), event_bytes(start + 1))
    await integrate()
    heads = [row[0] for row in await owner.fetch("SELECT size FROM audit.head ORDER BY size")]
    assert heads == [0, 8192, 8600]
    assert (await verdict(owner)).size == 8600
    assert await owner.fetchval("SELECT count(DISTINCT event_id) FROM audit.ledger") == 8600


async def test_the_recorded_time_never_falls_behind_the_head(
    owner: asyncpg.Connection, database: Any
) -> None:
    integrator = await database.open(Zone.INTEGRATOR)
    now = datetime.now(UTC)
    async with integrator.connection() as connection:
        for hours in (0, -1, 1):
            await put(owner, event_bytes(hours + 1))
            assert await integrate_once(connection, lambda hours=hours: now + timedelta(hours=hours)) == 1
    times = [row[0] for row in await owner.fetch("SELECT recorded_at FROM audit.ledger ORDER BY idx")]
    assert times[0] == times[1] == now.replace(microsecond=now.microsecond // 1000 * 1000)
    assert times[2] - times[0] == timedelta(hours=1)
    await verdict(owner)


async def test_an_integrator_cut_off_in_the_middle_changes_nothing(
    owner: asyncpg.Connection, database: Any, integrate: Any
) -> None:
    await put(owner, event_bytes(0), event_bytes(1))
    dying = await asyncpg.connect(database.dsn(Zone.INTEGRATOR))
    await dying.transaction().start()
    assert await integrate_once(dying) == 1
    assert await dying.fetchval("SELECT count(*) FROM audit.ledger") == 2
    await owner.fetchval("SELECT pg_terminate_backend($1)", dying.get_server_pid())
    dying.terminate()
    assert await sizes(owner) == (1, 0)
    await integrate()
    assert await sizes(owner) == (0, 2)
    assert (await verdict(owner)).size == 2


async def test_a_pass_that_fails_leaves_everything_where_it_was(
    owner: asyncpg.Connection, database: Any, integrate: Any
) -> None:
    await owner.execute("ALTER TABLE audit.ledger ADD CONSTRAINT broken CHECK (idx <> 1)")
    await put(owner, event_bytes(0), event_bytes(1))
    integrator = await database.open(Zone.INTEGRATOR)
    async with integrator.connection() as connection:
        with pytest.raises(AuditUnavailable) as refused:
            await integrate_once(connection)
    assert "broken" in str(refused.value.__cause__)
    assert await sizes(owner) == (1, 0)
    assert await owner.fetchval("SELECT max(size) FROM audit.head") == 0
    await owner.execute("ALTER TABLE audit.ledger DROP CONSTRAINT broken")
    await integrate()
    assert (await verdict(owner)).size == 2


async def test_two_integrators_without_the_lock_neither_fork_nor_double(
    writing: Any, owner: asyncpg.Connection, database: Any, integrate: Any
) -> None:
    done = asyncio.Event()

    async def race() -> int:
        overtaken = 0
        connection = await asyncpg.connect(database.dsn(Zone.INTEGRATOR))
        while not done.is_set():
            try:
                await integrate_once(connection)
            except store.LedgerMoved:
                overtaken += 1
        await connection.close()
        return overtaken

    async with asyncio.TaskGroup() as workers, writing(flush_events=5) as log:
        racers = [workers.create_task(race()) for _ in range(3)]
        written = []
        for _ in range(30):
            written += await asyncio.gather(*(log.append(an_event()) for _ in range(20)))
        done.set()
        await asyncio.gather(*racers)
    await integrate()
    ids = [row[0] for row in await owner.fetch("SELECT event_id FROM audit.ledger")]
    assert sorted(ids) == sorted(each.event_id for each in written)
    assert (await verdict(owner)).size == 600


async def test_the_fence_refuses_what_was_made_of_an_old_head(
    owner: asyncpg.Connection, database: Any
) -> None:
    await put(owner, event_bytes(0))
    first, second = [await asyncpg.connect(database.dsn(Zone.INTEGRATOR)) for _ in range(2)]
    winning = first.transaction()
    await winning.start()
    assert await integrate_once(first) == 1
    # what the second has taken cannot have been seen by the first, so only the fence can stop it
    await put(owner, event_bytes(1))
    losing = second.transaction()
    await losing.start()
    await second.execute("DELETE FROM audit.inbox WHERE id = (SELECT max(id) FROM audit.inbox)")
    head = await store.newest_head(second)
    growth = grow(head, {}, [Reading.of(event_bytes(1))], datetime.now(UTC))
    late = asyncio.ensure_future(store.keep(second, growth))
    await asyncio.sleep(0.1)
    assert not late.done()
    await winning.commit()
    with pytest.raises(asyncpg.UniqueViolationError, match=r"a_(head_has_one_successor|size_has_one_head)"):
        await late
    await losing.rollback()
    for connection in (first, second):
        await connection.close()
    assert await sizes(owner) == (1, 1)


async def test_one_leads_and_another_takes_over(
    owner: asyncpg.Connection, database: Any, writing: Any
) -> None:
    metrics, shown = Metrics(), "gx_audit_head_records"
    integrators = [Integrator(database.dsn(Zone.INTEGRATOR), SETTINGS, metrics=metrics) for _ in range(2)]

    async def everything_is_ordered() -> bool:
        return (await sizes(owner))[0] == 0

    async def everything_is_shown() -> bool:
        return metrics.registry.get_sample_value(shown) == 200

    async with asyncio.TaskGroup() as workers:
        running = [workers.create_task(each.run()) for each in integrators]
        async with writing() as log:
            for _ in range(4):
                await asyncio.gather(*(log.append(an_event()) for _ in range(50)))
                (leader,) = await eventually(lambda: owner.fetch(LEADERS))
                await eventually(everything_is_ordered)
                await owner.fetchval("SELECT pg_terminate_backend($1)", leader[0])
            await eventually(everything_is_ordered)
            await eventually(everything_is_shown)
        for each in running:
            each.cancel()
    assert (await verdict(owner)).size == 200


async def test_an_integrator_waits_for_a_database_that_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    failures, began = 0, time.monotonic()

    async def four_times() -> bool:
        nonlocal failures
        failures += capsys.readouterr().out.count("audit.integrator.failed")
        return failures >= 4

    async with asyncio.TaskGroup() as workers:
        integrator = Integrator("postgresql://nobody:x@127.0.0.1:1/none", SETTINGS)
        running = workers.create_task(integrator.run())
        await eventually(four_times)
        running.cancel()
    pauses = (2 + 4 + 8) * SETTINGS.integrate_idle_seconds
    assert time.monotonic() - began >= pauses * 0.99, "each pause is twice the one before"


async def test_old_batch_ids_are_forgotten_and_the_ledger_extended_by_the_leader(
    owner: asyncpg.Connection, database: Any
) -> None:
    old, young = new_id(), new_id()
    await owner.execute(
        "INSERT INTO audit.batch (id, consumed_at) VALUES ($1, now() - interval '8 days'), ($2, now())",
        old,
        young,
    )
    async with asyncio.TaskGroup() as workers:
        running = workers.create_task(Integrator(database.dsn(Zone.INTEGRATOR), SETTINGS).run())

        async def forgotten() -> bool:
            return await owner.fetch("SELECT id FROM audit.batch") == [(young,)]

        await eventually(forgotten)
        running.cancel()


async def test_a_written_event_is_found_by_what_it_says(
    writing: Any, owner: asyncpg.Connection, integrate: Any
) -> None:
    async with writing() as log:
        first = await log.append(an_event(reason="cause"))
        await log.append(an_event(cause=(first.cause,)))
    await integrate()
    event, digest = await owner.fetchrow(
        "SELECT audit.event_of(later), sha256(audit.event_of(first)) FROM audit.ledger AS first, audit.ledger AS later "
        "WHERE first.reason = 'cause' AND later.reason IS NULL"
    )
    assert said(event)["cause"] == [{"id": str(first.event_id), "sha256": digest.hex()}]


async def test_a_batch_no_writer_of_ours_would_write_is_ordered_all_the_same(
    owner: asyncpg.Connection, integrate: Any
) -> None:
    insert = "INSERT INTO audit.inbox (batch, node, boot, events, size) VALUES ($1, 'n', $1, $2::bytea, $3)"
    await owner.execute(insert, new_id(), b"\n" + b"x" * 70000 + b"\n" + event_bytes(1), 3)
    await owner.execute(insert, new_id(), b"a\nb", 1)
    await integrate()
    events = await owner.fetch("SELECT audit.event_of(ledger) AS event FROM audit.ledger ORDER BY idx")
    assert [row["event"] for row in events] == [b"x" * 65536, event_bytes(1), b"a\nb"]
    assert (await verdict(owner)).size == 3
