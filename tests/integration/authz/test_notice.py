"""一次性告知 over the API: one complete notice per version, no refusal before it, and the answer as a new version."""

from typing import Any

import pytest
from applying import REASONS, REFUSAL, accepted, act, published
from handclock import HandClock
from makes import CONTROLLED, UNCONTROLLED
from world import CONSUMER, PLATFORM, World, form, running_world, sign_off

LACK = {"part": "basis", "reason": "所引办法已废止", "remedy": "请改引现行规定及条款"}
CLOSE = {"accept": False, "reasons": REASONS}


async def incomplete(world: World, resource: str, *left_out: str, **changes: Any) -> Any:
    """An application filed although parts are missing."""
    given = {name: value for name, value in form(resource, **changes).items() if name not in left_out}
    return (await world.as_("requester", "POST", "/v1/applications", {**given, "incomplete": True})).ok()


async def amend(world: World, filed: Any, login: str = "requester", **changes: Any) -> Any:
    body = {**form(filed["resource_id"]), "because": "按告知补正", **changes}
    return await world.as_(login, "POST", f"/v1/applications/{filed['id']}/amend", body)


async def test_an_incomplete_form_is_filed_only_on_purpose(shared_world: World) -> None:
    resource = await published(shared_world, CONTROLLED)
    given = form(resource)
    del given["basis"], given["sign_off"]
    problem = (await shared_world.as_("requester", "POST", "/v1/applications", given)).refused(422, "invalid")
    assert [error["pointer"] for error in problem["errors"]] == ["/basis", "/sign_off"]
    filed = await incomplete(shared_world, resource, "basis", "sign_off")
    assert (filed["state"], filed["missing"]) == ("filed", ["basis", "sign_off"])
    assert filed["sign_offs"] == {}
    assert all(clock["state"] == "running" for clock in filed["clocks"] if clock["rule"] == "qy132.review")


async def test_what_is_incomplete_is_neither_accepted_nor_refused_before_it_was_told(
    shared_world: World,
) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    filed = await incomplete(world, resource, "scene")
    still = (await act(world, filed["id"], "review", {"accept": True})).refused(409, "still-incomplete")
    assert still["missing"] == ["scene"]
    refused = (await act(world, filed["id"], "review", CLOSE)).refused(409, "not-told-yet")
    assert refused["detail_zh"] == "尚缺：缺少使用场景"
    assert "一次性告知" in refused["remedy_zh"]
    told = (await act(world, filed["id"], "notice", {"items": [LACK]}, "platform-admin")).ok()
    (notice,) = told["notices"]
    assert [item["part"] for item in notice["items"]] == ["scene", "basis"]
    assert notice["items"][0]["remedy_zh"] == "请写明在办理什么事项的哪个环节使用"
    assert (notice["setting"], notice["limit_days"], notice["given_by"]) == ("2025-08", 5, PLATFORM)
    assert (told["waiting"]["holder"], told["waiting"]["holder_zh"]) == (CONSUMER, "申请部门")
    assert told["waiting"]["supply_by"] == notice["supply_by"]
    (await act(world, filed["id"], "review", CLOSE)).refused(409, "not-told-yet")
    again = await act(world, filed["id"], "notice", {"items": [LACK]}, "platform-admin")
    assert "第 1 版" in again.refused(409, "told-already")["detail_zh"]


async def test_the_answer_is_a_new_version_that_shows_what_changed_and_goes_on(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    filed = await incomplete(world, resource, "scene", "sign_off")
    (await act(world, filed["id"], "notice", {}, "platform-admin")).ok()
    amended = (await amend(world, filed)).ok()
    assert (amended["form_version"], amended["missing"], amended["waiting"]["holder"]) == (2, [], PLATFORM)
    assert amended["notices"][0]["answered_at"]
    versions = (await world.as_("platform-admin", "GET", f"/v1/applications/{filed['id']}/versions")).ok()[
        "items"
    ]
    assert [one["form_version"] for one in versions] == [1, 2]
    assert [part["part"] for part in versions[1]["changed"]] == ["scene", "sign_off"]
    assert versions[1]["changed"][0] == {"part": "scene", "after": form(resource)["scene"]}
    assert (versions[1]["because"], versions[1]["written_by"]) == ("按告知补正", "requester")
    (await act(world, filed["id"], "review", {"accept": True})).refused(409, "amended")
    done = (await act(world, filed["id"], "review", {"accept": True, "form_version": 2})).ok()
    assert (done["state"], done["review"]["form_version"]) == ("accepted", 2)
    kinds = [event["type"] for event in await world.audit(application_id=filed["id"])]
    assert kinds == [
        "application.filed", "application.notice_given", "application.amended", "application.accepted",
    ]  # fmt: skip


async def test_a_new_version_may_be_told_again_and_after_an_answer_it_may_be_refused(
    shared_world: World,
) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    filed = await incomplete(world, resource, "scene", "scope")
    (await act(world, filed["id"], "notice", {}, "platform-admin")).ok()
    partly = {**form(resource), "incomplete": True}
    del partly["scope"]
    body = {**partly, "because": "先补一部分"}
    (await world.as_("requester", "POST", f"/v1/applications/{filed['id']}/amend", body)).ok()
    (await act(world, filed["id"], "notice", {}, "platform-admin")).ok()
    (await act(world, filed["id"], "review", {**CLOSE, "form_version": 2})).refused(409, "not-told-yet")
    (await amend(world, filed, scope=None, incomplete=True, daily_quota=7)).ok()
    closed = (await act(world, filed["id"], "review", {**CLOSE, "form_version": 3})).ok()
    assert (closed["state"], len(closed["notices"])) == ("not_accepted", 2)


async def test_a_provider_tells_too_and_only_then_refuses(shared_world: World) -> None:
    world = shared_world
    application = await accepted(world, await published(world, CONTROLLED))
    told = (await act(world, application, "notice", {"items": [LACK]}, "provider")).ok()
    assert told["waiting"]["holder"] == CONSUMER
    (await act(world, application, "refuse", REFUSAL)).refused(409, "not-told-yet")
    (await act(world, application, "notice", {"items": [LACK]}, "platform-admin")).refused(
        409, "application-not-in-state"
    )
    (await amend(world, told, basis="《不动产登记暂行条例》第十七条")).ok()
    for step, body in (("approve", {"sign_off": sign_off()}), ("refuse", REFUSAL)):
        (await act(world, application, step, body)).refused(409, "amended")
    (await act(world, application, "approve", {"sign_off": sign_off(), "form_version": 2})).ok()


@pytest.mark.parametrize(("day", "refused"), [("2026-11-27T23:59", True), ("2026-11-28T00:00", False)])
async def test_an_unanswered_notice_blocks_refusal_until_its_last_day_is_over(
    day: str, refused: bool, database: Any
) -> None:
    clock = HandClock("2026-11-20T10:00")
    async with running_world(database, now=clock) as world:
        resource = await published(world, CONTROLLED)
        filed = await incomplete(world, resource, "scene", **clock.dates())
        told = (await act(world, filed["id"], "notice", {}, "platform-admin")).ok()
        assert told["notices"][0]["supply_by"] == "2026-11-27"
        clock.set(day, world)
        answer = await act(world, filed["id"], "review", CLOSE)
        if refused:
            assert answer.refused(409, "not-told-yet")["supply_by"] == "2026-11-27"
        else:
            answer.ok()


async def test_a_notice_that_asks_for_nothing_is_none(shared_world: World) -> None:
    filed = (await shared_world.file(await published(shared_world, CONTROLLED))).ok()
    problem = (await act(shared_world, filed["id"], "notice", {}, "platform-admin")).refused(422, "invalid")
    assert problem["errors"][0]["pointer"] == "/items"


async def test_an_amendment_keeps_resource_and_direct_acceptance_and_changes_something(
    shared_world: World,
) -> None:
    world = shared_world
    direct, other = await published(world, UNCONTROLLED), await published(world, CONTROLLED)
    filed = (await world.file(direct)).ok()
    (await amend(world, filed)).refused(409, "nothing-changed")
    moved = await amend(world, filed, resource_id=other)
    assert [one["pointer"] for one in moved.refused(422, "invalid")["errors"]] == ["/resource_id"]
    wrong = await amend(world, filed, fields=["secret"])
    assert [one["pointer"] for one in wrong.refused(422, "invalid")["errors"]] == ["/fields/0"]
    await world.accept(filed["id"])
    (await amend(world, filed, daily_quota=5)).refused(409, "wrong-route")
    (await act(world, filed["id"], "provide")).ok()
    (await amend(world, filed, daily_quota=6)).refused(409, "application-not-in-state")


async def test_after_acceptance_a_form_stays_complete(shared_world: World) -> None:
    world = shared_world
    application = await accepted(world, await published(world, CONTROLLED))
    shown = (await world.as_("requester", "GET", f"/v1/applications/{application}")).ok()
    answer = await amend(world, shown, basis=None, incomplete=True)
    assert [one["pointer"] for one in answer.refused(422, "invalid")["errors"]] == ["/basis"]


async def test_who_amended_does_not_act_for_another_side(shared_world: World) -> None:
    world, both = shared_world, "requester-and-platform"
    resource = await published(world, CONTROLLED)
    filed = (await world.file(resource)).ok()
    await world.person(both, CONSUMER, "requester", "platform_admin")
    (await amend(world, filed, both, daily_quota=5)).ok()
    body = {"accept": True, "form_version": 2}
    (await act(world, filed["id"], "review", body, both)).refused(403, "self-approval")
    (await act(world, filed["id"], "notice", {"items": [LACK]}, both)).refused(403, "self-approval")
    (await act(world, filed["id"], "review", body)).ok()
