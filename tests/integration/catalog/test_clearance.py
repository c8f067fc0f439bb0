"""Clearance before publication over the API: without assessments and the head's consent nothing is submitted."""

from typing import Any

import pytest
from world import CONSUMER, World, another, clearance, http_mount, in_days

MOUNT = {"mount": http_mount("http://127.0.0.1:9")}


async def mounted(world: World, **changes: Any) -> tuple[str, dict[str, Any]]:
    """A mounted draft: its path and description."""
    made = (await world.as_("provider", "POST", "/v1/resources", another(**changes))).ok()
    path = f"/v1/resources/{made['id']}"
    (await world.as_("provider", "PUT", f"{path}/mount", MOUNT)).ok()
    return path, made["description"]


def codes(problem: dict[str, Any]) -> list[str]:
    assert all(one["detail"] and one["detail_zh"] for one in problem["obstacles"])
    return [one["code"] for one in problem["obstacles"]]


async def test_nothing_is_submitted_without_clearance_and_the_refusal_says_what_to_do(
    shared_world: World,
) -> None:
    world, (path, what) = shared_world, await mounted(shared_world)
    refused = await world.as_("provider", "POST", f"{path}/submit")
    problem = refused.refused(409, "not-ready-to-publish")
    assert codes(problem) == ["clearance-missing"]
    assert "PUT its clearance" in problem["detail"]
    shown = (await world.as_("provider", "PUT", f"{path}/clearance", clearance(what))).ok()
    assert shown["clearance"]["given"]["head"]["name"] == "马某"
    assert (shown["clearance"]["covers_description"], shown["clearance"]["recorded_by"]) == (True, "provider")
    assert (await world.as_("provider", "POST", f"{path}/submit")).ok()["state"] == "review"


async def test_a_change_after_the_clearance_makes_it_stale_until_it_is_made_again(
    shared_world: World,
) -> None:
    world, (path, what) = shared_world, await mounted(shared_world)
    (await world.as_("provider", "PUT", f"{path}/clearance", clearance(what))).ok()
    changed = {**what, "summary": "另有所指"}
    shown = (await world.as_("provider", "PUT", path, changed)).ok()
    assert shown["clearance"]["covers_description"] is False
    refused = await world.as_("provider", "POST", f"{path}/submit")
    assert codes(refused.refused(409, "not-ready-to-publish")) == ["clearance-stale"]
    (await world.as_("provider", "PUT", f"{path}/clearance", clearance(changed))).ok()
    (await world.as_("provider", "POST", f"{path}/submit")).ok()


async def test_an_incomplete_clearance_is_refused_with_everything_that_is_missing(
    shared_world: World,
) -> None:
    world, (path, what) = shared_world, await mounted(shared_world, grade="important")
    given = clearance(what)
    del given["personal_information"], given["important"]
    given["confidentiality"]["on"] = in_days(3)
    problem = (await world.as_("provider", "PUT", f"{path}/clearance", given)).refused(422, "invalid")
    assert [one["pointer"] for one in problem["errors"]] == [
        "/personal_information", "/important", "/confidentiality/on",
    ]  # fmt: skip
    assert "clearance" not in (await world.as_("provider", "GET", path)).ok()


async def test_a_negative_result_is_on_record_and_keeps_the_entry_out(shared_world: World) -> None:
    world, (path, what) = shared_world, await mounted(shared_world)
    given = clearance(what)
    given["head"]["result"] = "not_agreed"
    (await world.as_("provider", "PUT", f"{path}/clearance", given)).ok()
    refused = await world.as_("provider", "POST", f"{path}/submit")
    assert codes(refused.refused(409, "not-ready-to-publish")) == ["head-not-agreed"]


async def test_a_clearance_is_seen_by_its_department_and_the_platform_and_recorded(
    shared_world: World,
) -> None:
    world, (_, what) = shared_world, await mounted(shared_world)
    resource = await world.publish(another(), MOUNT["mount"])
    path = f"/v1/resources/{resource}"
    for login, seen in (
        ("provider", True),
        ("platform-admin", True),
        ("requester", False),
        ("auditor", False),
    ):
        assert ("clearance" in (await world.as_(login, "GET", path)).ok()) is seen
    own = [e for e in await world.audit() if e.get("object", {}).get("id") == resource]
    [recorded] = [event for event in own if event["type"] == "resource.cleared"]
    assert recorded["detail"]["clearance"]["confidentiality"]["reference"] == "保评〔2026〕1号"
    (await world.as_("provider", "PUT", f"{path}/clearance", clearance(what))).refused(
        409, "resource-not-in-state"
    )


@pytest.mark.parametrize("kind", ["state_secret", "work_secret"])
async def test_a_secret_is_neither_mounted_nor_published(kind: str, shared_world: World) -> None:
    world = shared_world
    made = (await world.as_("provider", "POST", "/v1/resources", another(must_not_enter=kind))).ok()
    path = f"/v1/resources/{made['id']}"
    (await world.as_("provider", "PUT", f"{path}/mount", MOUNT)).refused(409, "must-not-enter")
    await world.clear(made["id"])
    refused = await world.as_("provider", "POST", f"{path}/submit")
    assert codes(refused.refused(409, "not-ready-to-publish")) == ["must-not-enter", "not-mounted"]


async def test_another_department_clears_nothing(shared_world: World) -> None:
    world, (path, what) = shared_world, await mounted(shared_world)
    await world.person("clearing-stranger", CONSUMER, "provider")
    refused = await world.as_("clearing-stranger", "PUT", f"{path}/clearance", clearance(what))
    refused.refused(404, "no-such-resource")
