"""Connections are bounded, in all and from one address: at the limit all are served, one more is cut unread."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web
from raw import Wire, request
from waiting import until

from gateway.settings import Web
from gateway.web import bound, listener_of
from gateway.web.conversation import conversing
from gateway.web.crowd import Crowd
from gateway.web.incoming import Incoming
from gateway.web.listener import listening
from gateway.web.outgoing import Outgoing

HERE, THERE = "127.0.0.1", "127.0.0.2"


async def of_calls(_: Incoming) -> Outgoing:
    return Outgoing(200, b"", b"served")


async def of_people(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(body=b"served")


@asynccontextmanager
async def calls(limits: Web, crowd: Crowd) -> AsyncIterator[int]:
    opened = bound("0.0.0.0", 0)
    async with conversing(of_calls, opened, limits, crowd=crowd):
        yield listener_of(opened).port


@asynccontextmanager
async def people(limits: Web, crowd: Crowd) -> AsyncIterator[int]:
    opened = bound("0.0.0.0", 0)
    async with listening(of_people, opened, limits, crowd=crowd):
        yield listener_of(opened).port


Served = Callable[[Web, Crowd], AbstractAsyncContextManager[int]]


async def come(port: int, address: str, stack: AsyncExitStack) -> Wire:
    """A connection from an address of this machine."""
    reader, writer = await asyncio.open_connection(HERE, port, local_addr=(address, 0))

    async def go() -> None:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    stack.push_async_callback(go)
    return Wire(reader, writer)


async def is_served(one: Wire) -> bool:
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        await one.send(request("GET", "/"))
        return (await one.answer()).body == b"served"
    return False


@pytest.mark.parametrize("served", [calls, people])
async def test_at_each_limit_all_are_served_and_one_more_is_cut(served: Served) -> None:
    limits, away = Web(connections_max=5, address_connections_max=3), []
    async with served(limits, Crowd(limits, lambda: away.append(1))) as port, AsyncExitStack() as stack:
        first = [await come(port, HERE, stack) for _ in range(3)]
        assert all([await is_served(one) for one in first])
        assert not await is_served(await come(port, HERE, stack))
        others = [await come(port, THERE, stack) for _ in range(2)]
        assert all([await is_served(one) for one in others])
        assert not await is_served(await come(port, THERE, stack))
        assert len(away) == 2
        await first[0].send(request("GET", "/", "Connection: close"))
        assert (await first[0].answer()).status == 200
        assert await first[0].is_closed()
        assert await is_served(await come(port, THERE, stack))
        assert all([await is_served(one) for one in (*first[1:], *others)])


async def nobody(crowd: Crowd) -> bool:
    return crowd._all == 0


@pytest.mark.parametrize("served", [calls, people])
async def test_who_is_gone_is_not_counted_any_more_however_it_went(served: Served) -> None:
    limits = Web(connections_max=2, address_connections_max=2)
    crowd = Crowd(limits)
    async with served(limits, crowd) as port, AsyncExitStack() as stack:
        for _ in range(5):
            left, cut = [await come(port, HERE, stack) for _ in range(2)]
            assert await is_served(left)
            await cut.send(b"GET / HT")
            left.writer.close()
            cut.writer.transport.abort()
            await until(lambda: nobody(crowd))
        assert crowd._of == {}


async def test_every_listener_of_a_gateway_counts_those_it_turns_away(shared_world: Any) -> None:
    text = (await shared_world.send("GET", f"{shared_world.gateway.operations.url}/metrics")).body.decode()
    for listener in ("exchange", "control", "operations"):
        assert f'gx_connections_refused_total{{listener="{listener}"}} 0.0' in text
