"""Much of what is small: floods that cost a listener no more than their share, and leave it answering."""

import asyncio
from contextlib import suppress

import pytest
from raw import HOST, say, wire

Listener = tuple[int, str]
PIPELINED = 2000
WAITING_MOST = 100
"""Requests the calls' listener lets wait on one connection."""


def get(path: str, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"GET {path} HTTP/1.1\r\n".encode() + HOST + lines.encode() + b"\r\n"


async def test_thousands_of_pipelined_requests_are_each_answered_once_or_the_line_is_cut(
    listener: Listener,
) -> None:
    port, path = listener
    async with wire(port) as open_:
        await open_.send(get("/nothing") * PIPELINED + get("/nothing", "Connection: close"))
        async with asyncio.timeout(120):
            said = await open_.reader.read(-1)
    answered = said.count(b"HTTP/1.1 404 ")
    assert answered in (WAITING_MOST, PIPELINED + 1)
    assert said.count(b"HTTP/1.1 ") == answered
    assert (await say(port, get(path))).status == 200


async def test_a_head_without_end_in_tiny_pieces_is_refused_long_before_a_megabyte(
    listener: Listener,
) -> None:
    port, path = listener
    taken = 0
    async with wire(port) as open_:
        refusal = asyncio.create_task(open_.reader.read(4096))
        with suppress(ConnectionError):
            await open_.send(f"GET {path} HTTP/1.1\r\n".encode() + HOST)
            while taken < 1 << 20 and not refusal.done():
                await open_.send(b"X-A: " + b"a" * 59)
                await open_.send(b"\r\n")
                taken += 66
                await asyncio.sleep(0)
        assert taken < 1 << 20
        with suppress(ConnectionError):
            assert (await refusal)[8:12] in (b" 400", b" 431", b"")
    assert (await say(port, get(path))).status == 200


async def test_a_body_of_one_byte_chunks_is_not_taken_from_whom_nobody_knows(listener: Listener) -> None:
    port, path = listener
    head = f"POST {path} HTTP/1.1\r\n".encode() + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    async with wire(port) as open_:
        try:
            await open_.send(head + b"1\r\na\r\n" * 20_000)
            assert (await open_.answer()).status in (401, 404, 405)
        except ConnectionError:
            pass  # cut before all of it was sent
    assert (await say(port, get(path))).status == 200


@pytest.mark.parametrize("cookie", ["a=b; " * 3000 + "a=b", "=;" * 5000], ids=["many", "bad"])
async def test_thousands_of_cookies_do_not_pass_the_limit_of_the_head(
    cookie: str, listener: Listener
) -> None:
    port, path = listener
    said = await say(port, get(path, f"Cookie: {cookie}"))
    assert said.status in ((431, 400) if len(cookie) > 16384 else (200, 400, 431))
    assert "a=b" not in said.body.decode()


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
async def test_a_packed_request_is_refused_unopened(coding: str, listener: Listener) -> None:
    port, path = listener
    body = b"\x1f\x8b" + bytes(100)
    head = f"POST {path} HTTP/1.1\r\n".encode() + HOST
    more = f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    assert (await say(port, head + more + body)).status in (400, 401, 404, 405, 415)
