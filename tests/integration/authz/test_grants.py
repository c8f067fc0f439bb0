"""Suspending, answering, resuming, terminating and ending a grant: by whom, on what ground, with which trace."""

from datetime import timedelta
from typing import Any

import pytest
from applying import accepted, published
from handclock import HandClock
from makes import CONTROLLED
from world import CONSUMER, World, running_world, suspending

WHY = {"reason": "超出授权用途"}
BREACH = {"ground": "breach", "reason": "拒不整改"}
ENDING = {"because": "purpose_met", "reason": "业务办结"}
BODIES = {"suspend": suspending(), "end": ENDING, "answer": {"answer": "已停止并报告"}}


async def granted(world: World) -> str:
    application = await accepted(world, await published(world, CONTROLLED))
    return str((await world.approve(application))["grant_id"])


async def move(world: World, grant: str, act: str, login: str = "provider", body: Any = None) -> Any:
    return await world.as_(login, "POST", f"/v1/grants/{grant}/{act}", body or BODIES.get(act, WHY))


async def state_of(world: World, grant: str) -> tuple[str, str | None]:
    shown = (await world.as_("provider", "GET", f"/v1/grants/{grant}")).ok()
    return shown["state"], shown.get("held_by")


@pytest.mark.parametrize("login", ["provider", "platform-admin", "security-admin"])
async def test_a_grant_is_suspended_with_evidence_and_resumed_by_the_same_side(
    login: str, shared_world: World
) -> None:
    grant = await granted(shared_world)
    suspended = (await move(shared_world, grant, "suspend", login)).ok()
    assert (suspended["state"], suspended["because"], suspended["version"]) == ("suspended", WHY["reason"], 2)
    assert suspended["held_by"] == ("provider" if login == "provider" else "authority")
    assert (await move(shared_world, grant, "resume", login)).ok()["state"] == "active"
    events = (await shared_world.audit(grant_id=grant))[-2:]
    assert [event["type"] for event in events] == ["grant.suspended", "grant.resumed"]
    assert [event["object"]["version"] for event in events] == ["2", "3"]
    assert {event["who"]["role"] for event in events} == {login.replace("-", "_")}
    assert events[0]["detail"]["evidence"]["text"] == suspending()["evidence"]["text"]
    found = (await shared_world.as_("requester", "GET", f"/v1/grants/{grant}/suspensions")).ok()["items"]
    assert [(one["ground"], one["lifted_by"]) for one in found] == [("beyond_purpose", login)]


@pytest.mark.parametrize("without", ["ground", "evidence", "reason"])
async def test_nobody_suspends_without_saying_what_for_and_what_shows_it(
    without: str, shared_world: World
) -> None:
    grant = await granted(shared_world)
    body = {name: value for name, value in suspending().items() if name != without}
    (await move(shared_world, grant, "suspend", body=body)).refused(422, "invalid")
    assert await state_of(shared_world, grant) == ("active", None)


async def test_what_the_authority_suspended_the_provider_cannot_resume(shared_world: World) -> None:
    world, grant = shared_world, await granted(shared_world)
    (await move(world, grant, "suspend", "platform-admin")).ok()
    (await move(world, grant, "resume")).refused(403, "not-yours-to-lift")
    (await move(world, grant, "resume", "security-admin")).ok()
    (await move(world, grant, "suspend")).ok()
    (await move(world, grant, "resume", "security-admin")).refused(403, "not-yours-to-lift")
    assert await state_of(world, grant) == ("suspended", "provider")


@pytest.mark.parametrize("first", ["provider", "security-admin"])
async def test_of_two_suspensions_both_must_be_lifted(first: str, shared_world: World) -> None:
    world, grant = shared_world, await granted(shared_world)
    second = "security-admin" if first == "provider" else "provider"
    for login in (first, second):
        (await move(world, grant, "suspend", login)).ok()
    assert await state_of(world, grant) == ("suspended", "authority")
    (await move(world, grant, "suspend", first)).refused(409, "grant-not-in-state")
    (await move(world, grant, "resume", second)).ok()
    assert (await state_of(world, grant))[0] == "suspended"
    assert (await world.audit(grant_id=grant))[-1]["type"] == "grant.suspension_lifted"
    (await move(world, grant, "resume", first)).ok()
    assert await state_of(world, grant) == ("active", None)


@pytest.fixture(scope="module")
async def others(shared_world: World) -> list[str]:
    """A provider approver of the consuming department: a party to the grant, but not its provider."""
    await shared_world.person("consuming-provider", CONSUMER, "provider")
    return ["consuming-provider"]


@pytest.mark.parametrize(
    ("login", "slug"),
    [("requester", "role-missing"), ("auditor", "role-missing"), ("consuming-provider", "not-your-grant")],
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
        (["end"], ["suspend", "resume", "revoke"]),
    ],
)
async def test_a_step_out_of_turn_is_refused(
    before: list[str], refused: list[str], shared_world: World
) -> None:
    grant = await granted(shared_world)
    for act in before:
        login = "requester" if act == "end" else "security-admin"
        (await move(shared_world, grant, act, login)).ok()
    for act in refused:
        (await move(shared_world, grant, act, "security-admin")).refused(409, "grant-not-in-state")
    shown = (await shared_world.as_("provider", "GET", f"/v1/grants/{grant}")).ok()
    assert shown["version"] == 1 + len(before)
    if "revoke" in before or "end" in before:
        (await move(shared_world, grant, "end", "requester")).refused(409, "grant-not-in-state")


@pytest.mark.parametrize(
    "body", [{"ground": "decision"}, {"reason": ""}, {"reason": "\n"}, {"reason": "x" * 4001}]
)
async def test_a_reason_is_needed(body: dict[str, str], shared_world: World) -> None:
    grant = await granted(shared_world)
    (await move(shared_world, grant, "revoke", "security-admin", body)).refused(422, "invalid")


async def test_a_grant_says_what_to_name_for_its_token_and_lists_by_state(shared_world: World) -> None:
    world, grant = shared_world, await granted(shared_world)
    shown = (await world.as_("requester", "GET", f"/v1/grants/{grant}")).ok()
    assert shown["token_resource"] == f"{world.gateway.issuer}/services/{shown['service']}"
    (await move(world, grant, "suspend")).ok()
    for state, found in (("suspended", True), ("active", False), ("revoked", False), ("ended", False)):
        items = (await world.as_("requester", "GET", f"/v1/grants?state={state}&limit=200")).ok()["items"]
        assert (grant in {item["id"] for item in items}) is found


async def test_for_a_breach_nobody_terminates_before_the_order_to_rectify_ran_out(database: Any) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        resource = await published(world, CONTROLLED)
        grant = await world.granted(resource, **clock.dates())
        (await move(world, grant, "revoke", body=BREACH)).refused(409, "rectification-open")
        (await move(world, grant, "suspend")).ok()
        (await move(world, grant, "revoke", body=BREACH)).refused(409, "rectification-open")
        (await move(world, grant, "resume")).ok()
        (await move(world, grant, "suspend", body=suspending("2026-11-22"))).refused(422, "invalid")
        (await move(world, grant, "suspend", body=suspending("2026-11-27"))).ok()
        (await move(world, grant, "revoke", body=BREACH)).refused(409, "rectification-open")
        clock.set("2026-11-27T23:59", world)
        (await move(world, grant, "revoke", body=BREACH)).refused(409, "rectification-open")
        clock.set("2026-11-28T00:00", world)
        assert (await move(world, grant, "revoke", body=BREACH)).ok()["state"] == "revoked"


async def test_an_order_answered_too_little_can_end_in_termination(shared_world: World) -> None:
    world, grant = shared_world, await granted(shared_world)
    (await move(world, grant, "answer", "requester")).refused(404, "nothing-to-answer")
    (await move(world, grant, "suspend", body=suspending("2099-01-01"))).ok()
    (await move(world, grant, "revoke", body=BREACH)).refused(409, "rectification-open")
    (await move(world, grant, "answer", "requester")).ok()
    (await move(world, grant, "answer", "requester")).refused(404, "nothing-to-answer")
    (await move(world, grant, "revoke", body=BREACH)).ok()
    events = [event for event in await world.audit(grant_id=grant) if event["type"].startswith("grant.")]
    types = [event["type"] for event in events]
    assert types == ["grant.issued", "grant.suspended", "grant.suspension_answered", "grant.revoked"]
    named = {(event["resource"], event["grade"]) for event in events}
    assert len(named) == 1, "all acts on a grant name its resource by the same words"


async def test_the_provider_ends_no_service_it_did_not_consult_on_and_file(shared_world: World) -> None:
    world, grant = shared_world, await granted(shared_world)
    refused = (await move(world, grant, "revoke")).refused(409, "service-change-not-filed")
    assert refused["grants"] == [grant]
    (await move(world, grant, "revoke", body={"ground": "decision", "reason": "x"})).refused(
        403, "not-your-ground"
    )
    await world.consulted(grant)
    assert (await move(world, grant, "revoke")).ok()["state"] == "revoked"
    filed = (await world.as_("platform-admin", "GET", "/v1/service-changes")).ok()["items"][0]
    assert (filed["grant_id"], filed["agrees"], filed["filed_by"]) == (grant, True, "provider")


async def test_a_resource_in_use_is_not_withdrawn_without_filing_for_each_grant(shared_world: World) -> None:
    world = shared_world
    resource = await published(world, CONTROLLED)
    first, second = await world.granted(resource), await world.granted(resource)
    path = f"/v1/resources/{resource}/withdraw"
    refused = (await world.as_("provider", "POST", path, WHY)).refused(409, "service-change-not-filed")
    assert sorted(refused["grants"]) == sorted([first, second])
    await world.consulted(first)
    assert (await world.as_("provider", "POST", path, WHY)).body["grants"] == [second]
    (await move(world, second, "end", "requester")).ok()
    assert (await world.as_("provider", "POST", path, WHY)).ok()["state"] == "withdrawn"


async def test_a_consultation_is_filed_when_it_is_answered_or_its_day_is_over(database: Any) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        grant = await world.granted(await published(world, CONTROLLED), **clock.dates())
        plan = {"kind": "end", "reason": "下线", "planned_on": "2026-12-31", "answer_until": "2026-11-25"}
        path = f"/v1/grants/{grant}/service-changes"
        for wrong in ({"answer_until": "2026-11-22"}, {"planned_on": "2026-11-24"}):
            (await world.as_("provider", "POST", path, {**plan, **wrong})).refused(422, "invalid")
        opened = (await world.as_("provider", "POST", path, plan)).ok()
        (await world.as_("provider", "POST", path, plan)).refused(409, "consultation-open")
        one, filing = f"/v1/service-changes/{opened['id']}", {"filing": "逾期未答复"}
        clock.now += timedelta(days=2)
        world.tokens.clear()
        (await world.as_("provider", "POST", f"{one}/file", filing)).refused(409, "change-not-in-state")
        clock.set("2026-11-26T00:00", world)
        (await world.as_("provider", "POST", f"{one}/file", filing)).ok()
        (await world.as_("provider", "POST", f"{one}/file", filing)).refused(409, "change-not-in-state")
        late = {"agrees": False, "text": "不同意"}
        (await world.as_("requester", "POST", f"{one}/answer", late)).refused(409, "change-not-in-state")
