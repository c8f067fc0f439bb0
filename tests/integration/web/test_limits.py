"""Limits of size and time, each at the limit and one beyond, on a gateway with small ones."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from raw import HOST, request, say, wire
from world import World, running_world

from gateway.settings import Web

HEAD, BODY, KEEP = 0.4, 0.4, 2.0
SLACK = 20
"""Seconds a busy machine may add to a limit; without the limit the end would not come at all."""

SMALL = {
    "head_seconds": HEAD,
    "body_seconds": BODY,
    "keepalive_seconds": KEEP,
    "body_bytes": 2048,
    "head_bytes": 4096,
}
LISTENERS = {"control": "/openapi.json", "exchange": "/openapi.json", "operations": "/healthz"}
JSON = "Content-Type: application/json"


@pytest.fixture(scope="module")
async def small(shared_database: Any) -> AsyncIterator[World]:
    async with running_world(shared_database, web=SMALL) as made:
        yield made


Check = Callable[[int, str], Awaitable[None]]


async def everywhere(small: World, check: Check) -> None:
    """Run a check on the three listeners at once, given port and good path: waiting once is enough."""
    async with asyncio.TaskGroup() as group:
        for name, path in LISTENERS.items():
            group.create_task(check(getattr(small.gateway, name).port, path))  # type: ignore[arg-type]


@pytest.fixture
async def sender(small: World) -> tuple[int, str]:
    """The control API's port, and the Authorization header of somebody who may register departments."""
    assert small.gateway.control is not None
    return small.gateway.control.port, f"Authorization: Bearer {await small.token_of('platform-admin')}"


def body_of(size: int) -> bytes:
    """A body of ``size`` bytes that is refused for its content only."""
    frame = b'{"name":""}'
    return frame[:-2] + b"x" * (size - len(frame)) + frame[-2:]


def chunked(data: bytes, size: int) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(("size", "status"), [(2047, 422), (2048, 422), (2049, 413), (200_000, 413)])
async def test_a_body_is_read_at_the_limit_and_refused_one_byte_beyond(
    size: int, status: int, sender: tuple[int, str]
) -> None:
    port, token = sender
    said = await say(port, request("POST", "/v1/orgs", token, JSON, body=body_of(size)))
    assert said.status == status


@pytest.mark.parametrize(("size", "status"), [(2048, 422), (2049, 413), (500_000, 413)])
@pytest.mark.parametrize("chunk", [1, 1000])
async def test_a_body_in_chunks_has_the_same_limit(
    size: int, status: int, chunk: int, sender: tuple[int, str]
) -> None:
    port, token = sender
    head = request("POST", "/v1/orgs", token, JSON, "Transfer-Encoding: chunked")
    async with wire(port) as open_:
        open_.writer.write(head + chunked(body_of(size), chunk))
        said = await open_.answer()
    assert said.status == status
    if status == 413:
        assert said.slug == "too-large"


async def test_a_body_announced_too_large_is_refused_before_it_comes(sender: tuple[int, str]) -> None:
    port, token = sender
    async with wire(port) as open_:
        await open_.send(request("POST", "/v1/orgs", token, JSON, "Content-Length: 1000000000"))
        assert (await open_.answer()).status == 413


async def test_who_calls_is_settled_before_a_byte_of_the_body_is_taken(small: World) -> None:
    """Otherwise anybody could hold bodies open at a service's address."""
    for listener in (small.gateway.exchange, small.gateway.control):
        assert listener is not None
        path = "/services/enterprise" if listener is small.gateway.exchange else "/v1/orgs"
        head = request("POST", path, "Authorization: Bearer a.b.c", "Content-Length: 100")
        async with wire(listener.port) as open_:
            await open_.send(head)
            assert (await open_.answer()).slug == "token-refused"


async def test_a_body_that_stops_is_answered_408_in_time_and_the_connection_closed(
    sender: tuple[int, str],
) -> None:
    port, token = sender
    async with wire(port) as open_:
        began = time.monotonic()
        await open_.send(request("POST", "/v1/orgs", token, JSON, "Content-Length: 100") + b"{")
        said = await open_.answer()
        assert BODY * 0.9 <= time.monotonic() - began < BODY + SLACK
        assert (said.status, said.slug) == (408, "too-slow")


async def test_a_body_that_drips_has_the_same_deadline(sender: tuple[int, str]) -> None:
    port, token = sender
    async with wire(port) as open_:
        await open_.send(request("POST", "/v1/orgs", token, JSON, "Content-Length: 1000"))
        async with asyncio.TaskGroup() as group:
            dripping = group.create_task(open_.drip(b" " * 1000, BODY / 10))
            assert (await open_.answer()).status == 408
            dripping.cancel()


BEGUN = [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n" + HOST, b"\r\n\r\n"]


async def test_a_head_that_does_not_come_is_cut_in_time(small: World) -> None:
    async def check(port: int, begun: bytes) -> None:
        async with wire(port) as open_:
            began = time.monotonic()
            await open_.send(begun)
            assert await open_.is_closed(HEAD + SLACK), begun
            assert HEAD * 0.9 <= time.monotonic() - began < HEAD + SLACK, begun

    async def all_of(port: int, _: str) -> None:
        await asyncio.gather(*(check(port, begun) for begun in BEGUN))

    await everywhere(small, all_of)


async def test_a_head_that_drips_is_cut_at_the_same_time(small: World) -> None:
    async def check(port: int, path: str) -> None:
        async with wire(port) as open_:
            began = time.monotonic()
            head = request("GET", path, "X-A: " + "a" * 200)
            with pytest.raises(ConnectionError):
                await open_.drip(head, HEAD / 20)
            assert HEAD * 0.9 <= time.monotonic() - began < HEAD + SLACK

    await everywhere(small, check)


async def test_a_second_head_on_a_kept_connection_has_its_own_deadline(small: World) -> None:
    async def check(port: int, path: str) -> None:
        async with wire(port) as open_:
            await open_.send(request("GET", path))
            assert (await open_.answer()).status == 200
            await asyncio.sleep(HEAD / 2)
            began = time.monotonic()
            await open_.send(b"GET /half")
            assert await open_.is_closed(HEAD + SLACK)
            assert time.monotonic() - began < HEAD + SLACK

    await everywhere(small, check)


async def test_a_half_head_behind_a_whole_request_is_cut_by_the_idle_limit(small: World) -> None:
    async def check(port: int, path: str) -> None:
        async with wire(port) as open_:
            await open_.send(request("GET", path) + b"GET /half")
            assert (await open_.answer()).status == 200
            assert await open_.is_closed(KEEP + SLACK)

    await everywhere(small, check)


async def test_a_connection_is_kept_for_the_idle_time_and_no_longer(small: World) -> None:
    async def check(port: int, path: str) -> None:
        async with wire(port) as open_:
            for _ in range(2):
                await open_.send(request("GET", path))
                assert (await open_.answer()).status == 200
                await asyncio.sleep(KEEP / 4)
            assert await open_.is_closed(KEEP + SLACK)

    await everywhere(small, check)


async def test_offenders_do_not_delay_others(small: World) -> None:
    async def check(port: int, path: str) -> None:
        offenders = [await asyncio.open_connection("127.0.0.1", port) for _ in range(100)]
        for _, writer in offenders:
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nX-")
        began = time.monotonic()
        assert (await say(port, request("GET", path))).status == 200
        assert time.monotonic() - began < HEAD + SLACK
        ended = await asyncio.gather(*(reader.read() for reader, _ in offenders), return_exceptions=True)
        assert time.monotonic() - began < HEAD + SLACK
        assert all(one == b"" or isinstance(one, ConnectionError) for one in ended)
        for _, writer in offenders:
            writer.close()

    await everywhere(small, check)


async def test_a_head_of_many_fields_is_refused_in_sum(small: World) -> None:
    async def check(port: int, path: str) -> None:
        spare = 4096 - (len(request("GET", path)) - len("GET  HTTP/1.1\r\n\r\n")) - len("X-A: \r\n")
        assert (await say(port, request("GET", path, "X-A: " + "a" * spare))).status == 200
        assert (await say(port, request("GET", path, "X-A: " + "a" * (spare + 1)))).status == 431

    await everywhere(small, check)


@pytest.mark.parametrize(("depth", "status"), [(32, 422), (33, 400), (1000, 400)])
async def test_json_depth_is_limited(depth: int, status: int, sender: tuple[int, str]) -> None:
    port, token = sender
    body = b"[" * depth + b"]" * depth
    assert (await say(port, request("POST", "/v1/orgs", token, JSON, body=body))).status == status


def test_every_limit_of_the_settings_has_a_test_here_or_beside() -> None:
    tested = {"head_seconds", "head_bytes", "body_bytes", "body_seconds", "keepalive_seconds", "json_depth"}
    in_paths, in_front, in_listening = (
        {"path_bytes", "query_bytes"},
        {"hosts", "client_cert_peers"},
        {"drain_seconds"},
    )
    in_files, in_conversation = {"upload_bytes", "upload_seconds"}, {"write_seconds"}
    in_crowd, in_overdue = {"connections_max", "address_connections_max"}, {"handler_seconds"}
    beside = in_paths | in_front | in_listening | in_files | in_conversation | in_crowd | in_overdue
    assert set(Web.model_fields) == tested | beside
