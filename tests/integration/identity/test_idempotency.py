"""Idempotency-Key: the same request twice makes one thing; another under the same key is refused.

The rows are counted here; that every route which creates keeps to it, is tried in tests/integration/api.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from world import CONSUMER, OTHER, Answer, World, another, form, new_key, public_jwk

from gateway.app import ALL_ROUTES
from gateway.web import Route

Make = Callable[[World, int], Any]


def client(world: World, n: int) -> Any:
    return {"id": f"once-{n}", "name": "系统", "org": CONSUMER, "keys": [public_jwk(new_key())]}


async def filed(world: World, n: int) -> Any:
    """An application for a direct resource of its own."""
    described = another(parameters=[], mode="file", format="spreadsheet")
    mount = {"kind": "file", "url": "http://127.0.0.1:9/data.csv"}
    resource = await world.publish(described, mount)
    return form(resource, mode="file")


CASES: dict[str, tuple[str, str, Make, str]] = {
    "register_org": ("platform-admin", "/v1/orgs", lambda _, n: {"code": OTHER, "name": f"部门{n}", "region": "621000"}, "code"),
    "register_person": (
        "security-admin", "/v1/people",
        lambda _, n: {"login": f"once-{n}", "name": "某人", "org": CONSUMER, "roles": []}, "login",
    ),
    "register_client": ("security-admin", "/v1/clients", client, "id"),
    "add_client_key": ("security-admin", "/v1/clients/registration/keys", lambda _, n: {"jwk": public_jwk(new_key())}, "id"),
    "draft_resource": ("provider", "/v1/resources", lambda _, n: another(), "id"),
    "file_application": ("requester", "/v1/applications", filed, "id"),
}  # fmt: skip

TABLES = "SELECT (SELECT count(*) FROM identity.org), (SELECT count(*) FROM identity.person), \
(SELECT count(*) FROM identity.client), (SELECT count(*) FROM identity.client_key), \
(SELECT count(*) FROM catalog.resource), (SELECT count(*) FROM authz.application)"


CREATING = [route for route in ALL_ROUTES if route.operation_id in CASES]


@pytest.fixture(params=CREATING, ids=lambda route: route.operation_id)
def route(request: pytest.FixtureRequest) -> Route:
    return request.param  # type: ignore[no-any-return]


async def body_for(route: Route, world: World, n: int) -> Any:
    made = CASES[route.operation_id][2](world, n)
    return await made if asyncio.iscoroutine(made) else made


async def post(world: World, route: Route, body: Any, key: str) -> Answer:
    login, path, _, _ = CASES[route.operation_id]
    return await world.as_(login, "POST", path, body, headers={"Idempotency-Key": key})


async def rows(database: Any) -> list[int]:
    owner = await database.owner()
    found = list(await owner.fetchrow(TABLES))
    await owner.close()
    return found


async def test_the_same_request_again_answers_alike_and_makes_nothing(
    route: Route, world: World, database: Any
) -> None:
    body = await body_for(route, world, 1)
    before = await rows(database)
    first = (await post(world, route, body, "k1")).ok()
    made = await rows(database)
    assert sum(made) == sum(before) + (2 if route.operation_id == "register_client" else 1)
    again = (await post(world, route, body, "k1")).ok()
    name = CASES[route.operation_id][3]
    assert again[name] == first[name]
    assert await rows(database) == made


async def test_another_body_under_the_same_key_is_refused(route: Route, world: World, database: Any) -> None:
    first, second = await body_for(route, world, 1), await body_for(route, world, 2)
    (await post(world, route, first, "k1")).ok()
    made = await rows(database)
    (await post(world, route, second, "k1")).refused(409, "idempotency-key-reused")
    assert await rows(database) == made
    if route.operation_id != "register_org":
        (await post(world, route, second, "k2")).ok()


async def test_ten_at_once_make_one_thing(route: Route, world: World, database: Any) -> None:
    body = await body_for(route, world, 1)
    before = await rows(database)
    answers = await asyncio.gather(*(post(world, route, body, "k1") for _ in range(10)))
    assert {answer.status for answer in answers} == {route.status}
    name = CASES[route.operation_id][3]
    assert len({answer.body[name] for answer in answers}) == 1
    assert sum(await rows(database)) == sum(before) + (2 if route.operation_id == "register_client" else 1)


async def test_a_key_belongs_to_its_caller_and_its_address(world: World) -> None:
    await world.person("second", CONSUMER, "security_admin")
    person = {"login": "once-a", "name": "某人", "org": CONSUMER, "roles": []}
    system = {"id": "once-b", "name": "系统", "org": CONSUMER, "keys": [public_jwk(new_key())]}
    headers = {"Idempotency-Key": "same"}
    (await world.as_("security-admin", "POST", "/v1/people", person, headers=headers)).ok()
    (await world.as_("security-admin", "POST", "/v1/clients", system, headers=headers)).ok()
    other = await world.as_("second", "POST", "/v1/people", person, headers=headers)
    other.refused(409, "login-taken")


async def test_a_request_that_failed_leaves_its_key_free(world: World) -> None:
    headers = {"Idempotency-Key": "once"}
    wrong = {"login": "once-a", "name": "某人", "org": OTHER, "roles": []}
    (await world.as_("security-admin", "POST", "/v1/people", wrong, headers=headers)).refused(422, "invalid")
    (
        await world.as_("security-admin", "POST", "/v1/people", {**wrong, "org": CONSUMER}, headers=headers)
    ).ok()


@pytest.mark.parametrize(
    ("key", "good"), [("a", True), ("!" * 64, True), ("a" * 65, False), ("a b", False), ("", False)]
)
async def test_a_key_is_1_to_64_visible_signs(key: str, good: bool, shared_world: World) -> None:
    body = {"login": f"k{len(key)}-{good}".lower(), "name": "某人", "org": CONSUMER, "roles": []}
    answer = await shared_world.as_(
        "security-admin", "POST", "/v1/people", body, headers={"Idempotency-Key": key}
    )
    if good:
        answer.ok()
    else:
        answer.refused(400, "malformed")
