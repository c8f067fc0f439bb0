"""Room for one: long answers at once, results kept. And what else needs settings of its own: stages of a call counted."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from batches import QUICK, Batch
from licensing import HOLDER, NUMBER, entry, record
from providers import raw_provider
from services import GOOD, granted_service
from waiting import until
from world import CONSUMER, PROVIDER, World, another, http_mount, provider_service, running_world

from gateway.exchange.stages import STAGES

STORED = 4096
LINES = {"Accept": "application/x-ndjson"}


@pytest.fixture(scope="module")
async def small(shared_database: Any) -> AsyncIterator[World]:
    kept = {**QUICK, "stored_bytes": STORED}
    async with running_world(
        shared_database, batches=kept, exchange={"streams_max": 1}, telemetry={"call_stages": True}
    ) as world:
        yield world


async def test_results_are_kept_up_to_their_limit_and_a_batch_is_accepted_again_when_one_is_gone(
    small: World, shared_database: Any
) -> None:
    async with provider_service() as (base, _):
        resource = await small.publish(what := another(), http_mount(base))
        await small.granted(resource)
        token = await small.access_token("registration", what["service"])

        async def kept(bytes_kept: int) -> Batch:
            """A batch whose result counts for so many bytes."""
            batch = Batch(small, token, what["service"])
            await batch.accepted([{"uscc": PROVIDER}])
            await batch.until("done")
            owner = await shared_database.owner()
            await owner.execute("UPDATE batches.batch SET bytes = $2 WHERE id = $1", batch.id, bytes_kept)
            await owner.close()
            return batch

        await kept(STORED - 2)
        last = await kept(1)
        await kept(0)  # one byte is free, so it is accepted
        next_one = Batch(small, token, what["service"])
        (await last.ask("DELETE")).ok()
        await kept(2)
        refused = await next_one.order([{"uscc": PROVIDER}])
        refused.refused(503, "batch-store-full")
        assert int(refused.headers["Retry-After"]) > 0
        assert [event["reason"] for event in await small.audit(request_id=refused.headers["Request-Id"])] == [
            "batch-store-full"
        ]


async def test_as_many_long_answers_are_under_way_as_the_settings_say_and_one_more_is_refused(
    small: World,
) -> None:
    gate = asyncio.Event()

    async def waiting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await GOOD(reader, writer)

    async with raw_provider(waiting) as provider:
        service = await granted_service(small, provider)
        url = f"{small.exchange}/services/{service.name}"

        async def long() -> Any:
            body = {"parameters": {"uscc": PROVIDER}}
            return await small.send("POST", url, token=service.token, headers=LINES, json=body)

        async def asked() -> bool:
            return bool(provider.heads)

        first = asyncio.ensure_future(long())
        await until(asked)
        refused = await long()
        refused.refused(503, "too-many-streams")
        recorded = await small.audit(request_id=refused.headers["Request-Id"])
        assert [(event["type"], event["reason"]) for event in recorded] == [
            ("call.intended", "granted"),
            ("call.failed", "too-many-streams"),
        ]
        gate.set()
        assert json.loads((await first).body)["name"] == "示例企业"
        assert (await long()).status == 200


async def test_a_licence_is_not_given_as_lines(small: World) -> None:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.json_response({"data": [record()]})

    async with provider_service(reply) as (base, seen):
        what = entry("verification")
        path = f"{base}/licences/{{number}}/{{holder}}"
        resource = await small.publish(what, http_mount(base, url=path))
        await small.granted(resource, fields=["number", "name", "state"])
        token = await small.access_token("registration", what["service"])
        url, body = (
            f"{small.exchange}/services/{what['service']}",
            {"parameters": {"number": NUMBER, "holder": HOLDER}},
        )
        for form in ("application/x-ndjson", "text/csv"):
            refused = await small.send("POST", url, token=token, headers={"Accept": form}, json=body)
            refused.refused(406, "form-not-offered")
            recorded = await small.audit(request_id=refused.headers["Request-Id"])
            assert recorded[-1]["reason"] == "form-not-offered"
        assert seen == []
        assert (await small.send("POST", url, token=token, json=body)).ok()["records"] == [{"state": "valid"}]


async def test_a_parameter_bound_to_the_caller_s_own_region_takes_no_other(small: World) -> None:
    async with provider_service() as (base, seen):
        region = {"name": "region", "title": "区划", "kind": "text", "controlled": True}
        what = another(parameters=[*another()["parameters"], region])
        address = f"{base}/enterprises/{{uscc}}?region={{region}}"
        resource = await small.publish(what, http_mount(base, url=address))
        bounds = {"uscc": {"values": [PROVIDER]}, "region": {"own_region": True}}
        await small.granted(resource, parameters=bounds)
        token = await small.access_token("registration", what["service"])

        async def asked(**own: str) -> Any:
            return await small.call(token, what["service"], {"parameters": {"uscc": PROVIDER, **own}})

        (await asked(region="621000")).ok()
        assert seen[0].query["region"] == "621000"
        assert (await asked(region="621002")).refused(403, "parameter-outside-grant")["parameter"] == "region"
        (await asked()).refused(422, "parameter-wrong")
        assert len(seen) == 1


async def test_the_time_of_each_stage_is_counted_where_the_settings_say_so(small: World) -> None:
    async def counted() -> dict[str, float]:
        url = f"{small.gateway.operations.url}/metrics"
        lines = (await small.send("GET", url)).body.decode().splitlines()
        series = 'gx_call_stage_cpu_seconds_total{stage="'
        found = [line.removeprefix(series).split('"} ') for line in lines if line.startswith(series)]
        return {stage: float(seconds) for stage, seconds in found}

    before = await counted()
    async with raw_provider(GOOD) as provider:
        service = await granted_service(small, provider)
        (await service.call()).ok()
    after = await counted()
    assert set(after) == set(STAGES)
    assert [stage for stage in STAGES if after[stage] <= before[stage]] == []


async def test_a_download_that_ends_early_is_on_record_with_what_left(
    small: World, shared_database: Any
) -> None:
    """Its second segment cannot be opened any more."""
    async with provider_service() as (base, _):
        resource = await small.publish(what := another(), http_mount(base))
        grant = await small.granted(resource, {"rules": {"per_minute": 1}})
        token = await small.access_token("registration", what["service"])
        owner = await shared_database.owner()
        await owner.execute("UPDATE batches.batch SET bytes = 0 WHERE state = 'done'")
        batch = Batch(small, token, what["service"])
        await batch.accepted([{"uscc": PROVIDER}, {"uscc": CONSUMER}])

        async def waits() -> bool:
            return (await batch.ask()).ok().get("reason") == "rate-exceeded"

        await until(waits)
        await owner.execute("UPDATE exchange.quota_day SET spaced_until = 1 WHERE grant_id = $1", grant)
        await owner.execute("UPDATE batches.batch SET next_at = now() WHERE id = $1", batch.id)
        await batch.until("done")
        first = await owner.fetchval(
            "SELECT length FROM batches.segment WHERE batch_id = $1 AND number = 0", batch.id
        )
        await owner.execute(
            "UPDATE batches.segment SET content = 'x' WHERE batch_id = $1 AND number = 1", batch.id
        )
        await owner.close()
        with pytest.raises(aiohttp.ClientError):
            await batch.result()

        async def ended() -> Any:
            last = (await batch.events())[-1]
            return last if last["type"] == "batch.delivered" else None

        delivered = await until(ended)
        assert (delivered["outcome"], delivered["reason"]) == ("error", "cut-short")
        assert (delivered["detail"]["first_byte"], delivered["detail"]["bytes"]) == (0, first)


async def test_a_list_of_licences_is_checked_with_yes_and_no_and_nothing_else(small: World) -> None:
    held = {"JY1": "正常", "JY2": "吊销", "JY3": "已过期"}

    async def reply(request: web.Request) -> web.StreamResponse:
        number = request.path.split("/")[2]
        found = [record(number=number, state=held[number])] if number in held else []
        return web.json_response({"data": found})

    async def ordered(question: str, path: str, **asked: Any) -> Batch:
        what = entry(question)
        resource = await small.publish(what, http_mount(base, url=f"{base}/licences/{path}"))
        await small.granted(resource, **asked)
        return Batch(small, await small.access_token("registration", what["service"]), what["service"])

    rows = [{"number": number, "holder": HOLDER} for number in ("JY1", "JY2", "JY3", "JY4")]
    async with provider_service(reply) as (base, _):
        fields = ["number", "name", "state"]
        batch = await ordered("verification", "{number}/{holder}", fields=fields)
        (await batch.order(rows, answering="yes_no", item="number")).refused(422, "invalid")
        await batch.accepted(rows, answering="yes_no")
        done = await batch.until("done", "failed")
        assert (done["state"], done["yes"], done["no"], done["unanswered"]) == ("done", 1, 3, 0)
        lines = [json.loads(line) for line in (await batch.result()).body.splitlines()]
        assert lines == [{"row": n, "answer": "yes" if n == 1 else "no"} for n in range(1, 5)]
        (await batch.ask("DELETE")).ok()
        queried = await ordered("query", "{number}", fields=fields)
        refused = await queried.order([{"number": NUMBER}], answering="yes_no")
        assert refused.refused(422, "invalid")["errors"][0]["pointer"] == "/answering"
        stateless = await ordered("verification", "{number}/{holder}", fields=["number", "name"])
        assert (await stateless.order(rows, answering="yes_no")).refused(422, "invalid")["errors"][0][
            "pointer"
        ] == "/item"


@pytest.mark.parametrize("told", [True, False])
async def test_a_row_the_provider_refuses_repeats_what_it_said_only_where_the_grant_says_so(
    told: bool, small: World
) -> None:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.json_response({"fault": "主体已注销"}, status=409)

    async with provider_service(reply) as (base, _):
        resource = await small.publish(what := another(), http_mount(base))
        await small.granted(resource, {"rules": {"provider_errors": told}})
        batch = Batch(small, await small.access_token("registration", what["service"]), what["service"])
        await batch.accepted([{"uscc": PROVIDER}])
        assert (await batch.until("done", "failed"))["unanswered"] == 1
        line = json.loads((await batch.result()).body)
        assert (line["row"], line["unanswered"]) == (1, "upstream-status")
        assert line.get("provider_error") == ({"fault": "主体已注销"} if told else None)
        assert ("provider_said" in line) is told
        (await batch.ask("DELETE")).ok()
