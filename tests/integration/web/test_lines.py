"""Questions to a department's HTTP service, seen from its socket: what is taken for an answer, and how often it is asked."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from providers import Behaviour, RawProvider, ending, http, raw_provider, resetting, saying

from gateway.errors import Upstream
from gateway.settings import Exchange
from gateway.web.egress import Egress
from gateway.web.outbound import (
    Outbound,
    UpstreamBusy,
    UpstreamInvalid,
    UpstreamResting,
    UpstreamStatus,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)

GOOD = http(b"good")
HEAD = b"HTTP/1.1 200 OK\r\n"


@contextlib.asynccontextmanager
async def asking(behave: Behaviour, **limits: Any) -> AsyncIterator[tuple[RawProvider, Outbound]]:
    async with (
        raw_provider(behave) as provider,
        Outbound(Exchange(**limits), Egress(["127.0.0.0/8"])) as outbound,
    ):
        yield provider, outbound


def chunked(*chunks: bytes) -> bytes:
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)


REFUSED: dict[str, tuple[bytes, type[Upstream]]] = {
    "a length and chunks": (http(b"good", "200 OK", "Transfer-Encoding: chunked"), UpstreamInvalid),
    "two lengths": (http(b"good", "200 OK", "Content-Length: 4"), UpstreamInvalid),
    "a list of lengths": (HEAD + b"Content-Length: 4, 4\r\n\r\ngood", UpstreamInvalid),
    "a signed length": (HEAD + b"Content-Length: +4\r\n\r\ngood", UpstreamInvalid),
    "a folded field": (http(b"good", "200 OK", "X-A: a\r\n b"), UpstreamInvalid),
    "a bare LF": (b"HTTP/1.1 200 OK\nContent-Length: 4\n\ngood", UpstreamInvalid),
    "a bare CR": (http(b"good", "200 OK", "X-A: a\rX-B: b"), UpstreamInvalid),
    "NUL": (http(b"good", "200 OK", "X-A: a\0"), UpstreamInvalid),
    "a chunk size that is no number": (chunked(b"0x4\r\ngood\r\n0\r\n\r\n"), UpstreamInvalid),
    "gzip, chunked": (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", UpstreamInvalid),
    "an unknown coding": (HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", UpstreamInvalid),
    "chunked twice": (HEAD + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n", UpstreamInvalid),
    "chunks in HTTP/1.0": (chunked(b"4\r\ngood\r\n0\r\n\r\n").replace(b"/1.1", b"/1.0"), UpstreamInvalid),
    "HTTP/2.0": (GOOD.replace(b"/1.1", b"/2.0"), UpstreamInvalid),
    "HTTP/0.9": (GOOD.replace(b"/1.1", b"/0.9"), UpstreamInvalid),
    "a status beyond 599": (http(b"good", "999 Odd"), UpstreamStatus),
    "an upgrade": (http(b"good", "200 OK", "Connection: upgrade", "Upgrade: h2c"), UpstreamInvalid),
    "other protocols": (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", UpstreamStatus),
    "gzip": (http(b"good", "200 OK", "Content-Encoding: gzip"), UpstreamInvalid),
    "eight-bit values": (http(b"good", "200 OK", "X-A: \u00e9"), UpstreamInvalid),
    "an empty line first": (b"\r\n" + GOOD, UpstreamInvalid),
    "bytes after the message": (GOOD + b"x", UpstreamInvalid),
    "a second answer": (GOOD * 2, UpstreamInvalid),
    "no stated end": (HEAD + b"\r\ngood", UpstreamInvalid),
    "five interim answers": (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5 + GOOD, UpstreamInvalid),
    "129 fields": (http(b"good", "200 OK", *[f"X-{n}: 1" for n in range(128)]), UpstreamInvalid),
    "a head of 16 KiB and one byte": (http(b"good", "200 OK", "X-A: " + "a" * 16380), UpstreamInvalid),
    "a length in the trailer": (chunked(b"4\r\ngood\r\n0\r\nContent-Length: 9\r\n\r\n"), UpstreamInvalid),
    "one byte more than allowed": (http(b"x" * 1025), UpstreamTooLarge),
    "one byte more than allowed in chunks": (chunked(b"401\r\n" + b"x" * 1025 + b"\r\n0\r\n\r\n"), UpstreamTooLarge),
}  # fmt: skip

ACCEPTED = {
    "four interim answers": (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 4 + GOOD, b"good"),
    "128 fields": (http(b"good", "200 OK", *[f"X-{n}: 1" for n in range(127)]), b"good"),
    "a trailer, which is dropped": (
        chunked(b"4\r\ngood\r\n0\r\nX-A: 1\r\n\r\n"),
        b"good",
    ),
    "chunks with extensions": (chunked(b"4;a=b\r\ngood\r\n0\r\n\r\n"), b"good"),
    "HTTP/1.0 with a length": (GOOD.replace(b"/1.1", b"/1.0"), b"good"),
    "as many bytes as allowed": (http(b"x" * 1024), b"x" * 1024),
    "nothing": (http(b""), b""),
    "identity": (http(b"good", "200 OK", "Content-Encoding: identity"), b"good"),
}


async def test_whatever_is_no_plain_answer_is_refused_and_its_connection_cut() -> None:
    async with asking(saying(GOOD), upstream_total_seconds=5) as (provider, outbound):
        for name, (sent, kind) in REFUSED.items():
            provider.behave = saying(sent)
            with pytest.raises(kind):
                await outbound.get(provider.base, {}, 1024)
            before = provider.connections
            provider.behave = saying(GOOD)
            assert await outbound.get(provider.base, {}, 1024) == b"good", name
            assert provider.connections == before + 1, name


async def test_what_is_an_answer_is_taken_whole_in_one_piece_or_byte_by_byte() -> None:
    for name, (sent, body) in ACCEPTED.items():
        for pieces in ((sent,), [bytes([byte]) for byte in sent]):
            async with asking(saying(*pieces)) as (provider, outbound):
                assert await outbound.get(provider.base, {}, 1024) == body, name


async def test_an_interim_answer_ends_no_question() -> None:
    """A client that takes 103 for the end gives Alice's answer to Bob."""
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    async with asking(saying(hints, 0.05, http(b"alice"))) as (provider, outbound):
        assert await outbound.get(provider.base, {}, 100) == b"alice"
        provider.behave = saying(http(b"bob"))
        assert await outbound.get(provider.base, {}, 100) == b"bob"
        assert provider.connections == 1


async def test_a_question_given_up_leaves_nothing_for_the_next() -> None:
    came, go = asyncio.Event(), asyncio.Event()

    async def held(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await go.wait()
        writer.write(http(b"alice"))

    async with asking(held) as (provider, outbound):
        asked = asyncio.ensure_future(outbound.get(provider.base, {}, 100))
        await came.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        provider.behave = saying(http(b"bob"))
        go.set()
        assert await outbound.get(provider.base, {}, 100) == b"bob"
        assert provider.connections == 2


async def test_a_line_is_kept_no_longer_than_the_provider_says() -> None:
    for said, connections in (("timeout=1", 2), ("max=9, timeout=5", 1), ("timeout=x", 1)):
        async with asking(saying(http(b"good", "200 OK", f"Keep-Alive: {said}"))) as (provider, outbound):
            for _ in range(2):
                await outbound.get(provider.base, {}, 100)
            assert provider.connections == connections, said


async def test_questions_beyond_the_connections_wait_in_turn_and_not_for_long() -> None:
    limits = {"connections_max": 2, "connections_waiting_max": 3, "connections_waiting_seconds": 5.0}
    async with asking(saying(0.02, GOOD), **limits) as (provider, outbound):
        asked = [asyncio.ensure_future(outbound.get(provider.base, {}, 100)) for _ in range(6)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert found[:5] == [b"good"] * 5
        assert isinstance(found[5], UpstreamBusy)
        assert (provider.connections, len(provider.heads)) == (2, 5)
        assert await outbound.get(provider.base, {}, 100) == b"good"


async def test_whoever_waits_too_long_or_gives_up_loses_no_place() -> None:
    limits = {"connections_max": 1, "connections_waiting_seconds": 0.05}
    async with asking(saying(0.3, GOOD), **limits) as (provider, outbound):
        first = asyncio.ensure_future(outbound.get(provider.base, {}, 100))
        await asyncio.sleep(0)
        with pytest.raises(UpstreamBusy):
            await outbound.get(provider.base, {}, 100)
        gone = asyncio.ensure_future(outbound.get(provider.base, {}, 100))
        await asyncio.sleep(0)
        gone.cancel()
        assert await first == b"good"
        provider.behave = saying(GOOD)
        assert (
            await asyncio.gather(*(outbound.get(provider.base, {}, 100) for _ in range(2))) == [b"good"] * 2
        )


async def test_the_deadline_covers_head_and_body_and_a_handshake_that_never_ends() -> None:
    for behave in (saying(30.0), saying(HEAD, 30.0), saying(http(b"good")[:-1], 30.0)):
        async with asking(behave, upstream_total_seconds=0.3) as (provider, outbound):
            with pytest.raises(UpstreamTimeout, match=r"within 0\.3 s"):
                await outbound.get(provider.base, {}, 100)
    async with asking(saying(30.0), upstream_connect_seconds=0.2) as (provider, outbound):
        with pytest.raises(UpstreamTimeout, match="no connection"):
            await outbound.get(provider.base.replace("http", "https"), {}, 100)


async def test_a_question_nobody_answered_is_put_again_once_and_seldom() -> None:
    async with asking(resetting(), circuit_failures_max=1000) as (provider, outbound):
        for _ in range(20):
            with pytest.raises(UpstreamInvalid, match="broke before the answer"):
                await outbound.get(provider.base, {}, 100)
        assert 20 < len(provider.heads) <= 23


async def test_a_question_that_was_partly_answered_is_never_put_again() -> None:
    async with asking(ending(b"HTTP/1.1 2")) as (provider, outbound):
        with pytest.raises(UpstreamInvalid):
            await outbound.get(provider.base, {}, 100)
        assert len(provider.heads) == 1


async def test_a_service_nobody_answers_for_is_left_in_peace_and_tried_with_one_question() -> None:
    limits = {"circuit_failures_max": 3, "circuit_open_seconds": 0.6}
    async with asking(resetting(), **limits) as (provider, outbound):
        for _ in range(3):
            with pytest.raises(UpstreamInvalid):
                await outbound.get(provider.base, {}, 100)
        heads = len(provider.heads)
        with pytest.raises(UpstreamResting):
            await outbound.get(provider.base, {}, 100)
        assert len(provider.heads) == heads
        await asyncio.sleep(0.65)
        provider.behave = saying(0.05, GOOD)
        found = await asyncio.gather(
            *(outbound.get(provider.base, {}, 100) for _ in range(5)), return_exceptions=True
        )
        assert found[0] == b"good"
        assert all(isinstance(one, UpstreamResting) for one in found[1:])
        assert len(provider.heads) == heads + 1
        assert await outbound.get(provider.base, {}, 100) == b"good"


async def test_a_service_that_answers_wrongly_is_still_asked() -> None:
    async with asking(saying(http(b"", "500 Oops")), circuit_failures_max=1) as (provider, outbound):
        for _ in range(5):
            with pytest.raises(UpstreamStatus):
                await outbound.get(provider.base, {}, 100)
        assert len(provider.heads) == 5


async def test_an_address_outside_is_no_failure_of_the_service() -> None:
    async with Outbound(Exchange(circuit_failures_max=1), Egress(["10.0.0.0/8"])) as outbound:
        for _ in range(3):
            with pytest.raises(UpstreamUnreachable, match="outside"):
                await outbound.get("http://127.0.0.1:9/", {}, 100)


async def test_large_answers_of_all_calls_together_are_bounded() -> None:
    size, both = 600_000, asyncio.Event()

    async def slow(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(b"x" * size)[:-1])
        if len(provider.heads) > 1:
            both.set()
        await both.wait()
        await asyncio.sleep(0.3)
        writer.write(b"x")

    async with asking(slow, buffered_bytes=1048576) as (provider, outbound):
        asked = (outbound.get(provider.base, {}, size) for _ in range(2))
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert sorted(type(one).__name__ for one in found) == ["UpstreamBusy", "bytes"]
        assert len(await outbound.get(provider.base, {}, size)) == size
        provider.behave = saying(
            chunked(*[b"%x\r\n" % 100_000 + b"x" * 100_000 + b"\r\n"] * 12, b"0\r\n\r\n")
        )
        with pytest.raises(UpstreamBusy):
            await outbound.get(provider.base, {}, 10**7)
        provider.behave = saying(http(b"x" * size))
        assert len(await outbound.get(provider.base, {}, size)) == size


async def test_a_header_that_would_begin_another_line_is_never_sent() -> None:
    async with asking(saying(GOOD)) as (provider, outbound):
        for value in ("a\r\nX-B: b", "a\nb", "\u4f01", "a\0"):
            with pytest.raises(ValueError):
                await outbound.get(provider.base, {"X-A": value}, 100)
        assert provider.connections == 0


async def test_what_is_said_to_a_failure_is_kept_as_far_as_asked_for() -> None:
    cases = (
        (http(b'{"a":1}', "404 Not Found"), 7, b'{"a":1}'),
        (http(b'{"a":1}', "503 Busy"), 6, b""),
        (http(b'{"a":1}', "404 Not Found"), 0, b""),
        (chunked(b'7\r\n{"a":1}\r\n0\r\n\r\n').replace(b"200 OK", b"500 Oops"), 7, b'{"a":1}'),
        (http(b"", "302 Found", "Location: /x"), 7, b""),
        (http(b'{"a":1}', "404 Not Found", "Content-Encoding: gzip"), 7, b""),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", 7, b""),
    )
    async with asking(saying(GOOD)) as (provider, outbound):
        for sent, most, kept in cases:
            provider.behave = saying(sent)
            with pytest.raises(UpstreamStatus) as refused:
                await outbound.get(provider.base, {}, 100, most)
            assert refused.value.body == kept, sent
        provider.behave = ending(http(b'{"a":1}', "404 Not Found")[:-1])
        with pytest.raises(UpstreamStatus):
            await outbound.get(provider.base, {}, 100, 100)
        provider.behave = saying(GOOD)
        assert await outbound.get(provider.base, {}, 100, 100) == b"good"
