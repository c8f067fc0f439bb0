"""mission row 1, 一数一源: two departments that claim one item get a conflict to settle (Decree 809 Art. 19)."""

from typing import Any

import pytest
from world import CONSUMER, PROVIDER, World, another, http_mount

MOUNT = {"mount": http_mount("http://127.0.0.1:9")}
BASIS = "《市场主体登记管理条例》第二十九条"


@pytest.fixture(scope="module")
async def city(shared_world: World) -> World:
    """The requesting department provides data, too."""
    await shared_world.person("second", CONSUMER, "provider")
    return shared_world


def entry(element: str | None) -> dict[str, Any]:
    """An entry whose first item has this code in the dictionary of data elements."""
    what = another()
    what["items"][0] = {**what["items"][0], **({"element": element} if element else {})}
    return what


async def submitted(world: World, login: str, what: dict[str, Any]) -> str:
    one = (await world.as_(login, "POST", "/v1/resources", what)).ok()["id"]
    (await world.as_(login, "PUT", f"/v1/resources/{one}/mount", MOUNT)).ok()
    await world.clear(one, login)
    (await world.as_(login, "POST", f"/v1/resources/{one}/submit")).ok()
    return str(one)


async def publish(world: World, resource: str) -> Any:
    return await world.as_("platform-admin", "POST", f"/v1/resources/{resource}/publish")


async def conflicts(world: World, login: str, standing: str = "open") -> dict[str, Any]:
    found = (await world.as_(login, "GET", f"/v1/elements?standing={standing}&limit=200")).ok()["items"]
    return {one["code"]: one for one in found}


async def lead(world: World, element: str, org: str) -> Any:
    body = {"org": org, "reason": "登记机关为法定采集部门"}
    return await world.as_("platform-admin", "PUT", f"/v1/elements/{element}/lead", body)


async def claim(world: World, login: str, resource: str, **said: Any) -> Any:
    body = {"item": "uscc", "basis": BASIS, **said}
    return await world.as_(login, "POST", f"/v1/resources/{resource}/claims", body)


async def test_a_second_source_is_not_published_until_the_authority_named_the_lead_and_it_is_a_copy(
    city: World,
) -> None:
    first = await submitted(city, "provider", entry("01.10.001"))
    (await publish(city, first)).ok()
    assert "01.10.001" not in await conflicts(city, "platform-admin")
    second = await submitted(city, "second", entry("01.10.001"))
    problem = (await publish(city, second)).refused(409, "second-source")
    assert "主管部门" in problem["detail_zh"]
    assert [clash["item"] for clash in problem["clashes"]] == ["uscc"]

    for login in ("platform-admin", "auditor", "provider", "second"):
        open_one = (await conflicts(city, login))["01.10.001"]
        assert {one["provider_org"] for one in open_one["claims"]} == {PROVIDER, CONSUMER}
    element = open_one["id"]
    named = (await lead(city, element, PROVIDER)).ok()
    assert (named["standing"], named["lead_org"], named["lead_named_by"]) == (
        "unmarked",
        PROVIDER,
        "platform-admin",
    )
    problem = (await publish(city, second)).refused(409, "second-source")
    assert "副本" in problem["detail_zh"]
    assert problem["clashes"][0]["lead_org"] == PROVIDER

    (await claim(city, "second", second, element="01.10.001", position="copy")).ok()
    (await publish(city, second)).ok()
    settled = (await city.as_("second", "GET", f"/v1/elements/{element}")).ok()
    assert settled["standing"] == "settled"
    assert [one["position"] for one in settled["claims"]] == ["source", "copy"]
    kinds = [e["type"] for e in await city.audit() if e.get("detail", {}).get("element") == "01.10.001"]
    assert kinds == ["source.lead_named", "source.copied"]


async def test_departments_that_use_no_codes_find_each_other_by_an_explicit_claim(city: World) -> None:
    first = await submitted(city, "provider", entry(None))
    (await publish(city, first)).ok()
    second = await submitted(city, "second", entry(None))
    same = {"resource_id": first, "item": "uscc"}
    found = (await claim(city, "second", second, same_as=same)).ok()
    assert found["standing"] == "open"
    (await publish(city, second)).refused(409, "second-source")
    (await lead(city, found["id"], CONSUMER)).ok()
    (await publish(city, second)).ok()
    shown = (await city.as_("provider", "GET", f"/v1/elements/{found['id']}")).ok()
    assert shown["standing"] == "unmarked"
    (await claim(city, "provider", first, element=shown["code"], position="copy")).ok()
    shown = (await city.as_("provider", "GET", f"/v1/elements/{found['id']}")).ok()
    assert shown["standing"] == "settled"


async def test_an_entry_that_is_withdrawn_claims_nothing_any_more(city: World) -> None:
    first = await submitted(city, "provider", entry("01.10.003"))
    (await publish(city, first)).ok()
    second = await submitted(city, "second", entry("01.10.003"))
    (await publish(city, second)).refused(409, "second-source")
    (await city.as_("provider", "POST", f"/v1/resources/{first}/withdraw", {"reason": "职能划转"})).ok()
    (await publish(city, second)).ok()
    assert "01.10.003" not in await conflicts(city, "platform-admin")


async def test_a_code_left_out_of_the_description_is_claimed_no_more(city: World) -> None:
    first = await submitted(city, "provider", entry("01.10.004"))
    (await publish(city, first)).ok()
    what = entry("01.10.004")
    second = await submitted(city, "second", what)
    back = {"reason": "与登记机关重复"}
    (await city.as_("platform-admin", "POST", f"/v1/resources/{second}/return", back)).ok()
    del what["items"][0]["element"]
    (await city.as_("second", "PUT", f"/v1/resources/{second}", what)).ok()
    await city.clear(second, "second")
    (await city.as_("second", "POST", f"/v1/resources/{second}/submit")).ok()
    (await publish(city, second)).ok()


async def test_what_cannot_be_claimed_or_named_is_refused_with_its_reason(city: World) -> None:
    own = await submitted(city, "provider", entry("01.10.005"))
    answer = await claim(city, "provider", own, element="01.10.005", position="copy")
    assert "尚未明确数源部门" in answer.refused(422, "invalid")["detail_zh"]
    (await claim(city, "second", own, element="01.10.005")).refused(404, "no-such-resource")
    (await claim(city, "provider", own, element="01.10.005", item="nothing")).refused(422, "invalid")
    same = {"resource_id": own, "item": "uscc"}
    (await claim(city, "provider", own, same_as=same)).refused(404, "no-such-resource")
    element = (await claim(city, "provider", own, element="01.10.005")).ok()["id"]
    (await lead(city, element, CONSUMER)).refused(422, "invalid")
    (await lead(city, element, PROVIDER)).ok()
    answer = await claim(city, "provider", own, element="01.10.005", position="copy")
    assert "本部门即数源部门" in answer.refused(422, "invalid")["detail_zh"]
