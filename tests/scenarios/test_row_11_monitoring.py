"""mission row 11, 共享服务运行监测: availability, latency, volume, freshness; an alarm names the guilty side.

The sources are real: a department's process that is stopped, a department's database whose table changes, a file that
is not refreshed.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cutting import CuttingProxy
from ports import held_port
from world import OTHER, PROVIDER, World, another, http_mount, running_world

QUICK = {"enabled": True, "interval_seconds": 0.4, "timeout_seconds": 30, "slow_seconds": 60}
WAIT_SECONDS = 60
CALLS = 8  # however the tally's flushes divide them, one holds three: enough faults for an alarm
SERVICE = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self): self.send_response(200); self.end_headers()
    def do_GET(self):
        body = b'{"data": [{"uscc": "x", "name": "y"}]}'
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


@pytest.fixture
async def watched(database: Any) -> AsyncIterator[World]:
    """A gateway that probes every 0.4 seconds."""
    async with running_world(database, monitoring=QUICK) as world:
        yield world


@asynccontextmanager
async def service_process(port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A department's service as a process of its own, once it listens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVICE, str(port), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        assert await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def health(world: World, resource: str, login: str = "provider") -> dict[str, Any]:
    return dict((await world.as_(login, "GET", f"/v1/monitor/resources/{resource}")).ok())


async def until(world: World, resource: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """How the resource does once that holds."""
    shown: dict[str, Any] = {}
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not holds(shown := await health(world, resource)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
    except TimeoutError:
        pytest.fail(f"still {shown}")
    return shown


def in_state(state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda shown: shown["state"] == state


async def alarms(world: World, query: str = "", login: str = "platform-admin") -> list[dict[str, Any]]:
    return list((await world.as_(login, "GET", f"/v1/monitor/alarms{query}")).ok()["items"])


async def test_a_stopped_service_raises_an_alarm_that_names_the_provider_and_its_return_clears_it(
    watched: World,
) -> None:
    with held_port() as port:
        await stopped_and_back(watched, port)


async def stopped_and_back(world: World, port: int) -> None:
    async with service_process(port) as process:
        resource = await world.publish(another(), http_mount(f"http://127.0.0.1:{port}"))
        up = await until(world, resource, in_state("up"))
        assert up["latency_seconds"] is not None
        assert up["availability"] == 1
        assert up["alarms"] == await alarms(world) == []
        process.kill()
        await process.wait()
        down = await until(world, resource, in_state("down"))
    (alarm,) = down["alarms"]
    assert (alarm["kind"], alarm["side"], alarm["reason"]) == ("unavailable", "provider", "refused")
    assert "nothing listens" in alarm["said"]
    assert "拒绝" in alarm["said_zh"]
    assert await alarms(world, "?status=open&side=provider") == [alarm]
    (told,) = (await world.as_("provider", "GET", "/v1/notifications")).ok()["items"]
    assert (told["kind"], told["content"]["case_id"]) == ("alarm", resource)
    assert await alarms(world, "?side=gateway") == []
    async with service_process(port):
        again = await until(world, resource, in_state("up"))
        assert 0 < again["availability"] < 1
        (closed,) = await alarms(world)
        assert closed["cleared_at"] > closed["raised_at"]
        assert await alarms(world, "?status=open") == []
        events = await world.audit(type="health.changed")
        assert [event["detail"]["after"] for event in events] == ["down", "up"]
        assert events[0]["id"] == alarm["audit_id"]
        assert events[0]["detail"]["raised"][0]["side"] == "provider"


async def test_an_address_the_gateway_may_not_connect_to_is_the_gateways_fault(database: Any) -> None:
    networks = {"egress_networks": ("10.8.0.0/16",)}
    async with running_world(database, monitoring=QUICK, exchange=networks) as world:
        resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
        (alarm,) = (await until(world, resource, in_state("down")))["alarms"]
    assert (alarm["side"], alarm["reason"]) == ("gateway", "egress")


async def test_a_table_that_lost_a_column_or_is_not_refreshed_is_named(watched: World, database: Any) -> None:
    world, name = watched, "firms"
    described = another(mode="table", format="database")
    owner = await database.owner()
    await owner.execute(
        "CREATE SCHEMA office; CREATE TABLE office.firms (uscc text, name text, legal_person text, capital numeric, "
        "changed_at timestamptz); INSERT INTO office.firms VALUES ('x', 'y', 'z', 1, now())"
    )
    async with CuttingProxy(database.owner_dsn, b"\x00never").listening() as door:
        mount = {
            "kind": "table", "dsn": door.dsn.partition("?")[0], "schema_name": "office", "relation": name, "filters": {"uscc": "uscc"},
            "updated": "changed_at",
        }  # fmt: skip
        resource = await world.publish(described, mount)
        fresh = await until(world, resource, in_state("up"))
        assert fresh["refreshed_at"] < fresh["fresh_until"]
        await owner.execute("UPDATE office.firms SET changed_at = now() - interval '5 days'")
        stale = await until(world, resource, in_state("degraded"))
        assert [(one["kind"], one["side"]) for one in stale["alarms"]] == [("stale", "provider")]
        await owner.execute("ALTER TABLE office.firms RENAME COLUMN capital TO capital_yuan")
        drifted = await until(world, resource, in_state("down"))
        (drift,) = [one for one in drifted["alarms"] if one["kind"] == "schema_drift"]
        assert (drift["side"], drift["said"]) == ("provider", "columns are missing: capital")
        await owner.execute("DROP TABLE office.firms")
        gone = await until(world, resource, lambda shown: shown["alarms"][-1]["reason"] == "relation")
        assert gone["state"] == "down"
    await owner.close()


async def test_real_calls_say_whose_fault_it_is_even_where_the_probe_is_content(watched: World) -> None:
    with held_port() as port:
        await failing_calls(watched, port)


async def failing_calls(world: World, port: int) -> None:
    async with service_process(port):
        described = another(
            items=[
                {"name": "uscc", "title": "代码", "type": "C"},
                {"name": "phone", "title": "电话", "type": "C"},
            ]
        )
        resource = await world.publish(described, http_mount(f"http://127.0.0.1:{port}"))
        await world.granted(resource, fields=["uscc", "phone"])
        token = await world.access_token("registration", described["service"])
        call = {"parameters": {"uscc": PROVIDER}}
        for _ in range(CALLS):
            (await world.call(token, described["service"], call)).refused(502, "upstream-invalid")
        drifted = await until(world, resource, in_state("down"))
        (alarm,) = drifted["alarms"]
        assert (alarm["kind"], alarm["side"]) == ("schema_drift", "provider")
        assert "phone" in alarm["said"]
        counted = await until(world, resource, lambda shown: shown["calls"]["failed_by_provider"] == CALLS)
        await until(world, resource, lambda shown: shown["probed_at"] > counted["probed_at"])
        wrong = {"parameters": {"uscc": PROVIDER}, "fields": ["uscc", "elsewhere"]}
        for _ in range(CALLS):
            (await world.call(token, described["service"], wrong)).refused(403, "field-outside-grant")
        # neither down nor degraded by it; the page reads the state a moment before the alarms
        await until(world, resource, lambda shown: shown["state"] == "up" and bool(shown["alarms"]) and
                    shown["alarms"][-1]["side"] == "caller")  # fmt: skip
        for _ in range(CALLS):
            (await world.call(token, described["service"], {**call, "fields": ["uscc"]})).ok()
        well = await until(world, resource, lambda shown: not shown["alarms"] and
                           shown["calls"]["released"] == CALLS)  # fmt: skip
    assert well["calls"] == {
        "released": CALLS, "failed_by_caller": CALLS, "failed_by_gateway": 0, "failed_by_provider": CALLS,
    }  # fmt: skip
    assert well["mean_call_seconds"] > 0


async def test_a_file_is_as_fresh_as_its_last_change(watched: World, tmp_path: Path) -> None:
    world = watched
    file = tmp_path / "firms.csv"
    file.write_text("uscc,name,legal_person,capital\n", "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(tmp_path),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        port = (await process.stdout.readline()).decode().split(" port ")[1].split()[0]
        described = another(mode="file", format="spreadsheet", update_cycle="weekly")
        mount = {"kind": "file", "url": f"http://127.0.0.1:{port}/firms.csv", "filters": {"uscc": "uscc"}}
        resource = await world.publish(described, mount)
        await until(world, resource, in_state("up"))
        old = file.stat().st_mtime - 11 * 86400
        os.utime(file, (old, old))
        stale = await until(world, resource, in_state("degraded"))
        assert stale["alarms"][0]["kind"] == "stale"
        file.unlink()
        gone = await until(world, resource, in_state("down"))
        assert [one["reason"] for one in gone["alarms"] if one["kind"] == "schema_drift"] == ["gone"]
    finally:
        process.kill()
        await process.wait()


async def test_a_department_sees_its_own_and_the_platform_sees_all(watched: World) -> None:
    world = watched
    await world.org(OTHER, "民政局")
    await world.person("other-provider", OTHER, "provider")
    mine = await world.publish(another(), http_mount("http://127.0.0.1:9"))
    theirs = await world.publish(another(), http_mount("http://127.0.0.1:9"), login="other-provider")
    await until(world, mine, in_state("down"))
    for login, seen in (
        ("provider", {mine}),
        ("other-provider", {theirs}),
        ("platform-admin", {mine, theirs}),
    ):
        listed = (await world.as_(login, "GET", "/v1/monitor/resources")).ok()["items"]
        assert {one["resource_id"] for one in listed} == seen
        assert {one["resource_id"] for one in await alarms(world, login=login)} <= seen
    (await world.as_("other-provider", "GET", f"/v1/monitor/resources/{mine}")).refused(
        404, "no-such-resource"
    )


async def test_a_withdrawn_resource_is_watched_no_longer(watched: World) -> None:
    world = watched
    resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
    await until(world, resource, in_state("down"))
    (await world.as_("provider", "POST", f"/v1/resources/{resource}/withdraw", {"reason": "机构调整"})).ok()
    async with asyncio.timeout(WAIT_SECONDS):
        while await alarms(world, "?status=open"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert (await world.as_("provider", "GET", "/v1/monitor/resources")).ok()["items"] == []
