"""Processes and servers that die in the middle: what was acknowledged is in the ledger, exactly once."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from ledgers import an_event
from waiting import until

from gateway.audit import AuditLog, AuditUnavailable, Integrator, Verdict, store
from gateway.audit.verify import verify_stream
from gateway.settings import Audit
from gateway.storage import Zone, zone_dsn
from gateway.storage.embedded import EmbeddedPostgres
from gateway.storage.migrate import migrate

KEY = bytes(range(32))
WRITER = """
import asyncio, os
from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.settings import Audit

async def load(log):
    while True:
        written = await log.append(Event(EventType.CALL_INTENDED, Outcome.ALLOW, Who("client", "c")))
        os.write(1, f"{written.event_id}\\n".encode())

async def main():
    log = await AuditLog.open(os.environ["DSN"], Audit(), node="crashing")
    async with asyncio.TaskGroup() as workers:
        workers.create_task(log.run())
        for _ in range(40):
            workers.create_task(load(log))

asyncio.run(main())
"""
INTEGRATOR = """
import asyncio, os
from gateway.audit import Integrator
from gateway.settings import Audit

asyncio.run(Integrator(os.environ["DSN"], Audit(integrate_busy_seconds=0.001)).run())
"""


async def start(program: str, dsn: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, env=os.environ | {"DSN": dsn}, stdout=asyncio.subprocess.PIPE
    )


async def ordered(owner: asyncpg.Connection) -> list[UUID]:
    """The events of an intact ledger; none twice."""
    assert isinstance(await verify_stream(store.everything(owner)), Verdict)
    ids = [row[0] for row in await owner.fetch("SELECT event_id FROM audit.ledger")]
    assert len(ids) == len(set(ids))
    return ids


async def numbers_have_no_gap(owner: asyncpg.Connection) -> bool:
    rows = await owner.fetch(
        "SELECT boot, count(*) = max(n) + 1 AND min(n) = 0 FROM ("
        "  SELECT event ->> 21, (event ->> 26)::int"
        "  FROM (SELECT convert_from(audit.event_of(ledger), 'UTF8')::json FROM audit.ledger) AS bytes (event)) AS e (boot, n) GROUP BY boot"
    )
    return all(row[1] for row in rows)


async def test_what_a_killed_writer_had_acknowledged_is_in_the_ledger(
    database: Any, owner: asyncpg.Connection, integrate: Callable[[], Awaitable[None]]
) -> None:
    acknowledged: set[UUID] = set()
    for _ in range(2):
        writer = await start(WRITER, database.dsn(Zone.EXCHANGE))
        assert writer.stdout
        lines = [await writer.stdout.readline() for _ in range(300)]
        writer.send_signal(signal.SIGKILL)
        rest = await writer.stdout.read()
        await writer.wait()
        lines += rest.splitlines(keepends=True)
        acknowledged |= {UUID(line.decode().strip()) for line in lines if line.endswith(b"\n")}
    await integrate()
    assert len(acknowledged) >= 600
    assert acknowledged <= set(await ordered(owner))
    assert await numbers_have_no_gap(owner)


async def test_integrators_killed_again_and_again_lose_and_double_nothing(
    database: Any, owner: asyncpg.Connection, writing: Any, integrate: Callable[[], Awaitable[None]]
) -> None:
    acknowledged = []
    async with writing(flush_events=3) as log:
        for _ in range(3):
            integrator = await start(INTEGRATOR, database.dsn(Zone.INTEGRATOR))
            before = await owner.fetchval("SELECT max(size) FROM audit.head")
            deadline = time.monotonic() + 60
            while await owner.fetchval("SELECT max(size) FROM audit.head") < before + 60:
                assert time.monotonic() < deadline
                acknowledged += await asyncio.gather(*(log.append(an_event()) for _ in range(15)))
            integrator.send_signal(signal.SIGKILL)
            await integrator.communicate()
    await integrate()
    assert sorted(await ordered(owner)) == sorted(each.event_id for each in acknowledged)
    assert await numbers_have_no_gap(owner)


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server of our own, because the tests stop it."""
    folder = Path(tempfile.mkdtemp(prefix="gxa"))
    folder.chmod(0o711)
    with EmbeddedPostgres(folder / "pg") as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def under_load(
    server: EmbeddedPostgres, acknowledged: list[UUID], refused: list[str], *, unsafe: bool = False
) -> AsyncIterator[AuditLog]:
    """A writer, an integrator and twenty callers that note what they were told."""

    def dsn(zone: Zone) -> str:
        return zone_dsn(server.dsn(), zone, "crash", KEY)

    async def call(log: AuditLog) -> None:
        while True:
            try:
                acknowledged.append((await log.append(an_event())).event_id)
            except AuditUnavailable as refusal:
                refused.append(refusal.detail)

    await migrate(server.dsn(), "crash", KEY)
    settings = Audit(deadline_seconds=1, allow_unsafe_durability=unsafe)
    log = await AuditLog.open(dsn(Zone.EXCHANGE), settings, node="n")
    async with asyncio.TaskGroup() as workers:
        writer = workers.create_task(log.run())
        integrator = workers.create_task(Integrator(dsn(Zone.INTEGRATOR), settings).run())
        callers = [workers.create_task(call(log)) for _ in range(20)]
        yield log
        for each in callers:
            each.cancel()
        await log.close()
        await writer
        await until_nothing_waits(server)
        integrator.cancel()


async def until_nothing_waits(server: EmbeddedPostgres) -> None:
    """The integrator has ordered all there was, after whatever pause it makes when a database was away."""
    owner = await asyncpg.connect(server.dsn())
    await until(lambda: owner.fetchval("SELECT count(*) = 0 FROM audit.inbox"))
    await owner.close()


async def more(acknowledged: list[UUID]) -> None:
    wanted, deadline = len(acknowledged) + 200, time.monotonic() + 60
    while len(acknowledged) < wanted:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


async def left(server: EmbeddedPostgres) -> tuple[list[UUID], set[UUID]]:
    owner = await asyncpg.connect(server.dsn())
    ids = await ordered(owner)
    assert await numbers_have_no_gap(owner)
    assert await owner.fetchval("SELECT count(*) FROM audit.inbox") == 0
    await owner.close()
    return ids, set(ids)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
async def test_a_database_that_goes_and_comes_back_under_load_keeps_every_acknowledged_event(
    how: signal.Signals, server: EmbeddedPostgres
) -> None:
    acknowledged: list[UUID] = []
    async with under_load(server, acknowledged, []):
        for _ in range(2):
            await more(acknowledged)
            assert server.pid
            os.kill(server.pid, how)
            await asyncio.sleep(0.3)
            server.stop()
            server.start()
        await more(acknowledged)
    ids, found = await left(server)
    assert set(acknowledged) <= found
    assert len(ids) >= 600


UNSAFE = {"synchronous_commit": "off", "wal_writer_delay": "10s", "wal_writer_flush_after": "1GB"}


@pytest.mark.parametrize("durable", [True, False], ids=["durable", "negative-control"])
async def test_a_server_killed_with_all_its_processes_keeps_what_was_acknowledged_only_if_commits_are_durable(
    durable: bool, server: EmbeddedPostgres
) -> None:
    """The control shows that comparing with the callers' own list finds a loss."""
    acknowledged: list[UUID] = []
    async with under_load(server, acknowledged, [], unsafe=not durable):
        if not durable:
            await alter(server, *(f"SET {name} = '{value}'" for name, value in UNSAFE.items()))
        await more(acknowledged)
        kill_all(server)
        told = set(acknowledged)
        await asyncio.sleep(0.3)
        server.stop()
        server.start()
        if not durable:
            await alter(server, "RESET ALL")
        await more(acknowledged)
    owner = await asyncpg.connect(server.dsn())
    lost = told - set(await ordered(owner))
    assert await numbers_have_no_gap(owner) is durable
    await owner.close()
    assert (lost == set()) is durable


async def alter(server: EmbeddedPostgres, *changes: str) -> None:
    owner = await asyncpg.connect(server.dsn())
    for change in changes:
        await owner.execute(f"ALTER SYSTEM {change}")
    await owner.execute("SELECT pg_reload_conf()")
    await owner.close()


def kill_all(server: EmbeddedPostgres) -> None:
    """The server and its processes, none of which gets to flush what another acknowledged."""
    assert server.pid
    os.kill(server.pid, signal.SIGSTOP)
    for child in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text("ascii").split():
        os.kill(int(child), signal.SIGKILL)
    os.kill(server.pid, signal.SIGKILL)


async def test_a_commit_that_no_standby_has_is_not_acknowledged_although_the_database_says_success(
    server: EmbeddedPostgres,
) -> None:
    """Cancelling the wait for a standby reports success with a warning only."""
    acknowledged: list[UUID] = []
    owner = await asyncpg.connect(server.dsn())
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'gateway-audit-writer'"
    async with under_load(server, acknowledged, refused := []):
        await more(acknowledged)
        await owner.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        await owner.execute("SELECT pg_reload_conf()")
        await until(lambda: owner.fetch(waiting))  # now the setting is in force: nothing more is confirmed
        await asyncio.sleep(0.1)  # callers note what was confirmed before
        known, cancelled = len(acknowledged), 0
        async with asyncio.timeout(60):
            while cancelled < 3 or not refused:
                for (pid,) in await owner.fetch(waiting):
                    cancelled += await owner.fetchval("SELECT pg_cancel_backend($1)", pid)
                await asyncio.sleep(0.05)
        assert len(acknowledged) == known
        await owner.execute("SET synchronous_commit = local")
        await owner.execute("ALTER SYSTEM RESET synchronous_standby_names")
        await owner.execute("SELECT pg_reload_conf()")
        await more(acknowledged)
    await owner.close()
    _, found = await left(server)
    assert set(acknowledged) <= found
