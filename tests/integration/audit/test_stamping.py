"""Time stamps and deposits of checkpoints: kept if they hold, asked for again if they do not; what is late is told."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
import stampers
from aiohttp import web
from ledgers import INSERT, an_event, event_bytes

from gateway.audit import AuditUnavailable, EventType
from gateway.audit.publisher import Publisher
from gateway.audit.rollover.model import log_signer
from gateway.audit.witnessing import store
from gateway.audit.witnessing.anchoring import Anchoring
from gateway.audit.witnessing.model import Stage
from gateway.audit.witnessing.stamping import Stamping
from gateway.audit.witnessing.watching import Watch
from gateway.names import new_id
from gateway.proof.checkpoint import verify_checkpoint
from gateway.seals.recognition import Recognition
from gateway.seals.recognition_files import load_recognition
from gateway.settings import Exchange, StampAuthority, Witnessing
from gateway.storage import Zone
from gateway.telemetry import Metrics
from gateway.web.egress import Egress
from gateway.web.posting import Posting

SIGNER = log_signer("11621000MB00000011", bytes(32))
PUBLISHED = "SELECT max(size) FROM audit.checkpoint"
Integrate = Callable[[], Awaitable[None]]
needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl command is not installed"
)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tsa") / "one"
    stampers.make(folder)
    return folder


@pytest.fixture
async def posting() -> AsyncIterator[Posting]:
    async with Posting(Exchange(), Egress(["127.0.0.0/8"])) as one:
        yield one


class Growing:
    def __init__(self, database: Any, owner: asyncpg.Connection, integrate: Integrate) -> None:
        self.database, self.owner, self.integrate = database, owner, integrate
        self.size = 0

    async def publish(self) -> bytes:
        await self.owner.execute(INSERT, new_id(), [event_bytes(self.size)])
        self.size += 1
        await self.integrate()
        await Publisher(await self.database.open(Zone.INTEGRATOR), SIGNER, None, 1).publish()
        note = await store.signed_note(self.owner, self.size)
        assert note is not None
        return note

    async def publish_all(self) -> None:
        await self.integrate()
        await Publisher(await self.database.open(Zone.INTEGRATOR), SIGNER, None, 1).publish()

    async def stamping(
        self, posting: Posting, recognised: Recognition, **urls: str
    ) -> tuple[Stamping, Metrics]:
        authorities = tuple(StampAuthority(name=name, url=url) for name, url in urls.items())
        metrics = Metrics()
        made = Stamping(
            await self.database.open(Zone.INTEGRATOR), posting,
            Witnessing(authorities=authorities, answer_seconds=20), recognised, None, metrics,
        )  # fmt: skip
        return made, metrics


@pytest.fixture
def log(database: Any, owner: asyncpg.Connection, integrate: Integrate) -> Growing:
    return Growing(database, owner, integrate)


def verified_by(command: list[Any], folder: Path) -> bool:
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 0


@needs_openssl
async def test_openssls_authority_stamps_and_openssl_verifies_what_was_kept(
    log: Growing, posting: Posting, authority: Path, tmp_path: Path
) -> None:
    recognised = load_recognition(authority / "authorities")
    with stampers.stamping(authority) as url:
        stamping, metrics = await log.stamping(posting, recognised, real=url, dead="http://127.0.0.1:9/tsr")
        assert await stamping.round() == 0  # nothing was signed yet
        note = await log.publish()
        assert await stamping.round() == 1
        assert await stamping.round() == 0
    (kept,) = await store.first_stamps(log.owner, 1)
    assert abs(kept.stamped_at - datetime.now(UTC)) < timedelta(minutes=2)
    assert await store.reached(log.owner, Stage.UNSTAMPED) == 1
    (tmp_path / "token").write_bytes(kept.token)
    (tmp_path / "note").write_bytes(note)
    command = [
        "openssl",
        "ts",
        "-verify",
        "-in",
        "token",
        "-token_in",
        "-data",
        "note",
        "-CAfile",
        authority / "authorities" / "root.pem",
    ]
    assert verified_by(command, tmp_path)
    said = metrics.exposition().decode()
    assert 'gx_audit_outward_requests_total{kind="stamp",result="ok"} 1.0' in said
    assert 'gx_audit_outward_requests_total{kind="stamp",result="silent"} 2.0' in said


@needs_openssl
async def test_a_token_that_does_not_hold_is_not_kept(
    log: Growing, posting: Posting, authority: Path, tmp_path: Path
) -> None:
    recognised = load_recognition(authority / "authorities")
    await log.publish()
    for twist in ("damages", "refuses"):
        with stampers.stamping(authority, twist) as url:
            stamping, metrics = await log.stamping(posting, recognised, wrong=url)
            assert await stamping.round() == 0
            assert 'kind="stamp",result="refused"} 1.0' in metrics.exposition().decode()
    with stampers.stamping(authority, "replays") as url:
        first, _ = await log.stamping(posting, recognised, one=url)
        assert await first.round() == 1
        second, metrics = await log.stamping(posting, recognised, two=url)
        assert await second.round() == 0  # another's nonce
        assert 'kind="stamp",result="refused"} 1.0' in metrics.exposition().decode()
    with stampers.stamping(authority) as url:
        unknown, metrics = await log.stamping(posting, Recognition(), three=url)
        assert await unknown.round() == 0
        assert 'kind="stamp",result="refused"} 1.0' in metrics.exposition().decode()
        late, _ = await log.stamping(posting, recognised, four=url)
        late._clock = lambda: datetime.now(UTC) + timedelta(minutes=20)
        assert await late.round() == 0
    assert [row["authority"] for row in await log.owner.fetch("SELECT authority FROM audit.stamp")] == ["one"]


async def test_a_deposit_gets_the_checkpoint_once_and_its_answer_is_kept(
    log: Growing, posting: Posting
) -> None:
    got: list[dict[str, Any]] = []

    async def deposit(request: web.BaseRequest) -> web.Response:
        got.append(orjson.loads(await request.read()))
        return web.Response(status=503) if len(got) == 1 else web.Response(body=b'{"receipt":"0x1"}')

    runner = web.ServerRunner(web.Server(deposit))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/anchors"
    try:
        anchoring = Anchoring(
            await log.database.open(Zone.INTEGRATOR), posting, Witnessing(answer_seconds=20), url
        )
        assert not await anchoring.round()
        note = await log.publish()
        assert [await anchoring.round() for _ in range(3)] == [False, True, False]
        point, _ = verify_checkpoint(got[-1]["checkpoint"].encode(), [SIGNER.key])
        assert (point.origin, point.size) == (got[-1]["origin"], got[-1]["size"])
        assert got[-1]["checkpoint"].encode() == note
        kept = await log.owner.fetchrow("SELECT place, answer FROM audit.anchor WHERE size = 1")
        assert (kept["place"], kept["answer"]) == (url, b'{"receipt":"0x1"}')
        assert await store.reached(log.owner, Stage.UNANCHORED) == 1
    finally:
        await runner.cleanup()


async def told(owner: asyncpg.Connection, integrate: Integrate) -> list[tuple[str, str]]:
    await integrate()
    rows = await owner.fetch(
        "SELECT type, reason FROM audit.ledger WHERE type IN ('audit.late', 'audit.caught_up') ORDER BY idx"
    )
    return [(row["type"], row["reason"]) for row in rows]


async def test_what_is_late_is_told_once_and_stops_calls_only_where_it_must(
    log: Growing, writing: Any, owner: asyncpg.Connection, integrate: Integrate
) -> None:
    chosen = Witnessing(
        authorities=(StampAuthority(name="tsa", url="http://127.0.0.1:9/x"),), strict=True,
        warn_seconds=3600, stamp_stop_seconds=14400, publish_stop_seconds=300,
    )  # fmt: skip
    ahead = timedelta()

    def clock() -> datetime:
        return datetime.now(UTC) + ahead

    control = await log.database.open(Zone.CONTROL)
    async with writing(log.database.dsn(Zone.CONTROL)) as writer:
        watches = [
            Watch(control, writer, chosen, tells=True, metrics=Metrics(), clock=clock) for _ in range(2)
        ]
        await log.publish()
        assert dict(await watches[0].look()) == {}

        async def look(watch: Watch) -> list[Stage]:
            await log.publish_all()  # else what was written a moment ago would seem to wait for hours
            return list(await watch.look())

        ahead = timedelta(hours=2)
        # two processes see it, one tells
        assert [await look(watch) for watch in watches] == [[Stage.UNSTAMPED], [Stage.UNSTAMPED]]
        await writer.append(an_event(type=EventType.CALL_INTENDED))
        ahead = timedelta(hours=5)
        await look(watches[0])
        with pytest.raises(AuditUnavailable, match="no call is begun while") as refusal:
            await writer.append(an_event(type=EventType.CALL_INTENDED))
        assert "时间戳" in refusal.value.detail_zh
        await writer.append(an_event(type=EventType.CALL_RELEASED))  # calls under way end
        for watch in watches:
            await log.publish_all()
            await store.reach(owner, Stage.UNSTAMPED, await owner.fetchval(PUBLISHED), clock())
            assert list(await watch.look()) == []
        await writer.append(an_event(type=EventType.CALL_INTENDED))
        assert await told(owner, integrate) == [("audit.late", "unstamped"), ("audit.caught_up", "unstamped")]


async def test_a_publisher_that_stands_still_stops_calls_but_only_when_strict(
    log: Growing, writing: Any
) -> None:
    await log.publish()
    await log.owner.execute(INSERT, new_id(), [event_bytes(7)])
    await log.integrate()

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=6)

    zone = await log.database.open(Zone.EXCHANGE)
    metrics = Metrics()
    async with writing(log.database.dsn(Zone.EXCHANGE)) as writer:
        lax = Watch(zone, writer, Witnessing(), tells=False, metrics=metrics, clock=clock)
        assert list(await lax.look()) == [Stage.UNPUBLISHED]
        await writer.append(an_event())
        strict = Watch(zone, writer, Witnessing(strict=True), tells=False, metrics=metrics, clock=clock)
        await strict.look()
        with pytest.raises(AuditUnavailable):
            await writer.append(an_event())
    oldest = next(
        line for line in metrics.exposition().decode().splitlines()
        if line.startswith('gx_audit_oldest_timestamp_seconds{stage="unpublished"}')
    )  # fmt: skip
    assert abs(float(oldest.rpartition(" ")[2]) - datetime.now(UTC).timestamp()) < 300


async def test_what_waits_in_the_inbox_is_as_old_as_its_batch(log: Growing) -> None:
    await log.owner.execute(INSERT, new_id(), [event_bytes(1)])
    standing = await store.standing(log.owner)
    assert abs(standing[Stage.INBOX] - datetime.now(UTC)) < timedelta(minutes=1)
    assert Stage.UNPUBLISHED not in standing
