"""The connections of calls by themselves: what the tests of all listeners do not reach."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest
from raw import request, wire

from gateway.settings import Web
from gateway.web import bound, listener_of
from gateway.web.conversation import Answer, conversing
from gateway.web.incoming import Incoming
from gateway.web.outgoing import Outgoing, header_lines

TYPED = header_lines({"Content-Type": "text/plain"})


@asynccontextmanager
async def answering(answer: Answer, **limits: Any) -> AsyncIterator[int]:
    """The port of a listener that answers so."""
    opened = bound("127.0.0.1", 0)
    async with conversing(answer, opened, Web(**limits)):
        yield listener_of(opened).port


async def said(incoming: Incoming) -> Outgoing:
    """The body, given back."""
    return Outgoing(200, TYPED, await incoming.body(100_000, 5))


async def test_a_caller_that_does_not_take_its_answer_is_cut_off() -> None:
    async def much(_: Incoming) -> Outgoing:
        return Outgoing(200, TYPED, b"x" * 50_000_000)

    async with answering(much, write_seconds=0.3) as port, wire(port) as open_:
        await open_.send(request("GET", "/"))
        await asyncio.sleep(0.8)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await open_.answer()


async def test_a_caller_that_takes_its_answer_slowly_but_steadily_gets_all_of_it() -> None:
    async def much(_: Incoming) -> Outgoing:
        return Outgoing(200, TYPED, b"x" * 3_000_000)

    async with answering(much) as port, wire(port) as open_:
        await open_.send(request("GET", "/"))
        assert len((await open_.answer()).body) == 3_000_000
        await open_.send(request("GET", "/"))
        assert len((await open_.answer()).body) == 3_000_000


@pytest.mark.parametrize("length", [None, 6])
async def test_a_long_answer_is_sent_piece_by_piece_and_the_connection_kept(length: int | None) -> None:
    async def long(incoming: Incoming) -> Outgoing:
        flow = incoming.flow(Outgoing(200, TYPED, b""), length)
        for piece in (b"abc", b"def"):
            await flow.write(piece)
        return await flow.end()

    async with answering(long) as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        for _ in range(2):
            async with session.get("/") as found:
                assert (found.status, await found.read(), found.content_length) == (200, b"abcdef", length)


@pytest.mark.parametrize(("length", "pieces"), [(None, 1), (6, 1), (2, 1), (9, 3)])
async def test_a_long_answer_that_breaks_off_is_never_taken_for_a_whole_one(
    length: int | None, pieces: int
) -> None:
    """Nor does the refusal that follows stand in the middle of it."""

    async def broken(incoming: Incoming) -> Outgoing:
        flow = incoming.flow(Outgoing(200, TYPED, b""), length)
        try:
            for _ in range(pieces):
                await flow.write(b"ab")
            if length is None:
                raise RuntimeError
            return await flow.end()
        except (RuntimeError, ValueError):
            return Outgoing(500, TYPED, b"refused")

    async with answering(broken) as port, wire(port) as open_:
        await open_.send(request("GET", "/"))
        with suppress(ConnectionError):
            received = await open_.reader.read(-1)
            assert b"refused" not in received
            assert b"\r\n0\r\n" not in received
            if length == 2:
                assert received.endswith(b"\r\n\r\nab")


async def test_a_handler_that_breaks_is_answered_500_without_its_words() -> None:
    async def broken(_: Incoming) -> Outgoing:
        raise RuntimeError("canary7f3a")

    async with answering(broken) as port, wire(port) as open_:
        await open_.send(request("GET", "/"))
        found = await open_.answer()
        assert (found.status, found.slug) == (500, "internal-fault")
        assert b"canary7f3a" not in found.body
        assert await open_.is_closed()


async def test_a_flood_of_pipelined_requests_is_answered_up_to_a_hundred_and_then_ended() -> None:
    async with answering(said) as port, wire(port) as open_:
        await open_.send(request("GET", "/") * 5000)
        received = await open_.reader.read(-1)
        assert 100 <= received.count(b"HTTP/1.1 200 OK\r\n") < 5000


async def test_requests_one_after_the_other_are_never_cut_for_their_number() -> None:
    async with answering(said) as port, wire(port) as open_:
        for number in range(150):
            body = b"%d" % number
            await open_.send(request("POST", "/", body=body))
            assert (await open_.answer()).body == body


@pytest.mark.parametrize("size", [1, 7, 4096])
async def test_a_request_may_come_in_pieces_of_any_size(size: int) -> None:
    data = request("POST", "/a?b=c", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    async with answering(said) as port, wire(port) as open_:
        for at in range(0, len(data), size):
            await open_.send(data[at : at + size])
        assert (await open_.answer()).body == b"abcde"


ENDLESS: dict[str, Callable[[], bytes]] = {
    "one header field": lambda: b"GET / HTTP/1.1\r\nX-A: " + b"a" * 400_000,
    "a target": lambda: b"GET /" + b"a" * 400_000,
    "a trailer": lambda: request("POST", "/", "Transfer-Encoding: chunked") + b"0\r\nX-A: " + b"a" * 900_000,
    "a chunk's extension": lambda: (
        request("POST", "/", "Transfer-Encoding: chunked") + b"1;a=" + b"a" * 900_000
    ),
}


@pytest.mark.parametrize("make", ENDLESS.values(), ids=ENDLESS.keys())
async def test_what_has_no_end_is_refused_while_it_still_comes(make: Callable[[], bytes]) -> None:
    async def told(incoming: Incoming) -> Outgoing:
        try:
            return await said(incoming)
        except Exception as refused:
            return Outgoing(400, TYPED, type(refused).__name__.encode(), close=True)

    async with answering(told, head_seconds=60, keepalive_seconds=60) as port, wire(port) as open_:
        data = make()
        for at in range(0, len(data), 50_000):
            open_.writer.write(data[at : at + 50_000])
            await asyncio.sleep(0.005)
        assert (await open_.answer()).status == 400
        assert await open_.is_closed()


async def test_who_goes_away_does_not_end_what_is_recorded() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow(_: Incoming) -> Outgoing:
        begun.set()
        await asyncio.sleep(0.1)
        ended.set()
        return Outgoing(200, TYPED, b"")

    async with answering(slow) as port:
        async with wire(port) as open_:
            await open_.send(request("GET", "/"))
            await begun.wait()
            open_.writer.transport.abort()
        async with asyncio.timeout(10):
            await ended.wait()


async def test_stopping_lets_running_calls_finish_and_cancels_those_that_do_not() -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def handle(incoming: Incoming) -> Outgoing:
        begun.set()
        try:
            await asyncio.sleep(0.2 if incoming.raw_path == "/quick" else 60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return Outgoing(200, TYPED, b"done")

    async def ask(port: int, path: str) -> bytes:
        async with wire(port) as open_:
            await open_.send(request("GET", path))
            try:
                return (await open_.answer()).body
            except (ConnectionError, asyncio.IncompleteReadError):
                return b"cut"

    async with asyncio.TaskGroup() as group, answering(handle, drain_seconds=0.6) as port:
        quick, stuck = group.create_task(ask(port, "/quick")), group.create_task(ask(port, "/stuck"))
        await begun.wait()
        await asyncio.sleep(0.05)
    assert (quick.result(), stuck.result(), cancelled.is_set()) == (b"done", b"cut", True)


@pytest.mark.parametrize("value", ["a\r\nX: b", "a\n", "\0", "é"])
def test_a_header_that_would_split_the_answer_is_never_written(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        header_lines({"X-A": value})
