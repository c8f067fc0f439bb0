"""What a provider answers: reasons with their basis, no condition of its own, and what was asked beside what is given."""

from typing import Any

import pytest
from applying import REFUSAL, accepted, act, published
from makes import CONTROLLED, UNCONTROLLED
from world import World, form, sign_off

CONDITIONAL: dict[str, Any] = {"sharing_class": "conditional", "conditions": "限不动产登记使用；不得用于营销"}
TOMORROW = {"name": "吴某", "position": "主任", "on": "2099-01-01"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"basis": None}, "/basis"),
        ({"reason": "conditions_not_met", "basis": None}, "/condition"),
        ({"condition": "限不动产登记使用"}, "/condition"),
        ({"sign_off": TOMORROW}, "/sign_off/on"),
    ],
)
async def test_a_refusal_stands_on_a_basis_or_a_condition_of_the_catalogue(
    changes: dict[str, Any], pointer: str, shared_world: World
) -> None:
    application = await accepted(shared_world, await published(shared_world, UNCONTROLLED, **CONDITIONAL))
    problem = (await act(shared_world, application, "refuse", {**REFUSAL, **changes})).refused(422, "invalid")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_a_condition_of_the_catalogue_is_quoted(shared_world: World) -> None:
    application = await accepted(shared_world, await published(shared_world, UNCONTROLLED, **CONDITIONAL))
    body = {**REFUSAL, "reason": "conditions_not_met", "basis": None, "condition": "限不动产登记使用"}
    refused = (await act(shared_world, application, "refuse", body)).ok()
    assert refused["decision"]["condition"] == "限不动产登记使用"
    assert refused["sign_offs"]["provider"] == REFUSAL["sign_off"]


async def test_a_condition_of_ones_own_is_turned_away_and_recorded_as_a_signal(shared_world: World) -> None:
    application = await accepted(shared_world, await published(shared_world, UNCONTROLLED, **CONDITIONAL))
    body = {**REFUSAL, "reason": "conditions_not_met", "basis": None, "condition": "须另签协议"}
    problem = (await act(shared_world, application, "refuse", body)).refused(
        403, "condition-not-in-catalogue"
    )
    assert problem["conditions"] == CONDITIONAL["conditions"]
    assert "第十五条" in problem["remedy_zh"]
    event = (await shared_world.audit(application_id=application))[-1]
    assert (event["type"], event["outcome"]) == ("application.condition_added", "deny")
    assert event["detail"] == {
        "signal": "P39-2", "condition": "须另签协议", "listed": CONDITIONAL["conditions"],
    }  # fmt: skip
    shown = (await shared_world.as_("provider", "GET", f"/v1/applications/{application}")).ok()
    assert shown["state"] == "accepted"


async def test_a_partial_approval_shows_what_was_asked_beside_what_is_given(shared_world: World) -> None:
    application = await accepted(shared_world, await published(shared_world, CONTROLLED))
    until = form("x")["valid_from"]
    narrowed = {"fields": ["name"], "daily_quota": 7, "parameters": {"uscc": {"prefix": "11621"}}}
    approved = await shared_world.approve(application, **narrowed, valid_until=until)
    assert [(one["part"], one["asked"], one["granted"]) for one in approved["decision"]["changes"]] == [
        ("fields", "uscc, name", "name"),
        ("parameters/uscc", "any", "11621…"),
        ("daily_quota", "100", "7"),
        ("valid_until", form("x")["valid_until"], until),
    ]
    assert [one["text_zh"] for one in approved["decision"]["changes"]][:3] == [
        "不予提供：统一社会信用代码（uscc）", "参数 uscc：不限 → 11621…", "每日调用量：100 → 7",
    ]  # fmt: skip
    assert approved["decision"]["changes"][2]["text"] == "calls a day: 100 → 7"


async def test_an_approval_of_all_has_no_differences(shared_world: World) -> None:
    application = await accepted(shared_world, await published(shared_world, CONTROLLED))
    assert (await shared_world.approve(application))["decision"]["changes"] == []
    other = await accepted(shared_world, await published(shared_world, CONTROLLED))
    late = await act(shared_world, other, "approve", {"sign_off": {**sign_off(), "on": "2099-01-01"}})
    assert late.refused(422, "invalid")["errors"][0]["pointer"] == "/sign_off/on"
