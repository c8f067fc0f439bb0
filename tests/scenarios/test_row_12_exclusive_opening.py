"""mission row 12, 清理并制止仅向特定企业、社会组织开放: a resource only one firm can get is listed; equal terms clear it."""

from typing import Any

import pytest
from makes import CONTROLLED
from world import CONSUMER, PROVIDER, World, another, form, http_mount

FIRM, BANK = "91621002MA0000000G", "91110108551385082Q"
MOUNT = http_mount("http://127.0.0.1:9")


@pytest.fixture(scope="module")
async def city(shared_world: World) -> World:
    """A firm is registered like a department, so that it can apply."""
    await shared_world.org(FIRM, "示例数据有限公司")
    await shared_world.person("firm", FIRM, "requester")
    await shared_world.client("firm-system", FIRM)
    return shared_world


def terms(org: str, **changes: str) -> dict[str, str]:
    return {
        "recipient_org": org,
        "recipient_name": "示例",
        "basis": "《……》第四十条",
        "terms": "贷前核验",
        **changes,
    }


async def register(world: World, resource: str, **body: str) -> Any:
    return await world.as_("provider", "POST", f"/v1/resources/{resource}/recipients", body)


async def report(world: World, resource: str, login: str = "platform-admin") -> dict[str, Any]:
    found = (await world.as_(login, "GET", "/v1/exclusive-openings?limit=200")).ok()["items"]
    return next((one for one in found if one["resource_id"] == resource), {})


async def test_one_firm_alone_is_a_finding_until_equal_terms_are_published(city: World) -> None:
    resource = await city.publish(another(), MOUNT)
    assert await report(city, resource) == {}
    (await register(city, resource, **terms(BANK))).ok()
    found = await report(city, resource)
    assert (found["findings"], found["recipients"], found["provider_org"]) == (
        ["exclusive"],
        [BANK],
        PROVIDER,
    )
    notice = {"notice": "2026年第3号公告"}
    (await city.as_("provider", "PUT", f"/v1/resources/{resource}/equal-terms", notice)).ok()
    found = await report(city, resource, "provider")
    assert (found["findings"], found["equal_terms"]) == (["clear"], "2026年第3号公告")


async def test_a_second_recipient_ends_the_exclusivity_and_its_end_brings_it_back(city: World) -> None:
    resource = await city.publish(another(), MOUNT)
    (await register(city, resource, **terms(BANK))).ok()
    other = (await register(city, resource, **terms(FIRM))).ok()
    assert (await report(city, resource))["findings"] == ["clear"]
    (await city.as_("provider", "POST", f"/v1/recipients/{other['id']}/end", {"reason": "合同到期"})).ok()
    assert (await report(city, resource))["findings"] == ["exclusive"]


async def test_a_grant_to_a_firm_that_nobody_registered_is_found_by_itself(city: World) -> None:
    resource = await city.publish(another(parameters=[CONTROLLED]), MOUNT)
    asked = form(resource, client="firm-system")
    filed = (await city.as_("firm", "POST", "/v1/applications", asked)).ok()
    await city.accept(filed["id"])
    grant = (await city.approve(filed["id"]))["grant_id"]
    await city.granted(resource)  # a department's grant opens nothing to others outside government
    found = await report(city, resource)
    assert found["findings"] == ["exclusive", "unregistered"]
    assert (found["unregistered"], found["grants"]) == ([FIRM], [grant])
    (await register(city, resource, **terms(FIRM))).ok()
    assert (await report(city, resource))["findings"] == ["exclusive"]


async def test_a_fee_needs_a_basis_of_its_own(city: World) -> None:
    resource = await city.publish(another(), MOUNT)
    (await register(city, resource, **terms(BANK, fee_yuan="1200.00"))).ok()
    (await register(city, resource, **terms(FIRM, fee_yuan="1200.00", fee_basis="发改价格〔2025〕1号"))).ok()
    found = await report(city, resource)
    assert (found["findings"], found["fees_without_basis"]) == (["fee_without_basis"], [BANK])


async def test_only_the_provider_names_recipients_and_only_outside_government(city: World) -> None:
    resource = await city.publish(another(), MOUNT)
    (await register(city, resource, **terms(CONSUMER))).refused(422, "invalid")
    (await register(city, resource, **terms(BANK))).ok()
    (await register(city, resource, **terms(BANK))).refused(409, "recipient-known")
    await city.person("other-provider", CONSUMER, "provider")
    path = f"/v1/resources/{resource}/recipients"
    (await city.as_("other-provider", "POST", path, terms(FIRM))).refused(404, "no-such-resource")
    assert await report(city, resource, "other-provider") == {}
    kinds = [e["type"] for e in await city.audit() if e["type"].startswith("recipient.")]
    assert kinds.count("recipient.registered") >= 1
