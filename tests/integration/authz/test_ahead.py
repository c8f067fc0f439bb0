"""What shortens the way: standing authorisation, the same scene, renewal; and the list by its filters."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from applying import WHY, act, published
from makes import CONTROLLED, UNCONTROLLED
from world import CONSUMER, PLATFORM, PROVIDER, World, form, in_days, sign_off, suspending

AUTHORISATION = {"scope": "全部字段", "sign_off": sign_off()}


async def standing(world: World, resource: str, login: str = "provider", **changes: Any) -> Any:
    body = {**AUTHORISATION, **changes}
    return await world.as_(login, "PUT", f"/v1/resources/{resource}/standing-authorisation", body)


async def test_with_a_standing_authorisation_the_platform_answers_and_provides_at_once(
    shared_world: World,
) -> None:
    world, resource = shared_world, await published(shared_world, UNCONTROLLED)
    given = (await standing(world, resource)).ok()
    route = (await world.as_("requester", "GET", f"/v1/resources/{resource}/route")).ok()
    assert route["decided_by_zh"] == f"平台依 {PROVIDER} 的平台授权当日答复并提供"
    assert route["decided_until"] < max(clock.get("due_date", "") for clock in route["clocks"])
    filed = (await world.file(resource)).ok()
    assert (filed["at_once"]["kind"], filed["at_once"]["reference"]) == (
        "standing_authorisation",
        given["id"],
    )
    provided = (await act(world, filed["id"], "provide")).ok()
    assert (provided["state"], provided["review"]["accepted"]) == ("provided", True)
    assert provided["sign_offs"] == {
        "requester": form("x")["sign_off"],
        "provider": AUTHORISATION["sign_off"],
    }
    assert all(clock["state"] in ("met", "void") for clock in provided["clocks"]), provided["clocks"]
    kinds = [event["type"] for event in await world.audit(application_id=filed["id"])]
    assert kinds == ["application.filed", "application.provided", "grant.issued"]


async def test_an_ended_authorisation_and_an_amended_form_go_the_long_way(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, UNCONTROLLED)
    (await standing(world, resource)).ok()
    filed = (await world.file(resource)).ok()
    changed = {**form(resource, daily_quota=7), "because": "减少调用量"}
    (await world.as_("requester", "POST", f"/v1/applications/{filed['id']}/amend", changed)).ok()
    (await act(world, filed["id"], "provide")).refused(409, "application-not-in-state")
    other = (await world.file(resource)).ok()
    end = f"/v1/resources/{resource}/standing-authorisation/end"
    (await world.as_("provider", "POST", end, WHY)).ok()
    (await world.as_("provider", "POST", end, WHY)).refused(404, "no-standing-authorisation")
    (await act(world, other["id"], "provide")).refused(409, "application-not-in-state")
    assert "at_once" not in (await world.as_("requester", "GET", f"/v1/applications/{other['id']}")).ok()


async def test_only_unconditional_resources_of_ones_own_are_authorised_with_a_sign_off_of_today(
    shared_world: World,
) -> None:
    world = shared_world
    (await standing(world, await published(world, CONTROLLED))).refused(409, "not-for-standing")
    resource = await published(world, UNCONTROLLED)
    late = await standing(world, resource, sign_off={**sign_off(), "on": "2099-01-01"})
    assert late.refused(422, "invalid")["errors"][0]["pointer"] == "/sign_off/on"
    login = f"p{uuid4().hex[:8]}"
    await world.person(login, PLATFORM, "provider")
    (await standing(world, resource, login)).refused(404, "no-such-resource")


async def test_the_filer_does_not_provide_at_once(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, UNCONTROLLED)
    (await standing(world, resource)).ok()
    login = f"p{uuid4().hex[:8]}"
    await world.person(login, CONSUMER, "requester", "platform_admin")
    filed = (await world.as_(login, "POST", "/v1/applications", form(resource))).ok()
    (await act(world, filed["id"], "provide", login=login)).refused(403, "self-approval")
    (await act(world, filed["id"], "provide")).ok()


async def second_system(world: World) -> str:
    name = f"s{uuid4().hex[:8]}"
    await world.client(name, CONSUMER)
    return name


BOUND = {"uscc": {"prefix": "11621"}}


async def test_the_same_scene_of_another_system_refers_to_the_earlier_decision(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    narrowed = {"rules": {"case_required": True}, "parameters": BOUND}
    earlier = await world.granted(resource, narrowed)
    decided = (await world.as_("requester", "GET", f"/v1/grants/{earlier}")).ok()["application_id"]
    filed = (
        await world.file(resource, client=await second_system(world), parameters=BOUND, daily_quota=5)
    ).ok()
    assert (filed["at_once"]["kind"], filed["at_once"]["reference"]) == ("same_scene", decided)
    provided = (await act(world, filed["id"], "provide")).ok()
    assert provided["decision"]["ground"]["reference"] == decided
    assert provided["sign_offs"]["provider"]["name"] == sign_off()["name"]
    terms = (await world.as_("requester", "GET", f"/v1/grants/{provided['grant_id']}")).ok()["terms"]
    assert terms["rules"]["case_required"] is True
    assert (terms["parameters"], terms["daily_quota"]) == (BOUND, 5)


@pytest.mark.parametrize(
    "changes",
    [
        {"fields": ["uscc", "name", "capital"]}, {"purpose": "another-purpose"}, {"matter": "000114005000"},
        {"daily_quota": 101}, {"valid_until": in_days(400)},
        {"parameters": {}}, {"parameters": {"uscc": {"prefix": "1162"}}},
    ],
    ids=["fields", "purpose", "matter", "quota", "period", "unbounded", "wider"],
)  # fmt: skip
async def test_what_the_earlier_decision_does_not_cover_goes_to_the_department(
    changes: dict[str, Any], shared_world: World
) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    await world.granted(resource, {"parameters": BOUND})
    given = {"parameters": BOUND, **changes}
    filed = (await world.file(resource, client=await second_system(world), **given)).ok()
    assert "at_once" not in filed
    (await act(world, filed["id"], "provide")).refused(409, "application-not-in-state")


async def test_a_suspended_grant_is_no_ground(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    grant = await world.granted(resource)
    filed = (await world.file(resource, client=await second_system(world))).ok()
    assert filed["at_once"]["kind"] == "same_scene"
    (await world.as_("provider", "POST", f"/v1/grants/{grant}/suspend", suspending())).ok()
    (await act(world, filed["id"], "provide")).refused(409, "application-not-in-state")


def renewal(**changes: Any) -> dict[str, Any]:
    return {"valid_until": in_days(700), "sign_off": sign_off(), **changes}


async def test_a_renewal_is_filled_in_from_the_grant_and_goes_the_same_way(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    grant = await world.granted(resource, {"fields": ["name"], "daily_quota": 7})
    path = f"/v1/grants/{grant}/renew"
    filed = (await world.as_("requester", "POST", path, renewal())).ok()
    asked, old = filed["form"], form(resource)
    assert (filed["renews"], filed["state"], filed["route"]) == (grant, "filed", "department")
    assert (asked["fields"], asked["daily_quota"], asked["basis"]) == (["name"], 7, old["basis"])
    assert date.fromisoformat(asked["valid_from"]) == date.fromisoformat(old["valid_until"]) + timedelta(
        days=1
    )
    (await world.as_("requester", "POST", path, renewal())).refused(409, "renewal-open")
    await world.accept(filed["id"])
    assert (await world.approve(filed["id"]))["grant_id"] != grant
    again = (await world.as_("requester", "POST", path, renewal(basis="新依据", daily_quota=6))).ok()
    assert (again["form"]["basis"], again["form"]["daily_quota"]) == ("新依据", 6)


async def test_what_is_not_in_force_is_not_renewed_and_nobody_renews_another_departments(
    shared_world: World,
) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    grant = await world.granted(resource)
    login = f"p{uuid4().hex[:8]}"
    await world.person(login, PLATFORM, "requester")
    (await world.as_(login, "POST", f"/v1/grants/{grant}/renew", renewal())).refused(404, "no-such-grant")
    short = await world.as_(
        "requester", "POST", f"/v1/grants/{grant}/renew", renewal(valid_until="2020-01-01")
    )
    assert short.refused(422, "invalid")["errors"][0]["pointer"] == "/valid_until"
    (await world.as_("provider", "POST", f"/v1/grants/{grant}/suspend", suspending())).ok()
    (await world.as_("requester", "POST", f"/v1/grants/{grant}/renew", renewal())).refused(409, "grant-over")


async def test_a_list_is_narrowed_by_every_filter(shared_world: World) -> None:
    world, resource = shared_world, await published(shared_world, CONTROLLED)
    matter = f"M-{uuid4().hex[:8]}"
    first, second = [(await world.file(resource, matter=matter)).ok()["id"] for _ in range(2)]
    third = (await world.file(resource)).ok()["id"]
    await world.accept(second)

    async def found(login: str, **query: str) -> list[str]:
        path = "/v1/applications?" + "&".join(f"{name}={value}" for name, value in query.items())
        return [item["id"] for item in (await world.as_(login, "GET", path)).ok()["items"]]

    assert await found("requester", resource_id=resource) == [third, second, first]
    assert await found("requester", resource_id=resource, limit="2") == [third, second]
    assert await found("requester", matter=matter) == [second, first]
    assert await found("requester", matter=matter, state="filed") == [first]
    assert await found("requester", matter=matter, holder="provider") == [second]
    assert await found("platform-admin", resource_id=resource, holder="platform") == [third, first]
    assert await found("provider", resource_id=resource) == [second]
    assert await found("requester", matter=matter, provider_org=PROVIDER) == [second, first]
    assert await found("requester", matter=matter, provider_org=CONSUMER) == []
    (
        await act(
            world,
            first,
            "notice",
            {"items": [{"part": "other", "reason": "缺附件", "remedy": "补附件"}]},
            "platform-admin",
        )
    ).ok()
    assert await found("auditor", matter=matter, holder="requester") == [first]
