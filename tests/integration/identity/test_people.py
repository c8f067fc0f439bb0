"""People and their roles: separated powers, no self-service, and every change in force on the next request."""

import asyncio
from itertools import combinations
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from world import CONSUMER, OTHER, PLATFORM, PROVIDER, World, running_gateway

from gateway.errors import Conflict
from gateway.identity.service import NoSuchPerson
from gateway.names import Login
from gateway.settings import Platform

POWERS = ("platform_admin", "security_admin", "auditor")
PAIRS = [*combinations(POWERS, 2), POWERS]


def login() -> str:
    return f"p{uuid4().hex[:12]}"


def new(name: str, *roles: str, **changes: Any) -> dict[str, Any]:
    return {"login": name, "name": "某人", "org": CONSUMER, "roles": list(roles), **changes}


@pytest.mark.parametrize("powers", PAIRS, ids="+".join)
async def test_no_two_of_the_three_powers_are_given_with_a_registration(
    powers: Any, shared_world: World
) -> None:
    name = login()
    answer = await shared_world.as_("security-admin", "POST", "/v1/people", new(name, "requester", *powers))
    answer.refused(409, "powers-not-separated")
    (await shared_world.as_("security-admin", "GET", f"/v1/people/{name}")).refused(404, "no-such-person")


@pytest.mark.parametrize("powers", PAIRS, ids="+".join)
async def test_no_two_of_the_three_powers_are_given_by_a_change(powers: Any, shared_world: World) -> None:
    name = login()
    await shared_world.person(name, CONSUMER, powers[0])
    path = f"/v1/people/{name}"
    answer = await shared_world.as_("security-admin", "PUT", f"{path}/roles", {"roles": list(powers)})
    answer.refused(409, "powers-not-separated")
    assert (await shared_world.as_("security-admin", "GET", path)).ok()["roles"] == [powers[0]]


@pytest.mark.parametrize("pair", list(combinations(POWERS, 2)), ids="+".join)
async def test_the_database_itself_refuses_a_second_power_even_to_its_owner(
    pair: tuple[str, str], shared_world: World, shared_database: Any
) -> None:
    name = login()
    await shared_world.person(name, CONSUMER, pair[0])
    owner = await shared_database.owner()
    try:
        with pytest.raises(asyncpg.UniqueViolationError, match="no_person_holds_two_of_three_powers"):
            await owner.execute(
                "INSERT INTO identity.person_role (login, role) VALUES ($1, $2)", name, pair[1]
            )
        with pytest.raises(asyncpg.CheckViolationError, match="a_role_is_known"):
            await owner.execute("INSERT INTO identity.person_role (login, role) VALUES ($1, 'root')", name)
    finally:
        await owner.close()


async def test_two_changes_at_once_never_leave_two_powers(shared_world: World, shared_database: Any) -> None:
    name = login()
    await shared_world.person(name, CONSUMER)
    path = f"/v1/people/{name}/roles"
    answers = await asyncio.gather(
        *(shared_world.as_("security-admin", "PUT", path, {"roles": [role]}) for role in POWERS * 4)
    )
    assert {answer.status for answer in answers} == {200}
    owner = await shared_database.owner()
    held = await owner.fetchval("SELECT count(*) FROM identity.person_role WHERE login = $1", name)
    await owner.close()
    assert held == 1


async def test_nobody_changes_the_own_roles_or_disables_oneself(shared_world: World) -> None:
    for method, path, body in (
        ("PUT", "/v1/people/security-admin/roles", {"roles": []}),
        ("PUT", "/v1/people/security-admin/roles", {"roles": ["security_admin"]}),
        ("POST", "/v1/people/security-admin/disable", None),
    ):
        (await shared_world.as_("security-admin", method, path, body)).refused(403, "own-roles")
    kept = (await shared_world.as_("security-admin", "GET", "/v1/people/security-admin")).ok()
    assert (kept["roles"], kept["active"]) == (["security_admin"], True)


async def test_a_changed_role_is_in_force_on_the_next_request_of_the_same_token(shared_world: World) -> None:
    name = login()
    await shared_world.person(name, CONSUMER, "requester")
    (await shared_world.as_(name, "GET", "/v1/audit/head")).refused(403, "role-missing")
    path = f"/v1/people/{name}/roles"
    (await shared_world.as_("security-admin", "PUT", path, {"roles": ["auditor"]})).ok()
    (await shared_world.as_(name, "GET", "/v1/audit/head")).ok()
    (await shared_world.as_("security-admin", "PUT", path, {"roles": []})).ok()
    (await shared_world.as_(name, "GET", "/v1/audit/head")).refused(403, "role-missing")


async def test_a_disabled_person_is_out_with_the_next_request_and_gets_no_new_token(
    shared_world: World,
) -> None:
    name = login()
    await shared_world.person(name, CONSUMER, "auditor")
    (await shared_world.as_(name, "GET", "/v1/audit/head")).ok()
    done = await shared_world.as_("security-admin", "POST", f"/v1/people/{name}/disable")
    assert done.ok()["active"] is False
    (await shared_world.as_(name, "GET", "/v1/audit/head")).refused(401, "unauthenticated")
    (await shared_world.as_(name, "GET", "/v1/orgs")).refused(401, "unauthenticated")
    again = await shared_world.as_("security-admin", "POST", f"/v1/people/{name}/disable")
    again.refused(409, "already-disabled")
    with pytest.raises(NoSuchPerson):
        await shared_world.gateway.identity.console_token(Login(name))


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (new("requester"), 409, "login-taken"),
        (new(login(), org=OTHER), 422, "invalid"),
        (new(login(), "requester", "requester"), 422, "invalid"),
        (new(login(), "root"), 422, "invalid"),
        (new("Requester"), 422, "invalid"),
        (new("platform-admin", "platform_admin"), 409, "login-taken"),
    ],
)
async def test_a_registration_that_cannot_be_is_refused(
    body: dict[str, Any], status: int, slug: str, shared_world: World
) -> None:
    (await shared_world.as_("security-admin", "POST", "/v1/people", body)).refused(status, slug)


async def test_people_of_other_departments_are_not_seen_but_by_administrators(shared_world: World) -> None:
    (await shared_world.as_("requester", "GET", "/v1/people/provider")).refused(404, "no-such-person")
    (await shared_world.as_("requester", "GET", "/v1/people/nobody-at-all")).refused(404, "no-such-person")
    seen = (await shared_world.as_("requester", "GET", "/v1/people")).ok()["items"]
    assert {person["org"] for person in seen} == {CONSUMER}
    for admin in ("platform-admin", "security-admin", "auditor"):
        everybody = (await shared_world.as_(admin, "GET", "/v1/people?limit=200")).ok()["items"]
        assert {person["org"] for person in everybody} >= {CONSUMER, PROVIDER, PLATFORM}


async def test_every_act_on_a_person_leaves_a_record_of_who_did_it(world: World) -> None:
    await world.person("newcomer", CONSUMER, "requester")
    (await world.as_("security-admin", "PUT", "/v1/people/newcomer/roles", {"roles": ["provider"]})).ok()
    (await world.as_("security-admin", "POST", "/v1/people/newcomer/disable")).ok()
    found = [event for event in await world.audit() if event.get("object", {}).get("id") == "newcomer"]
    types = [event["type"] for event in found]
    assert types == ["person.registered", "person.roles_changed", "person.disabled"]
    assert {(event["who"]["id"], event["who"]["role"]) for event in found} == {
        ("security-admin", "security_admin")
    }
    assert (found[1]["detail"]["before"], found[1]["detail"]["after"]) == (["requester"], ["provider"])


async def test_bootstrap_sets_an_installation_up_once(world: World) -> None:
    before = (await world.as_("auditor", "GET", "/v1/people?limit=200")).ok()["items"]
    keys = (await world.as_(None, "GET", "/.well-known/jwks.json")).ok()["keys"]
    assert await world.gateway.identity.bootstrap(Platform()) == []
    assert (await world.as_("auditor", "GET", "/v1/people?limit=200")).ok()["items"] == before
    assert (await world.as_(None, "GET", "/.well-known/jwks.json")).ok()["keys"] == keys


async def test_two_set_ups_at_once_make_one_installation(database: Any) -> None:
    async with running_gateway(database) as (one, settings), running_gateway(database) as (other, _):
        done = await asyncio.gather(
            *(at.identity.bootstrap(settings.platform) for at in (one, other)), return_exceptions=True
        )
        made = [logins for logins in done if isinstance(logins, list) and logins]
        assert made == [["platform-admin", "security-admin", "auditor"]]
        assert all(isinstance(one, list | Conflict) for one in done)
