"""Packs over more records than one page: made by whoever has the turn, cut anywhere and gone on with, whole or not there at all."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest
from faults import Failing, Fault
from ledgers import CONSUMER, INSERT, PROVIDER, event_bytes
from waiting import until

from gateway.audit import AuditLog
from gateway.audit.exports.errors import ExportEnded, ExportNotReady, ExportStoreFull
from gateway.audit.exports.keeping import Keeping
from gateway.audit.exports.making import Making
from gateway.audit.exports.model import Export, State
from gateway.audit.exports.service import Exports
from gateway.audit.publisher import Publisher
from gateway.audit.rollover.model import log_signer
from gateway.names import new_id
from gateway.proof.pack_answer import pack
from gateway.proof.pack_asked import Asked
from gateway.sections import Exports as Settings
from gateway.storage import Zone
from gateway.web import Principal
from gateway.web.ranges import Span

KEY = bytes(32)
SIGNER = log_signer("11621000MB00000011", KEY)
POLICY = f"log {SIGNER.key}\nquorum none\n".encode()
THIRD = "11621000MB00000037"
AUDITOR = Principal("person", "auditor", CONSUMER, frozenset({"auditor"}), "127.0.0.1", "test")
CALLS = Asked(
    "records", CONSUMER, ("consumer", "provider"), filter={"type": "call.intended"}, tables=("csv", "xlsx")
)
BARE = replace(CALLS, tables=())
SETTINGS = Settings(lease_seconds=60)
NO_FAULT = 10000
Integrate = Callable[[], Awaitable[None]]
MAKER = """
import asyncio, os
from datetime import UTC, datetime
from gateway.audit import AuditLog
from gateway.audit.exports.keeping import Keeping
from gateway.audit.exports.making import Making
from gateway.sections import Exports
from gateway.settings import Audit, Storage
from gateway.storage import Database

async def main():
    reader, control = [await Database.open(os.environ[zone], Storage(), size=2) for zone in ("READER", "CONTROL")]
    log = await AuditLog.open(os.environ["CONTROL"], Audit(allow_unsafe_durability=True), node="killed")
    making = Making(reader, control, log, Keeping(bytes(32)), None, "", Exports(), lambda: datetime.now(UTC))
    await making.run()

asyncio.run(main())
"""


async def no_seal(*_: Any) -> dict[str, str]:
    raise AssertionError("nothing is sealed here")


class Clock:
    """The time of all processes here."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class FailingControl:
    """The control zone's database, whose statements and commits fail; claims and leases are not counted."""

    def __init__(self, real: Any, fault: Fault) -> None:
        self._real = real
        self._fault = fault

    def connection(self) -> Any:
        return self._real.connection()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        async with self._real.connection() as connection:
            failing = Failing(connection, self._fault)
            async with failing.transaction():
                yield failing


class Room:
    """Exports on a database, and as many processes that make packs as are wanted."""

    def __init__(self, database: Any, log: AuditLog) -> None:
        self.database, self.log, self.clock = database, log, Clock()
        self.keeping = Keeping(KEY)

    async def open(self) -> "Room":
        self.reader = await self.database.open(Zone.READER)
        self.control = await self.database.open(Zone.CONTROL)
        self.exports = Exports(self.control, self.log, self.keeping, self.making(), SETTINGS, self.clock)
        return self

    def making(self, fault: Fault | None = None) -> Making:
        """Another process."""
        control = FailingControl(self.control, fault) if fault else self.control
        return Making(
            self.reader, cast(Any, control), self.log, self.keeping, no_seal, "", SETTINGS, self.clock
        )

    async def asked(self, integrate: Integrate, asked: Asked = CALLS) -> UUID:
        """An export whose record is signed."""
        export = await self.exports.ask(AUDITOR, asked, "")
        await integrate()
        assert await Publisher(await self.database.open(Zone.INTEGRATOR), SIGNER, None, 1).publish()
        return export.id

    async def shown(self, export: UUID) -> Export:
        return await self.exports.show(AUDITOR, export)

    async def taken(self, export: UUID) -> bytes:
        ready = await self.exports.ready(AUDITOR, export)
        taking = await self.exports.take(AUDITOR, ready, Span(0, ready.size, is_part=False), "")
        return b"".join([piece async for piece in taking.pieces])


@pytest.fixture
async def room(database: Any, owner: asyncpg.Connection, writing: Any) -> AsyncIterator[Room]:
    """A ledger of 1400 records; 1050 of them are in the pack that is asked for here."""
    parties = ((CONSUMER, PROVIDER), (THIRD, PROVIDER), (PROVIDER, CONSUMER), (THIRD, CONSUMER))
    events = [
        event_bytes(number, consumer_org=parties[number % 4][0], provider_org=parties[number % 4][1])
        for number in range(1400)
    ]
    for start in range(0, 1400, 700):
        await owner.execute(INSERT, new_id(), events[start : start + 700])
    async with writing(database.dsn(Zone.CONTROL)) as log:
        yield await Room(database, log).open()


def holds(content: bytes, folder: Path) -> None:
    """The pack is whole and says so."""
    (folder / "pack.zip").write_bytes(content)
    said = pack(folder / "pack.zip", POLICY).members
    assert said["ok"], said
    assert [(one["side"], one["first"]) for one in said["ranges"]] == [("consumer", 1), ("provider", 1)]
    assert said["matching"] == 1050


async def test_a_pack_over_several_pages_and_tiles_is_whole(
    room: Room, integrate: Integrate, tmp_path: Path
) -> None:
    export = (await room.exports.ask(AUDITOR, CALLS, "")).id
    making = room.making()
    assert not await making.turn()
    waiting = await room.shown(export)
    assert (waiting.state, waiting.reason, waiting.rows) == (State.RUNNING, "not-signed-yet", None)
    with pytest.raises(ExportNotReady):
        await room.taken(export)
    await integrate()
    assert await Publisher(await room.database.open(Zone.INTEGRATOR), SIGNER, None, 1).publish()
    room.clock.ahead += timedelta(seconds=1)
    assert await making.turn()
    done = await room.shown(export)
    assert (done.state, done.records, done.rows, done.rows_done) == (State.DONE, 1051, 3 * 1051, 3 * 1051)
    content = await room.taken(export)
    holds(content, tmp_path)
    assert await room.taken(export) == content
    small = Exports(room.control, room.log, room.keeping, making, Settings(stored_bytes=1024), room.clock)
    with pytest.raises(ExportStoreFull):
        await small.ask(AUDITOR, CALLS, "")
    room.clock.ahead += timedelta(days=SETTINGS.keep_days)
    assert await making.sweep() == 1
    with pytest.raises(ExportEnded):
        await room.taken(export)
    assert (await room.shown(export)).reason == "expired"


async def test_a_fault_at_any_step_is_made_good_by_another_process(
    room: Room, owner: asyncpg.Connection, integrate: Integrate, tmp_path: Path
) -> None:
    export = await room.asked(integrate, BARE)
    counting = Fault(NO_FAULT, done=False)
    assert await room.making(counting).turn()
    holds(await room.taken(export), tmp_path)
    assert counting.steps > 15
    for done in (False, True):
        for at in range(0, counting.steps, 5 if done else 3):
            export = await room.asked(integrate, BARE)
            fault = Fault(at, done=done)
            await room.making(fault).turn()
            assert fault.struck
            stands = await room.shown(export)
            if stands.state is not State.DONE:  # the answer to the last commit was lost
                with pytest.raises(ExportNotReady):
                    await room.taken(export)
                assert not await room.making().turn(), "its lease is not over"
                room.clock.ahead += timedelta(seconds=61)
                assert await room.making().turn()
            holds(await room.taken(export), tmp_path)
            rows = await owner.fetch(
                "SELECT number, start, length FROM audit.export_piece WHERE export_id = $1 ORDER BY number",
                export,
            )
            assert [row["number"] for row in rows] == list(range(len(rows)))
            assert [row["start"] for row in rows][1:] == [row["start"] + row["length"] for row in rows][:-1]
            await room.exports.end(AUDITOR, export, "")


PAUSE = """
CREATE FUNCTION audit.pause() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
    $$ BEGIN PERFORM pg_sleep(300); RETURN NEW; END $$;
CREATE TRIGGER pause BEFORE INSERT ON audit.export_piece FOR EACH ROW WHEN (NEW.number = 4) EXECUTE FUNCTION audit.pause();
"""


async def test_another_process_goes_on_where_a_killed_one_was(
    room: Room, owner: asyncpg.Connection, integrate: Integrate, tmp_path: Path
) -> None:
    export = await room.asked(integrate)
    await owner.execute(PAUSE)
    zones = {zone.name: room.database.dsn(zone) for zone in (Zone.READER, Zone.CONTROL)}
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", MAKER, env=os.environ | zones)

    async def paused() -> bool:
        assert killed.returncode is None
        return (await room.shown(export)).pieces == 4

    try:
        await until(paused)
    finally:
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
    await owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    await owner.execute("DROP TRIGGER pause ON audit.export_piece; DROP FUNCTION audit.pause")
    before = await room.shown(export)
    assert (before.state, before.rows_done) == (State.RUNNING, 1051 + 1000)
    with pytest.raises(ExportNotReady):
        await room.taken(export)
    assert not await room.making().turn(), "its lease is not over"
    room.clock.ahead += timedelta(seconds=61)
    numbers = await owner.fetch(
        "SELECT number, xmin::text FROM audit.export_piece WHERE export_id = $1", export
    )
    assert await room.making().turn()
    holds(await room.taken(export), tmp_path)
    after = await owner.fetch(
        "SELECT number, xmin::text FROM audit.export_piece WHERE export_id = $1", export
    )
    assert set(numbers) < set(after), "what was written was not written again"


async def test_a_process_that_stops_in_order_gives_its_turn_back(
    room: Room, owner: asyncpg.Connection, integrate: Integrate, tmp_path: Path
) -> None:
    export = await room.asked(integrate)
    await owner.execute(PAUSE)

    async def paused() -> bool:
        return (await room.shown(export)).pieces == 4

    async with asyncio.TaskGroup() as tasks:
        turn = tasks.create_task(room.making().turn())
        await until(paused)
        turn.cancel()
    await owner.execute("DROP TRIGGER pause ON audit.export_piece; DROP FUNCTION audit.pause")
    assert (await room.shown(export)).pieces == 4
    assert await room.making().turn(), "nobody waits for the end of the lease"
    holds(await room.taken(export), tmp_path)


async def test_an_export_is_given_up_where_records_are_gone_and_forgotten_where_it_is_cancelled(
    room: Room, owner: asyncpg.Connection, integrate: Integrate
) -> None:
    cancelled = await room.asked(integrate)
    await room.exports.end(AUDITOR, cancelled, "")
    assert not await room.making().turn()
    assert (await room.shown(cancelled)).state is State.CANCELLED
    short, cut = await room.asked(integrate), Fault(6, done=False)
    assert not await room.making(cut).turn()
    assert 0 < (await room.shown(short)).rows_done < 1050
    await owner.execute("SET session_replication_role = replica")
    await owner.execute("DELETE FROM audit.ledger WHERE idx = 1202")
    room.clock.ahead += timedelta(seconds=61)
    assert await room.making().turn()
    found = await room.shown(short)
    assert (found.state, found.reason, found.key) == (State.FAILED, "records-dropped", None)
    assert await owner.fetchval("SELECT count(*) FROM audit.export_piece") == 0
    with pytest.raises(ExportEnded):
        await room.taken(short)
