"""Publishing a calendar: what it would move is shown first, what it moves is on record, and running processes know."""

import json
import shutil
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from applying import act, published
from handclock import HandClock
from makes import CONTROLLED
from waiting import until
from world import World, running_world

from gateway.audit import AuditLog
from gateway.deadlines import Almanac, Clockwork, Editions, Source, calendar_of, load_rule_sets, read_source
from gateway.settings import Audit, Storage, config_dir
from gateway.storage import Database, Zone
from gateway.supervision.calendars import Calendars
from gateway.supervision.calendars.service import NothingToPublish
from gateway.telemetry import Metrics

CONDITIONAL: dict[str, Any] = {"sharing_class": "conditional", "conditions": "限不动产登记业务"}
AT_ONCE = timedelta(0)
FAST: dict[str, Any] = {"supervision": {"calendar_refresh_seconds": 0.02}}


@pytest.fixture
def clock() -> HandClock:
    return HandClock("2026-12-28T10:00")


@pytest.fixture
async def world(database: Any, clock: HandClock) -> Any:
    async with running_world(database, now=clock, **FAST) as made:
        yield made


@pytest.fixture
def source_2027(tmp_path: Path) -> Source:
    """The shipped folder with a notice of 2027 that also gives Monday, 4 January."""
    folder = Path(shutil.copytree(config_dir() / "calendars", tmp_path / "calendars"))
    days = [{"date": f"2027-01-0{day}", "name": "元旦", "isOffDay": True} for day in (1, 2, 3, 4)]
    year = {"year": 2027, "source": "test", "days": days}
    (folder / "2027.json").write_text(json.dumps(year), encoding="utf-8")
    return read_source(folder)


@asynccontextmanager
async def console(database: Any, clock: HandClock, metrics: Metrics | None = None) -> Any:
    """The calendars as another process sees them."""
    dsn = database.dsn(Zone.CONTROL)
    pool = await Database.open(dsn, Storage(), size=2)
    log = await AuditLog.open(dsn, Audit(), node="console")
    source = read_source(config_dir() / "calendars")
    work = Clockwork(
        load_rule_sets(config_dir() / "rules"), Almanac(Editions.sole(calendar_of(source))), "621000"
    )
    calendars = Calendars(pool, log, work, "console", clock, metrics)
    await calendars.open(source)
    try:
        yield calendars
    finally:
        await log.close()
        await pool.close()


async def one(world: World, application: str, rule: str) -> Any:
    shown = (await world.as_("requester", "GET", f"/v1/applications/{application}/clocks")).ok()
    return next(clock for clock in shown["clocks"] if clock["rule"] == rule)


async def filed(world: World, clock: HandClock) -> str:
    resource = await published(world, CONTROLLED, **CONDITIONAL)
    return str((await world.file(resource, **clock.dates())).ok()["id"])


async def counted_by(world: World, application: str, edition: str) -> Any:
    """The clock of the application's answer once the running process counts by the edition."""

    async def shown() -> Any:
        found = await one(world, application, "tl809.reply_cond")
        return found if found["calendar_version"].startswith(edition) else None

    return await until(shown)


async def test_a_new_year_is_previewed_then_published_and_moves_open_provisional_deadlines(
    world: World, clock: HandClock, database: Any, source_2027: Source
) -> None:
    application = await filed(world, clock)
    closed = await filed(world, clock)
    await act(world, closed, "withdraw", {"reason": "业务调整"})
    clock.set("2026-12-29T09:00", world)
    before = await one(world, application, "tl809.reply_cond")
    assert (before["due_date"], before["provisional"]) == ("2027-01-12", True)

    async with console(database, clock) as calendars:
        preview = await calendars.preview(source_2027)
        assert {(str(each.clock.id), each.clock.rule) for each in preview} == {
            (application, "tl809.reply_cond")
        }
        assert (await one(world, application, "tl809.reply_cond")) == before
        moved = await calendars.publish(source_2027, AT_ONCE)
        assert [(each.clock, each.deadline.due_date.isoformat()) for each in moved] == [
            (preview[0].clock, "2027-01-13")
        ]
        assert await calendars.drift() == []
        with pytest.raises(NothingToPublish):
            await calendars.publish(source_2027, AT_ONCE)

    after = await counted_by(world, application, "cn-2027.")
    assert (after["due_date"], after["provisional"]) == ("2027-01-13", False)
    assert len((await world.as_("requester", "GET", "/v1/calendars")).ok()["editions"]) == 2
    assert "到期时间由 2027-01-13 00:00+08:00 调整为 2027-01-14 00:00+08:00" in after["explanation"][-1]["zh"]
    (listed,) = (await world.as_("platform-admin", "GET", "/v1/supervision/cases")).ok()["items"]
    assert (listed["id"], listed["rule"]) == (application, "qy132.review")

    found = await world.audit()
    (event,) = [each for each in found if each["type"] == "deadline.moved"]
    assert (event["object"]["id"], event["detail"]["rule"]) == (application, "tl809.reply_cond")
    assert (event["detail"]["old_due_at"], event["detail"]["new_due_at"]) == (
        "2027-01-12T16:00:00+00:00",
        "2027-01-14T00:00:00+08:00",
    )
    assert [each["detail"]["number"] for each in found if each["type"] == "calendar.published"] == [1, 2]


async def test_a_deadline_that_drifted_is_found_and_counted_and_put_right_by_publishing_again(
    world: World, clock: HandClock, database: Any, source_2027: Source
) -> None:
    application, metrics = await filed(world, clock), Metrics()
    async with console(database, clock, metrics) as calendars:
        await calendars.publish(source_2027, AT_ONCE)
        assert await calendars.measure() == 0
        owner = await database.owner()
        try:
            await owner.execute(
                "UPDATE supervision.clock SET due_at = due_at + interval '1 day' WHERE is_binding"
            )
        finally:
            await owner.close()
        assert await calendars.measure() == 1
        assert b"gx_deadline_drift 1.0" in metrics.exposition()
        (moved,) = await calendars.publish(source_2027, AT_ONCE)
        assert (str(moved.clock.id), moved.clock.rule) == (application, "qy132.review")
        assert await calendars.measure() == 0


async def test_extensions_and_every_step_keep_the_stored_deadlines_free_of_drift(
    world: World, clock: HandClock, database: Any
) -> None:
    application = await filed(world, clock)
    clock.set("2026-12-29T10:00", world)
    await world.accept(application)
    body = {"rule": "tl809.reply_cond", "days": 3, "reason": "需会商", "notice": "延期三日"}
    asked = (await world.as_("provider", "POST", f"/v1/applications/{application}/extensions", body)).ok()
    path = f"/v1/applications/{application}/extensions/{asked['extensions'][0]['id']}/decision"
    (await world.as_("platform-admin", "POST", path, {"consent": True})).ok()
    async with console(database, clock) as calendars:
        assert await calendars.drift() == []


async def test_two_processes_that_start_at_once_publish_one_first_edition(
    database: Any, clock: HandClock
) -> None:
    async with console(database, clock) as first, console(database, clock) as second:
        assert [each.number for each in await first.editions()] == [1]
        assert await second.editions() == await first.editions()


async def test_a_rule_that_is_gone_from_the_files_is_drift_and_moves_nothing(
    world: World, clock: HandClock, database: Any
) -> None:
    await filed(world, clock)
    owner = await database.owner()
    try:
        await owner.execute("UPDATE supervision.clock SET rule = 'gone.review' WHERE rule = 'qy132.review'")
    finally:
        await owner.close()
    async with console(database, clock) as calendars:
        assert [(each.clock.rule, each.deadline) for each in await calendars.drift()] == [
            ("gone.review", None)
        ]
