"""mission row 5, 管控参数: a call outside its grant is refused with the reason; revoking works on the next call."""

from world import PROVIDER, World, description, http_mount, provider_service


async def test_a_granted_call_returns_only_granted_fields(world: World) -> None:
    async with provider_service() as (base, seen):
        resource = await world.publish(description(), http_mount(base))
        await world.granted(resource)
        token = await world.access_token("registration", "enterprise")
        answer = await world.call(token, "enterprise", {"parameters": {"uscc": PROVIDER}})
        assert answer.ok()["records"] == [{"uscc": PROVIDER, "name": "示例企业"}]
        assert len(seen) == 1
        types = [event["type"] for event in await world.audit(grant_id=(await the_grant(world))["id"])]
        assert types == ["grant.issued", "token.issued", "call.intended", "call.released"]


async def the_grant(world: World) -> dict:
    return (await world.as_("requester", "GET", "/v1/grants")).ok()["items"][0]


async def test_calls_outside_the_grant_are_refused_and_the_provider_is_not_asked(world: World) -> None:
    async with provider_service() as (base, seen):
        resource = await world.publish(description(), http_mount(base))
        grant = await world.granted(resource, parameters={"uscc": {"prefix": "11621"}}, daily_quota=2)
        token = await world.access_token("registration", "enterprise")
        other = {"parameters": {"uscc": "91330106673959654P"}}
        (await world.call(token, "enterprise", other)).refused(403, "parameter-outside-grant")
        wide = {"parameters": {"uscc": PROVIDER}, "fields": ["uscc", "legal_person"]}
        (await world.call(token, "enterprise", wide)).refused(403, "field-outside-grant")
        (await world.call(token, "enterprise", {})).refused(422, "parameter-wrong")
        assert seen == []
        good = {"parameters": {"uscc": PROVIDER}}
        for _ in range(2):
            (await world.call(token, "enterprise", good)).ok()
        (await world.call(token, "enterprise", good)).refused(429, "quota-used-up")
        path = f"/v1/grants/{grant}/revoke"
        (await world.as_("platform-admin", "POST", path, {"reason": "超出用途使用"})).ok()
        (await world.call(token, "enterprise", good)).refused(403, "grant-revoked")
        assert len(seen) == 2
