"""mission row 10, 数据共享责任清单: what, to whom, by when, who answers; by year and version; each line live."""

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from handclock import HandClock
from makes import BASIS, CONTROLLED
from openpyxl import load_workbook
from world import PROVIDER, World, another, form, http_mount, running_world

MOUNT = http_mount("http://127.0.0.1:9")
TRICK = '=HYPERLINK("http://evil.test","点此")'
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
async def clock() -> HandClock:
    return HandClock("2026-11-20T10:00")


@pytest.fixture(scope="module")
async def city(shared_database: Any, clock: HandClock) -> AsyncIterator[World]:
    """A department with three entries: for all, on conditions, and not shared."""
    async with running_world(shared_database, now=clock) as world:
        await world.publish(another(name="企业名录", code="307011024701/000001"), MOUNT)
        conditions = {"sharing_class": "conditional", "conditions": TRICK}
        what = another(name="<b>许可</b>", code="307011024701/000002", parameters=[CONTROLLED], **conditions)
        await world.publish(what, MOUNT)
        secret = another(
            name="涉密", code="307011024701/000003", sharing_class="not_shared", not_shared_basis=BASIS
        )
        await world.publish(secret, None)
        yield world


async def published(world: World, year: int = 2026) -> Any:
    body = {"org": PROVIDER, "year": year}
    return (await world.as_("platform-admin", "POST", "/v1/duty-lists", body)).ok()


def line_of(duty_list: Any, code: str) -> Any:
    return next(one for one in duty_list["lines"] if one["line"]["code"].endswith(code))


async def test_a_line_says_what_to_whom_by_when_and_who_answers(city: World, clock: HandClock) -> None:
    clock.set("2026-11-20T10:00", city)
    made = await published(city)
    assert (made["org"], made["year"], made["line_count"]) == (PROVIDER, 2026, 3)
    line = line_of(made, "2")["line"]
    assert line["items"] == ["统一社会信用代码", "企业名称", "法定代表人", "注册资本"]
    assert (line["to_whom"], line["answers"]) == (TRICK, ["provider"])
    limits = {one["rule"]: one["within_zh"] for one in line["by_when"]}
    assert limits["tl809.reply_cond"] == "10个工作日"
    assert limits["tl809.share"] == "20个工作日"
    assert "tl809.reply_uncond" in {one["rule"] for one in line_of(made, "1")["line"]["by_when"]}
    closed = line_of(made, "3")["line"]
    assert BASIS["citation"] in closed["to_whom"]
    assert closed["by_when"] == []


async def test_each_line_links_to_the_live_entry_its_clock_record_and_its_breaches(
    city: World, clock: HandClock
) -> None:
    clock.set("2026-11-20T10:00", city)
    made = await published(city)
    resource = line_of(made, "2")["line"]["resource_id"]
    filed = (await city.as_("requester", "POST", "/v1/applications", form(resource, **clock.dates()))).ok()
    await city.accept(filed["id"])
    path = f"/v1/duty-lists/{made['id']}"
    live = line_of((await city.as_("requester", "GET", path)).ok(), "2")["live"]
    assert (live["open_cases"], live["breaches"], live["state"]) == (1, [], "published")
    clock.set("2026-12-28T10:00", city)
    live = line_of((await city.as_("requester", "GET", path)).ok(), "2")["live"]
    breach = next(one for one in live["breaches"] if one["rule"] == "tl809.reply_cond")
    assert breach["due_at"].startswith("2026-12-04T16:00")
    assert (await city.as_("provider", "GET", breach["case"])).ok()["id"] == filed["id"]
    assert (await city.as_("requester", "GET", live["resource"])).ok()["id"] == resource


async def test_a_published_version_stays_and_a_newer_one_stands_beside_it(
    city: World, clock: HandClock
) -> None:
    clock.set("2026-11-20T10:00", city)
    first = await published(city, 2030)
    extra = await city.publish(another(name="新增", code="307011024701/000009"), MOUNT)
    second = await published(city, 2030)
    assert (first["version"], second["version"], second["line_count"]) == (1, 2, first["line_count"] + 1)
    (await city.as_("provider", "POST", f"/v1/resources/{extra}/withdraw", {"reason": "职能划转"})).ok()
    again = (await city.as_("auditor", "GET", f"/v1/duty-lists/{second['id']}")).ok()
    assert line_of(again, "9")["live"]["state"] == "withdrawn"
    assert (await city.as_("auditor", "GET", f"/v1/duty-lists/{first['id']}")).ok()["line_count"] == first[
        "line_count"
    ]
    listed = (await city.as_("requester", "GET", "/v1/duty-lists")).ok()["items"]
    assert [one["version"] for one in listed if one["year"] == 2030] == [2, 1]
    wrong = {"org": "11621000MB0000004A", "year": 2026}
    (await city.as_("platform-admin", "POST", "/v1/duty-lists", wrong)).refused(422, "invalid")


async def test_the_sheet_holds_text_only_whatever_a_department_wrote(city: World, clock: HandClock) -> None:
    clock.set("2026-11-20T10:00", city)
    made = await published(city)
    answer = await city.as_("requester", "GET", f"/v1/duty-lists/{made['id']}/sheet")
    assert (answer.status, answer.headers["Content-Type"]) == (200, XLSX)
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    page = load_workbook(io.BytesIO(answer.body)).active
    cells = [cell for row in page.iter_rows() for cell in row]
    assert TRICK in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert page.max_row == 1 + made["line_count"]


async def test_the_page_shows_names_as_text_and_runs_nothing(city: World, clock: HandClock) -> None:
    clock.set("2026-11-20T10:00", city)
    made = await published(city)
    answer = await city.as_("requester", "GET", f"/v1/duty-lists/{made['id']}/page")
    page = answer.body.decode()
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "&lt;b&gt;许可&lt;/b&gt;" in page
    assert "<b>" not in page
    resource = line_of(made, "2")["line"]["resource_id"]
    assert f'href="/v1/resources/{resource}"' in page
