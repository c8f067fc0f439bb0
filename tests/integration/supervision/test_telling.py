"""Whoever is concerned by an act is told of it: one notice to the handler of the department, and to nobody else."""

from typing import Any

import pytest
from applying import REFUSAL, act, published
from makes import CONTROLLED
from world import World, suspending

Told = list[tuple[str, str]]
MISSING = {"items": [{"part": "basis", "reason": "所引办法已废止", "remedy": "请改引现行规定及条款"}]}
ARRIVED_PLATFORM = ("arrived", "有新的共享申请待办理")
ARRIVED_PROVIDER = ("arrived", "有共享申请待审批")


async def told(world: World, login: str, about: str) -> Told:
    """Kind and words of the notices about one thing to the login's department, oldest first."""
    found = (await world.as_(login, "GET", "/v1/notifications", params={"limit": "200"})).ok()["items"]
    mine = [one for one in found if one["content"]["case_id"] == about]
    assert {one["desk"] for one in mine} <= {"handler"}
    return [(one["kind"], one["content"].get("text_zh", "")) for one in reversed(mine)]


async def all_told(world: World, about: str) -> dict[str, Told]:
    """What requester and provider were told; and the platform, which sees them all."""
    ours = {login: await told(world, login, about) for login in ("requester", "provider")}
    everything = await told(world, "auditor", about)
    for one in [one for notices in ours.values() for one in notices]:
        everything.remove(one)
    return {**ours, "platform": everything}


async def filed(world: World, **changes: Any) -> str:
    return str((await world.file(await published(world, CONTROLLED, **changes))).ok()["id"])


async def test_each_side_is_told_when_an_application_comes_to_it_and_when_it_is_decided(
    shared_world: World,
) -> None:
    world, one = shared_world, await filed(shared_world)
    assert await all_told(world, one) == {"requester": [], "provider": [], "platform": [ARRIVED_PLATFORM]}
    await world.accept(one)
    await world.approve(one)
    assert await all_told(world, one) == {
        "requester": [("decided", "审批同意，授权已生效")],
        "provider": [ARRIVED_PROVIDER],
        "platform": [ARRIVED_PLATFORM],
    }


async def test_a_direct_application_is_told_to_no_provider(shared_world: World) -> None:
    world, one = shared_world, str((await shared_world.file(await published(shared_world))).ok()["id"])
    await world.accept(one)
    (await act(world, one, "provide")).ok()
    assert await all_told(world, one) == {
        "requester": [("decided", "平台已直接提供，授权已生效")],
        "provider": [],
        "platform": [ARRIVED_PLATFORM],
    }


async def test_what_is_missing_is_told_with_the_day_until_which_to_supply_it(shared_world: World) -> None:
    world, one = shared_world, await filed(shared_world)
    notice = (await world.as_("platform-admin", "POST", f"/v1/applications/{one}/notice", MISSING)).ok()
    day = notice["notices"][-1]["supply_by"]
    assert await told(world, "requester", one) == [("incomplete", f"请于 {day} 前一次性补充 1 项材料")]


async def test_a_refusal_and_a_withdrawal_are_told_to_the_other_side(shared_world: World) -> None:
    world, refused, taken_back = shared_world, await filed(shared_world), await filed(shared_world)
    for one in (refused, taken_back):
        await world.accept(one)
    (await act(world, refused, "refuse", REFUSAL)).ok()
    (await act(world, taken_back, "withdraw", {"reason": "不再需要"})).ok()
    assert (await all_told(world, refused))["requester"] == [("decided", "审批不同意，请查看理由")]
    assert (await all_told(world, taken_back))["provider"][-1] == (
        "decided",
        "需求部门已撤回，无需办理",
    )


async def test_an_extension_is_told_to_the_platform_and_then_to_both_sides(shared_world: World) -> None:
    world, one = shared_world, await filed(shared_world, sharing_class="conditional", conditions="限登记业务")
    await world.accept(one)
    asked = {"rule": "tl809.reply_cond", "days": 5, "reason": "需会同核实", "notice": "延期五个工作日"}
    path = f"/v1/applications/{one}/extensions"
    timed = (await world.as_("provider", "POST", path, asked)).ok()
    assert (await all_told(world, one))["platform"][-1] == ("extension_asked", "提供部门申请延长办理时限")
    decided = f"{path}/{timed['extensions'][0]['id']}/decision"
    (await world.as_("platform-admin", "POST", decided, {"consent": True})).ok()
    for login in ("requester", "provider"):
        assert (await told(world, login, one))[-1] == ("extended", "办理时限已延长，请查看时限")


@pytest.mark.parametrize(
    ("by", "to"), [("provider", "requester"), ("platform-admin", "provider")], ids=["provider", "authority"]
)
async def test_a_suspension_is_told_to_every_party_but_the_one_that_ordered_it(
    by: str, to: str, shared_world: World
) -> None:
    world, grant = shared_world, await shared_world.granted(await published(shared_world, CONTROLLED))
    (await world.as_(by, "POST", f"/v1/grants/{grant}/suspend", suspending())).ok()
    assert (await told(world, to, grant))[-1] == ("grant_changed", "授权已暂停，恢复前调用将被拒绝")
    assert (by == "provider") == ((await told(world, "provider", grant)) == [])


async def test_nothing_personal_and_no_free_text_stands_in_a_notice(shared_world: World) -> None:
    world, one = shared_world, await filed(shared_world)
    await world.accept(one)
    (await act(world, one, "refuse", {**REFUSAL, "explanation": "canary-explanation"})).ok()
    found = (await world.as_("auditor", "GET", "/v1/notifications", params={"limit": "200"})).ok()["items"]
    (decided,) = [one_ for one_ in found if one_["content"]["case_id"] == one and one_["kind"] == "decided"]
    assert "canary" not in str(decided)
