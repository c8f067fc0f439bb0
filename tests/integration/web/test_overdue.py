"""The total deadline of a handler: what is not done in time is stopped and said so, on either server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from raw import request, say, wire

from gateway.app import new_metrics
from gateway.seals import Vault
from gateway.settings import Web
from gateway.web import ANYONE, Api, Ask, Pager, Reply, Route, bound, listener_of
from gateway.web.conversation import Answer, conversing
from gateway.web.incoming import Incoming
from gateway.web.listener import listening
from gateway.web.outgoing import Outgoing
from gateway.web.principal import Principal

LIMITS = Web(handler_seconds=0.5)


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[int]:
    opened = bound("127.0.0.1", 0)
    async with conversing(answer, opened, LIMITS):
        yield listener_of(opened).port


async def test_a_call_is_answered_in_its_time_and_stopped_after_it() -> None:
    cancelled: list[str] = []

    async def answer(incoming: Incoming) -> Outgoing:
        try:
            await asyncio.sleep(0.1 if incoming.raw_path == "/soon" else 60)
        except asyncio.CancelledError as why:
            cancelled.extend(why.args)
            raise
        return Outgoing(200, b"", b"done")

    async with answering(answer) as port, wire(port) as open_:
        for _ in range(8):  # together longer than the time of one
            await open_.send(request("GET", "/soon"))
            assert (await open_.answer()).body == b"done"
        assert cancelled == []
        await open_.send(request("GET", "/never"))
        said = await open_.answer()
        assert (said.status, said.slug, said.headers["connection"]) == (503, "request-overdue", "close")
        assert int(said.headers["retry-after"]) > 0
        assert cancelled == ["overdue"]
        assert await open_.is_closed()


async def test_an_answer_that_has_begun_or_was_allowed_more_time_goes_on() -> None:
    async def answer(incoming: Incoming) -> Outgoing:
        if incoming.raw_path == "/allowed":
            incoming.allow(60)
            await asyncio.sleep(1.2)
            return Outgoing(200, b"", b"done")
        flow = incoming.flow(Outgoing(200, b"", b""), 8)
        await flow.write(b"half")
        await asyncio.sleep(1.2)
        await flow.write(b"half")
        return await flow.end()

    async with answering(answer) as port:
        for path, body in (("/allowed", b"done"), ("/long", b"halfhalf")):
            assert (await say(port, request("GET", path))).body == body


async def linger(_: object, ask: Ask[None]) -> Reply:
    await asyncio.sleep(60 if ask.path["how"] == "long" else 0.1)
    return Reply(None)


async def give_up(_: object, ask: Ask[None]) -> Reply:
    raise TimeoutError


ROUTES = [
    Route("GET", "/linger/{how}", linger, ANYONE, "Linger", "停留", "test"),
    Route("GET", "/give-up", give_up, ANYONE, "Give up", "放弃", "test"),
]


@pytest.fixture
async def control() -> AsyncIterator[int]:
    async def identify(*_: object) -> Principal:
        raise AssertionError

    async def refused(*_: object) -> None:
        raise AssertionError

    pager = Pager(Vault(bytes(32), "page cursors"))
    api = Api([(ROUTES, None)], identify, refused, LIMITS, new_metrics(), pager)
    opened = bound("127.0.0.1", 0)
    async with listening(api.answer, opened, LIMITS):
        yield listener_of(opened).port


async def test_a_request_of_a_person_has_the_same_time(control: int) -> None:
    assert (await say(control, request("GET", "/linger/short"), head_only=True)).status == 204
    said = await say(control, request("GET", "/linger/long"))
    assert (said.status, said.slug) == (503, "request-overdue")
    assert (await say(control, request("GET", "/give-up"))).slug == "internal-fault"
