"""Use records and disposals (Decree 809 Art. 27, 29), and the liability signals (Art. 39–41) that follow from them."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from handclock import HandClock
from providers import raw_provider
from services import GOOD, granted_service
from world import CONSUMER, PLATFORM, PROVIDER, World, another, http_mount, running_world, suspending

WORDS = {
    "scene": "受理不动产登记",
    "process": "窗口逐件调用",
    "effect": "免交营业执照",
    "storage": "仅存结果，不存副本",
}
DISPOSAL = {
    "method": "destroyed",
    "account": "删除业务库副本",
    "disposed_on": "2026-11-23",
    "witness": "赵某",
}


async def post(world: World, grant: str, what: str, body: dict[str, Any], login: str = "requester") -> Any:
    return await world.as_(login, "POST", f"/v1/grants/{grant}/{what}", body)


def use(begins: str, ends: str) -> dict[str, Any]:
    return {"begins": begins, "ends": ends, **WORDS}


async def signals(world: World, rule: str, login: str = "platform-admin") -> list[tuple[str, str]]:
    found = (await world.as_(login, "GET", f"/v1/liability-signals?rule={rule}")).ok()["items"]
    return [(one["org"], one["subject"]) for one in found]


@dataclass
class Used:
    """A resource and a grant for it under which a call was made."""

    resource: str
    grant: str


async def used(world: World, database: Any, clock: HandClock, calls: int = 1, **period: str) -> Used:
    """Counted as the exchange counts: systems prove themselves by the real clock, which is not the hand's."""
    resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
    grant = await world.granted(resource, **{**clock.dates(), **period})
    if calls:
        owner = await database.owner()
        counted = "INSERT INTO exchange.quota_day (grant_id, day, used) VALUES ($1, $2, $3)"
        await owner.execute(counted, grant, clock.now.date(), calls)
        await owner.close()
    return Used(resource, grant)


async def test_use_is_recorded_kept_three_years_and_inspected_on_record(database: Any) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        service = await used(world, database, clock)
        for begins, ends in (("2026-11-24", "2026-11-23"), ("2026-11-23", "2026-11-24")):
            (await post(world, service.grant, "use-records", use(begins, ends))).refused(422, "invalid")
        made = (await post(world, service.grant, "use-records", use("2026-11-01", "2026-11-23"))).ok()
        assert made["keep_until"] == "2029-11-23"
        path = f"/v1/grants/{service.grant}/use-records"
        for login in ("requester", "provider", "platform-admin"):
            pack = (await world.as_(login, "GET", path)).ok()
            assert [one["id"] for one in pack["uses"]] == [made["id"]]
        inspected = await world.audit(grant_id=service.grant, type="use.inspected")
        assert [event["who"]["id"] for event in inspected] == ["provider", "platform-admin"]
        await world.person("provider-clerk", PROVIDER, "requester")
        refused = await post(
            world, service.grant, "use-records", use("2026-11-01", "2026-11-02"), "provider-clerk"
        )
        refused.refused(403, "not-your-grant")


async def test_nobody_changes_or_deletes_a_record_not_even_the_owner_of_the_database(database: Any) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        service = await used(world, database, clock)
        (await post(world, service.grant, "use-records", use("2026-11-01", "2026-11-23"))).ok()
        owner = await database.owner()
        for statement in (
            "DELETE FROM authz.use_record",
            "UPDATE authz.use_record SET effect = 'x'",
            "TRUNCATE authz.disposal",
        ):
            with pytest.raises(asyncpg.RaiseError, match="never changed or deleted"):
                await owner.execute(statement)
        await owner.close()


async def test_data_is_disposed_of_once_the_grant_is_over_and_until_then_it_is_a_signal(
    database: Any,
) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        service = await used(world, database, clock)
        unused = await used(world, database, clock, calls=0)
        (await post(world, service.grant, "disposals", DISPOSAL)).refused(409, "grant-not-in-state")
        assert await signals(world, "R40-4") == []
        for grant in (service.grant, unused.grant):
            ending = {"because": "purpose_met", "reason": "项目结束"}
            assert (await post(world, grant, "end", ending)).ok()["state"] == "ended"
        assert await signals(world, "R40-4") == [(CONSUMER, service.grant)]
        assert await signals(world, "R40-4", "requester") == [(CONSUMER, service.grant)]
        assert await signals(world, "R40-4", "provider") == []
        late = {**DISPOSAL, "disposed_on": "2026-11-24"}
        (await post(world, service.grant, "disposals", late)).refused(422, "invalid")
        (await post(world, service.grant, "disposals", DISPOSAL)).ok()
        assert await signals(world, "R40-4") == []
        pack = (await world.as_("provider", "GET", f"/v1/grants/{service.grant}/use-records")).ok()
        assert [one["method"] for one in pack["disposals"]] == ["destroyed"]


async def test_an_expired_grant_asks_for_disposal_too(database: Any) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        service = await used(world, database, clock, valid_until="2026-11-25")
        clock.set("2026-11-25T23:59", world)
        assert await signals(world, "R40-4") == []
        clock.set("2026-11-26T00:00", world)
        assert await signals(world, "R40-4") == [(CONSUMER, service.grant)]
        (await post(world, service.grant, "disposals", {**DISPOSAL, "method": "nothing_kept"})).ok()
        assert await signals(world, "R40-4") == []


async def test_calls_without_a_use_record_are_a_signal_after_ninety_days(database: Any) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        service = await used(world, database, clock)
        clock.set("2027-02-21T10:00", world)
        assert await signals(world, "R40-5") == []
        clock.set("2027-02-22T10:00", world)
        assert await signals(world, "R40-5") == [(CONSUMER, service.grant)]
        (await post(world, service.grant, "use-records", use("2026-11-24", "2027-02-22"))).ok()
        assert await signals(world, "R40-5") == [(CONSUMER, service.grant)], (
            "the day of the call is not covered"
        )
        (await post(world, service.grant, "use-records", use("2026-11-23", "2026-11-23"))).ok()
        assert await signals(world, "R40-5") == []


@pytest.mark.parametrize(
    ("ground", "rule"),
    [("beyond_scope", "R40-2"), ("beyond_purpose", "R40-2"), ("third_party", "R40-3"), ("security", "R40-6")],
)
async def test_a_suspension_is_a_signal_by_its_ground(ground: str, rule: str, shared_world: World) -> None:
    async with raw_provider(GOOD) as provider:
        service = await granted_service(shared_world, provider)
        body = suspending(ground=ground)
        (await post(shared_world, service.grant, "suspend", body, "provider")).ok()
        for each in ("R40-2", "R40-3", "R40-6"):
            assert ((CONSUMER, service.grant) in await signals(shared_world, each)) is (each == rule)


async def test_a_late_answer_and_an_idle_dispute_are_signals(database: Any) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        service = await used(world, database, clock)
        filed = (await world.file(service.resource, **clock.dates())).ok()["id"]
        await world.accept(filed)
        raised = {"grant_id": service.grant, "claim": "字段不足"}
        dispute = (await world.as_("requester", "POST", "/v1/disputes", raised)).ok()["id"]
        reason = {"reason": "协商不成"}
        (await world.as_("requester", "POST", f"/v1/disputes/{dispute}/escalate", reason)).ok()
        assert await signals(world, "P39-4") == await signals(world, "A41-2") == []
        clock.set("2026-12-10T10:00", world)
        assert await signals(world, "P39-4") == [(PROVIDER, filed)]
        assert await signals(world, "A41-2") == [(PLATFORM, dispute)]


async def test_what_was_ended_without_filing_is_a_signal_even_if_done_behind_the_gateway(
    database: Any,
) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        service = await used(world, database, clock)
        owner = await database.owner()
        await owner.execute("UPDATE catalog.resource SET state = 'withdrawn' WHERE id = $1", service.resource)
        await owner.close()
        assert await signals(world, "P39-7") == [(PROVIDER, service.grant)]
        await world.consulted(service.grant, "2026-11-23")
        assert await signals(world, "P39-7") == []


async def test_each_signal_comes_with_the_query_that_reproduces_it(
    shared_world: World, shared_database: Any
) -> None:
    found = (await shared_world.as_("requester", "GET", "/v1/liability-rules")).ok()
    assert [one["rule"] for one in found["items"]] == [
        "P39-1", "P39-4", "P39-6", "P39-7", "R40-2", "R40-3", "R40-4", "R40-5", "R40-6", "A41-1", "A41-2",
    ]  # fmt: skip
    owner = await shared_database.owner()
    given = {
        "now": await owner.fetchval("SELECT now()"),
        "platform": PLATFORM,
        "use_days": found["use_record_days"],
    }
    for one in found["items"]:
        rows = await owner.fetch(one["query"], *(given[name] for name in one["arguments"]))
        assert len(rows) == len(await signals(shared_world, one["rule"])), one["rule"]
    await owner.close()


async def test_signals_come_in_pages(shared_world: World) -> None:
    async with raw_provider(GOOD) as provider:
        for _ in range(2):
            service = await granted_service(shared_world, provider)
            (await post(shared_world, service.grant, "suspend", suspending(), "provider")).ok()
    seen: list[str] = []
    path = "/v1/liability-signals?limit=1"
    page = (await shared_world.as_("platform-admin", "GET", path)).ok()
    seen += [one["subject"] for one in page["items"]]
    while cursor := page.get("next_cursor"):
        page = (await shared_world.as_("platform-admin", "GET", f"{path}&cursor={cursor}")).ok()
        seen += [one["subject"] for one in page["items"]]
    whole = (await shared_world.as_("platform-admin", "GET", "/v1/liability-signals?limit=200")).ok()["items"]
    assert seen == [one["subject"] for one in whole]
    assert len(seen) >= 2
