"""Dry runs: they tell what a real call would have answered, to whom it concerns; what is permitted is what succeeds."""

import json
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from providers import RawProvider, http, raw_provider, saying
from services import GOOD, Service, granted_service
from world import CONSUMER, OTHER, PROVIDER, World, another, http_mount, suspending

from gateway.authz import DENIALS

ELSEWHERE = "91330106673959654P"
CALL = {"parameters": {"uscc": PROVIDER}}
WHOLE = {"uscc": PROVIDER, "name": "示例企业", "legal_person": "张三", "capital": "1000000.00"}


@pytest.fixture
async def service(shared_world: World) -> Any:
    async with raw_provider(GOOD) as provider:
        yield await granted_service(shared_world, provider, parameters={"uscc": {"prefix": "11621"}})


async def check(service: Service, login: str = "requester", **changes: Any) -> Any:
    body = {
        "grant_id": service.grant,
        "client": "registration",
        "service": service.name,
        "purpose": "real-estate-registration",
        **CALL,
        **changes,
    }
    return (await service.world.as_(login, "POST", "/v1/check", body)).ok()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"parameters": {"uscc": ELSEWHERE}}, "parameter-outside-grant"),
    ({"parameters": {}}, "parameter-wrong"),
    ({"fields": ["capital"]}, "field-outside-grant"),
]


@pytest.mark.parametrize(("changes", "reason"), WRONG)
async def test_a_dry_run_answers_as_the_call_would_and_leaves_no_trace(
    changes: dict[str, Any], reason: str, service: Service
) -> None:
    found = await check(service, **changes)
    real = await service.call(**changes)
    problem = real.body
    assert found["allowed"] is False
    assert found["denial"]["reason"] == reason == problem["type"].rpartition("/")[2]
    for word in ("title", "detail", "detail_zh", "remedy", "remedy_zh"):
        assert found["denial"][word] == problem[word]
    assert found["denial"].get("errors") == problem.get("errors")
    broken = [step for step in found["steps"] if not step["kept"]]
    assert broken[0]["reason"] == reason
    assert service.provider.connections == 0


async def test_an_allowed_dry_run_names_the_fields_and_takes_nothing(service: Service) -> None:
    for _ in range(3):
        found = await check(service)
        assert (found["allowed"], found["fields"]) == (True, ["uscc", "name"])
        assert all(step["kept"] for step in found["steps"])
    answer = await service.call()
    assert list(answer.ok()["records"][0]) == found["fields"]
    assert answer.headers["Quota-Remaining"] == "99"


async def test_without_a_named_grant_the_nearest_is_explained(service: Service) -> None:
    assert (await check(service, grant_id=None, fields=["name"]))["grant_id"] == service.grant
    second = await service.world.granted(service.resource, fields=["capital"])
    assert (await check(service, grant_id=None, fields=["capital"]))["grant_id"] == second
    assert (await check(service, grant_id=None, fields=["name"]))["grant_id"] == service.grant


@pytest.mark.parametrize("login", ["requester", "provider", "platform-admin", "security-admin", "auditor"])
async def test_the_parties_and_the_watch_are_told_exactly(login: str, service: Service) -> None:
    found = await check(service, login, parameters={"uscc": ELSEWHERE})
    assert (found["coarse"], found["denial"]["reason"]) == ("outside_grant", "parameter-outside-grant")


async def test_whoever_is_no_party_cannot_tell_a_grant_from_none(service: Service) -> None:
    world = service.world
    await world.org(OTHER, "民政局")
    await world.person("outsider", OTHER, "requester")
    hidden = await check(service, "outsider")
    assert hidden == await check(service, "outsider", grant_id=str(uuid4()))
    assert hidden == await check(service, "outsider", client="no-such-system")
    assert hidden["coarse"] == "not_granted"
    assert "grant_id" not in hidden


async def test_hours_cases_operators_rates_and_records_are_enforced_on_real_calls(
    shared_world: World,
) -> None:
    world = shared_world
    async with raw_provider(GOOD) as provider:
        what = another()
        resource = await world.publish(what, http_mount(provider.base))
        for rules, body, slug in (
            ({"case_required": True}, {"operator": "李某"}, "case-missing"),
            ({"operator_required": True}, {"case": "C-1"}, "operator-missing"),
        ):
            grant = await world.granted(resource, {"rules": rules})
            token = await world.access_token("registration", what["service"], grant_id=grant)
            refused = await world.call(token, what["service"], {**CALL, **body})
            refused.refused(403, slug)
            (await world.call(token, what["service"], {**CALL, "case": "C-1", "operator": "李某"})).ok()


async def test_more_calls_in_a_minute_than_granted_are_refused(shared_world: World) -> None:
    world = shared_world
    async with raw_provider(GOOD) as provider:
        what = another()
        resource = await world.publish(what, http_mount(provider.base))
        grant = await world.granted(resource, {"rules": {"per_minute": 3}})
        token = await world.access_token("registration", what["service"], grant_id=grant)
        answers = [await world.call(token, what["service"], CALL) for _ in range(8)]
        refused = [answer for answer in answers if answer.status != 200]
        assert refused, "eight calls passed in at most two minutes of three"
        for answer in refused:
            answer.refused(429, "rate-exceeded")
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert len(provider.heads) == 8 - len(refused) <= 6


async def test_an_answer_with_more_records_than_granted_is_refused_whole(shared_world: World) -> None:
    world, record = shared_world, {"uscc": PROVIDER, "name": "示例企业"}
    for found, status in ((2, 200), (3, 403)):
        said = saying(http(json.dumps({"data": [record] * found}).encode()))
        async with raw_provider(said) as provider:
            what = another()
            resource = await world.publish(what, http_mount(provider.base))
            grant = await world.granted(resource, {"rules": {"records_max": 2}})
            token = await world.access_token("registration", what["service"], grant_id=grant)
            answer = await world.call(token, what["service"], CALL)
            assert answer.status == status
            if status == 403:
                answer.refused(403, "records-outside-grant")
                ending = (await world.audit(grant_id=grant))[-1]
                assert (ending["type"], ending["reason"]) == ("call.failed", "records-outside-grant")


Act = Callable[[World, Service], Awaitable[object]]


async def suspend(world: World, service: Service) -> object:
    return await world.as_("provider", "POST", f"/v1/grants/{service.grant}/suspend", suspending())


async def resume(world: World, service: Service) -> object:
    return await world.as_("provider", "POST", f"/v1/grants/{service.grant}/resume", {"reason": "已整改"})


async def revoke(world: World, service: Service) -> object:
    return await world.as_("security-admin", "POST", f"/v1/grants/{service.grant}/revoke", {"reason": "停用"})


async def use_up(world: World, service: Service) -> object:
    return [await service.call() for _ in range(4)]


ACTS: list[Act] = [suspend, suspend, resume, resume, resume, revoke, use_up]
CALLS: list[dict[str, Any]] = [
    {"parameters": {"uscc": uscc}, **({"fields": fields} if fields else {})}
    for uscc in (PROVIDER, CONSUMER, ELSEWHERE)
    for fields in (None, ["name"], ["capital"])
]


def within(permission: dict[str, Any], body: dict[str, Any]) -> bool:
    """Whether a listed permission covers a call, read from what the list says and nothing else."""
    bound = permission["parameters"].get("uscc")
    value = body["parameters"]["uscc"]
    fits = bound is None or value in bound.get("values", ()) or value.startswith(bound.get("prefix", "\0"))
    return fits and set(body.get("fields", ())) <= set(permission["fields"])


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_is_permitted_is_exactly_what_succeeds(seed: int, world: World) -> None:
    chance = random.Random(seed)
    async with raw_provider(saying(http(json.dumps({"data": [WHOLE]}).encode()))) as provider:
        services = [await a_service(world, provider, number) for number in range(4)]
        for _ in range(4):
            for _ in range(2):
                await chance.choice(ACTS)(world, chance.choice(services))
            await compare(world, services, chance)


async def a_service(world: World, provider: RawProvider, number: int) -> Service:
    bounds: list[dict[str, Any]] = [{}, {"uscc": {"prefix": "11621"}}, {"uscc": {"values": [ELSEWHERE]}}, {}]
    fields = [["uscc", "name"], ["name", "capital"], ["name"], ["uscc", "name", "capital"]]
    quota = [3, 40, 40, 40][number]
    return await granted_service(
        world, provider, parameters=bounds[number], fields=fields[number], daily_quota=quota
    )


async def compare(world: World, services: list[Service], chance: random.Random) -> None:
    items = (await world.as_("requester", "GET", "/v1/permissions?limit=200")).ok()["items"]
    permitted = {item["service"]: item for item in items}
    for service in services:
        body = chance.choice(CALLS)
        listed = service.name in permitted and within(permitted[service.name], body)
        tried = await check(service, **body)
        answer = await service.call(**body)
        assert (answer.status == 200) is listed is tried["allowed"], (service.name, body, answer.body)
        if not listed:
            slug = answer.body["type"].rpartition("/")[2]
            assert slug == tried["denial"]["reason"]
            assert slug in {kind.slug() for kind in DENIALS}


async def test_a_disabled_system_and_a_withdrawn_resource_are_not_permitted(world: World) -> None:
    async with raw_provider(GOOD) as provider:
        service = await granted_service(world, provider)
        assert [one["grant_id"] for one in await permissions(world)] == [service.grant]
        await world.consulted(service.grant)
        (
            await world.as_(
                "provider",
                "POST",
                f"/v1/resources/{service.resource}/withdraw",
                {"reason": "x", "ground": "security"},
            )
        ).ok()
        assert await permissions(world) == []
        assert (await check(service))["denial"]["reason"] == "resource-withdrawn"
        other = await granted_service(world, provider)
        assert [one["grant_id"] for one in await permissions(world)] == [other.grant]
        (await world.as_("security-admin", "POST", "/v1/clients/registration/disable")).ok()
        assert await permissions(world) == []
        assert (await check(other))["denial"]["reason"] == "client-disabled"


async def permissions(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await world.as_("requester", "GET", "/v1/permissions")).ok()["items"]
    return found


async def test_permissions_come_in_pages_and_by_service(world: World) -> None:
    async with raw_provider(GOOD) as provider:
        made = [await granted_service(world, provider) for _ in range(3)]
        first = (await world.as_("requester", "GET", "/v1/permissions?limit=2")).ok()
        rest = (
            await world.as_("requester", "GET", f"/v1/permissions?limit=2&cursor={first['next_cursor']}")
        ).ok()
        listed = [item["grant_id"] for item in (*first["items"], *rest["items"])]
        assert listed == [one.grant for one in reversed(made)]
        named = f"/v1/permissions?service={made[0].name}&client=registration"
        assert [one["grant_id"] for one in (await world.as_("requester", "GET", named)).ok()["items"]] == [
            made[0].grant
        ]
        assert (await world.as_("provider", "GET", "/v1/permissions")).ok()["items"] == []
