"""mission row 1, 多源校核: two departments' records of the same firms are compared by key; the report counts, and names nobody."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from aiohttp import web
from cutting import CuttingProxy
from handclock import HandClock
from world import CONSUMER, World, another, http_mount, provider_service, running_world

FIRMS = 4500
CSV = ["代码,名称,资本", *(f"F{n:05},企业{n},{n}.50" for n in range(3, FIRMS + 1))]
CSV[1], CSV[2] = "F00003,别名,3.5", "F00004,企业4,4.51"
CSV += ["Z00001,新企业,1", "Z00002,新企业,1", "f00005,企业5,5.5", ",无码,1"]
LISTED = [{"uscc": "F00001", "name": "企业1", "capital": 1.5}, {"uscc": "X", "name": "X", "capital": 1}]


async def answer(request: web.Request) -> web.StreamResponse:
    """The tax office's file, and a service that gives all its records at once."""
    if request.path == "/firms.csv":
        return web.Response(text="\n".join(CSV))
    return web.json_response({"data": LISTED})


@pytest.fixture(scope="module")
async def clock() -> HandClock:
    return HandClock("2026-11-20T10:00")


@pytest.fixture(scope="module")
async def city(shared_database: Any, clock: HandClock) -> AsyncIterator[tuple[World, str, str]]:
    """The registry's table of 4,500 firms and the tax office's address."""
    owner, name = await shared_database.owner(), f"{shared_database.name}_registry"
    await owner.execute(f"CREATE DATABASE {name}")
    await owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'canary-pw'")
    inside = await asyncpg.connect(shared_database.owner_dsn.replace(f"/{shared_database.name}", f"/{name}"))
    await inside.execute(
        "CREATE TABLE firm (code varchar(18) PRIMARY KEY, qymc text, zb numeric(20, 2), note text)"
    )
    await inside.executemany(
        "INSERT INTO firm VALUES ($1, $2, $3, 'x')",
        [(f"F{n:05}", f"企业{n}", n + 0.5) for n in range(1, FIRMS + 1)],
    )
    await inside.execute(f"GRANT SELECT (code, qymc, zb) ON firm TO {name}")
    await inside.close()
    small = {"compare_poll_seconds": 0.02, "compare_rows": 5000}
    async with (
        CuttingProxy(shared_database.owner_dsn, b"\x00never").listening() as proxy,
        provider_service(answer) as (base, _),
        running_world(shared_database, now=clock, quality=small) as world,
    ):
        await world.person("second", CONSUMER, "provider")
        yield world, f"postgresql://{name}:canary-pw@127.0.0.1:{proxy.port}/{name}", base
    await owner.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await owner.execute(f"DROP ROLE {name}")
    await owner.close()


async def registry(world: World, dsn: str, **changes: Any) -> str:
    sources = {"uscc": "code", "name": "qymc", "capital": "zb"}
    mount = {"kind": "table", "dsn": dsn, "relation": "firm", "sources": sources, **changes}
    return await world.publish(another(mode="table", parameters=[]), mount)


async def tax(world: World, base: str) -> str:
    sources = {"uscc": "代码", "name": "名称", "capital": "资本"}
    mount = {"kind": "file", "url": f"{base}/firms.csv", "sources": sources}
    return await world.publish(another(mode="file", parameters=[]), mount, login="second")


async def order(world: World, left: str, right: str, **changes: Any) -> Any:
    body = {
        "left": {"resource_id": left, "key": "uscc"}, "right": {"resource_id": right, "key": "uscc"},
        "pairs": [{"left": "name", "right": "name"}, {"left": "capital", "right": "capital"}],
        "reason": "法人库两源比对", **changes,
    }  # fmt: skip
    return await world.as_("platform-admin", "POST", "/v1/comparisons", body)


async def ran(world: World, comparison: str, times: int = 1, login: str = "platform-admin") -> Any:
    """The newest run once there are so many."""
    async with asyncio.timeout(60):
        while True:
            shown = (await world.as_(login, "GET", f"/v1/comparisons/{comparison}")).ok()
            if len(shown["runs"]) >= times:
                return shown["runs"][0]
            await asyncio.sleep(0.05)


async def test_a_table_and_a_file_are_compared_record_by_record(city: tuple[World, str, str]) -> None:
    world, dsn, base = city
    left, right = await registry(world, dsn), await tax(world, base)
    made = (await order(world, left, right)).ok()
    found = (await ran(world, made["id"]))["report"]
    counts = {
        name: found[name] for name in ("left_records", "right_records", "both", "left_only", "right_only")
    }
    assert counts == {
        "left_records": 4500,
        "right_records": 4500,
        "both": 4498,
        "left_only": 2,
        "right_only": 2,
    }
    assert (found["differing"], found["by_item"]) == (2, {"name": 1, "capital": 1})
    assert (found["rate"], found["repeated_keys"]) == (0.04, 1)
    assert sorted((one.get("only", ""), tuple(one["items"])) for one in found["samples"]) == [
        ("", ("capital",)), ("", ("name",)), ("left", ()), ("left", ()), ("right", ()), ("right", ()),
    ]  # fmt: skip


async def test_the_report_names_no_record_and_both_departments_read_it(city: tuple[World, str, str]) -> None:
    world, dsn, base = city
    made = (await order(world, await registry(world, dsn), await tax(world, base))).ok()
    report = await ran(world, made["id"])
    assert (
        report
        == await ran(world, made["id"], login="provider")
        == await ran(world, made["id"], login="second")
    )
    events = [e for e in await world.audit(type="comparison.ran") if e["object"]["id"] == made["id"]]
    assert [e["detail"]["differing"] for e in events] == [2]
    said = str(report) + str(events)
    assert not any(word in said for word in ("F0000", "企业", "别名", "Z0000"))
    sample = next(one for one in report["report"]["samples"] if one["items"] == ["name"])
    assert len(sample["left"]) == len(sample["right"]) == 32
    assert sample["left"] != sample["right"]


async def test_the_authority_has_a_sampled_record_verified_without_seeing_whose_it_is(
    city: tuple[World, str, str],
) -> None:
    world, dsn, base = city
    left, right = await registry(world, dsn), await tax(world, base)
    made = (await order(world, left, right)).ok()
    samples = (await ran(world, made["id"]))["report"]["samples"]
    place = next(at for at, one in enumerate(samples) if one["items"] == ["name"])
    path = f"/v1/comparisons/{made['id']}/corrections"
    finding = {"sample": place, "side": "right", "item": "name", "note": "与登记不一致"}
    filed = (await world.as_("platform-admin", "POST", path, finding)).ok()
    assert (filed["provider_org"], filed["pseudonym"]) == (CONSUMER, samples[place]["right"])
    assert "content" not in filed
    seen = (await world.as_("second", "GET", f"/v1/corrections/{filed['id']}")).ok()
    assert seen["content"]["key"] == {"uscc": "F00003"}
    answer = {"outcome": "corrected", "report": "已更正"}
    closed = (await world.as_("second", "POST", f"/v1/corrections/{filed['id']}/answer", answer)).ok()
    assert closed["state"] == "corrected"
    wrong = {**finding, "sample": 99}
    (await world.as_("platform-admin", "POST", path, wrong)).refused(422, "invalid")


async def test_it_runs_again_every_so_many_days_on_request_and_until_it_is_ended(
    city: tuple[World, str, str], clock: HandClock
) -> None:
    world, dsn, base = city
    mount = http_mount(base, url=f"{base}/all", records_at="/data")
    service = await world.publish(another(parameters=[]), mount)
    made = (await order(world, await registry(world, dsn), service, every_days=30)).ok()
    first = (await ran(world, made["id"]))["report"]
    assert (first["both"], first["differing"], first["right_only"]) == (1, 0, 1)
    clock.set("2026-12-20T10:00", world)
    await ran(world, made["id"], 2)
    path = f"/v1/comparisons/{made['id']}"
    (await world.as_("platform-admin", "POST", f"{path}/run")).ok()
    await ran(world, made["id"], 3)
    assert (await world.as_("platform-admin", "POST", f"{path}/end")).ok()["ended_at"]
    (await world.as_("platform-admin", "POST", f"{path}/run")).refused(409, "comparison-ended")


async def test_what_cannot_be_read_fails_the_run_in_one_word_and_nothing_is_cut_off(
    city: tuple[World, str, str],
) -> None:
    world, dsn, base = city
    right = await tax(world, base)
    gone = await registry(world, dsn, relation="nothing")
    assert (await ran(world, (await order(world, gone, right)).ok()["id"]))["fault"] == "upstream-invalid"
    hidden = await registry(world, dsn, sources={"uscc": "code", "name": "note", "capital": "zb"})
    assert (await ran(world, (await order(world, hidden, right)).ok()["id"]))["fault"] == "upstream-invalid"
    CSV.extend(f"Y{n:05},x,1" for n in range(600))
    left = await registry(world, dsn)
    assert (await ran(world, (await order(world, left, right)).ok()["id"]))["fault"] == "upstream-too-large"
    del CSV[-600:]


async def test_a_side_that_answers_only_single_questions_is_refused_at_once(
    city: tuple[World, str, str],
) -> None:
    world, dsn, base = city
    single = await world.publish(another(), http_mount(base))
    left = await registry(world, dsn)
    problem = (await order(world, left, single)).refused(422, "invalid")
    assert [one["pointer"] for one in problem["errors"]] == ["/right/resource_id"]
    pairs = [{"left": "name", "right": "nothing"}]
    problem = (await order(world, left, await tax(world, base), pairs=pairs)).refused(422, "invalid")
    assert [one["pointer"] for one in problem["errors"]] == ["/pairs/0/right"]
    problem = (await order(world, left, left)).refused(422, "invalid")
    assert [one["pointer"] for one in problem["errors"]] == ["/right/resource_id"]
