"""The log and its witnesses: what only grew is cosigned, what was put back or forked stops, whoever it was that did it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from ledgers import INSERT, a_ledger, event_bytes
from witnessing import a_witness

from gateway.audit import store as ledger
from gateway.audit.errors import LogRolledBack
from gateway.audit.publisher import Publisher
from gateway.audit.rollover.model import log_signer
from gateway.audit.witnessing import store
from gateway.audit.witnessing.cosigning import BadWitness, Cosigning
from gateway.audit.witnessing.making import Outward
from gateway.audit.witnessing.model import Stage
from gateway.audit.witnessing.protocol import shown_at
from gateway.names import new_id
from gateway.proof.checkpoint import Checkpoint, verify_checkpoint
from gateway.proof.notes import NoteKey
from gateway.settings import Exchange, Settings, WitnessAt, Witnessing
from gateway.storage import Zone
from gateway.telemetry import Metrics
from gateway.web.egress import Egress
from gateway.web.posting import Posting

SIGNER = log_signer("11621000MB00000011", bytes(32))
FREE = "SET session_replication_role = replica"
Integrate = Callable[[], Awaitable[None]]


class Log:
    """The log under test: grow it, sign it, have it cosigned."""

    def __init__(self, database: Any, owner: asyncpg.Connection, integrate: Integrate) -> None:
        self.database = database
        self.owner = owner
        self.integrate = integrate

    async def publish(self, size: int) -> Checkpoint | None:
        held = (await ledger.newest_head(self.owner)).size
        for number in range(held, size):
            await self.owner.execute(INSERT, new_id(), [event_bytes(number)])
        await self.integrate()
        return await Publisher(await self.database.open(Zone.INTEGRATOR), SIGNER, None, 1).publish()

    async def cosigning(
        self, posting: Posting, *seats: WitnessAt, quorum: int = 0, metrics: Any = None
    ) -> Cosigning:
        settings = Witnessing(witnesses=seats, quorum_min=quorum, answer_seconds=5)
        return Cosigning(
            await self.database.open(Zone.INTEGRATOR), posting, settings, SIGNER.key, metrics or Metrics()
        )

    async def cosigned(self, *keys: NoteKey) -> int:
        """The size of the newest note, once these keys verify on it."""
        found = await store.newest(self.owner)
        assert found is not None
        note = await store.note_of(self.owner, found[0])
        assert note is not None
        point, signed = verify_checkpoint(note, [SIGNER.key, *keys], SIGNER.name)
        assert len(signed) == 1 + len(keys)
        return point.size

    async def cut_to(self, size: int) -> None:
        """Put the database back to an earlier size, as from an old backup."""
        await self.owner.execute(FREE)
        for statement in (
            "DELETE FROM audit.cosignature WHERE size > $1",
            "DELETE FROM audit.reached WHERE size > $1",
            "DELETE FROM audit.checkpoint WHERE size > $1",
            "DELETE FROM audit.head WHERE size > $1",
            "DELETE FROM audit.ledger WHERE idx >= $1",
        ):
            await self.owner.execute(statement, size)
        await self.owner.execute("SET session_replication_role = origin")


@pytest.fixture
def log(database: Any, owner: asyncpg.Connection, integrate: Integrate) -> Log:
    return Log(database, owner, integrate)


@pytest.fixture
async def posting() -> AsyncIterator[Posting]:
    async with Posting(Exchange(), Egress(["127.0.0.0/8"])) as one:
        yield one


def seat(url: str, key: NoteKey, *, shows: bool = True) -> WitnessAt:
    return WitnessAt(
        name=key.name.split(".")[0], key=str(key), url=url, monitoring_url=url if shows else None
    )


@asynccontextmanager
async def witnesses(folder: Path, *names: str) -> AsyncIterator[list[WitnessAt]]:
    async with AsyncExitStack() as stack:
        seats = []
        for name in names:
            made = a_witness(folder / name, [SIGNER.key], f"{name}.example")
            url, signer, _ = await stack.enter_async_context(made)
            seats.append(seat(url, signer.key))
        yield seats


def keys(seats: list[WitnessAt]) -> list[NoteKey]:
    return [NoteKey.parse(each.key) for each in seats]


async def test_each_checkpoint_gets_its_cosignatures_and_the_quorum_is_noted(
    log: Log, posting: Posting, tmp_path: Path
) -> None:
    async with witnesses(tmp_path, "one", "two", "three") as seats:
        # one of the three stands still
        dead = WitnessAt(name="dead", key=seats[2].key, url="http://127.0.0.1:9/x")
        metrics = Metrics()
        cosigning = await log.cosigning(posting, seats[0], seats[1], dead, quorum=2, metrics=metrics)
        assert await cosigning.round() == 0
        for size in (3, 4, 300):
            await log.publish(size)
            assert await cosigning.round() == 2
            assert await log.cosigned(*keys(seats[:2])) == size
            assert await store.reached(log.owner, Stage.UNWITNESSED) == size
        said = metrics.exposition().decode()
        assert 'gx_audit_outward_requests_total{kind="witness",result="ok"} 6.0' in said
        assert 'gx_audit_outward_requests_total{kind="witness",result="silent"} 3.0' in said


async def test_below_the_quorum_nothing_is_witnessed(log: Log, posting: Posting, tmp_path: Path) -> None:
    async with witnesses(tmp_path, "one") as seats:
        dead = WitnessAt(name="dead", key=seats[0].key.replace("one", "two"), url="http://127.0.0.1:9/x")
        with pytest.raises(BadWitness):
            await log.cosigning(posting, seats[0], dead, quorum=2)
        fresh = NoteKey("two.example", 4, bytes(32))
        cosigning = await log.cosigning(posting, seats[0], seat("http://127.0.0.1:9/x", fresh), quorum=2)
        await log.publish(3)
        assert await cosigning.round() == 1
        assert await store.reached(log.owner, Stage.UNWITNESSED) == 0


async def test_a_new_process_goes_on_from_what_the_witness_tells(
    log: Log, posting: Posting, tmp_path: Path
) -> None:
    async with witnesses(tmp_path, "one") as seats:
        await log.publish(5)
        assert await (await log.cosigning(posting, *seats)).round() == 1
        await log.owner.execute(FREE)
        await log.owner.execute("DELETE FROM audit.cosignature")
        await log.publish(9)
        # it knows nothing: 409 tells it the size
        assert await (await log.cosigning(posting, *seats)).round() == 1
        assert await log.cosigned(*keys(seats)) == 9


async def test_a_witness_put_back_to_an_older_state_catches_up(
    log: Log, posting: Posting, tmp_path: Path
) -> None:
    await log.publish(3)
    async with witnesses(tmp_path, "one") as seats:
        await (await log.cosigning(posting, *seats)).round()
        old = {path: path.read_bytes() for path in (tmp_path / "one").glob("*.note")}
        await log.publish(7)
        cosigning = await log.cosigning(posting, *seats)
        await cosigning.round()
    for path, content in old.items():
        path.write_bytes(content)
    async with witnesses(tmp_path, "one") as seats:
        again = await log.cosigning(posting, *seats)
        await log.publish(12)
        assert await again.round() == 1
        assert await log.cosigned(*keys(seats)) == 12


async def rewrite(log: Log, size: int) -> None:
    """Another history of this length, proper in itself."""
    await log.cut_to(0)
    records, heads = a_ledger([event_bytes(number, reason="other") for number in range(size)])
    for record in records:
        await log.owner.execute(INSERT, new_id(), [record.event])
    await log.integrate()
    assert (await ledger.newest_head(log.owner)).size == heads[-1].size == size


async def test_a_database_restored_from_an_old_backup_is_noticed_at_the_start_and_at_work(
    log: Log, posting: Posting, tmp_path: Path
) -> None:
    async with witnesses(tmp_path, "one") as seats:
        await log.publish(3)
        await log.publish(8)
        cosigning = await log.cosigning(posting, *seats)
        await cosigning.round()
        await log.cut_to(3)
        with pytest.raises(LogRolledBack, match="one holds a checkpoint of 8 records"):
            await (await log.cosigning(posting, *seats)).check()
        with pytest.raises(LogRolledBack, match="which now has 3"):
            await (await log.cosigning(posting, *seats)).round()
        await log.publish(5)
        with pytest.raises(LogRolledBack, match="which now has 5"):
            await cosigning.round()
        # the log grows past what was signed, with other records
        await log.publish(20)
        with pytest.raises(LogRolledBack, match="8 records"):
            await cosigning.round()


async def test_a_rewritten_log_is_noticed_though_it_is_proper_in_itself(
    log: Log, posting: Posting, tmp_path: Path
) -> None:
    async with witnesses(tmp_path, "one") as seats:
        await log.publish(8)
        await (await log.cosigning(posting, *seats)).round()
        await rewrite(log, 8)
        await log.publish(8)
        for act in ("check", "round"):
            with pytest.raises(LogRolledBack, match="another root there"):
                await getattr(await log.cosigning(posting, *seats), act)()


@asynccontextmanager
async def a_liar(
    status: int, body: bytes, kind: str = "text/plain", shows: bytes = b""
) -> AsyncIterator[str]:
    async def answer(request: web.BaseRequest) -> web.Response:
        if request.method == "GET":
            return web.Response(body=shows) if shows else web.Response(status=404)
        return web.Response(status=status, body=body, content_type=kind)

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_witness_that_lies_stops_nothing(log: Log, posting: Posting) -> None:
    await log.publish(5)
    key, size = NoteKey("liar.example", 4, bytes(32)), "text/x.tlog.size"
    foreign = log_signer("91350100M000100Y43", bytes(32))
    false = foreign.sign(Checkpoint(foreign.name, 900, bytes(32)).text)
    forged = log_signer("11621000MB00000011", b"y" * 32).sign(Checkpoint(SIGNER.name, 900, bytes(32)).text)
    for status, body, kind, shows, result in (
        (409, b"900\n", size, b"", "disputed"), (409, b"900\n", size, false, "disputed"),
        (409, b"900\n", size, forged, "disputed"), (409, b"0\n", size, b"", "disputed"),
        (409, b"2\n", size, b"", "disputed"), (422, b"", "text/plain", b"", "disputed"),
        (409, b"05\n", size, b"", "refused"), (409, b"9", "text/plain", b"", "refused"),
        (200, b"", "text/plain", b"", "refused"), (200, "— liar.example AAAA\n".encode(), "text/plain", b"", "refused"),
        (404, b"", "text/plain", b"", "refused"), (500, b"", "text/plain", b"", "refused"),
        (200, b"x" * 40000, "text/plain", b"", "silent"),
    ):  # fmt: skip
        async with a_liar(status, body, kind, shows) as url:
            metrics = Metrics()
            cosigning = await log.cosigning(posting, seat(url, key), metrics=metrics)
            assert await cosigning.round() == 0
            counted = f'gx_audit_outward_requests_total{{kind="witness",result="{result}"}} 1.0'
            assert counted in metrics.exposition().decode(), (status, body)
    assert await log.owner.fetchval("SELECT count(*) FROM audit.cosignature") == 0


async def test_another_hosts_newer_checkpoint_is_no_dispute(
    log: Log, posting: Posting, tmp_path: Path
) -> None:
    async with witnesses(tmp_path, "one") as seats:
        await log.publish(5)
        await log.publish(9)
        await (await log.cosigning(posting, *seats)).round()
        await log.owner.execute(FREE)
        await log.owner.execute("DELETE FROM audit.cosignature")
        await log.owner.execute("DELETE FROM audit.checkpoint WHERE size = 9")
        metrics = Metrics()
        # this host has 5 to carry out, another was there with 9
        assert await (await log.cosigning(posting, *seats, metrics=metrics)).round() == 0
        assert 'kind="witness",result="ok"} 1.0' in metrics.exposition().decode()


async def test_without_the_signed_head_the_witnesses_are_asked_before_anything_is_signed(
    log: Log, tmp_path: Path
) -> None:
    zone = await log.database.open(Zone.INTEGRATOR)

    def outward(seats: list[WitnessAt]) -> Outward:
        chosen = Witnessing(witnesses=tuple(seats), quorum_min=1, answer_seconds=5)
        return Outward(zone, Settings(witnessing=chosen), SIGNER.key, Metrics())

    async with witnesses(tmp_path, "one") as seats:
        await outward(seats).check(remembers=False)  # nothing was ever signed
        await log.publish(6)
        with pytest.raises(LogRolledBack, match="0 of 1 witnesses"):
            await outward(seats).check(remembers=False)
        await outward(seats).check(remembers=True)
        async with Posting(Exchange(), Egress(["127.0.0.0/8"])) as posting:
            await (await log.cosigning(posting, *seats)).round()
        await outward(seats).check(remembers=False)
        await log.cut_to(0)
        with pytest.raises(LogRolledBack, match="6 records"):
            await outward(seats).check(remembers=False)


async def test_what_a_witness_shows_is_what_anybody_may_ask_for(
    log: Log, posting: Posting, tmp_path: Path
) -> None:
    async with witnesses(tmp_path, "one") as seats, aiohttp.ClientSession() as session:
        await log.publish(4)
        await (await log.cosigning(posting, *seats)).round()
        async with session.get(shown_at(seats[0].url, SIGNER.name)) as answer:
            shown = await answer.read()
        assert verify_checkpoint(shown, [SIGNER.key, *keys(seats)])[0].size == 4
