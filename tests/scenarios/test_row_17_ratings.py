"""mission row 17, 好差评: a rating per service with a duty to answer; a league table with figures anybody can reproduce."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from handclock import HandClock
from makes import CONTROLLED
from world import CONSUMER, OTHER, PROVIDER, World, another, form, http_mount, running_world

BAD = {"score": 1, "about": "timeliness", "words": "更新滞后三个月"}


@pytest.fixture(scope="module")
async def clock() -> HandClock:
    return HandClock("2026-09-28T10:00")


@pytest.fixture(scope="module")
async def city(shared_database: Any, clock: HandClock) -> AsyncIterator[World]:
    async with running_world(shared_database, now=clock) as world:
        await world.org(OTHER, "民政局")
        await world.person("stranger", OTHER, "provider", "requester")
        yield world


async def used(world: World, clock: HandClock) -> str:
    """A grant of a new service, issued now."""
    clock.set("2026-09-28T10:00", world)
    resource = await world.publish(another(parameters=[CONTROLLED]), http_mount("http://127.0.0.1:9"))
    asked = form(resource, **clock.dates())
    filed = (await world.as_("requester", "POST", "/v1/applications", asked)).ok()
    await world.accept(filed["id"])
    body = {"narrowed": {}, "sign_off": clock.dates()["sign_off"]}
    path = f"/v1/applications/{filed['id']}/approve"
    return str((await world.as_("provider", "POST", path, body)).ok()["grant_id"])


async def rate(world: World, grant: str, login: str = "requester", **changes: Any) -> Any:
    return await world.as_(login, "POST", f"/v1/grants/{grant}/ratings", {**BAD, **changes})


async def figure(world: World, name: str, org: str) -> list[Any]:
    path = f"/v1/statistics?figure={name}&org={org}&since=2026-09-01"
    return [one["value"] for one in (await world.as_("auditor", "GET", path)).ok()["items"]]


async def test_a_bad_rating_gets_an_answer_within_five_working_days(city: World, clock: HandClock) -> None:
    given = (await rate(city, await used(city, clock))).ok()
    assert (given["bad"], given["overdue"], given["provider_org"]) == (True, False, PROVIDER)
    assert given["answer_due_at"].startswith(
        "2026-10-10T16:00"
    )  # the holiday does not count, the make-up Saturday does
    path = f"/v1/ratings/{given['id']}"
    waiting = (await city.as_("provider", "GET", "/v1/ratings?unanswered=true")).ok()["items"]
    assert given["id"] in [one["id"] for one in waiting]
    answer = {"answer": "经核实属实", "measures": "改为每日更新"}
    (await city.as_("stranger", "POST", f"{path}/answer", answer)).refused(404, "no-such-rating")
    answered = (await city.as_("provider", "POST", f"{path}/answer", answer)).ok()
    assert (answered["answer"], answered["answered_by"], answered["overdue"]) == (
        answer["answer"],
        "provider",
        False,
    )
    (await city.as_("provider", "POST", f"{path}/answer", answer)).refused(409, "already-answered")
    seen = (await city.as_("requester", "GET", path)).ok()
    assert seen["measures"] == answer["measures"]


async def test_an_answer_that_does_not_come_counts_against_the_department(
    city: World, clock: HandClock
) -> None:
    before = await figure(city, "ratings_unanswered", PROVIDER)
    grant = await used(city, clock)
    given = (await rate(city, grant)).ok()
    clock.set("2026-10-13T00:00", city)
    assert (await city.as_("provider", "GET", f"/v1/ratings/{given['id']}")).ok()["overdue"] is True
    assert sum(await figure(city, "ratings_unanswered", PROVIDER)) == sum(before) + 1
    assert await figure(city, "ratings_unanswered", CONSUMER) == []


async def test_a_good_rating_needs_no_answer_and_raises_the_average_and_the_league(
    city: World, clock: HandClock
) -> None:
    grant = await used(city, clock)
    (await rate(city, grant, score=1)).ok()
    clock.set("2026-10-13T00:00", city)
    low = (await figure(city, "league", PROVIDER))[0]
    given = (await rate(city, grant, score=5, about="usefulness")).ok()
    assert (given["bad"], "answer_due_at" in given, given["month"]) == (False, False, "2026-10")
    clock.set("2026-10-13T00:01", city)
    assert 3.0 in await figure(city, "ratings_average", PROVIDER)
    assert (await figure(city, "league", PROVIDER))[0] > low


async def test_the_using_department_rates_once_a_month(city: World, clock: HandClock) -> None:
    grant = await used(city, clock)
    (await rate(city, grant, login="stranger")).refused(404, "no-such-grant")
    (await rate(city, grant, score=6)).refused(422, "invalid")
    (await rate(city, grant)).ok()
    (await rate(city, grant, score=5)).refused(409, "already-rated")
