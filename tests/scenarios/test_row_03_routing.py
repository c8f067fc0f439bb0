"""mission row 3, 统一受理、平台授权: the requester learns before filing which way it goes, who decides and by when."""

from datetime import datetime
from typing import Any

import pytest
from applying import act
from makes import BASIS, CONTROLLED, UNCONTROLLED
from world import PROVIDER, World, another, form, http_mount, provider_service, sign_off

from gateway.deadlines import local_day

CONDITIONAL: dict[str, Any] = {"sharing_class": "conditional", "conditions": "限不动产登记业务"}


@pytest.mark.parametrize(
    ("parameter", "changes", "steps"),
    [
        (UNCONTROLLED, {}, [("provide", None)]),
        (CONTROLLED, {}, [("approve", {"sign_off": sign_off()})]),
        (UNCONTROLLED, CONDITIONAL, [("approve", {"sign_off": sign_off()})]),
        (CONTROLLED, CONDITIONAL, [("approve", {"sign_off": sign_off()})]),
    ],
    ids=["direct", "controlled", "conditional", "both"],
)
async def test_what_the_catalogue_says_beforehand_is_what_happens(
    parameter: dict[str, Any], changes: dict[str, Any], steps: list[Any], shared_world: World
) -> None:
    world = shared_world
    async with provider_service() as (base, _):
        what = another(parameters=[parameter], **changes)
        resource = await world.publish(what, http_mount(base))
        said = (await world.as_("requester", "GET", f"/v1/resources/{resource}/route")).ok()
        filed = (await world.file(resource)).ok()
        assert filed["route"] == said["route"]
        assert [clock["rule"] for clock in filed["clocks"]] == [clock["rule"] for clock in said["clocks"]]
        assert [clock.get("due_date") for clock in filed["clocks"]] == [
            clock.get("due_date") for clock in said["clocks"]
        ]
        accepted = await world.accept(filed["id"])
        assert (accepted["waiting"]["holder"] == PROVIDER) is ("department" in said["decided_by"])
        for step, body in steps:
            (await act(world, filed["id"], step, body)).ok()
        token = await world.access_token("registration", what["service"])
        answer = await world.call(token, what["service"], {"parameters": {"uscc": PROVIDER}})
        assert answer.ok()["records"] == [{"uscc": PROVIDER, "name": "示例企业"}]


async def test_what_is_not_shared_says_on_which_law_before_anything_is_filed(shared_world: World) -> None:
    what = another(sharing_class="not_shared", not_shared_basis=BASIS)
    resource = await shared_world.publish(what, None)
    answer = await shared_world.as_("requester", "GET", f"/v1/resources/{resource}/route")
    problem = answer.refused(403, "not-shared")
    assert problem["legal_basis"]["citation"] == BASIS["citation"]
    assert "第二十八条" in problem["remedy_zh"]
    refused = await shared_world.ask_token("registration", what["service"])
    refused.refused(400, "token-request-wrong")


async def test_under_a_standing_authorisation_the_answer_and_the_data_come_the_same_day(
    shared_world: World,
) -> None:
    """平台授权: recorded by the provider after publication; otherwise the review alone outlasts one working day."""
    world = shared_world
    async with provider_service() as (base, _):
        what = another(parameters=[UNCONTROLLED])
        resource = await world.publish(what, http_mount(base))
        path = f"/v1/resources/{resource}"
        before = (await world.as_("requester", "GET", f"{path}/route")).ok()
        assert "standing_authorisation" not in before
        body = {"scope": "全部信息项", "sign_off": sign_off()}
        (await world.as_("provider", "PUT", f"{path}/standing-authorisation", body)).ok()
        said = (await world.as_("requester", "GET", f"{path}/route")).ok()
        assert "the same day" in said["decided_by"]
        assert said["decided_until"] <= before["decided_until"]
        filed = (await world.file(resource)).ok()
        provided = (await act(world, filed["id"], "provide")).ok()
        days = [local_day(datetime.fromisoformat(at)) for at in (filed["filed_at"], provided["provided_at"])]
        assert days[0] == days[1]
        token = await world.access_token("registration", what["service"])
        (await world.call(token, what["service"], {"parameters": {"uscc": PROVIDER}})).ok()


async def test_what_is_missing_is_told_once_and_nobody_is_refused_before(shared_world: World) -> None:
    """一次性告知 (Decree 809 Art. 21): all at once, with the day until which to supply it; then the case goes on."""
    world = shared_world
    resource = await world.publish(another(parameters=[CONTROLLED]), http_mount("http://127.0.0.1:9"))
    given = {**form(resource), "incomplete": True}
    del given["basis"], given["sign_off"]
    filed = (await world.as_("requester", "POST", "/v1/applications", given)).ok()
    no = {"accept": False, "reasons": [{"code": "basis_missing_or_unsuitable", "text": "无依据"}]}
    (await act(world, filed["id"], "review", no)).refused(409, "not-told-yet")
    told = (await act(world, filed["id"], "notice", {}, "platform-admin")).ok()
    (notice,) = told["notices"]
    assert {item["part"]: item["reason_zh"] for item in notice["items"]} == {
        "basis": "缺少使用依据", "sign_off": "缺少本部门共享工作机构负责人审核意见",
    }  # fmt: skip
    assert (told["waiting"]["holder_zh"], told["waiting"]["supply_by"]) == ("申请部门", notice["supply_by"])
    (await act(world, filed["id"], "notice", {}, "platform-admin")).refused(409, "told-already")
    answer = {**form(resource), "because": "补正依据与负责人意见"}
    (await act(world, filed["id"], "amend", answer, "requester")).ok()
    accepted = {"accept": True, "form_version": 2}
    assert (await act(world, filed["id"], "review", accepted)).ok()["state"] == "accepted"
