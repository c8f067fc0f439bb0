"""批量交换: what a batch asks, what it keeps, what leaves, and what becomes of it when something goes wrong."""

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from batches import QUICK, Batch
from waiting import until
from world import CONSUMER, OTHER, PROVIDER, World, another, http_mount, provider_service, running_world

from gateway.deadlines import SHANGHAI
from gateway.exchange.batches import store
from gateway.names import new_id
from gateway.storage import Zone

FIRMS = [PROVIDER, CONSUMER, OTHER]


class Clock:
    """The machine's clock, ahead by what a test adds."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(SHANGHAI) + self.ahead


@pytest.fixture(scope="module")
async def quick(shared_database: Any) -> AsyncIterator[World]:
    """A gateway that goes on with batches at once, and gives up at the second failure."""
    clock = Clock()
    limits = {**QUICK, "attempts_max": 1, "result_bytes": 1024, "kept_max": 2, "parallel_max": 2}
    async with running_world(shared_database, batches=limits, now=clock) as world:
        yield world


async def granted(
    world: World, base: str, narrowed: dict[str, Any] | None = None, **asked: Any
) -> tuple[Batch, str]:
    """A service of enterprises at ``base`` with its grant."""
    what = another()
    name = f"s{uuid4().hex[:10]}"
    await world.client(name, CONSUMER)
    grant = await world.granted(await world.publish(what, http_mount(base)), narrowed, client=name, **asked)
    return Batch(world, await world.access_token(name, what["service"]), what["service"]), grant


def rows(count: int = 3) -> list[dict[str, str]]:
    return [{"uscc": code} for code in FIRMS[:count]]


def told(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]


async def test_records_come_in_the_order_of_the_rows_with_granted_fields_only(quick: World) -> None:
    async with provider_service() as (base, seen):
        batch, _ = await granted(quick, base)
        await batch.accepted(rows())
        done = await batch.until("done", "failed")
        assert (done["state"], done["records"], "yes" in done) == ("done", 3, False)
        result = await batch.result()
        assert result.headers["Content-Type"] == "application/x-ndjson"
        assert told(result.body) == [
            {"row": n, "records": [{"uscc": code, "name": "示例企业"}]} for n, code in enumerate(FIRMS, 1)
        ]
        assert sorted(one.path.rpartition("/")[2] for one in seen) == sorted(FIRMS)


async def test_a_download_is_resumed_where_it_was_cut_and_each_is_on_record(quick: World) -> None:
    async with provider_service() as (base, _):
        batch, _ = await granted(quick, base)
        await batch.accepted(rows())
        await batch.until("done")
        whole = await batch.result()
        length = len(whole.body)
        for asked, first, beyond in (
            ("bytes=10-", 10, length),
            ("bytes=0-9", 0, 10),
            ("bytes=-7", length - 7, length),
            (f"bytes=5-{length + 100}", 5, length),
        ):
            part = await batch.result(Range=asked, If_Range=whole.headers["ETag"])
            assert (part.status, part.body) == (206, whole.body[first:beyond])
            assert part.headers["Content-Range"] == f"bytes {first}-{beyond - 1}/{length}"
        for ignored in ({"Range": "lines=1-2"}, {"Range": "bytes=10-", "If_Range": '"another"'}):
            assert (await batch.result(**ignored)).body == whole.body
        beyond = await batch.result(Range=f"bytes={length}-")
        beyond.refused(416, "range-outside")
        assert beyond.headers["Content-Range"] == f"bytes */{length}"
        released = [one["detail"] for one in await batch.events() if one["type"] == "batch.released"]
        assert [one["bytes"] for one in released] == [length, length - 10, 10, 7, length - 5, length, length]


async def test_every_row_is_taken_from_the_quota_and_a_batch_waits_for_the_next_day(database: Any) -> None:
    clock = Clock()
    async with running_world(database, batches=QUICK, now=clock) as world, provider_service() as (base, seen):
        batch, _ = await granted(world, base, daily_quota=2)
        await batch.accepted(rows())

        async def waits() -> bool:
            return (await batch.ask()).ok().get("reason") == "quota-used-up"

        await until(waits)
        shown = (await batch.ask()).ok()
        assert (shown["state"], shown["rows_done"], len(seen)) == ("running", 2, 2)
        (await batch.result()).refused(409, "batch-not-ready")
        clock.ahead = timedelta(days=1)
        await stands(database, batch, "done")
        assert len(seen) == 3
        world.tokens.clear()
        counted = [
            one["detail"]["quota_used"] for one in await batch.events() if one["type"] == "batch.intended"
        ]
        assert counted == [1, 2, 1]
        clock.ahead += timedelta(hours=30)
        await stands(database, batch, "destroyed")


async def test_a_grant_that_is_gone_ends_the_batch_and_keeps_a_finished_result_from_leaving(
    quick: World, shared_database: Any
) -> None:
    async with provider_service() as (base, _):
        finished, held = await granted(quick, base)
        await finished.accepted(rows(1))
        await finished.until("done")
        waiting, gone = await granted(quick, base, {"rules": {"per_minute": 1}})
        await waiting.accepted(rows())
        for grant in (held, gone):
            because = {"reason": "抽查未通过"}
            (await quick.as_("security-admin", "POST", f"/v1/grants/{grant}/revoke", because)).ok()
        (await finished.result()).refused(403, "grant-revoked")
        owner = await shared_database.owner()
        await owner.execute("UPDATE batches.batch SET next_at = now() WHERE id = $1", waiting.id)
        await owner.close()
        failed = await waiting.until("failed")
        assert failed["reason"] == "grant-revoked"


async def test_a_provider_that_stays_away_fails_the_batch_and_nothing_of_it_leaves(quick: World) -> None:
    batch, _ = await granted(quick, "http://127.0.0.1:9")
    await batch.accepted(rows())
    done = await batch.until("failed", "done")
    assert (done["state"], done["reason"]) == ("failed", "upstream-unreachable")
    (await batch.result()).refused(410, "batch-destroyed")
    events = await batch.events()
    assert (events[-1]["type"], events[-1]["reason"]) == ("batch.failed", "upstream-unreachable")


async def test_what_waits_is_unreadable_in_the_database_and_gone_after_its_deletion(
    quick: World, shared_database: Any
) -> None:
    async with provider_service() as (base, _):
        batch, _ = await granted(quick, base)
        await batch.accepted(rows(), operator="张三")
        await batch.until("done")
        owner = await shared_database.owner()
        try:
            kept = await owner.fetch("SELECT content FROM batches.segment WHERE batch_id = $1", batch.id)
            assert kept
            assert not [
                one for one in kept if b"row" in one["content"] or PROVIDER.encode() in one["content"]
            ]
            assert (await batch.ask("DELETE")).ok()["state"] == "destroyed"
            row = await owner.fetchrow(
                "SELECT wrapped_key, wanted, (SELECT count(*) FROM batches.segment s WHERE s.batch_id = b.id) AS left"
                " FROM batches.batch b WHERE id = $1", batch.id,
            )  # fmt: skip
            assert tuple(row) == (None, None, 0)
        finally:
            await owner.close()
        (await batch.ask("DELETE")).refused(410, "batch-destroyed")
        (await batch.result()).refused(410, "batch-destroyed")
        assert (await batch.events())[-1]["type"] == "batch.destroyed"


async def test_a_batch_is_its_grants_alone(quick: World) -> None:
    async with provider_service() as (base, _):
        batch, _ = await granted(quick, base)
        other, _ = await granted(quick, base)
        await batch.accepted(rows(1))
        await batch.until("done")
        stolen = Batch(quick, other.token, other.service, batch.id)
        for part in ("", "/result", "/manifest"):
            (await stolen.ask(part=part)).refused(404, "no-such-batch")
        (await stolen.ask("DELETE")).refused(404, "no-such-batch")
        aimed = Batch(quick, other.token, batch.service, batch.id)
        (await aimed.ask()).refused(401, "token-refused")
        nobody = await quick.send("GET", f"{quick.exchange}/services/{batch.service}/batches/{batch.id}")
        nobody.refused(401, "unauthenticated")
        assert nobody.body["hop"] == "caller-gateway"
        recorded = await quick.audit(type="call.refused", outcome="deny")
        strangers = [one for one in recorded if one["who"]["kind"] == "anonymous"]
        assert {"unauthenticated", "audience"} <= {one["reason"] for one in strangers}
        again = await quick.send("GET", f"{quick.exchange}/services/{batch.service}/batches/{batch.id}")
        assert (again.status, await quick.audit(request_id=again.headers["Request-Id"])) == (401, [])
        for wrong in ("not-an-id", str(new_id())):
            (await Batch(quick, batch.token, batch.service, wrong).ask()).refused(404, "no-such-batch")


async def test_rows_outside_the_grant_are_refused_with_their_number(quick: World) -> None:
    async with provider_service() as (base, seen):
        batch, _ = await granted(quick, base, parameters={"uscc": {"values": [PROVIDER]}})
        refused = (await batch.order(rows(2))).refused(403, "parameter-outside-grant")
        assert refused["row"] == 2
        (await batch.order(rows(1), fields=["legal_person"])).refused(403, "field-outside-grant")
        (await batch.order(rows(1), item="name")).refused(422, "invalid")
        assert not seen


async def test_no_more_is_kept_than_the_settings_say(quick: World) -> None:
    long = "长" * 400

    async def much(_: web.Request) -> web.StreamResponse:
        return web.json_response({"data": [{"uscc": PROVIDER, "name": long}]})

    async with provider_service(much) as (base, _):
        batch, _ = await granted(quick, base)
        await batch.accepted(rows(1))
        failed = await batch.until("failed", "done")
        assert (failed["state"], failed["reason"]) == ("failed", "batch-too-large")
    async with provider_service() as (base, _):
        batch, _ = await granted(quick, base)
        for _ in range(2):
            await batch.accepted(rows(1))
            await batch.until("done")
        (await batch.order(rows(1))).refused(429, "too-many-batches")
        (await batch.ask("DELETE")).ok()
        await batch.accepted(rows(1))


async def test_another_process_takes_over_from_one_that_died(database: Any) -> None:
    clock = Clock()
    async with running_world(database, batches=QUICK, now=clock) as world, provider_service() as (base, seen):
        batch, _ = await granted(world, base, {"rules": {"per_minute": 1}})
        await batch.accepted(rows(2))

        async def waits() -> bool:
            return (await batch.ask()).ok().get("reason") == "rate-exceeded"

        await until(waits)
        exchange = await database.open(Zone.EXCHANGE)
        async with exchange.connection() as connection:  # another process begins its turn and is killed
            minute = clock() + timedelta(minutes=1)
            lost = await store.claim(connection, minute, minute + timedelta(seconds=90), new_id())
            assert lost is not None
            clock.ahead = timedelta(minutes=2)
            assert await store.claim(connection, clock(), clock(), new_id()) is None
        clock.ahead = timedelta(minutes=4)
        await stands(database, batch, "done")
        assert len(seen) == 2


async def stands(database: Any, batch: Batch, state: str) -> None:
    """Wait until it stands so; for tests whose clock is ahead of that by which systems sign."""
    owner = await database.owner()
    try:

        async def there() -> bool:
            return bool(
                await owner.fetchval("SELECT state = $2 FROM batches.batch WHERE id = $1", batch.id, state)
            )

        await until(there)
    finally:
        await owner.close()
