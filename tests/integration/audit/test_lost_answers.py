"""A commit whose answer is lost: the same batch is sent again, and is there exactly once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from cutting import Cut, CuttingProxy
from ledgers import an_event, said
from waiting import until

from gateway.audit import AuditUnavailable, Verdict, store
from gateway.audit.verify import verify_stream
from gateway.storage import Zone

WARN = """
CREATE FUNCTION public.warn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE WARNING 'not replicated'; RETURN NEW; END $$;
CREATE TRIGGER warn BEFORE INSERT ON audit.inbox FOR EACH ROW EXECUTE FUNCTION public.warn();
"""


@pytest.fixture
async def proxy(database: Any) -> AsyncIterator[CuttingProxy]:
    async with CuttingProxy(database.dsn(Zone.EXCHANGE), b"node-under-test").listening() as listening:
        yield listening


async def numbers(owner: asyncpg.Connection) -> list[int]:
    rows = await owner.fetch("SELECT audit.event_of(ledger) FROM audit.ledger ORDER BY idx")
    assert isinstance(await verify_stream(store.everything(owner)), Verdict)
    return [said(row[0])["n"] for row in rows]


@pytest.mark.parametrize("cut", list(Cut))
async def test_a_lost_answer_is_asked_for_on_the_spare(
    cut: Cut, writing: Any, proxy: CuttingProxy, owner: asyncpg.Connection, integrate: Any
) -> None:
    async with writing(proxy.dsn) as log:
        await log.append(an_event())
        proxy.arm(cut)
        await log.append(an_event())
        await log.append(an_event())
    assert proxy.cuts == 1
    await integrate()
    assert await numbers(owner) == [0, 1, 2]


async def test_a_batch_integrated_before_it_came_again_is_recorded_once(
    writing: Any, proxy: CuttingProxy, owner: asyncpg.Connection, integrate: Any
) -> None:
    async with writing(proxy.dsn) as log:
        proxy.arm(Cut.AFTER, meanwhile=integrate)
        written = await log.append(an_event())
        assert await numbers(owner) == [0]
        assert await owner.fetchval("SELECT count(*) FROM audit.inbox") == 1
    await integrate()
    assert await numbers(owner) == [0]
    assert await owner.fetchval("SELECT event_id FROM audit.ledger") == written.event_id


async def test_answers_lost_again_and_again_double_nothing(
    writing: Any, proxy: CuttingProxy, owner: asyncpg.Connection, integrate: Any
) -> None:
    async with writing(proxy.dsn, flush_events=3) as log:
        for place in range(12):
            proxy.arm((Cut.AFTER, Cut.BEFORE)[place % 2], meanwhile=integrate)
            await asyncio.gather(*(log.append(an_event()) for _ in range(5)))
    assert proxy.cuts >= 12
    await integrate()
    assert await numbers(owner) == list(range(60))


async def test_a_session_ended_by_the_server_is_replaced(
    writing: Any, owner: asyncpg.Connection, integrate: Any
) -> None:
    sessions = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()"
    async with writing() as log:
        for _ in range(3):
            await log.append(an_event())
            assert await owner.fetchval(sessions, "gateway-audit-writer") >= 1
        await log.append(an_event())
    await integrate()
    assert await numbers(owner) == [0, 1, 2, 3]


async def test_a_session_ended_while_the_insert_waits_loses_nothing(
    writing: Any, owner: asyncpg.Connection, integrate: Any
) -> None:
    waiting = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    async with writing() as log:
        async with owner.transaction():
            await owner.execute("LOCK TABLE audit.inbox IN ACCESS EXCLUSIVE MODE")
            appending = asyncio.ensure_future(log.append(an_event()))
            for _ in range(500):
                if await owner.fetchval(waiting):
                    break
                await asyncio.sleep(0.01)
        await appending
    await integrate()
    assert await numbers(owner) == [0]


async def test_a_commit_with_a_warning_is_not_believed_until_it_is_confirmed(
    writing: Any, owner: asyncpg.Connection, integrate: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    await owner.execute(WARN)
    async with writing() as log:
        await log.append(an_event())
    assert "audit.batch.retried" in capsys.readouterr().out
    await integrate()
    assert await numbers(owner) == [0]


async def test_a_batch_in_doubt_is_neither_acknowledged_nor_refused_nor_its_number_used_again(
    writing: Any, proxy: CuttingProxy, owner: asyncpg.Connection, integrate: Any
) -> None:
    async def forbid() -> None:
        await owner.execute("REVOKE INSERT ON audit.inbox FROM gx_exchange")

    async with writing(proxy.dsn, deadline_seconds=1) as log:
        proxy.arm(Cut.AFTER, meanwhile=forbid)
        with pytest.raises(AuditUnavailable, match="no confirmation"):
            await log.append(an_event())
        with pytest.raises(AuditUnavailable, match="no confirmation"):
            await log.append(an_event())
        assert proxy.cuts == 1
        await owner.execute("GRANT INSERT ON audit.inbox TO gx_exchange")
        await until(lambda: owner.fetchval("SELECT sum(size) = 2 FROM audit.inbox"))
        await log.append(an_event())
    await integrate()
    assert await numbers(owner) == [0, 1, 2]
