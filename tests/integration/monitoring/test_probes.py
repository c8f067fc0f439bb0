"""Probes: shared by N processes, without data of anybody, told apart by how a source does not answer."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from aiohttp import web
from providers import ending, http, raw_provider, resetting, saying
from world import World, another, http_mount, provider_service, running_gateway, running_world

from gateway.web.egress import Egress
from gateway.web.probing import Probing, Unanswered

LOCAL = Egress(["127.0.0.0/8"])


async def alive(_: web.Request) -> web.StreamResponse:
    return web.Response()


async def probed(world: World, count: int) -> list[dict[str, Any]]:
    """All resources once each was probed."""
    shown: list[dict[str, Any]] = []
    async with asyncio.timeout(60):
        while sum("probed_at" in one and one["probed_at"] is not None for one in shown) < count:
            await asyncio.sleep(0.1)
            shown = (await world.as_("platform-admin", "GET", "/v1/monitor/resources?limit=200")).ok()[
                "items"
            ]
    return shown


async def test_two_processes_probe_each_resource_once_per_interval(database: Any) -> None:
    quick = {"enabled": True, "interval_seconds": 3600, "concurrent_max": 3}
    named = {"base_url": "http://gateway.test"}
    async with provider_service(alive) as (base, seen), running_world(database, platform=named) as world:
        for number in range(12):
            await world.publish(another(parameters=[]), http_mount(base, url=f"{base}/all/{number}"))
        assert seen == []
        both = {"monitoring": quick, "platform": named}
        async with running_gateway(database, **both), running_gateway(database, **both):
            shown = await probed(world, 12)
    assert Counter(request.path for request in seen) == {f"/all/{number}": 1 for number in range(12)}
    assert {one["state"] for one in shown} == {"up"}
    assert {request.method for request in seen} == {"HEAD"}
    assert {request.headers.get("Authorization") for request in seen} == {None}


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (saying(http(b"", "503 Service Unavailable", "Connection: close")), None),
        (resetting(), "broken"),
        (ending(b"SSH-2.0-OpenSSH_9\r\n"), "broken"),
        (saying(60.0), "timeout"),
    ],
    ids=["an answer", "a reset", "another protocol", "silence"],
)
async def test_how_an_address_does_not_answer_is_told_in_one_word(behave: Any, reason: str | None) -> None:
    seconds = 0.5 if reason == "timeout" else 30
    async with raw_provider(behave) as provider, Probing(LOCAL, seconds) as probing:
        if reason is None:
            assert (await probing.head(provider.base, {})).status == 503
            return
        with pytest.raises(Unanswered, match=f"^{reason}$"):
            await probing.head(provider.base, {})


@pytest.mark.parametrize(
    ("networks", "host", "reason"),
    [
        (["127.0.0.0/8"], "127.0.0.1", "refused"),
        (["10.0.0.0/8"], "127.0.0.1", "egress"),
        (["127.0.0.0/8"], "no-such-host.invalid", "unknown_host|resolver"),
    ],
)
async def test_a_connection_that_is_not_made_says_why(networks: list[str], host: str, reason: str) -> None:
    async with Probing(Egress(networks), 60) as probing:
        with pytest.raises(Unanswered, match=f"^({reason})$"):
            await probing.connect(host, 9)
        with pytest.raises(Unanswered, match=f"^({reason})$"):
            await probing.head(f"http://{host}:9/", {})


async def test_silence_of_source_and_reference_alike_is_the_gateways_fault(database: Any) -> None:
    async with raw_provider(saying(30.0)) as silent:
        # a reference nobody can reach: outside the networks the gateway may connect to
        quick = {
            "enabled": True, "interval_seconds": 3600, "timeout_seconds": 0.3, "reference_address": "10.255.255.1:53",
        }  # fmt: skip
        async with running_world(database, monitoring=quick) as world:
            await world.publish(another(), http_mount(silent.base))
            (shown,) = await probed(world, 1)
    assert [(one["side"], one["reason"]) for one in shown["alarms"]] == [("gateway", "reference")]


async def test_a_parameterised_service_is_asked_for_life_only_and_never_for_a_record(database: Any) -> None:
    quick = {"enabled": True, "interval_seconds": 3600}
    async with provider_service(alive) as (base, seen), running_world(database, monitoring=quick) as world:
        await world.publish(another(), http_mount(base))
        await world.publish(another(), http_mount(base, probe=f"{base}/health"))
        shown = await probed(world, 2)
    assert sorted((request.method, request.path) for request in seen) == [("HEAD", "/"), ("HEAD", "/health")]
    assert {one["state"] for one in shown} == {"up"}
