"""The queue: shared by N processes, surviving a process that dies with its claim, keys kept wrapped."""

from collections import Counter
from pathlib import Path
from typing import Any

from upper import APP_KEY, platform_file, upper_platform
from world import World, another, http_mount, running_gateway, running_world

from gateway.app import utc_now
from gateway.federation import store
from gateway.storage import Zone

NAMED = {"base_url": "http://gateway.test"}
KEY = "/v1/cascade/platforms/national/key"


async def reported(world: World, count: int) -> list[dict[str, Any]]:
    """All reports once so many were taken."""
    import asyncio

    found: list[dict[str, Any]] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            await asyncio.sleep(0.05)
            path = "/v1/cascade/objects?state=reported&limit=200"
            found = (await world.as_("platform-admin", "GET", path)).ok()["items"]
    return found


async def test_two_processes_tell_each_thing_once(database: Any, tmp_path: Path) -> None:
    async with upper_platform() as upper, running_world(database, platform=NAMED) as world:
        codes = []
        for _ in range(8):
            described = another()
            codes.append(described["code"])
            await world.publish(described, http_mount("http://127.0.0.1:9"))
        (await world.as_("security-admin", "PUT", KEY, {"key": APP_KEY})).ok()
        folder = platform_file(tmp_path, upper, report_resources=False)
        both = {"platform": NAMED, "federation": {"folder": str(folder), "tick_seconds": 0.05}}
        async with running_gateway(database, **both), running_gateway(database, **both):
            await reported(world, 8)
        told = Counter(body["cataCode"] for body in upper.told("s_sys_catalog002"))
        assert told == dict.fromkeys(codes, 1)
        assert upper.forged == []


async def test_what_a_dead_process_had_claimed_is_told_when_its_lease_is_over(
    database: Any, tmp_path: Path
) -> None:
    async with upper_platform() as upper, running_world(database, platform=NAMED) as world:
        filed = (await world.file(await world.publish(another(), http_mount("http://127.0.0.1:9")))).ok()[
            "id"
        ]
        await world.accept(filed)
        body = {"platform": "national", "upper_resource_code": "301001000001/000001"}
        (await world.as_("platform-admin", "POST", f"/v1/applications/{filed}/cascade", body)).ok()
        (await world.as_("security-admin", "PUT", KEY, {"key": APP_KEY})).ok()
        pool = await database.open(Zone.CONTROL)
        async with pool.connection() as connection:
            now = utc_now()
            taken = await store.claim(connection, ["national"], now, now, 10)  # a lease that is over at once
            assert len(taken) == 1
        folder = platform_file(tmp_path, upper, report_catalogue=False)
        settings = {"folder": str(folder), "tick_seconds": 0.05}
        async with running_gateway(database, platform=NAMED, federation=settings):
            await reported(world, 1)
        assert [told["applyNo"] for told in upper.told("s_sys_supply002")] == [filed]


async def test_a_key_is_stored_wrapped_and_shown_to_nobody(world: World, database: Any) -> None:
    shown = (await world.as_("security-admin", "PUT", KEY, {"key": APP_KEY})).ok()
    assert shown["key_set_at"]
    assert APP_KEY not in str(shown)
    listed = (await world.as_("platform-admin", "GET", "/v1/cascade/platforms")).ok()
    assert APP_KEY not in str(listed)
    assert APP_KEY not in str(await world.audit(type="cascade.key_set"))
    owner = await database.owner()
    wrapped = await owner.fetchval("SELECT wrapped FROM federation.credential")
    await owner.close()
    assert APP_KEY.encode() not in wrapped
    (await world.as_("platform-admin", "PUT", KEY, {"key": APP_KEY})).refused(403, "role-missing")


async def test_a_new_secret_is_fetched_when_the_kept_one_is_refused(database: Any, tmp_path: Path) -> None:
    async with upper_platform() as upper:
        folder = platform_file(tmp_path, upper, report_resources=False)
        settings = {"folder": str(folder), "tick_seconds": 0.05}
        async with running_world(database, federation=settings) as world:
            (await world.as_("security-admin", "PUT", KEY, {"key": APP_KEY})).ok()
            await world.publish(another(), http_mount("http://127.0.0.1:9"))
            await reported(world, 1)
            assert upper.secrets_given == 1
            upper.secret = "short-lived-2"
            await world.publish(another(), http_mount("http://127.0.0.1:9"))
            await reported(world, 2)
            assert upper.secrets_given == 2
