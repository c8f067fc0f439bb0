"""What operators see of a running gateway: metrics that no caller can grow, health, readiness."""

import asyncio
import random
import re
import shutil
import string
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from raw import request, say, wire
from waiting import until
from world import PLATFORM, PROVIDER, World, another, http_mount, provider_service

from gateway.authz import DENIALS

RULES = Path(__file__).resolve().parents[3] / "ops" / "prometheus" / "audit.rules.yml"


def families(text: str) -> dict[str, str]:
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))


def series(text: str) -> set[str]:
    return {line.rpartition(" ")[0] for line in text.splitlines() if line and not line.startswith("#")}


def value(text: str, name: str) -> float:
    return next(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(f"{name} "))


async def metrics(world: World) -> str:
    answer = await world.send("GET", f"{world.gateway.operations.url}/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return str(answer.body.decode())


EXPECTED = {
    "gx_requests_total": "counter", "gx_request_duration_seconds": "histogram", "gx_inflight_requests": "gauge",
    "gx_connections_refused_total": "counter",
    "gx_decisions_total": "counter", "gx_upstream_requests_total": "counter", "gx_batch_rows_total": "counter", "gx_audit_writes_total": "counter",
    "gx_audit_write_duration_seconds": "histogram", "gx_audit_queue_records": "gauge",
    "gx_audit_oldest_timestamp_seconds": "gauge", "gx_audit_outward_requests_total": "counter",
    "gx_audit_head_timestamp_seconds": "gauge", "gx_audit_head_records": "gauge", "gx_token_checks_total": "counter",
    "gx_audit_alerts": "gauge", "gx_access_lines_dropped_total": "counter", "gx_call_stage_cpu_seconds_total": "counter",
    "gx_siem_records_total": "counter", "gx_siem_interruptions_total": "counter", "gx_siem_position_records": "gauge",
    "gx_sign_ins_total": "counter",
    "gx_token_refusals_total": "counter",
    "gx_calendar_covered_until_timestamp_seconds": "gauge", "gx_deadline_drift": "gauge", "gx_db_pool": "gauge", "gx_log_messages_total": "counter",
    "gx_monitor_probes_total": "counter", "gx_monitor_probe_duration_seconds": "histogram",
    "gx_monitored_resources": "gauge", "gx_monitor_alarms": "gauge",
    "gx_cascades": "gauge", "gx_upper_requests_total": "counter",
    "gx_notifications_total": "counter", "gx_outbox_pending": "gauge", "gx_outbox_oldest_age_seconds": "gauge",
    "gx_supervision_steps_total": "counter", "gx_supervision_failures_total": "counter",
    "gx_revocation_fetches_total": "counter",
    "gx_supervision_sweep_timestamp_seconds": "gauge", "gx_build_info": "gauge",
}  # fmt: skip


async def test_the_metrics_are_those_that_dashboards_and_alerts_are_built_on(shared_world: World) -> None:
    found = {
        name: kind for name, kind in families(await metrics(shared_world)).items() if name.startswith("gx_")
    }
    assert found == EXPECTED


async def test_promtool_finds_nothing_to_say(shared_world: World) -> None:
    if (promtool := shutil.which("promtool")) is None:
        # an optional tool from outside Python; the tests above read the same text without it
        pytest.skip("promtool is not installed (Debian: prometheus)")
    text = await metrics(shared_world)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        promtool, "check", "metrics", stdin=pipe, stdout=pipe, stderr=pipe
    )
    said, faults = await process.communicate(text.encode())
    assert (process.returncode, said, faults) == (0, b"", b"")


async def test_every_reason_a_call_can_end_with_is_a_series_from_the_start(shared_world: World) -> None:
    text = await metrics(shared_world)
    shown = set(re.findall(r'^gx_decisions_total\{decision="\w+",reason="([^"]+)"\}', text, re.M))
    assert shown == {"granted", "other", *(kind.slug() for kind in DENIALS)}


async def test_a_call_is_counted_where_it_ends(shared_world: World) -> None:
    world = shared_world
    async with provider_service() as (base, _):
        described = another()
        await world.granted(await world.publish(described, http_mount(base)))
        token = await world.access_token("registration", described["service"])
        before = await metrics(world)
        (await world.call(token, described["service"], {"parameters": {"uscc": PROVIDER}})).ok()
        (await world.call(token, described["service"], {})).refused(422, "parameter-wrong")
        (await world.call("x.y.z", described["service"], {})).refused(401, "token-refused")
        after = await metrics(world)
    for name, more in {
        'gx_decisions_total{decision="allow",reason="granted"}': 1,
        'gx_decisions_total{decision="deny",reason="parameter-wrong"}': 1,
        'gx_decisions_total{decision="deny",reason="other"}': 1,
        'gx_upstream_requests_total{result="ok"}': 1,
        'gx_requests_total{code_class="2xx",listener="exchange"}': 1,
        'gx_requests_total{code_class="4xx",listener="exchange"}': 2,
        'gx_token_checks_total{result="accepted",token_kind="access"}': 2,
        'gx_token_checks_total{result="refused",token_kind="access"}': 1,
        'gx_request_duration_seconds_count{listener="exchange"}': 3,
    }.items():
        assert value(after, name) - value(before, name) == more, name


def fuzzed(chance: random.Random) -> bytes:
    """A request nobody would send."""

    def word() -> str:
        return "".join(chance.choices(string.ascii_letters + string.digits + "-", k=chance.randint(1, 30)))

    method = chance.choice(["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE", word().upper()])
    query = f"/v1/orgs/{word()}?{word()}={word()}"
    target = chance.choice([f"/{word()}", f"/v1/{word()}", f"/services/{word()}", query, "*", "//"])
    lines = [f"{word()}: {word()}" for _ in range(chance.randint(0, 4))]
    lines += [
        f"Authorization: Bearer {word()}.{word()}.{word()}",
        f"User-Agent: {word()}",
        "Connection: close",
    ]
    body = chance.choice([b"", b"{}", chance.randbytes(20)])
    return request(method, target, *lines, "Content-Type: application/json", body=body)


async def test_a_thousand_odd_requests_add_no_series(shared_world: World) -> None:
    world, chance = shared_world, random.Random(7)
    before = await metrics(world)

    async def send(port: int) -> None:
        async with wire(port) as open_:
            await open_.send(fuzzed(chance))
            await open_.reader.read()

    listeners = (world.gateway.exchange, world.gateway.control, world.gateway.operations)
    for _ in range(34):
        ports = [one.port for one in listeners if one is not None] * 10
        await asyncio.gather(*map(send, ports))
    after = await metrics(world)
    assert series(after) == series(before)
    assert value(after, "gx_inflight_requests") == 0
    assert value(after, 'gx_requests_total{code_class="5xx",listener="control"}') == 0
    assert value(after, 'gx_requests_total{code_class="5xx",listener="exchange"}') == 0


async def test_a_gateway_that_lives_says_so_and_one_that_can_serve_names_its_parts(
    shared_world: World,
) -> None:
    base = shared_world.gateway.operations.url
    assert (await shared_world.send("GET", f"{base}/healthz")).ok() == {"status": "ok"}
    ready = (await shared_world.send("GET", f"{base}/readyz")).ok()
    assert ready["status"] == "ok"
    assert {"database_control", "database_exchange", "database_reader"} <= set(ready["parts"])
    assert set(ready["parts"].values()) == {"ok"}


async def test_metrics_and_health_are_on_the_operators_listener_only(shared_world: World) -> None:
    for base in (shared_world.control, shared_world.exchange):
        for path in ("/metrics", "/healthz", "/readyz", "/debug", "/"):
            (await shared_world.send("GET", base + path)).refused(404, "unknown-path")
    for path in ("/", "/v1/orgs", "/openapi.json", "/services/x", "/metrics/", "/metricsx"):
        (await shared_world.send("GET", shared_world.gateway.operations.url + path)).refused(
            404, "unknown-path"
        )


async def test_without_its_database_a_gateway_lives_but_is_not_ready_and_recovers_by_itself(
    world: World, database: Any
) -> None:
    base, token = world.gateway.operations.url, await world.token_of("platform-admin")
    admin = await asyncpg.connect(database.owner_dsn.replace(f"/{database.name}", "/postgres", 1))
    ended = "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    try:
        await admin.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false")
        await admin.execute(ended, database.name)
        down = await world.send("GET", f"{base}/readyz")
        assert down.status == 503
        assert down.body["status"] == "not ready"
        assert "ok" not in down.body["parts"].values()
        assert (await world.send("GET", f"{base}/healthz")).status == 200
        refused = await world.send("GET", f"{world.control}/v1/orgs/{PLATFORM}", token=token)
        assert refused.refused(503, "database-down")
        assert int(refused.headers["Retry-After"]) > 0
    finally:
        await admin.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS true")
        await admin.close()

    async def ready() -> bool:
        return (await world.send("GET", f"{base}/readyz")).status == 200

    await until(ready)
    (await world.send("GET", f"{world.control}/v1/orgs/{PLATFORM}", token=token)).ok()
    assert (await say(world.gateway.operations.port, request("GET", "/healthz"))).status == 200


async def test_the_prometheus_rules_name_metrics_that_exist(shared_world: World) -> None:
    named = set(re.findall(r"\bgx_[a-z_]+", RULES.read_text("utf-8")))
    assert named
    assert named <= set(families(await metrics(shared_world)))
