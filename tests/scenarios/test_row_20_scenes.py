"""mission row 20, 免提交: an office starts from a scene, fills in what only it can know, and gets yes or no."""

from typing import Any

import pytest
from aiohttp import web
from applying import act
from makes import UNCONTROLLED
from world import PROVIDER, World, another, http_mount, provider_service, sign_off

SCENES = [
    "education-check", "identity-check", "qualification-check", "real-estate-check", "social-insurance-check",
    "tax-clearance",
]  # fmt: skip
INSURANCE: dict[str, Any] = {
    "items": [
        {"name": "insured", "title": "是否参保", "type": "L"},
        {"name": "months", "title": "累计缴费月数", "type": "I"},
        {"name": "salary", "title": "缴费工资", "type": "Y", "personal": True},
    ]
}


async def test_the_six_scenes_are_there_with_words_that_find_their_resources(shared_world: World) -> None:
    items = (await shared_world.as_("requester", "GET", "/v1/scenes")).ok()["items"]
    assert [one["id"] for one in items] == SCENES
    for one in items:
        assert one["title_zh"]
        assert one["words"]
        assert one["yes_or_no_first"]


async def insured(_: web.Request) -> web.StreamResponse:
    return web.json_response({"data": [{"insured": True, "months": 120, "salary": "9000.00"}]})


async def test_an_office_starts_a_scene_completes_it_and_learns_only_yes_or_no(shared_world: World) -> None:
    world = shared_world
    async with provider_service(insured) as (base, _):
        what = another(parameters=[UNCONTROLLED], **INSURANCE)
        resource = await world.publish(what, http_mount(base))
        path = f"/v1/scenes/social-insurance-check/resources/{resource}"
        started = (await world.as_("requester", "GET", path)).ok()
        assert (started["form"]["fields"], started["yes_or_no"]) == (["insured"], True)
        assert started["route"]["decided_by_zh"] == "平台直接提供"
        assert [one["part"] for one in started["missing"]] == ["client", "basis", "scope", "sign_off"]
        assert all(one["reason_zh"] and one["remedy_zh"] for one in started["missing"])
        own = {
            "client": "registration", "basis": "《社会保险法》第五十八条", "scope": "本局受理窗口", "sign_off": sign_off(),
        }  # fmt: skip
        filed = (await world.as_("requester", "POST", "/v1/applications", {**started["form"], **own})).ok()
        assert (filed["purpose"], filed["missing"]) == ("social-insurance-check", [])
        await world.accept(filed["id"])
        (await act(world, filed["id"], "provide")).ok()
        token = await world.access_token("registration", what["service"])
        answer = await world.call(token, what["service"], {"parameters": {"uscc": PROVIDER}})
        assert answer.ok()["records"] == [{"insured": True}]


async def test_without_a_yes_or_no_item_the_values_are_asked_for_and_a_stranger_says_so(
    shared_world: World,
) -> None:
    world = shared_world
    values = another(parameters=[], items=INSURANCE["items"][1:])
    mount = http_mount("http://127.0.0.1:9", url="http://127.0.0.1:9/all")
    resource = await world.publish(values, mount)
    path = f"/v1/scenes/social-insurance-check/resources/{resource}"
    started = (await world.as_("requester", "GET", path)).ok()
    assert (started["form"]["fields"], started["yes_or_no"]) == (["months"], False)
    other = await world.publish(another(parameters=[]), mount)
    strange = (
        await world.as_("requester", "GET", f"/v1/scenes/social-insurance-check/resources/{other}")
    ).ok()
    assert (strange["form"]["fields"], strange["missing"][0]["part"]) == ([], "fields")
    assert strange["missing"][0]["remedy_zh"] == "请按场景检索词另选资源"


@pytest.mark.parametrize("scene", ["no-such-scene", "identity_check"])
async def test_a_scene_that_is_not_there_is_named(scene: str, shared_world: World) -> None:
    resource = await shared_world.publish(another(), http_mount("http://127.0.0.1:9"))
    answer = await shared_world.as_("requester", "GET", f"/v1/scenes/{scene}/resources/{resource}")
    answer.refused(404, "no-such-scene")
