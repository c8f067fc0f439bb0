"""mission row 14, 分类分级: 核心 never enters, 重要 needs a named approval, secrets are neither listed nor mounted."""

from typing import Any

import pytest
from makes import BASIS
from world import World, another, clearance, http_mount

MOUNT = {"mount": http_mount("http://127.0.0.1:9")}


async def drafted(world: World, **changes: Any) -> tuple[str, dict[str, Any]]:
    made = (await world.as_("provider", "POST", "/v1/resources", another(**changes))).ok()
    return f"/v1/resources/{made['id']}", made["description"]


async def obstacles(world: World, path: str) -> list[str]:
    refused = await world.as_("provider", "POST", f"{path}/submit")
    return [one["code"] for one in refused.refused(409, "not-ready-to-publish")["obstacles"]]


async def test_core_data_cannot_be_published_whatever_was_approved(shared_world: World) -> None:
    world = shared_world
    path, what = await drafted(world, grade="core")
    (await world.as_("provider", "PUT", f"{path}/mount", MOUNT)).ok()
    (await world.as_("provider", "PUT", f"{path}/clearance", clearance(what))).ok()
    assert await obstacles(world, path) == ["grade-core"]


async def test_important_data_needs_a_named_approval_a_risk_assessment_and_encryption(
    shared_world: World,
) -> None:
    world = shared_world
    path, what = await drafted(world, grade="important")
    (await world.as_("provider", "PUT", f"{path}/mount", MOUNT)).ok()
    given = clearance(what)
    approval = given.pop("important")
    refused = (await world.as_("provider", "PUT", f"{path}/clearance", given)).refused(422, "invalid")
    assert [one["pointer"] for one in refused["errors"]] == ["/important"]
    for name in ("approved_by", "risk_assessment", "encryption"):
        partial = {key: value for key, value in approval.items() if key != name}
        refused = await world.as_("provider", "PUT", f"{path}/clearance", {**given, "important": partial})
        assert refused.refused(422, "invalid")["errors"][0]["pointer"] == f"/important/{name}"
    (await world.as_("provider", "PUT", f"{path}/clearance", {**given, "important": approval})).ok()
    (await world.as_("provider", "POST", f"{path}/submit")).ok()
    published = (await world.as_("platform-admin", "POST", f"{path}/publish")).ok()
    assert published["clearance"]["given"]["important"]["approved_by"] == approval["approved_by"]


async def test_the_grade_of_an_entry_is_that_of_its_gravest_item(shared_world: World) -> None:
    items = [{"name": "uscc", "title": "统一社会信用代码", "type": "C", "grade": "important"}]
    refused = await shared_world.as_("provider", "POST", "/v1/resources", another(items=items))
    assert "就高从严" in refused.refused(422, "invalid")["detail_zh"]


async def test_a_grade_raised_after_approval_asks_for_approval_again(shared_world: World) -> None:
    world = shared_world
    path, what = await drafted(world)
    (await world.as_("provider", "PUT", f"{path}/mount", MOUNT)).ok()
    (await world.as_("provider", "PUT", f"{path}/clearance", clearance(what))).ok()
    (await world.as_("provider", "PUT", path, {**what, "grade": "important"})).ok()
    assert await obstacles(world, path) == ["clearance-stale"]


@pytest.mark.parametrize("kind", ["state_secret", "work_secret"])
async def test_a_secret_is_neither_mounted_read_nor_published(kind: str, shared_world: World) -> None:
    world = shared_world
    path, what = await drafted(world)
    (await world.as_("provider", "PUT", f"{path}/mount", MOUNT)).ok()
    marked = {**what, "must_not_enter": kind}
    (await world.as_("provider", "PUT", path, marked)).ok()
    (await world.as_("provider", "PUT", f"{path}/mount", MOUNT)).refused(409, "must-not-enter")
    ask = {"parameters": {"uscc": "11621000MB00000037"}}
    (await world.as_("provider", "POST", f"{path}/mount/test", ask)).refused(409, "must-not-enter")
    (await world.as_("provider", "PUT", f"{path}/clearance", clearance(marked))).ok()
    assert "must-not-enter" in await obstacles(world, path)


async def test_what_is_not_shared_stands_on_a_law_a_regulation_or_a_state_council_decision(
    shared_world: World,
) -> None:
    world = shared_world
    for basis in (None, {**BASIS, "kind": "ministry_rule"}, {**BASIS, "reason": " "}):
        what = another(sharing_class="not_shared", **({"not_shared_basis": basis} if basis else {}))
        (await world.as_("provider", "POST", "/v1/resources", what)).refused(422, "invalid")
    path, what = await drafted(world, sharing_class="not_shared", not_shared_basis=BASIS)
    (await world.as_("provider", "PUT", f"{path}/clearance", clearance(what))).ok()
    (await world.as_("provider", "POST", f"{path}/submit")).ok()
    (await world.as_("platform-admin", "POST", f"{path}/publish")).ok()
