"""Records sent on to real receivers: every one at least once and in order, whatever breaks in between."""

import asyncio
import json
import shutil
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from certifying import pem
from ledgers import an_event
from tls import server_authority, server_certificate, write_pair

from gateway.audit import AuditLog, AuditReader, Event, integrate_once
from gateway.sections import Siem
from gateway.settings import Audit
from gateway.siem.making import make
from gateway.storage import Zone
from gateway.telemetry import Metrics

TEST_PACE = {"idle_seconds": 0.02, "settle_seconds": 0.05, "send_seconds": 5}


class Records:
    """A log with an integrator at hand and a worker that sends on."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.metrics = Metrics()

    async def open(self) -> None:
        self.control = await self.database.open(Zone.CONTROL)
        self.reader = AuditReader(await self.database.open(Zone.READER), self.record)
        self.log = await AuditLog.open(
            self.database.dsn(Zone.CONTROL), Audit(allow_unsafe_durability=True), node="node-1"
        )
        self.orders = await self.database.open(Zone.INTEGRATOR)

    async def record(self, event: Event) -> Any:
        """Durable and ordered at once."""
        async with self.control.transaction() as tx:
            written = await self.log.emit(tx, event)
        await self.order()
        return written

    async def order(self) -> None:
        async with self.orders.connection() as connection:
            while await integrate_once(connection):
                pass

    async def write(self, count: int) -> None:
        async with self.control.transaction() as tx:
            await self.log.emit_all(tx, [an_event(matter=f"m-{place}") for place in range(count)])
        await self.order()

    async def position(self) -> int | None:
        async with self.control.connection() as connection:
            found: int | None = await connection.fetchval("SELECT max(next_idx) FROM siem.position")
            return found

    @asynccontextmanager
    async def sending(self, **settings: Any) -> AsyncIterator[None]:
        """While a worker runs."""
        given = Siem(**{**TEST_PACE, **settings})
        (worker,) = make(self.control, self.reader, self.record, given, self.metrics, "node-1")
        task = asyncio.create_task(worker)
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled(), task.exception()


@pytest.fixture
async def records(database: Any) -> AsyncIterator[Records]:
    made = Records(database)
    await made.open()
    yield made
    await made.log.close()


class Receiver:
    """A syslog receiver over TLS that reads frames by their length, and can fall over."""

    def __init__(self, folder: Path) -> None:
        self.taken: list[dict[str, Any]] = []
        self.heads: list[str] = []
        self.connections: set[asyncio.StreamWriter] = set()
        self.deaf = False
        self._folder = folder
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*write_pair(self._folder, "server", server_certificate()))
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server
        self._server.close()
        for writer in list(self.connections):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.add(writer)
        try:
            while True:
                length = int((await reader.readuntil(b" ")).decode())
                head, _, body = (await reader.readexactly(length)).decode("ascii").partition("] {")
                if not self.deaf:
                    self.heads.append(head + "]")
                    self.taken.append(json.loads("{" + body))
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            self.connections.discard(writer)
            writer.transport.abort()

    @property
    def places(self) -> list[int]:
        return [one["metadata"]["sequence"] for one in self.taken]


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncIterator[Receiver]:
    made = Receiver(tmp_path)
    await made.start()
    yield made
    await made.stop()


def to(receiver: Receiver, tmp_path: Path, **changes: Any) -> dict[str, Any]:
    trust = tmp_path / "ca.pem"
    trust.write_bytes(pem(server_authority().root))
    return {
        "sink": "syslog", "syslog_host": "127.0.0.1", "syslog_port": receiver.port, "syslog_trust_file": trust, **changes,
    }  # fmt: skip


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def until_kept(records: Records, at_least: int) -> None:
    async with asyncio.timeout(30):
        while (await records.position() or 0) < at_least:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_every_record_reaches_a_syslog_receiver_in_order_and_the_position_follows(
    records: Records, receiver: Receiver, tmp_path: Path
) -> None:
    await records.write(250)
    async with records.sending(**to(receiver, tmp_path, batch_max=100)):
        await until(lambda: len(receiver.taken) >= 251)
        await until_kept(records, 251)
    assert receiver.places == list(range(251))
    assert receiver.taken[3]["unmapped"]["matter"] == "m-3"
    assert " node-1 data-sharing-gateway - call.intended [meta sequenceId=" in receiver.heads[3]
    assert receiver.taken[250]["metadata"]["event_code"] == "audit.streamed"


async def test_what_a_receiver_lost_in_falling_over_is_sent_again(
    records: Records, receiver: Receiver, tmp_path: Path
) -> None:
    await records.write(50)
    async with records.sending(**to(receiver, tmp_path, settle_seconds=0.5)):
        await until(lambda: len(receiver.taken) >= 51)
        await until_kept(records, 51)
        receiver.deaf = True
        await records.write(30)
        await asyncio.sleep(0.1)  # they arrive, and it forgets them
        await receiver.stop()
        receiver.deaf = False
        await receiver.start()
        await until(lambda: set(receiver.places) >= set(range(81)))
        await until_kept(records, 81)


async def test_a_second_worker_waits_and_goes_on_where_the_first_stopped(
    records: Records, receiver: Receiver, tmp_path: Path
) -> None:
    await records.write(10)
    async with AsyncExitStack() as first:
        await first.enter_async_context(records.sending(**to(receiver, tmp_path)))
        await until_kept(records, 11)
        async with records.sending(**to(receiver, tmp_path)):
            await records.write(10)
            await until_kept(records, 21)
            assert receiver.places == list(range(21))
            await first.aclose()
            await until(lambda: len(receiver.taken) >= 22)
    assert receiver.places == list(range(len(receiver.taken)))


async def test_a_receiver_with_the_certificate_of_a_stranger_gets_nothing(
    records: Records, receiver: Receiver, tmp_path: Path
) -> None:
    await records.write(3)
    given = to(receiver, tmp_path)
    given["syslog_trust_file"] = None
    async with records.sending(**given):
        await until(lambda: records.metrics.siem_failures.value >= 1)
    assert receiver.taken == []
    assert await records.position() is None


async def test_a_new_sink_may_begin_at_the_end(records: Records, receiver: Receiver, tmp_path: Path) -> None:
    await records.write(5)
    async with records.sending(**to(receiver, tmp_path, start="end")):
        await until(lambda: len(receiver.taken) >= 1)
        await records.write(2)
        await until(lambda: len(receiver.taken) >= 3)
    assert receiver.places == [5, 6, 7]


async def test_a_file_gets_a_line_a_record_also_over_rotation_and_after_a_torn_line(
    records: Records, tmp_path: Path
) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_text('{"metadata": {"seq', "ascii")
    await records.write(5)
    async with records.sending(sink="file", file=file):
        await until_kept(records, 6)
        file.rename(tmp_path / "audit.1")
        await records.write(4)
        await until_kept(records, 10)
    torn, *lines = (tmp_path / "audit.1").read_text("ascii").splitlines()
    places = [
        json.loads(line)["metadata"]["sequence"] for line in lines + file.read_text("ascii").splitlines()
    ]
    assert torn == '{"metadata": {"seq'
    assert places == list(range(10))
    assert oct(file.stat().st_mode & 0o777) == "0o640"


async def test_a_file_that_cannot_be_written_keeps_the_position(records: Records, tmp_path: Path) -> None:
    await records.write(2)
    async with records.sending(sink="file", file=tmp_path / "no such folder" / "a"):
        await until(lambda: records.metrics.siem_failures.value >= 1)
    assert await records.position() is None


@pytest.fixture
async def nats_url() -> AsyncIterator[str]:
    """A real server with JetStream on a folder of its own."""
    if (program := shutil.which("nats-server")) is None:
        # a server from outside Python; the other sinks are tested without it
        pytest.skip("nats-server is not installed (Debian: nats-server)")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="gxn")
    server = await asyncio.create_subprocess_exec(
        program, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", folder,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                break
    yield f"nats://127.0.0.1:{port}"
    server.terminate()
    await server.wait()
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_jetstream_acknowledges_every_record_and_drops_repetitions(
    records: Records, nats_url: str
) -> None:
    import nats  # an optional part of the gateway

    await records.write(40)
    given = {"sink": "nats", "nats_url": nats_url}
    async with records.sending(**given):
        await until(lambda: records.metrics.siem_failures.value >= 1)  # no stream takes them yet
    assert await records.position() is None
    client = await nats.connect(nats_url)
    stream = client.jetstream()
    await stream.add_stream(name="audit", subjects=["gateway.audit.>"])
    async with records.sending(**given):
        await until_kept(records, 41)
    owner = await records.database.owner()
    await owner.execute("TRUNCATE siem.position")
    await owner.close()
    async with records.sending(**given):
        await until_kept(records, 42)
    told = await stream.subscribe("gateway.audit.>", ordered_consumer=True)
    info = await stream.stream_info("audit")
    messages = [await told.next_msg(timeout=5) for _ in range(info.state.messages)]
    await client.close()
    places = [json.loads(message.data)["metadata"]["sequence"] for message in messages]
    assert places[:41] == list(range(41))
    assert len(set(places)) == len(places)
    assert messages[0].subject == "gateway.audit.call.intended"
