"""Nothing of one call's connection reaches another call."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from providers import RawProvider, http, raw_provider, saying
from world import PROVIDER, Answer, World, another, description, http_mount

OTHER = "91330106673959654P"

Call = Callable[[str], Awaitable[Answer]]


async def served(world: World, provider: RawProvider) -> Call:
    """Calls of a service of the provider's, published under a name used once."""
    described = another()
    await world.granted(await world.publish(described, http_mount(provider.base)))
    token = await world.access_token("registration", described["service"])
    return lambda uscc: world.call(token, described["service"], {"parameters": {"uscc": uscc}})


def answering(uscc: str) -> bytes:
    return http(json.dumps({"data": {"uscc": uscc, "name": f"企业 {uscc}"}}).encode())


async def test_an_answer_nobody_asked_for_is_not_given_to_the_next_caller(world: World) -> None:
    async with raw_provider(saying(answering(PROVIDER), 0.05, answering(PROVIDER))) as provider:
        resource = await world.publish(description(), http_mount(provider.base))
        await world.granted(resource)
        token = await world.access_token("registration", "enterprise")
        first = await world.call(token, "enterprise", {"parameters": {"uscc": PROVIDER}})
        await asyncio.sleep(0.1)
        provider.behave = saying(answering(OTHER))
        second = await world.call(token, "enterprise", {"parameters": {"uscc": OTHER}})
        assert [record["uscc"] for record in first.ok()["records"]] == [PROVIDER]
        assert [record["uscc"] for record in second.ok()["records"]] == [OTHER]


async def test_a_connection_serves_one_call_after_the_other(world: World) -> None:
    async with raw_provider(saying(answering(PROVIDER))) as provider:
        call = await served(world, provider)
        for _ in range(5):
            (await call(PROVIDER)).ok()
        assert (len(provider.heads), provider.connections) == (5, 1)


async def test_a_provider_that_asks_to_close_is_asked_on_a_new_connection(world: World) -> None:
    body = json.dumps({"data": {"uscc": PROVIDER, "name": "示例"}}).encode()
    for said in (http(body, "200 OK", "Connection: close"), http(body).replace(b"/1.1", b"/1.0")):
        async with raw_provider(saying(said)) as provider:
            call = await served(world, provider)
            for _ in range(3):
                (await call(PROVIDER)).ok()
            assert (len(provider.heads), provider.connections) == (3, 3)


async def test_a_provider_that_spoke_unasked_is_asked_on_new_connections_from_then_on(world: World) -> None:
    async with raw_provider(saying(answering(PROVIDER), 0.05, answering(PROVIDER))) as provider:
        call = await served(world, provider)
        (await call(PROVIDER)).ok()
        await asyncio.sleep(0.2)
        provider.behave = saying(answering(PROVIDER))
        before = provider.connections
        for _ in range(3):
            (await call(PROVIDER)).ok()
        assert provider.connections == before + 3


async def test_a_kept_connection_closed_meanwhile_is_replaced_and_the_call_counted_once(world: World) -> None:
    async with raw_provider(saying(answering(PROVIDER))) as provider:
        call = await served(world, provider)
        (await call(PROVIDER)).ok()
        seen = len(provider.heads)

        async def once(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            provider.behave = saying(answering(PROVIDER))
            writer.transport.abort()
            raise ConnectionResetError

        provider.behave = once
        answer = await call(PROVIDER)
        assert [record["uscc"] for record in answer.ok()["records"]] == [PROVIDER]
        assert answer.headers["Quota-Remaining"] == "98"
        ids = [head.split(b"Request-Id: ")[1].split(b"\r\n")[0] for head in provider.heads[seen:]]
        assert len(ids) == 2
        assert len(set(ids)) == 1
        events = await world.audit(request_id=answer.headers["Request-Id"])
        assert [event["type"] for event in events] == ["call.intended", "call.released"]


async def test_calls_at_the_same_time_never_share_a_connection(world: World) -> None:
    async def echo(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        uscc = provider.heads[-1].split(b" ")[1].rpartition(b"/")[2].decode()
        await asyncio.sleep(0.02)
        writer.write(answering(uscc))

    async with raw_provider(echo) as provider:
        call = await served(world, provider)
        wanted = [PROVIDER, OTHER] * 10
        answers = await asyncio.gather(*map(call, wanted))
        assert [answer.ok()["records"][0]["uscc"] for answer in answers] == wanted


async def test_no_cookie_of_one_call_is_sent_with_the_next(world: World) -> None:
    body = json.dumps({"data": {"uscc": PROVIDER, "name": "示例"}}).encode()
    async with raw_provider(saying(http(body, "200 OK", "Set-Cookie: session=alice; Path=/"))) as provider:
        resource = await world.publish(description(), http_mount(provider.base))
        await world.granted(resource)
        token = await world.access_token("registration", "enterprise")
        for _ in range(2):
            (await world.call(token, "enterprise", {"parameters": {"uscc": PROVIDER}})).ok()
        assert len(provider.heads) == 2
        assert not any(b"cookie" in head.lower() for head in provider.heads)
