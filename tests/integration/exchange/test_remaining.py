"""What is left of a grant, asked by the system that holds it; what limits say with refusals."""

import asyncio
import re

from providers import RawProvider
from services import Service, granted_service
from waiting import until
from world import Answer, World, another, http_mount, in_days, running_world


async def left(service: Service, token: str | None = None, method: str = "GET", query: str = "") -> Answer:
    url = f"{service.world.exchange}/services/{service.name}/quota{query}"
    return await service.world.send(method, url, token=token or service.token)


async def test_a_system_sees_what_is_left_of_its_own_grant_and_takes_nothing(service: Service) -> None:
    for _ in range(2):
        (await service.call()).ok()
    for _ in range(2):
        answer = await left(service)
        found = answer.ok()
        assert re.fullmatch(r"[0-9-]{10}T00:00:00\+08:00", found.pop("resets_at"))
        assert found == {
            "grant_id": service.grant, "service": service.name, "valid_until": in_days(365), "daily_quota": 100,
            "used": 2, "remaining": 98,
        }  # fmt: skip
        assert (answer.headers["Quota-Limit"], answer.headers["Quota-Remaining"]) == ("100", "98")
        assert answer.headers["RateLimit"].startswith('"day";r=98;t=')
    assert await service.events(answer) == []
    assert len(service.provider.heads) == 2


async def test_calls_of_the_minute_are_told_with_the_answer_and_with_the_refusal(
    shared_world: World, provider: RawProvider
) -> None:
    resource = await shared_world.publish(what := another(), http_mount(provider.base))
    grant = await shared_world.granted(resource, {"rules": {"per_minute": 2}})
    token = await shared_world.access_token("registration", what["service"], grant_id=grant)
    service = Service(shared_world, provider, what["service"], resource, grant, token)
    found = (await left(service)).ok()
    assert (found["per_minute"], found["minute_remaining"]) == (2, 2)
    answers = [await service.call() for _ in range(6)]
    refused = next(answer for answer in answers if answer.status != 200)
    refused.refused(429, "rate-exceeded")
    assert refused.headers["RateLimit-Policy"] == '"day";q=100;w=86400, "minute";q=2;w=60'
    minute = re.fullmatch(r'"day";r=[0-9]+;t=[0-9]+, "minute";r=0;t=([0-9]+)', refused.headers["RateLimit"])
    assert minute
    assert minute[1] == refused.headers["Retry-After"]


async def test_a_quota_used_up_is_told_with_the_refusal(shared_world: World, provider: RawProvider) -> None:
    service = await granted_service(shared_world, provider, daily_quota=1)
    (await service.call()).ok()
    refused = await service.call()
    refused.refused(429, "quota-used-up")
    assert (refused.headers["Quota-Limit"], refused.headers["Quota-Remaining"]) == ("1", "0")
    assert refused.headers["RateLimit-Policy"] == '"day";q=1;w=86400'
    assert re.fullmatch(r'"day";r=0;t=[1-9][0-9]*', refused.headers["RateLimit"])
    found = (await left(service)).ok()
    assert (found["used"], found["remaining"]) == (1, 0)


async def test_nobody_else_learns_it_and_each_refusal_is_on_record(
    service: Service, provider: RawProvider
) -> None:
    world = service.world
    other = await granted_service(world, provider)
    (await left(service, other.token)).refused(401, "token-refused")
    nobody = await world.send("GET", f"{world.exchange}/services/{service.name}/quota")
    nobody.refused(401, "unauthenticated")
    recorded = await world.audit(type="call.refused")
    assert {"audience", "unauthenticated"} <= {
        event["reason"] for event in recorded if event["who"]["kind"] == "anonymous"
    }
    (await left(service, method="POST")).refused(405, "method-not-allowed")
    (await left(service, query="?day=1")).refused(404, "unknown-path")
    because = {"reason": "抽查未通过"}
    (await world.as_("security-admin", "POST", f"/v1/grants/{service.grant}/revoke", because)).ok()
    answer = await left(service)
    answer.refused(403, "grant-revoked")
    events = await service.events(answer)
    assert [(event["type"], event["reason"], event["grant_id"]) for event in events] == [
        ("call.refused", "grant-revoked", service.grant)
    ]


async def test_outside_its_hours_a_grant_still_says_what_is_left(
    shared_world: World, provider: RawProvider
) -> None:
    for hours in ({"start": "00:00", "end": "00:01"}, {"start": "12:00", "end": "12:01"}):
        resource = await shared_world.publish(what := another(), http_mount(provider.base))
        grant = await shared_world.granted(resource, {"rules": {"hours": hours}})
        token = await shared_world.access_token("registration", what["service"], grant_id=grant)
        service = Service(shared_world, provider, what["service"], resource, grant, token)
        assert (await left(service)).ok()["remaining"] == 100


async def test_a_department_with_too_many_calls_under_way_is_told_how_many_it_may_have(
    database: object, provider: RawProvider
) -> None:
    gate = asyncio.Event()
    say = provider.behave

    async def waiting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await say(reader, writer)

    provider.behave = waiting
    limits = {"department_concurrent_max": 2, "department_waiting_max": 0}
    async with running_world(database, exchange=limits) as world:
        service = await granted_service(world, provider)
        calls = [asyncio.ensure_future(service.call()) for _ in range(2)]
        await until(lambda: _true(len(provider.heads) == 2))
        refused = await service.call()
        refused.refused(429, "department-busy")
        assert refused.headers["Retry-After"] == "1"
        assert refused.headers["RateLimit-Policy"] == '"department";q=2;qu="concurrent-requests"'
        assert refused.headers["RateLimit"] == '"department";r=0;t=1'
        assert [event["reason"] for event in await service.events(refused)] == ["department-busy"]
        gate.set()
        for answer in await asyncio.gather(*calls):
            answer.ok()
        (await service.call()).ok()
        assert (await left(service)).ok()["used"] == 3


async def _true(value: bool) -> bool:
    return value
