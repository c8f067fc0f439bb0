"""Alerts on a real log: each record looked at once, each alert on record with what it came from, told and acknowledged."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from ledgers import an_event
from world import (
    CONSUMER,
    OTHER,
    PLATFORM,
    PROVIDER,
    World,
    description,
    enterprises,
    http_mount,
    provider_service,
    running_world,
)

from gateway.alerts.model import Rule, RuleKind, Severity
from gateway.alerts.service import Alerts, Suspend
from gateway.alerts.watching import Watching
from gateway.audit import AuditLog, AuditReader, Event, EventType, Outcome, integrate_once
from gateway.audit.writer import utc_now
from gateway.authz import Grants
from gateway.authz.after_grant import suspending
from gateway.names import OrgCode
from gateway.sections import Alerting
from gateway.settings import Audit
from gateway.storage import Zone
from gateway.telemetry import Metrics

PROBING = Rule(
    "probing", "Probing", "探测", Severity.WARNING, RuleKind.COUNT, frozenset({"call.refused"}), by="actor", at_least=3,
    within_seconds=600,
)  # fmt: skip
FAILING = Rule(
    "failing", "Failing", "失败", Severity.CRITICAL, RuleKind.RISE, metric="gx_audit_writes_total",
    labels={"result": "failed"},
)  # fmt: skip


class Post:
    """Where somebody watches a log: several watches over one database."""

    def __init__(self, database: Any) -> None:
        self.database = database

    async def open(self) -> None:
        self.control = await self.database.open(Zone.CONTROL)
        self.orders = await self.database.open(Zone.INTEGRATOR)
        self.log = await AuditLog.open(
            self.database.dsn(Zone.CONTROL), Audit(allow_unsafe_durability=True), node="node-1"
        )
        self.reader = AuditReader(await self.database.open(Zone.READER), self.log.append)
        async with self.control.connection() as connection:
            await connection.execute(
                "INSERT INTO identity.org (code, name, region) VALUES ($1, '平台', '621000') ON CONFLICT DO NOTHING",
                PLATFORM,
            )

    def watch(
        self, rules: Sequence[Rule], metrics: Metrics | None = None, suspend: Suspend | None = None
    ) -> Watching:
        alerts = Alerts(self.control, self.log, rules, OrgCode(PLATFORM), "node-1", utc_now)
        alerts.suspend = suspend
        settings = Alerting(batch_max=10)
        return Watching(
            self.control, self.reader, alerts, settings, metrics or Metrics(), lambda _: True, utc_now
        )

    async def write(self, *events: Event, ordered: bool = True) -> None:
        """With ``ordered`` also into the ledger; else a gateway does that."""
        async with self.control.transaction() as tx:
            await self.log.emit_all(tx, events)
        if not ordered:
            return
        async with self.orders.connection() as connection:
            while await integrate_once(connection):
                pass

    async def alerts(self) -> list[Any]:
        owner = await self.database.owner()
        try:
            found: list[Any] = await owner.fetch("SELECT * FROM alerts.alert ORDER BY id")
            return found
        finally:
            await owner.close()

    async def raised(self) -> list[dict[str, Any]]:
        await self.write()
        return [
            one.content()
            for one in await self.reader.following(0, 1000)
            if one.columns.type == "alert.raised"
        ]


def refusals(count: int) -> list[Event]:
    return [an_event(type=EventType.CALL_REFUSED, outcome=Outcome.DENY, reason="no-grant")] * count


@pytest.fixture
async def post(database: Any) -> AsyncIterator[Post]:
    made = Post(database)
    await made.open()
    yield made
    await made.log.close()


async def drained(watch: Watching) -> None:
    while await watch.look():
        pass


async def raised_within(watch: Watching, post: Post, count: int) -> None:
    """Look until so many alerts were raised: the gateway's own integrator orders what was written."""
    async with asyncio.timeout(30):
        while len(await post.alerts()) < count:
            await watch.look()


async def test_an_alert_is_on_record_with_the_record_it_came_from_and_the_platform_is_told(
    post: Post,
) -> None:
    watch = post.watch([PROBING])
    await drained(watch)
    await post.write(*refusals(2))
    await drained(watch)
    assert await post.alerts() == []
    await post.write(*refusals(1))
    await drained(watch)
    (alert,) = await post.alerts()
    assert (alert["rule"], alert["key"], alert["severity"], alert["times"]) == (
        "probing",
        "client:realty",
        "warning",
        1,
    )
    (record,) = await post.raised()
    hit = (await post.reader.following(2, 1))[0]
    assert record["cause"] == [
        {"id": str(hit.columns.event_id), "sha256": hashlib.sha256(hit.event).hexdigest()}
    ]
    assert record["object"] == {"kind": "alert", "id": str(alert["id"])}
    owner = await post.database.owner()
    notice = await owner.fetchrow("SELECT org, content FROM supervision.notification")
    await owner.close()
    assert notice["org"] == PLATFORM
    assert "client:realty" not in notice["content"]


async def test_more_hits_count_on_the_open_alert_and_leave_no_further_record(post: Post) -> None:
    watch = post.watch([PROBING])
    await drained(watch)
    await post.write(*refusals(25))
    await drained(watch)
    (alert,) = await post.alerts()
    assert alert["times"] == 8
    assert len(await post.raised()) == 1


async def test_another_process_goes_on_where_the_first_stopped_with_what_it_had_counted(post: Post) -> None:
    first, second = post.watch([PROBING]), post.watch([PROBING])
    await drained(first)
    await post.write(*refusals(2))
    await drained(first)
    await drained(second)  # the lease is the first's
    await first._lease.release()
    await post.write(*refusals(1))
    await drained(second)
    await drained(first)
    (alert,) = await post.alerts()
    assert alert["times"] == 1


async def test_what_was_there_before_the_first_start_raises_nothing(post: Post) -> None:
    await post.write(*refusals(30))
    await drained(post.watch([PROBING]))
    assert await post.alerts() == []


async def test_the_last_use_of_a_grant_is_looked_up(post: Post) -> None:
    rule = Rule(
        "old", "Old", "旧", Severity.NOTICE, RuleKind.DORMANT, frozenset({"call.intended"}), by="grant_id", unused_days=0
    )  # fmt: skip
    await post.write(an_event(type=EventType.GRANT_ISSUED))
    watch = post.watch([rule])
    watch._settings = Alerting(remember_max=0)
    await drained(watch)
    await post.write(an_event(grant_id="01a1fd8c-9b7d-7425-883d-959a9e27c23e"), an_event())
    await drained(watch)
    (alert,) = await post.alerts()
    assert alert["key"] == "00000000-0000-0000-0000-000000000063"


async def test_a_failed_write_of_this_process_raises_once_however_often_it_looks(post: Post) -> None:
    metrics = Metrics()
    metrics.audit_writes.labels("failed").inc()
    watch = post.watch([FAILING], metrics)
    await drained(watch)
    assert await post.alerts() == []
    metrics.audit_writes.labels("failed").inc(3)
    await drained(watch)
    await drained(watch)
    (alert,) = await post.alerts()
    assert (alert["rule"], alert["times"], alert["first_event"]) == ("failing", 1, None)
    assert metrics.audit_alerts.labels("critical").value == 1


async def test_a_security_administrator_acknowledges_and_the_next_hit_is_another_alert(
    world: World, database: Any
) -> None:
    post = Post(database)
    await post.open()
    watch = post.watch([PROBING])
    await drained(watch)
    await post.write(*refusals(3), ordered=False)
    await raised_within(watch, post, 1)
    (shown,) = (await world.as_("auditor", "GET", "/v1/audit/alerts")).ok()["items"]
    assert (shown["rule"], shown["times"], shown.get("acknowledged_at")) == ("probing", 1, None)
    path = f"/v1/audit/alerts/{shown['id']}/acknowledge"
    (await world.as_("auditor", "POST", path, {"note": "演练"})).refused(403, "role-missing")
    done = (await world.as_("security-admin", "POST", path, {"note": "演练"})).ok()
    assert (done["acknowledged_by"], done["note"]) == ("security-admin", "演练")
    (await world.as_("security-admin", "POST", path, {"note": "again"})).refused(409, "alert-acknowledged")
    assert (await world.as_("auditor", "GET", "/v1/audit/alerts")).ok()["items"] == []
    await post.write(*refusals(3), ordered=False)
    await raised_within(watch, post, 2)
    every = (await world.as_("auditor", "GET", "/v1/audit/alerts?status=all")).ok()["items"]
    assert [one.get("note") for one in every] == [None, "演练"]
    rules = (await world.as_("platform-admin", "GET", "/v1/audit/alert-rules")).ok()["items"]
    assert {"log-late", "off-hours", "enumeration", "old-grant"} <= {one["id"] for one in rules}
    asked = await world.audit(type="audit.queried")
    assert any("alerts" in one["detail"] for one in asked)
    await post.log.close()


async def test_a_system_that_walks_through_numbers_is_noticed_and_by_a_rule_loses_its_grant(
    database: Any,
) -> None:
    walked = Rule(
        "walked", "Walked", "试查", Severity.CRITICAL, RuleKind.ANY, frozenset({"call.sequence"}), by="grant_id",
        suspends=True,
    )  # fmt: skip
    post = Post(database)
    async with (
        provider_service(enterprises) as (base, _),
        running_world(database, exchange={"sequence_steps_min": 3}) as world,
    ):
        await post.open()
        resource = await world.publish(description(), http_mount(base))
        grant = await world.granted(resource)
        token = await world.access_token("registration", "enterprise")
        watch = post.watch(
            [walked], suspend=suspending(Grants(post.control, post.log, utc_now), OrgCode(PLATFORM))
        )
        await drained(watch)
        for code in (CONSUMER, CONSUMER, PLATFORM, CONSUMER):  # one and the same again is no step
            (await world.call(token, "enterprise", {"parameters": {"uscc": code}})).ok()
        await world.integrated()
        await drained(watch)
        assert await post.alerts() == []
        for code in (PROVIDER, OTHER):
            await world.call(token, "enterprise", {"parameters": {"uscc": code}})
        await raised_within(watch, post, 1)
        (noticed,) = await world.audit(type="call.sequence")
        assert (noticed["grant_id"], noticed["detail"]) == (grant, {"parameter": "uscc", "steps": 3})
        (suspended,) = await world.audit(type="grant.suspended")
        (alert,) = await post.alerts()
        assert suspended["detail"]["evidence"]["event_ids"] == [str(alert["first_event"])]
        assert (suspended["who"]["kind"], suspended["detail"]["side"]) == ("system", "authority")
        refused = await world.call(token, "enterprise", {"parameters": {"uscc": CONSUMER}})
        refused.refused(403, "suspended-by-authority")
        await post.write(an_event(type=EventType.CALL_SEQUENCE, grant_id=grant), ordered=False)
        await world.integrated()
        await drained(watch)  # it is suspended already
        assert [one["times"] for one in await post.alerts()] == [2]
        await post.log.close()
