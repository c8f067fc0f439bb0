"""Whatever a department's service sends, a caller gets a checked answer or a problem, and one ending is recorded."""

import gzip
import json
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from providers import Behaviour, RawProvider, dripping, ending, http, raw_provider, resetting, saying
from world import PROVIDER, Answer, World, description, http_mount, running_gateway, running_world

CANARY = "CANARY-7f3a"
GOOD = json.dumps({"data": [{"uscc": PROVIDER, "name": "示例企业", "secret": CANARY}]}).encode()
HANG = 30.0
JSON = "Content-Type: application/json"


@dataclass
class Calling:
    """A world with one granted service behind a socket that does as it is told; seen through two gateways."""

    world: World
    hasty: World
    provider: RawProvider
    token: str

    async def call(self, behave: Behaviour, *, hasty: bool = False) -> Answer:
        """``hasty``: of the gateway that waits for a provider for a short time only."""
        self.provider.behave = behave
        body = {"parameters": {"uscc": PROVIDER}}
        return await (self.hasty if hasty else self.world).call(self.token, "enterprise", body)

    async def endings(self, request_id: str) -> list[str]:
        return [event["type"] for event in await self.world.audit(request_id=request_id)]


@pytest.fixture(scope="module")
async def calling(shared_database: Any) -> AsyncIterator[Calling]:
    limits = {"answer_bytes": 65536, "rows": 3, "upstream_connect_seconds": 10, "upstream_total_seconds": 20}
    short = {**limits, "upstream_total_seconds": 1.5}
    named = {"base_url": "http://gateway.test"}
    async with (
        raw_provider(saying()) as provider,
        running_world(shared_database, exchange=limits, platform=named) as world,
        running_gateway(shared_database, exchange=short, platform=named) as (other, _),
    ):
        resource = await world.publish(description(), http_mount(provider.base))
        await world.granted(resource, daily_quota=10000)
        token = await world.access_token("registration", "enterprise")
        yield Calling(world, replace(world, gateway=other), provider, token)


def data(*records: Any) -> bytes:
    return http(json.dumps({"data": list(records)}).encode(), "200 OK", JSON)


def chunked(*chunks: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)


def record(**changes: Any) -> dict[str, Any]:
    return {"uscc": PROVIDER, "name": CANARY, **changes}


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB = gzip.compress(bytes(50_000_000), 9)
DEEP = b'{"data":' + b"[" * 30000 + b"]" * 30000 + b"}"
RESET = "upstream-invalid"

CASES: dict[str, tuple[Behaviour, int, str]] = {
    "resets at once": (resetting(), 502, RESET),
    "resets in the status line": (resetting(b"HTTP/1.1 2"), 502, RESET),
    "resets in the head": (resetting(HEAD), 502, RESET),
    "resets in the body": (resetting(http(GOOD)[:-9]), 502, RESET),
    "closes without an answer": (ending(), 502, RESET),
    "never answers": (saying(HANG), 504, "upstream-timeout"),
    "hangs in the head": (saying(HEAD, HANG), 504, "upstream-timeout"),
    "hangs in the body": (saying(http(GOOD)[:-9], HANG), 504, "upstream-timeout"),
    "drips": (dripping(http(GOOD), 0.05), 504, "upstream-timeout"),
    "floods with early hints": (saying(*[b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.001] * 5000), 502, RESET),
    "sends four early hints and hangs": (saying(*[b"HTTP/1.1 103 Early Hints\r\n\r\n"] * 4, HANG), 504, "upstream-timeout"),
    "begins with an empty line": (saying(b"\r\n" + http(GOOD)), 502, RESET),
    "answers twice at once": (saying(http(GOOD) * 2), 502, RESET),
    "adds bytes to its answer": (saying(http(GOOD) + CANARY.encode()), 502, RESET),
    "chunks on HTTP/1.0": (saying(chunked(b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)).replace(b"/1.1", b"/1.0")), 502, RESET),
    "gzips and chunks": (saying(http(GOOD, "200 OK", "Transfer-Encoding: gzip, chunked").replace(b"Content-Length", b"X-Length")), 502, RESET),
    "claims an odd coding": (saying(http(GOOD, "200 OK", "Transfer-Encoding: xchunked").replace(b"Content-Length", b"X-Length")), 502, RESET),
    "states its coding twice": (saying(chunked(b"0\r\n\r\n").replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n", 1)), 502, RESET),
    "speaks HTTP/2.0": (saying(http(GOOD).replace(b"/1.1", b"/2.0")), 502, RESET),
    "puts eight-bit signs into a header": (saying(http(GOOD, "200 OK", "X-A: 企业")), 502, RESET),
    "folds a header": (saying(http(GOOD, "200 OK", "X-A: a\r\n b")), 502, RESET),
    "signs its length": (saying(http(GOOD).replace(b"Content-Length: ", b"Content-Length: +")), 502, RESET),
    "sends less than promised": (ending(HEAD + b"Content-Length: 5000\r\n\r\n" + GOOD), 502, RESET),
    "sends more than promised": (saying(HEAD + b"Content-Length: 20\r\n\r\n" + GOOD), 502, RESET),
    "does not say how much": (ending(HEAD + b"\r\n" + GOOD), 502, RESET),
    "redirects": (saying(http(b"", "302 Found", "Location: /elsewhere")), 502, "upstream-status"),
    "answers 404": (saying(http(CANARY.encode(), "404 Not Found")), 502, "upstream-status"),
    "answers 500": (saying(http(CANARY.encode(), "500 Oops " + CANARY)), 502, "upstream-status"),
    "answers 401 with a demand": (
        saying(http(b"", "401 Unauthorized", "WWW-Authenticate: Basic realm=x")), 502, "upstream-status",
    ),
    "answers a part": (saying(http(GOOD, "206 Partial Content")), 502, "upstream-status"),
    "answers nothing": (saying(b"HTTP/1.1 204 No Content\r\n\r\n"), 502, "upstream-status"),
    "switches protocols": (saying(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), 502, "upstream-status"),
    "compresses": (saying(http(gzip.compress(GOOD), "200 OK", "Content-Encoding: gzip")), 502, RESET),
    "sends a bomb": (saying(http(BOMB, "200 OK", "Content-Encoding: gzip")), 502, RESET),
    "names an unknown coding": (saying(http(GOOD, "200 OK", "Content-Encoding: zstd")), 502, RESET),
    "sends a large body": (saying(http(b" " * 65537)), 502, "upstream-too-large"),
    "chunks a large body": (saying(chunked(*[b"4000\r\n" + b" " * 0x4000 + b"\r\n"] * 5)), 502, "upstream-too-large"),
    "sends a 100 KB header": (saying(http(GOOD, "200 OK", "X-A: " + "a" * 100_000)), 502, RESET),
    "sends 5000 headers": (saying(http(GOOD, "200 OK", *[f"X-{n}: {CANARY}" for n in range(5000)])), 502, RESET),
    "puts NUL into a header": (saying(http(GOOD, "200 OK", "X-A: a\x00b")), 502, RESET),
    "puts a bare CR into a header": (saying(http(GOOD, "200 OK", "X-A: a\rX-B: b")), 502, RESET),
    "names no status": (saying(b"HTTP/1.1\r\nContent-Length: 0\r\n\r\n"), 502, RESET),
    "speaks another protocol": (saying(struct.pack(">I", 8) + b"SSH-2.0-" + CANARY.encode() + b"\r\n\r\n"), 502, RESET),
    "speaks HTTP/0.9": (ending(GOOD), 502, RESET),
    "states two lengths": (saying(http(GOOD, "200 OK", "Content-Length: 3")), 502, RESET),
    "states a length and chunks": (saying(http(GOOD, "200 OK", "Transfer-Encoding: chunked")), 502, RESET),
    "chunks badly": (saying(chunked(b"zz\r\n" + GOOD)), 502, RESET),
    "chunks with no end": (ending(chunked(b"%x\r\n%s\r\n" % (len(GOOD), GOOD))), 502, RESET),
    "sends HTML": (saying(http(b"<html>" + CANARY.encode(), "200 OK", "Content-Type: text/html")), 502, RESET),
    "sends nothing": (saying(http(b"")), 502, RESET),
    "nests deeply": (saying(http(DEEP)), 502, RESET),
    "names a member twice": (saying(http(GOOD.replace(b'"secret"', b'"name"'))), 502, RESET),
    "sends NaN": (saying(http(b'{"data":[{"uscc":NaN,"name":"x"}]}')), 502, RESET),
    "sends a lone surrogate": (saying(http(b'{"data":[{"uscc":"\\ud800","name":"x"}]}')), 502, RESET),
    "sends GBK": (saying(http('{"data":[{"uscc":"1","name":"企业"}]}'.encode("gbk"))), 502, RESET),
    "sends a byte order mark": (saying(http(b"\xef\xbb\xbf" + GOOD)), 502, RESET),
    "sends two values": (saying(http(GOOD + GOOD)), 502, RESET),
    "sends records elsewhere": (saying(http(b'{"rows":[]}')), 502, RESET),
    "sends a list of scalars": (saying(data(CANARY, CANARY)), 502, RESET),
    "sends a scalar": (saying(http(b'{"data":"%s"}' % CANARY.encode())), 502, RESET),
    "sends null": (saying(http(b'{"data":null}')), 502, RESET),
    "leaves a field out": (saying(data({"uscc": PROVIDER})), 502, RESET),
    "nests a field": (saying(data(record(name={"first": CANARY}))), 502, RESET),
    "lists a field": (saying(data(record(name=[CANARY]))), 502, RESET),
    "sends a number for a text": (saying(data(record(name=7))), 502, RESET),
    "sends too long a text": (saying(data(record(uscc=PROVIDER + "0"))), 502, RESET),
    "sends one bad record of two": (saying(data(record(), record(name=None, uscc=5))), 502, RESET),
    "sends more records than allowed": (saying(data(*[record()] * 4)), 502, "upstream-too-large"),
}  # fmt: skip


# On a kept connection that ends without a word the same question is put once more, on a new one.
SILENT = frozenset({"resets at once", "closes without an answer"})


@pytest.mark.parametrize("name", CASES)
async def test_a_provider_that(name: str, calling: Calling, capfd: pytest.CaptureFixture[str]) -> None:
    behave, status, slug = CASES[name]
    asked, hasty = len(calling.provider.heads), slug == "upstream-timeout"
    answer = await calling.call(behave, hasty=hasty)
    assert len(calling.provider.heads) - asked in ((1, 2) if name in SILENT else (1,))
    problem = answer.refused(status, slug)
    assert CANARY not in json.dumps(problem) + str(answer.headers)
    assert await calling.endings(answer.headers["Request-Id"]) == ["call.intended", "call.failed"]
    said = capfd.readouterr()
    assert CANARY not in said.out + said.err
    (await calling.call(saying(http(GOOD)), hasty=hasty)).ok()


async def test_as_many_records_as_allowed_leave(calling: Calling) -> None:
    answer = await calling.call(saying(data(*[record(secret=1)] * 3)))
    assert answer.ok()["records"] == [{"uscc": PROVIDER, "name": CANARY}] * 3


async def test_as_many_bytes_as_allowed_are_read(calling: Calling) -> None:
    body = json.dumps({"data": []}).encode()
    assert (await calling.call(saying(http(body.ljust(65536))))).ok()["records"] == []
