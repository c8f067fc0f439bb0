"""The statutory clocks of an entry (Decree 809 Art. 17): two working days to review, ten (and five) to update."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from handclock import HandClock
from world import PLATFORM, PROVIDER, World, another, clearance, http_mount, running_world

MOUNT = http_mount("http://127.0.0.1:9")
REVIEW, UPDATE = "tl809.cat_review", "tl809.cat_update"


@pytest.fixture
def clock() -> HandClock:
    return HandClock("2026-11-20T10:00")  # a Friday


@pytest.fixture
async def world(database: Any, clock: HandClock) -> AsyncIterator[World]:
    async with running_world(database, now=clock) as made:
        yield made


async def submitted(world: World, what: dict[str, Any]) -> str:
    """An entry under review; its address."""
    made = (await world.as_("provider", "POST", "/v1/resources", what)).ok()
    one = f"/v1/resources/{made['id']}"
    (await world.as_("provider", "PUT", f"{one}/mount", {"mount": MOUNT})).ok()
    (await world.as_("provider", "PUT", f"{one}/clearance", clearance(what))).ok()
    (await world.as_("provider", "POST", f"{one}/submit")).ok()
    return one


async def revised(world: World, one: str, what: dict[str, Any]) -> None:
    """A revision drafted and submitted."""
    later = {**what, "summary": "企业登记的基本信息及变更"}
    given = {"description": later, "reason": "登记事项调整"}
    (await world.as_("provider", "PUT", f"{one}/revision", given)).ok()
    (await world.as_("provider", "PUT", f"{one}/revision/clearance", clearance(later))).ok()
    (await world.as_("provider", "POST", f"{one}/revision/submit", {})).ok()


def change(on: str = "2026-11-20", **other: Any) -> dict[str, Any]:
    return {"kind": "law", "what": "登记条例修订", "basis": "国令〔2026〕9号", "changed_on": on, **other}


async def clocks(world: World, one: str) -> Any:
    return (await world.as_("provider", "GET", f"{one}/clocks")).ok()


async def watched(world: World) -> list[tuple[str, str]]:
    """What supervision watches of the catalogue: holder and rule."""
    found = (await world.as_("platform-admin", "GET", "/v1/supervision/cases?kind=catalogue")).ok()
    return sorted((one["holder"], one["rule"]) for one in found["items"])


async def test_the_platform_has_two_working_days_from_submission_to_publication(world: World) -> None:
    one = await submitted(world, another())
    [review] = (await clocks(world, one))["submissions"]
    [clock] = review["clocks"]
    assert (clock["rule"], clock["state"], clock["due_date"]) == (REVIEW, "running", "2026-11-24")
    assert clock["actor"] == "platform"
    assert len(clock["explanation"]) == len(clock["explanation_zh"]) > 2
    assert await watched(world) == [(PLATFORM, REVIEW)]

    (await world.as_("platform-admin", "POST", f"{one}/publish")).ok()
    [review] = (await clocks(world, one))["submissions"]
    assert (review["ended_as"], review["clocks"][0]["state"]) == ("published", "met")
    assert await watched(world) == []


async def test_a_late_return_is_late_and_the_next_submission_has_a_clock_of_its_own(
    world: World, clock: HandClock
) -> None:
    one = await submitted(world, another())
    clock.set("2026-11-25T09:00", world)
    assert (await clocks(world, one))["submissions"][0]["clocks"][0]["state"] == "overdue"
    (await world.as_("platform-admin", "POST", f"{one}/return", {"reason": "请核实"})).ok()
    (await world.as_("provider", "POST", f"{one}/submit")).ok()
    second, first = (await clocks(world, one))["submissions"]
    assert (first["ended_as"], first["clocks"][0]["state"]) == ("returned", "late")
    assert (second["clocks"][0]["state"], second["clocks"][0]["due_date"]) == ("running", "2026-11-27")


@pytest.mark.parametrize(
    ("act", "state"), [("publish", "met"), ("return", "met"), ("discard", "stopped"), ("withdraw", "stopped")]
)
async def test_the_review_of_a_revision_ends_with_it(world: World, act: str, state: str) -> None:
    what = another()
    one = await submitted(world, what)
    (await world.as_("platform-admin", "POST", f"{one}/publish")).ok()
    await revised(world, one, what)
    assert await watched(world) == [(PLATFORM, REVIEW)]
    login = "provider" if state == "stopped" else "platform-admin"
    path = f"{one}/{act}" if act == "withdraw" else f"{one}/revision/{act}"
    body = {"reason": "请核实"} if act in ("return", "withdraw") else None
    (await world.as_(login, "POST", path, body)).ok()
    assert (await clocks(world, one))["submissions"][0]["clocks"][0]["state"] == state
    assert await watched(world) == []


async def test_a_change_gives_ten_working_days_until_the_update_is_submitted(
    world: World, clock: HandClock
) -> None:
    what = another()
    one = await submitted(world, what)
    (await world.as_("platform-admin", "POST", f"{one}/publish")).ok()
    clock.set("2026-11-23T10:00", world)
    (await world.as_("platform-admin", "POST", f"{one}/changes", change())).ok()
    [recorded] = (await clocks(world, one))["changes"]
    [update] = recorded["clocks"]
    assert (update["rule"], update["state"], update["due_date"]) == (UPDATE, "running", "2026-12-04")
    assert await watched(world) == [(PROVIDER, UPDATE)]

    await revised(world, one, what)
    [recorded] = (await clocks(world, one))["changes"]
    assert (recorded["ended_as"], recorded["clocks"][0]["state"]) == ("submitted", "met")
    assert await watched(world) == [(PLATFORM, REVIEW)]


async def test_the_platform_extends_an_update_once_by_at_most_five_working_days(world: World) -> None:
    one = await submitted(world, another())
    answer = (await world.as_("provider", "POST", f"{one}/changes", change())).ok()
    path = f"{one}/changes/{answer['id']}/extension"
    more = {"days": 6, "reason": "涉及多个系统"}
    assert (await world.as_("platform-admin", "POST", path, more)).status == 409
    answer = (await world.as_("platform-admin", "POST", path, {**more, "days": 3})).ok()
    [update] = answer["clocks"]
    assert (update["extended_days"], update["due_date"]) == (3, "2026-12-09")
    again = await world.as_("platform-admin", "POST", path, {**more, "days": 2})
    assert (again.status, again.body["type"].rsplit("/", 1)[-1]) == (409, "already-extended")


async def test_whoever_recorded_a_change_does_not_extend_it(world: World) -> None:
    one = await submitted(world, another())
    answer = (await world.as_("platform-admin", "POST", f"{one}/changes", change())).ok()
    path = f"{one}/changes/{answer['id']}/extension"
    refused = await world.as_("platform-admin", "POST", path, {"days": 5, "reason": "涉及多个系统"})
    assert refused.status == 403
    assert (await clocks(world, one))["changes"][0]["clocks"][0]["extended_days"] == 0


@pytest.mark.parametrize("on", ["2026-11-21", "2025-07-31"])
async def test_a_change_that_lies_ahead_or_before_the_decree_is_refused(world: World, on: str) -> None:
    one = await submitted(world, another())
    refused = await world.as_("provider", "POST", f"{one}/changes", change(on))
    assert refused.status == 422
    assert refused.body["errors"][0]["pointer"] == "/changed_on"
    assert (await clocks(world, one))["changes"] == []


async def test_an_entry_that_ends_has_nothing_left_to_update(world: World) -> None:
    one = await submitted(world, another())
    (await world.as_("platform-admin", "POST", f"{one}/publish")).ok()
    (await world.as_("provider", "POST", f"{one}/changes", change())).ok()
    (await world.as_("provider", "POST", f"{one}/withdraw", {"reason": "职能划转"})).ok()
    [recorded] = (await clocks(world, one))["changes"]
    assert (recorded["ended_as"], recorded["clocks"][0]["state"]) == ("closed", "stopped")
    assert (await world.as_("provider", "POST", f"{one}/changes", change())).status == 409
