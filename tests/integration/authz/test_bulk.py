"""A city's department applies once for its counties: all or nothing, and each application lives on its own."""

from typing import Any

import pytest
from applying import WHY, act, published
from makes import CONTROLLED
from world import CONSUMER, PROVIDER, World, form, running_world, sign_off

FIRST, SECOND = "11621021MB0000001E", "11621022MB0000001W"
PATH = "/v1/bulk-applications"


@pytest.fixture
async def world(database: Any) -> Any:
    async with running_world(database) as world:
        for code, region, system in ((FIRST, "621021", "desk-one"), (SECOND, "621022", "desk-two")):
            org = {"code": code, "name": f"县自然资源局{region}", "region": region}
            (await world.as_("platform-admin", "POST", "/v1/orgs", org)).ok()
            await world.client(system, code)
        await world.person("county-clerk", FIRST, "requester")
        yield world


def body(resource: str, *departments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    asked = form(resource, **changes)
    del asked["client"], asked["sign_off"]
    return {
        "asked": asked,
        "departments": list(departments) or [one(FIRST, "desk-one"), one(SECOND, "desk-two")],
    }


def one(department: str, client: str, **changes: Any) -> dict[str, Any]:
    return {"department": department, "client": client, "sign_off": sign_off(), **changes}


async def test_one_request_files_for_each_county_and_each_goes_its_own_way(world: World) -> None:
    resource = await published(world, CONTROLLED)
    filed = (await world.as_("requester", "POST", PATH, body(resource))).ok()
    first, second = filed["applications"]
    assert [first["consumer_org"], second["consumer_org"]] == [FIRST, SECOND]
    await world.accept(first["id"])
    await world.approve(first["id"])
    shown = (await world.as_("requester", "GET", f"{PATH}/{filed['id']}")).ok()
    assert [each["state"] for each in shown["applications"]] == ["approved", "filed"]
    (await world.as_("county-clerk", "GET", f"{PATH}/{filed['id']}")).refused(404, "no-such-bulk")
    own = (await world.as_("county-clerk", "GET", "/v1/applications")).ok()["items"]
    assert [each["id"] for each in own] == [first["id"]]
    (await act(world, first["id"], "withdraw", WHY, "county-clerk")).refused(409, "application-not-in-state")
    events = await world.audit(application_id=second["id"])
    assert events[0]["detail"]["bulk"] == filed["id"]


async def test_who_filed_for_others_does_not_review_for_them(world: World) -> None:
    resource = await published(world, CONTROLLED)
    await world.person("both", CONSUMER, "requester", "platform_admin")
    filed = (await world.as_("both", "POST", PATH, body(resource))).ok()
    answer = await act(world, filed["applications"][0]["id"], "review", {"accept": True}, "both")
    answer.refused(403, "self-approval")


@pytest.mark.parametrize(
    ("departments", "changes", "pointers"),
    [
        ([one(FIRST, "desk-one"), one(SECOND, "desk-one")], {}, ["/departments/1/client"]),
        ([one(FIRST, "desk-one"), one(FIRST, "desk-one")], {}, ["/departments/1/department"]),
        ([one(PROVIDER, "desk-one")], {}, ["/departments/0/department", "/asked/resource_id", "/departments/0/client"]),
        ([one("11621000MB00000993", "desk-one")], {}, ["/departments/0/department", "/departments/0/client"]),
        ([one(FIRST, "desk-one"), one(SECOND, "nothing")], {"fields": ["secret"], "scope": None},
         ["/asked/scope", "/asked/fields/0", "/departments/1/client"]),
        ([one(FIRST, "desk-one", sign_off={**sign_off(), "on": "2099-01-01"})], {}, ["/departments/0/sign_off/on"]),
    ],
)  # fmt: skip
async def test_a_fault_of_one_files_none_and_every_fault_has_its_place(
    departments: list[dict[str, Any]], changes: dict[str, Any], pointers: list[str], world: World
) -> None:
    resource = await published(world, CONTROLLED)
    problem = await world.as_("requester", "POST", PATH, body(resource, *departments, **changes))
    assert [error["pointer"] for error in problem.refused(422, "invalid")["errors"]] == pointers
    items = (await world.as_("platform-admin", "GET", "/v1/applications")).ok()["items"]
    assert items == []


async def test_sent_twice_with_one_key_it_is_filed_once(world: World) -> None:
    given, key = body(await published(world, CONTROLLED)), {"Idempotency-Key": "bulk-1"}
    first = (await world.as_("requester", "POST", PATH, given, headers=key)).ok()
    assert (await world.as_("requester", "POST", PATH, given, headers=key)).ok() == first
    assert len((await world.as_("platform-admin", "GET", "/v1/applications")).ok()["items"]) == 2
