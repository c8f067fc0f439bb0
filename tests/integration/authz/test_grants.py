"""Suspending, resuming and revoking a grant: by whom, from which state, with which trace."""

from typing import Any

import pytest
from applying import accepted, published
from makes import CONTROLLED
from world import CONSUMER, World

WHY = {"reason": "超出授权用途"}


async def granted(world: World) -> str:
    application = await accepted(world, await published(world, CONTROLLED))
    return str((await world.approve(application))["grant_id"])


async def move(world: World, grant: str, act: str, login: str = "provider", body: Any = WHY) -> Any:
    return await world.as_(login, "POST", f"/v1/grants/{grant}/{act}", body)


@pytest.mark.parametrize("login", ["provider", "security-admin"])
async def test_a_grant_is_suspended_resumed_and_revoked(login: str, shared_world: World) -> None:
    grant = await granted(shared_world)
    suspended = (await move(shared_world, grant, "suspend", login)).ok()
    assert (suspended["state"], suspended["because"], suspended["version"]) == ("suspended", WHY["reason"], 2)
    assert (await move(shared_world, grant, "resume", login)).ok()["state"] == "active"
    assert (await move(shared_world, grant, "revoke", login)).ok()["state"] == "revoked"
    events = (await shared_world.audit(grant_id=grant))[-3:]
    assert [event["type"] for event in events] == ["grant.suspended", "grant.resumed", "grant.revoked"]
    assert [event["object"]["version"] for event in events] == ["2", "3", "4"]
    assert {event["who"]["role"] for event in events} == {login.replace("-", "_")}
    assert {event["detail"]["because"] for event in events} == {WHY["reason"]}


@pytest.fixture(scope="module")
async def others(shared_world: World) -> list[str]:
    """A provider approver of the consuming department: a party to the grant, but not its provider."""
    await shared_world.person("consuming-provider", CONSUMER, "provider")
    return ["consuming-provider"]


@pytest.mark.parametrize(
    ("login", "slug"),
    [
        ("requester", "role-missing"),
        ("platform-admin", "role-missing"),
        ("auditor", "role-missing"),
        ("consuming-provider", "not-your-grant"),
    ],
)
@pytest.mark.parametrize("act", ["suspend", "resume", "revoke"])
@pytest.mark.usefixtures("others")
async def test_nobody_else_moves_a_grant(login: str, slug: str, act: str, shared_world: World) -> None:
    grant = await granted(shared_world)
    (await move(shared_world, grant, act, login)).refused(403, slug)
    assert (await shared_world.as_("requester", "GET", f"/v1/grants/{grant}")).ok()["version"] == 1


async def test_another_department_s_provider_does_not_find_it(shared_world: World) -> None:
    world = shared_world
    await world.org("91350100M000100Y43", "其他单位")
    await world.person("outsider", "91350100M000100Y43", "provider")
    (await move(world, await granted(world), "suspend", "outsider")).refused(404, "no-such-grant")


@pytest.mark.parametrize(
    ("before", "refused"),
    [
        ([], ["resume"]),
        (["suspend"], ["suspend"]),
        (["revoke"], ["suspend", "resume", "revoke"]),
        (["suspend", "revoke"], ["suspend", "resume", "revoke"]),
    ],
)
async def test_a_step_out_of_turn_is_refused(
    before: list[str], refused: list[str], shared_world: World
) -> None:
    grant = await granted(shared_world)
    for act in before:
        (await move(shared_world, grant, act)).ok()
    for act in refused:
        (await move(shared_world, grant, act)).refused(409, "grant-not-in-state")
    assert (await shared_world.as_("provider", "GET", f"/v1/grants/{grant}")).ok()["version"] == 1 + len(
        before
    )


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "\n"}, {"reason": "x" * 4001}, {"why": "x"}])
async def test_a_reason_is_needed(body: dict[str, str], shared_world: World) -> None:
    (await move(shared_world, await granted(shared_world), "revoke", body=body)).refused(422, "invalid")


async def test_a_grant_says_what_to_name_for_its_token_and_lists_by_state(shared_world: World) -> None:
    world, grant = shared_world, await granted(shared_world)
    shown = (await world.as_("requester", "GET", f"/v1/grants/{grant}")).ok()
    assert shown["token_resource"] == f"{world.gateway.issuer}/services/{shown['service']}"
    (await move(world, grant, "suspend")).ok()
    for state, found in (("suspended", True), ("active", False), ("revoked", False)):
        items = (await world.as_("requester", "GET", f"/v1/grants?state={state}&limit=200")).ok()["items"]
        assert (grant in {item["id"] for item in items}) is found
