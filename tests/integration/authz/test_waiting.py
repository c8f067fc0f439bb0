"""“Why am I waiting”: who holds an application, under which clock, until when, and how the days were counted."""

from typing import Any

import pytest
from applying import REASONS, WHY, act, published
from handclock import HandClock
from makes import CONTROLLED, UNCONTROLLED
from world import PLATFORM, PROVIDER, World, running_world

CONDITIONAL: dict[str, Any] = {"sharing_class": "conditional", "conditions": "限不动产登记业务"}


class Case:
    """One application in a world whose clock is set by hand."""

    def __init__(self, world: World, clock: HandClock) -> None:
        self.world = world
        self.clock = clock
        self.id = ""

    async def filed(self, *parameters: dict[str, Any], **changes: Any) -> Any:
        resource = await published(self.world, *parameters, **changes)
        answer = (await self.world.file(resource, **self.clock.dates())).ok()
        self.id = answer["id"]
        return answer

    async def at(self, text: str) -> Any:
        self.clock.set(text, self.world)
        return (await self.world.as_("requester", "GET", f"/v1/applications/{self.id}")).ok()

    async def step(self, text: str, step: str, body: Any = None) -> Any:
        self.clock.set(text, self.world)
        return (await act(self.world, self.id, step, body)).ok()

    def sign_off(self) -> dict[str, Any]:
        return {"sign_off": self.clock.dates()["sign_off"]}


@pytest.fixture
async def case(database: Any) -> Any:
    clock = HandClock("2026-11-20T10:00")
    async with running_world(database, now=clock) as world:
        yield Case(world, clock)


def clocks(shown: Any) -> dict[str, tuple[str, str | None]]:
    return {one["rule"]: (one["state"], one.get("due_date")) for one in shown["clocks"]}


def one_clock(shown: Any, rule: str) -> Any:
    return next(one for one in shown["clocks"] if one["rule"] == rule)


async def test_conditional_data_from_filing_to_approval(case: Case) -> None:
    filed = await case.filed(UNCONTROLLED, **CONDITIONAL)
    assert filed["rule_sets"] == ["qy132", "tl809"]
    assert clocks(filed) == {
        "qy132.review": ("running", "2026-11-25"),
        "qy132.approve": ("waiting", None),
        "tl809.reply_cond": ("running", "2026-12-04"),
        "tl809.share": ("waiting", None),
    }
    assert filed["waiting"] == {
        "holder": PLATFORM,
        "holder_zh": "平台管理部门",
        "for_what": "the conformity review",
        "for_what_zh": "规范性审查",
        "binding_clock": "qy132.review",
        "due_at": "2026-11-26T00:00:00+08:00",
        "overdue": False,
    }
    review = one_clock(filed, "qy132.review")
    assert (review["binding"], review["actor"], review["article"]) == (True, "platform", "第22项")
    assert review["working_days_remaining"] == 3
    assert [line["zh"] for line in review["explanation"]][1:] == [
        "2026-11-20 周五：第0日，收到当日不计，工作日",
        "2026-11-21 周六：不计，周末",
        "2026-11-22 周日：不计，周末",
        "2026-11-23 周一：第1个工作日，工作日",
        "2026-11-24 周二：第2个工作日，工作日",
        "2026-11-25 周三：第3个工作日，工作日",
    ]

    accepted = await case.step("2026-11-25T15:00", "review", {"accept": True})
    assert clocks(accepted)["qy132.review"] == ("met", "2026-11-25")
    assert clocks(accepted)["qy132.approve"] == ("running", "2026-12-09")
    waiting = accepted["waiting"]
    assert (waiting["holder"], waiting["for_what"]) == (PROVIDER, "the decision of the providing department")
    assert (waiting["binding_clock"], waiting["due_at"]) == ("tl809.reply_cond", "2026-12-05T00:00:00+08:00")
    assert [one["rule"] for one in accepted["clocks"] if one["binding"]] == ["tl809.reply_cond"]

    late = await case.at("2026-12-07T09:00")
    assert late["waiting"]["overdue"] is True
    assert one_clock(late, "tl809.reply_cond")["working_days_remaining"] == -1
    assert clocks(late)["qy132.approve"] == ("running", "2026-12-09")

    approved = await case.step("2026-12-08T09:00", "approve", case.sign_off())
    assert "waiting" not in approved
    assert {rule: state for rule, (state, _) in clocks(approved).items()} == {
        "qy132.review": "met",
        "qy132.approve": "met",
        "tl809.reply_cond": "late",
        "tl809.share": "met",
    }


async def test_unconditional_data_provided_directly(case: Case) -> None:
    filed = await case.filed(UNCONTROLLED)
    assert (filed["waiting"]["binding_clock"], filed["waiting"]["due_at"]) == (
        "tl809.reply_uncond",
        "2026-11-24T00:00:00+08:00",
    )
    accepted = await case.step("2026-11-25T15:00", "review", {"accept": True})
    assert clocks(accepted) == {
        "qy132.review": ("met", "2026-11-25"),
        "qy132.provide": ("running", "2026-11-30"),
        "tl809.reply_uncond": ("overdue", "2026-11-23"),
        "tl809.share": ("waiting", None),
    }
    waiting = accepted["waiting"]
    assert (waiting["holder"], waiting["for_what_zh"], waiting["overdue"]) == (PLATFORM, "平台直接提供", True)
    provided = await case.step("2026-11-30T23:59", "provide")
    assert clocks(provided)["qy132.provide"] == ("met", "2026-11-30")
    assert clocks(provided)["tl809.reply_uncond"] == ("late", "2026-11-23")


async def test_unconditional_data_with_controlled_parameters_shows_both_rules(case: Case) -> None:
    await case.filed(CONTROLLED)
    accepted = await case.step("2026-11-23T09:00", "review", {"accept": True})
    assert clocks(accepted)["tl809.reply_uncond"] == ("running", "2026-11-23")
    assert clocks(accepted)["qy132.approve"] == ("running", "2026-12-07")
    assert accepted["waiting"]["holder"] == PROVIDER


async def test_what_is_closed_waits_for_nobody(case: Case) -> None:
    await case.filed(CONTROLLED)
    body = {"accept": False, "reasons": REASONS}
    closed = await case.step("2026-11-23T09:00", "review", body)
    assert "waiting" not in closed
    assert {state for state, _ in clocks(closed).values()} == {"met", "stopped"}
    await case.filed(CONTROLLED)
    withdrawn = await case.step("2026-11-23T10:00", "withdraw", WHY)
    assert {state for state, _ in clocks(withdrawn).values()} == {"stopped"}


async def test_a_receipt_on_a_rest_day_and_over_national_day(database: Any) -> None:
    clock = HandClock("2026-10-03T10:00")
    async with running_world(database, now=clock) as world:
        filed = await Case(world, clock).filed(UNCONTROLLED, **CONDITIONAL)
        review = one_clock(filed, "qy132.review")
        assert review["due_date"] == "2026-10-10"
        assert review["explanation"][-1]["en"] == "2026-10-10 Sat: day 3, make-up working day (国庆节)"


async def test_a_platform_can_count_a_rest_day_s_receipt_from_the_next_working_day(database: Any) -> None:
    clock = HandClock("2026-10-03T10:00")
    async with running_world(database, now=clock, platform={"rest_day": "next"}) as world:
        filed = await Case(world, clock).filed(UNCONTROLLED, **CONDITIONAL)
        review = one_clock(filed, "qy132.review")
        assert review["due_date"] == "2026-10-12"
        assert "视为下一工作日收到" in review["explanation"][1]["zh"]


async def test_a_deadline_in_a_year_not_yet_published_is_provisional(database: Any) -> None:
    clock = HandClock("2026-12-30T10:00")
    async with running_world(database, now=clock) as world:
        filed = await Case(world, clock).filed(UNCONTROLLED)
        reply, review = one_clock(filed, "tl809.reply_uncond"), one_clock(filed, "qy132.review")
        assert (reply["due_date"], reply["provisional"]) == ("2026-12-31", False)
        assert (review["due_date"], review["provisional"]) == ("2027-01-05", True)
        assert review["calendar_version"].startswith("cn-2026.")
        assert "暂定" in review["explanation"][-1]["zh"]


async def test_the_same_clocks_are_shown_before_filing(case: Case) -> None:
    resource = await published(case.world, UNCONTROLLED, **CONDITIONAL)
    shown = (await case.world.as_("requester", "GET", f"/v1/resources/{resource}/route")).ok()
    assert clocks(shown)["tl809.reply_cond"] == ("running", "2026-12-04")
    assert clocks(shown)["qy132.review"] == ("running", "2026-11-25")
    assert PROVIDER in shown["decided_by_zh"]


async def test_the_audit_record_of_a_step_keeps_the_deadlines_as_they_were_counted(case: Case) -> None:
    filed = await case.filed(UNCONTROLLED, **CONDITIONAL)
    (event,) = await case.world.audit(application_id=filed["id"])
    kept = {one["rule"]: one for one in event["detail"]["clocks"]}
    assert kept["tl809.reply_cond"]["due"] == "2026-12-04"
    assert kept["qy132.review"]["calendar"] == one_clock(filed, "qy132.review")["calendar_version"]
    assert kept["qy132.review"]["rest_day"] == "same"
