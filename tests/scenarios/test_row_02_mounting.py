"""mission row 2, 资源挂接、库表挂载: a mount is tested when it is made, and shown as a sample with masked fields."""

from typing import Any

import pytest
from aiohttp import web
from world import PROVIDER, World, another, http_mount, provider_service

ITEMS: list[dict[str, Any]] = [
    {"name": "uscc", "title": "统一社会信用代码", "type": "C", "length": 18},
    {"name": "name", "title": "企业名称", "type": "C"},
    {"name": "legal_person", "title": "法定代表人", "type": "C", "personal": True, "content": "person_name"},
    {"name": "id_number", "title": "证件号码", "type": "C", "personal": True, "content": "id_number"},
    {"name": "phone", "title": "联系电话", "type": "C", "personal": True, "content": "phone"},
    {"name": "capital", "title": "注册资本", "type": "Y"},
]
RECORD = {
    "uscc": PROVIDER, "name": "示例企业", "legal_person": "张三", "id_number": "11010519491231002X",
    "phone": "13812348000", "capital": "1000000.00",
}  # fmt: skip
ASK = {"parameters": {"uscc": PROVIDER}}


async def mounted(world: World, base: str, **changes: Any) -> str:
    """A draft, mounted at that service; its path."""
    made = (await world.as_("provider", "POST", "/v1/resources", another(items=ITEMS, **changes))).ok()
    path = f"/v1/resources/{made['id']}"
    (await world.as_("provider", "PUT", f"{path}/mount", {"mount": http_mount(base)})).ok()
    return path


def answering(*records: dict[str, Any]) -> Any:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.json_response({"data": list(records)})

    return reply


async def test_a_mount_is_tried_and_shows_a_sample_with_masked_fields(shared_world: World) -> None:
    world = shared_world
    async with provider_service(answering(RECORD)) as (base, seen):
        path = await mounted(world, base)
        shown = (await world.as_("provider", "POST", f"{path}/mount/test", ASK)).ok()
        assert (shown["fits"], shown["records"], shown["misfits"]) == (True, 1, [])
        assert shown["sample"] == [
            {
                "uscc": PROVIDER, "name": "示例企业", "legal_person": "张*", "id_number": "**************002X",
                "phone": "138****8000", "capital": "1000000.00",
            }
        ]  # fmt: skip
        assert len(seen) == 1
    [told] = [e for e in await world.audit() if e["type"] == "resource.tried" and e["object"]["id"] in path]
    assert told["detail"]["records"] == 1
    assert "11010519491231002X" not in str(told)


@pytest.mark.parametrize(
    ("change", "code", "item", "said"),
    [
        ({"capital": "一百万"}, "does-not-fit", "capital", "not of type"),
        ({"capital": ...}, "does-not-fit", "capital", "missing"),
        ({"id_number": "110105194912310021"}, "wrong-check-digit", "id_number", "valid id_number"),
        ({"name": "13812348000"}, "not-marked-personal", "name", "not marked personal"),
        ({"secret": "内部备注"}, "not-described", None, "also has: secret"),
    ],
    ids=["type", "missing", "check digit", "unmarked", "undescribed"],
)
async def test_what_does_not_fit_is_told_by_item(
    change: dict[str, Any], code: str, item: str | None, said: str, shared_world: World
) -> None:
    world = shared_world
    record = {name: value for name, value in {**RECORD, **change}.items() if value is not ...}
    async with provider_service(answering(record)) as (base, _):
        path = await mounted(world, base)
        shown = (await world.as_("provider", "POST", f"{path}/mount/test", ASK)).ok()
    [misfit] = shown["misfits"]
    assert (shown["fits"], misfit["code"], misfit.get("item")) == (False, code, item)
    assert said in misfit["detail"]
    assert misfit["detail_zh"]
    assert "13812348000" not in str(shown)


async def test_a_source_that_gives_nothing_usable_is_told_and_nothing_breaks(shared_world: World) -> None:
    world = shared_world
    async with provider_service(answering()) as (base, _):
        path = await mounted(world, base)
        shown = (await world.as_("provider", "POST", f"{path}/mount/test", ASK)).ok()
        assert (shown["fits"], shown["misfits"][0]["code"]) == (False, "no-records")
    shown = (
        await world.as_("provider", "POST", f"{path}/mount/test", ASK)
    ).ok()  # nobody listens there any more
    assert (shown["fits"], shown["misfits"][0]["code"]) == (False, "upstream-unreachable")


async def test_a_test_needs_a_mount_the_right_parameters_and_the_own_department(shared_world: World) -> None:
    world = shared_world
    async with provider_service(answering(RECORD)) as (base, seen):
        path = await mounted(world, base)
        wrong = await world.as_("provider", "POST", f"{path}/mount/test", {"parameters": {"uscc": "123"}})
        assert wrong.refused(422, "invalid")["errors"][0]["pointer"] == "/parameters/uscc"
        none = await world.as_("provider", "POST", f"{path}/mount/test", {})
        assert "uscc is required" in none.refused(422, "invalid")["detail"]
        made = (await world.as_("provider", "POST", "/v1/resources", another())).ok()
        bare = await world.as_("provider", "POST", f"/v1/resources/{made['id']}/mount/test", ASK)
        bare.refused(409, "not-mounted")
        assert seen == []


async def test_an_entry_without_a_live_resource_is_not_published(shared_world: World) -> None:
    """What is shared is mounted first, so that the published catalogue has no dead entries (僵尸目录)."""
    world = shared_world
    made = (await world.as_("provider", "POST", "/v1/resources", another())).ok()
    await world.clear(made["id"])
    refused = await world.as_("provider", "POST", f"/v1/resources/{made['id']}/submit")
    assert [o["code"] for o in refused.refused(409, "not-ready-to-publish")["obstacles"]] == ["not-mounted"]
