"""Two administrators dispose of a month over HTTP: the gateway's own workers carry it out, and the auditor sees what stays."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from ledgers import an_event
from world import World, running_world

from gateway.audit import Origin, integrate_once
from gateway.audit.writer import emit_all, utc_now
from gateway.names import new_id
from gateway.storage import Zone

OLD = 30
REASON = {"reason": "行政诉讼"}
MONTH = {"kind": "records", "month": "2020-01", "reason": "保存期满"}


@pytest.fixture
async def world(database: Any, owner: asyncpg.Connection, tmp_path: Path) -> AsyncIterator[World]:
    """A gateway on a ledger that began in January 2020, and is long past the tile of its last record."""
    await owner.execute("SELECT audit.add_partition('2020-01-01')")
    zone = await database.open(Zone.INTEGRATOR)
    for count, clock in ((OLD, lambda: datetime(2020, 1, 15, tzinfo=UTC)), (260, utc_now)):
        await emit_all(owner, [an_event() for _ in range(count)], Origin("node", new_id()), utc_now())
        async with zone.connection() as connection:
            while await integrate_once(connection, clock):
                pass
    audit = {"disposal_seconds": 0.05, "figures_seconds": 0.05, "archive_dir": tmp_path / "archives"}
    async with running_world(database, audit=audit) as made:
        yield made


async def until(world: World, disposal: str, stage: str) -> dict[str, Any]:
    """The disposal, once it has come so far."""
    async with asyncio.timeout(30):
        while True:
            found: dict[str, Any] = (
                await world.as_("auditor", "GET", f"/v1/audit/disposals/{disposal}")
            ).ok()
            if found["stage"] == stage:
                return found
            await asyncio.sleep(0.05)


async def test_two_administrators_dispose_of_a_month_and_the_auditor_sees_it(
    world: World, tmp_path: Path, owner: asyncpg.Connection
) -> None:
    months = (await world.as_("auditor", "GET", "/v1/audit/months")).ok()["months"]
    assert (months[0]["month"], months[0]["beyond"], months[0]["is_held"]) == ("2020-01", OLD, False)
    assert months[0]["kept_until"].startswith("2023-02-01")

    span = {"first_month": "2020-01", "last_month": "2020-01", **REASON}
    hold = (await world.as_("security-admin", "POST", "/v1/audit/holds", span)).ok()
    (await world.as_("platform-admin", "POST", "/v1/audit/disposals", MONTH)).refused(409, "under-hold")
    lift = f"/v1/audit/holds/{hold['id']}/lift"
    (await world.as_("security-admin", "POST", lift, REASON)).refused(403, "second-person-needed")
    (await world.as_("platform-admin", "POST", lift, REASON)).ok()

    made = (await world.as_("platform-admin", "POST", "/v1/audit/disposals", MONTH)).ok()
    approve = f"/v1/audit/disposals/{made['id']}/approve"
    (await world.as_("platform-admin", "POST", approve)).refused(403, "second-person-needed")
    (await world.as_("security-admin", "POST", approve)).ok()
    done = await until(world, made["id"], "done")
    assert (done["proposed_by"], done["approved_by"]) == ("platform-admin", "security-admin")
    assert [file.name for file in (tmp_path / "archives").iterdir()] == [done["archive"]]

    left = await owner.fetchval("SELECT min(idx) FROM audit.ledger")
    assert left == OLD
    acts = [
        (event["type"], event["who"]["id"])
        for kind in ("hold.placed", "hold.lifted", "retention.proposed", "retention.approved")
        for event in await world.audit(type=kind)
    ]
    assert acts == [
        ("hold.placed", "security-admin"),
        ("hold.lifted", "platform-admin"),
        ("retention.proposed", "platform-admin"),
        ("retention.approved", "security-admin"),
    ]
    [dropped] = await world.audit(type="retention.dropped")
    [approved] = await world.audit(type="retention.approved")
    assert dropped["cause"][0]["id"] == approved["id"]
    assert (dropped["detail"]["beyond"], dropped["detail"]["sha256"]) == (OLD, done["archive_sha256"])
    (await world.as_("security-admin", "POST", approve)).refused(409, "disposal-decided")
