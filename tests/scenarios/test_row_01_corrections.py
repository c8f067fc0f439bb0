"""mission row 1, 校核: a wrong value reported is corrected within the clock and earlier recipients are told (Art. 26)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from handclock import HandClock
from makes import ID_PARAMETER
from world import OTHER, World, another, form, http_mount, running_world

KEY = {"id_number": "11010519491231002X"}
SEEN, EXPECTED = "离婚", "已婚"
DOUBT = {
    "item": "status",
    "doubt": "wrong",
    "key": KEY,
    "seen": SEEN,
    "expected": EXPECTED,
    "note": "当事人出示结婚证",
}


@pytest.fixture(scope="module")
async def clock() -> HandClock:
    return HandClock("2026-11-20T10:00")


@pytest.fixture(scope="module")
async def city(shared_database: Any, clock: HandClock) -> AsyncIterator[World]:
    """Two departments receive marriage records of a third."""
    async with running_world(shared_database, now=clock) as world:
        await world.org(OTHER, "民政局")
        await world.person("housing", OTHER, "requester")
        await world.client("housing-system", OTHER)
        yield world


async def marriages(world: World) -> str:
    """A resource about persons."""
    items = [
        {"name": "id_number", "title": "公民身份号码", "type": "C", "personal": True},
        {"name": "status", "title": "婚姻状况", "type": "C", "personal": True},
    ]
    what = another(items=items, parameters=[{**ID_PARAMETER, "controlled": True}])
    return await world.publish(what, http_mount("http://127.0.0.1:9", url="http://127.0.0.1:9/{id_number}"))


async def granted(world: World, clock: HandClock, resource: str, login: str, client: str) -> str:
    asked = form(resource, client=client, fields=["status"], **clock.dates())
    filed = (await world.as_(login, "POST", "/v1/applications", asked)).ok()
    await world.accept(filed["id"])
    body = {"narrowed": {}, "sign_off": clock.dates()["sign_off"]}
    return str(
        (await world.as_("provider", "POST", f"/v1/applications/{filed['id']}/approve", body)).ok()[
            "grant_id"
        ]
    )


async def doubt(world: World, grant: str, login: str = "requester", **changes: Any) -> Any:
    return await world.as_(login, "POST", f"/v1/grants/{grant}/corrections", {**DOUBT, **changes})


async def test_a_doubt_is_answered_within_ten_working_days_and_other_recipients_are_told(
    city: World, clock: HandClock
) -> None:
    clock.set("2026-11-20T10:00", city)
    resource = await marriages(city)
    grant = await granted(city, clock, resource, "requester", "registration")
    other = await granted(city, clock, resource, "housing", "housing-system")
    assert (await city.as_("requester", "GET", f"/v1/grants/{grant}/corrections")).ok() == {"open": 0}

    filed = (await doubt(city, grant)).ok()
    assert (filed["state"], filed["due_at"][:16]) == (
        "open",
        "2026-12-04T16:00",
    )  # 2026-12-05 00:00 in Shanghai
    assert filed["content"]["expected"] == EXPECTED
    assert "key" not in filed
    cases = (await city.as_("platform-admin", "GET", "/v1/supervision/cases?kind=correction")).ok()["items"]
    assert filed["id"] in [one["id"] for one in cases]
    told = (await city.as_("housing", "GET", f"/v1/grants/{other}/corrections")).ok()
    assert told["open"] == 1
    assert "业务照常办理" in told["advice_zh"]

    clock.set("2026-12-04T17:00", city)
    path = f"/v1/corrections/{filed['id']}"
    seen = (await city.as_("provider", "GET", path)).ok()
    assert (seen["content"]["key"], seen["overdue"]) == (KEY, False)
    answer = {"outcome": "corrected", "report": "已补录"}
    closed = (await city.as_("provider", "POST", f"{path}/answer", answer)).ok()
    assert (closed["state"], closed["overdue"]) == ("corrected", False)
    assert [one["consumer_org"] for one in closed["told"]] == [OTHER]
    (await city.as_("provider", "POST", f"{path}/answer", answer)).refused(409, "correction-closed")
    assert (await city.as_("housing", "GET", f"/v1/grants/{other}/corrections")).ok() == {"open": 0}

    notice = (await city.as_("housing", "GET", "/v1/correction-notices")).ok()["items"][0]
    assert (notice["pseudonym"], "key" in notice) == (filed["pseudonym"], False)
    ask = f"/v1/correction-notices/{notice['id']}"
    assert (await city.as_("housing", "POST", f"{ask}/match", {"key": KEY})).ok() == {"same": True}
    someone = {"key": {"id_number": "440524188001010014"}}
    assert (await city.as_("housing", "POST", f"{ask}/match", someone)).ok() == {"same": False}
    assert (await city.as_("housing", "POST", f"{ask}/acknowledge")).ok()["acknowledged_at"]
    told = (await city.as_("requester", "GET", path)).ok()["told"]
    assert told[0]["acknowledged_at"]
    for login, kind in (("provider", "doubted"), ("requester", "decided"), ("housing", "corrected")):
        sent = (await city.as_(login, "GET", "/v1/notifications")).ok()["items"]
        assert [one["kind"] for one in sent if one["content"]["case_id"] == filed["id"]] == [kind]


async def test_an_answer_after_the_clock_stays_late_for_good(city: World, clock: HandClock) -> None:
    clock.set("2026-11-20T10:00", city)
    grant = await granted(city, clock, await marriages(city), "requester", "registration")
    path = f"/v1/corrections/{(await doubt(city, grant)).ok()['id']}"
    clock.set("2026-12-05T00:00", city)
    assert (await city.as_("provider", "GET", path)).ok()["overdue"] is True
    answer = {"outcome": "upheld", "report": "核实无误"}
    closed = (await city.as_("provider", "POST", f"{path}/answer", answer)).ok()
    assert (closed["state"], closed["overdue"], closed["told"]) == ("upheld", True, [])


async def test_neither_the_key_nor_the_values_reach_the_log_or_those_who_are_no_party(
    city: World, clock: HandClock
) -> None:
    clock.set("2026-11-20T10:00", city)
    grant = await granted(city, clock, await marriages(city), "requester", "registration")
    filed = (await doubt(city, grant)).ok()
    path = f"/v1/corrections/{filed['id']}"
    shown = (await city.as_("platform-admin", "GET", path)).ok()
    assert "content" not in shown
    (await city.as_("housing", "GET", path)).refused(404, "no-such-correction")
    (await city.as_("provider", "POST", f"{path}/answer", {"outcome": "corrected", "report": EXPECTED})).ok()
    assert "report" not in (await city.as_("platform-admin", "GET", path)).ok()
    events = [one for one in await city.audit() if one.get("object", {}).get("id") == filed["id"]]
    assert [one["type"] for one in events] == ["correction.filed", "correction.answered"]
    assert {one["detail"]["pseudonym"] for one in events} == {filed["pseudonym"]}
    said = str(events)
    assert not any(word in said for word in (KEY["id_number"], SEEN, EXPECTED, "结婚证"))


async def test_a_doubt_is_about_something_received_and_is_made_once(city: World, clock: HandClock) -> None:
    clock.set("2026-11-20T10:00", city)
    grant = await granted(city, clock, await marriages(city), "requester", "registration")
    (await doubt(city, grant, item="id_number")).refused(422, "invalid")
    (await doubt(city, grant, key={"nothing": "1"})).refused(422, "invalid")
    (await doubt(city, grant, key={"id_number": "1"})).refused(422, "invalid")
    (await doubt(city, grant, login="housing")).refused(404, "no-such-grant")
    first = (await doubt(city, grant)).ok()
    (await doubt(city, grant, key={"id_number": KEY["id_number"].lower()})).refused(409, "already-doubted")
    back = {"reason": "系本部门误录"}
    (await city.as_("requester", "POST", f"/v1/corrections/{first['id']}/withdraw", back)).ok()
    (await doubt(city, grant)).ok()
