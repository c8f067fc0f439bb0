"""Nothing of one call's connection reaches another call."""

import asyncio
import json

from providers import http, raw_provider, saying
from world import PROVIDER, World, description, http_mount

OTHER = "91330106673959654P"


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
