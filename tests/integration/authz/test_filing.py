"""Filing an application: what is refused before anything is stored, and sending one twice."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from applying import MOUNT, WHY, published
from makes import BASIS, CONTROLLED
from world import CONSUMER, PLATFORM, PROVIDER, World, another, form, running_world


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"fields": ["secret"]}, "/fields/0"),
        ({"client": "no-such-client"}, "/client"),
        ({"client": "foreign"}, "/client"),
        ({"client": "retired"}, "/client"),
        ({"mode": "file"}, "/mode"),
        ({"daily_quota": 100001}, "/daily_quota"),
        ({"valid_from": "2020-01-01", "valid_until": "2020-12-31"}, "/valid_until"),
        ({"parameters": {"uscc": {"values": ["1"]}}}, "/parameters/uscc/values/0"),
    ],
)
async def test_a_form_that_does_not_fit_is_refused_and_nothing_is_stored(
    changes: dict[str, Any], pointer: str, shared_world: World
) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    if "client" in changes and changes["client"] not in world.keys:
        await world.client(changes["client"], CONSUMER if changes["client"] == "retired" else PLATFORM)
        if changes["client"] == "retired":
            (await world.as_("security-admin", "POST", "/v1/clients/retired/disable")).ok()
    if changes.get("client") == "no-such-client":
        changes = {"client": "never-registered"}
    problem = (await world.file(resource, **changes)).refused(422, "invalid")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    items = (await world.as_("requester", "GET", "/v1/applications?limit=200")).ok()["items"]
    assert resource not in {item["resource_id"] for item in items}


@pytest.mark.parametrize("state", ["draft", "withdrawn", "missing"])
async def test_only_what_is_published_can_be_applied_for(state: str, shared_world: World) -> None:
    world = shared_world
    if state == "draft":
        resource = (await world.as_("provider", "POST", "/v1/resources", another())).ok()["id"]
    elif state == "withdrawn":
        resource = await published(world, CONTROLLED)
        (await world.as_("provider", "POST", f"/v1/resources/{resource}/withdraw", WHY)).ok()
    else:
        resource = str(uuid4())
    answer = await world.file(resource)
    answer.refused(*((409, "resource-not-in-state") if state == "withdrawn" else (404, "no-such-resource")))


async def test_nobody_applies_for_the_own_department_s_data(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    await world.person("insider", PROVIDER, "requester")
    await world.client("own-system", PROVIDER)
    answer = await world.as_("insider", "POST", "/v1/applications", form(resource, client="own-system"))
    assert answer.refused(422, "invalid")["errors"][0]["pointer"] == "/resource_id"


async def test_asking_again_for_what_is_not_shared_gets_the_same_answer(shared_world: World) -> None:
    what = another(sharing_class="not_shared", not_shared_basis=BASIS, parameters=[])
    body = form(await shared_world.publish(what, None))
    key = {"Idempotency-Key": str(uuid4())}
    for _ in range(2):
        answer = await shared_world.as_("requester", "POST", "/v1/applications", body, headers=key)
        answer.refused(403, "not-shared")


async def test_an_application_sent_twice_with_one_key_is_filed_once(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    key = {"Idempotency-Key": str(uuid4())}
    first = (await world.as_("requester", "POST", "/v1/applications", form(resource), headers=key)).ok()
    await world.accept(first["id"])
    again = (await world.as_("requester", "POST", "/v1/applications", form(resource), headers=key)).ok()
    assert (again["id"], again["state"]) == (first["id"], "accepted")
    other = await world.as_(
        "requester", "POST", "/v1/applications", form(resource, daily_quota=1), headers=key
    )
    other.refused(409, "idempotency-key-reused")
    events = await world.audit(application_id=first["id"])
    assert [event["type"] for event in events] == ["application.filed", "application.accepted"]


async def test_a_key_of_a_refused_application_can_be_used_for_the_corrected_one(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    key = {"Idempotency-Key": str(uuid4())}
    wrong = await world.as_("requester", "POST", "/v1/applications", form(resource, mode="file"), headers=key)
    wrong.refused(422, "invalid")
    (await world.as_("requester", "POST", "/v1/applications", form(resource), headers=key)).ok()


async def test_one_key_sent_many_times_at_once_files_once(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    key, body = {"Idempotency-Key": str(uuid4())}, form(resource)
    answers = await asyncio.gather(
        *(world.as_("requester", "POST", "/v1/applications", body, headers=key) for _ in range(8))
    )
    assert len({answer.ok()["id"] for answer in answers}) == 1


async def test_more_filings_at_once_than_connections_do_not_wait_for_each_other(database: Any) -> None:
    async with running_world(database, storage={"pool_max": 2, "connect_seconds": 30}) as world:
        resource = await published(world, CONTROLLED)
        async with asyncio.timeout(60):
            answers = await asyncio.gather(*(world.file(resource) for _ in range(12)))
        assert len({answer.ok()["id"] for answer in answers}) == 12


async def test_filings_wait_for_their_turn_and_pages_show_each_once(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    filed = [(await world.file(resource)).ok()["id"] for _ in range(5)]
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await world.as_("requester", "GET", f"/v1/applications?limit=2{cursor}")).ok()
        found += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}" if "next_cursor" in page else None
    assert found == sorted(set(found), reverse=True)
    assert found[:5] == filed[::-1]


async def test_an_item_that_is_not_shared_is_refused_with_its_own_basis(shared_world: World) -> None:
    world, what = shared_world, another()
    what["items"][2] = {**what["items"][2], "sharing_class": "not_shared", "not_shared_basis": BASIS}
    resource = await world.publish(what, MOUNT)
    shown = (await world.as_("requester", "GET", f"/v1/resources/{resource}")).ok()
    assert shown["items_by_class"] == {
        "unconditional": ["uscc", "name", "capital"],
        "not_shared": ["legal_person"],
    }
    problem = (await world.file(resource, fields=["uscc", "legal_person"])).refused(422, "invalid")
    [fault] = problem["errors"]
    assert fault["pointer"] == "/fields/1"
    assert BASIS["citation"] in fault["detail"]
    assert fault["detail_zh"].startswith("“法定代表人”不予共享")
    (await world.file(resource, fields=["uscc", "name"])).ok()
