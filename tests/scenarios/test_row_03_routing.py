"""mission row 3, 统一受理、平台授权: the requester learns before filing which way it goes, who decides and by when."""

from typing import Any

import pytest
from applying import act
from makes import BASIS, CONTROLLED, UNCONTROLLED
from world import PROVIDER, World, another, http_mount, provider_service, sign_off

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
