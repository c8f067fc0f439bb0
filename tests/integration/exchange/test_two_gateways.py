"""Two gateways on one database: quota holds over both, and what one takes back the other refuses at once."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from providers import http, raw_provider, saying
from world import (
    PROVIDER,
    World,
    description,
    enterprises,
    http_mount,
    provider_service,
    suspending,
    two_worlds,
)

CALL = {"parameters": {"uscc": PROVIDER}}


async def test_fifty_calls_at_once_over_two_gateways_use_exactly_what_was_granted(database: Any) -> None:
    async with provider_service(enterprises) as (base, seen), two_worlds(database) as (one, other):
        resource = await one.publish(description(), http_mount(base))
        grant = await one.granted(resource, daily_quota=17)
        token = await one.access_token("registration", "enterprise")
        answers = await asyncio.gather(
            *(at.call(token, "enterprise", CALL) for _ in range(25) for at in (one, other))
        )
        assert Counter(answer.status for answer in answers) == {200: 17, 429: 33}
        assert len(seen) == 17
        left = sorted(int(answer.headers["Quota-Remaining"]) for answer in answers if answer.status == 200)
        assert left == list(range(17))
        refused = next(answer for answer in answers if answer.status == 429)
        problem = refused.refused(429, "quota-used-up")
        assert (problem["used"], problem["daily_quota"]) == (17, 17)
        assert 0 < int(refused.headers["Retry-After"]) <= 86401
        events = Counter(event["type"] for event in await one.audit(grant_id=grant))
        assert events == {
            "grant.issued": 1,
            "token.issued": 1,
            "call.intended": 17,
            "call.released": 17,
            "call.refused": 33,
        }


async def revoke(world: World, grant: str, _resource: str) -> None:
    (await world.as_("security-admin", "POST", f"/v1/grants/{grant}/revoke", {"reason": "超范围使用"})).ok()


async def suspend(world: World, grant: str, _resource: str) -> None:
    (await world.as_("security-admin", "POST", f"/v1/grants/{grant}/suspend", suspending())).ok()


async def disable(world: World, _grant: str, _resource: str) -> None:
    (await world.as_("security-admin", "POST", "/v1/clients/registration/disable")).ok()


async def withdraw(world: World, grant: str, resource: str) -> None:
    path = f"/v1/resources/{resource}/withdraw"
    (await world.as_("provider", "POST", path, {"reason": "数据泄露", "ground": "security"})).ok()


@pytest.mark.parametrize(
    ("act", "slug"),
    [
        (revoke, "grant-revoked"),
        (suspend, "suspended-by-authority"),
        (disable, "client-disabled"),
        (withdraw, "resource-withdrawn"),
    ],
)
async def test_what_one_gateway_takes_back_the_other_refuses_with_the_next_call(
    act: Any, slug: str, database: Any
) -> None:
    async with provider_service(enterprises) as (base, seen), two_worlds(database) as (one, other):
        resource = await one.publish(description(), http_mount(base))
        grant = await one.granted(resource)
        token = await one.access_token("registration", "enterprise")
        (await other.call(token, "enterprise", CALL)).ok()
        await act(one, grant, resource)
        (await other.call(token, "enterprise", CALL)).refused(403, slug)
        (await one.call(token, "enterprise", CALL)).refused(403, slug)
        assert len(seen) == 1
        refusals = await one.audit(grant_id=grant, type="call.refused")
        assert [event["reason"] for event in refusals] == [slug, slug]
        if act is suspend:
            body = {"reason": "已整改"}
            (await one.as_("security-admin", "POST", f"/v1/grants/{grant}/resume", body)).ok()
            (await other.call(token, "enterprise", CALL)).ok()


async def test_a_changed_mount_is_used_by_the_other_gateway_with_the_next_call(database: Any) -> None:
    old, new = (
        saying(http(b'{"data":{"uscc":"%s","name":"%s"}}' % (PROVIDER.encode(), n))) for n in (b"old", b"new")
    )
    async with raw_provider(old) as first, raw_provider(new) as second, two_worlds(database) as (one, other):
        resource = await one.publish(description(), http_mount(first.base))
        await one.granted(resource)
        token = await one.access_token("registration", "enterprise")
        assert (await other.call(token, "enterprise", CALL)).ok()["records"][0]["name"] == "old"
        body = {"mount": http_mount(second.base)}
        (await one.as_("provider", "PUT", f"/v1/resources/{resource}/mount", body)).ok()
        assert (await other.call(token, "enterprise", CALL)).ok()["records"][0]["name"] == "new"
        assert (len(first.heads), len(second.heads)) == (1, 1)
