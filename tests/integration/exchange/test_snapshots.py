"""The plans a process keeps: dropped when something they rest on changes, useless when nobody can tell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from providers import http, raw_provider, saying
from waiting import until
from world import CONSUMER, World, another, http_mount, running_world

from gateway.authz import Grants
from gateway.catalog import Catalog
from gateway.exchange.changes import Changes, SnapshotStale
from gateway.exchange.plans import Plan, Plans
from gateway.names import GrantId
from gateway.seals import Vault
from gateway.storage import Zone

FOUND = saying(http(b'{"data":{"uscc":"%s","name":"a"}}' % CONSUMER.encode()))


@asynccontextmanager
async def planned(database: Any) -> AsyncIterator[tuple[World, Plans, GrantId, Any]]:
    """A world with one grant, and plans of a process that has begun to hear; ``run`` is not running."""
    async with running_world(database) as world:
        resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
        grant = GrantId(UUID(await world.granted(resource)))
        pool = await database.open(Zone.EXCHANGE)
        nobody: Any = None
        catalog = Catalog(pool, nobody, Vault(bytes(32), "mounts"), lambda: datetime.now(UTC))
        plans = Plans(pool, Grants(pool, nobody, lambda: datetime.now(UTC)), catalog)
        await plans.begin()
        yield world, plans, grant, pool


async def test_a_change_whose_message_was_lost_is_found_by_asking(database: Any) -> None:
    async with raw_provider(FOUND) as provider, running_world(database) as world:
        description = another()
        service = description["service"]
        resource = await world.publish(description, http_mount(provider.base))
        grant = await world.granted(resource)
        token = await world.access_token("registration", service)
        body = {"parameters": {"uscc": CONSUMER}}
        (await world.call(token, service, body)).ok()
        owner = await database.owner()
        async with owner.transaction():
            await owner.execute("ALTER TABLE authz.data_grant DISABLE TRIGGER tell_change")
            await owner.execute(
                "UPDATE authz.data_grant SET state = 'revoked', because = 'x', over_at = now(), version = version + 1"
                " WHERE id = $1", grant,
            )  # fmt: skip
            await owner.execute("INSERT INTO exchange.change (kind, key) VALUES ('grant', $1)", grant)
        await owner.close()

        async def is_refused() -> bool:
            return (await world.call(token, service, body)).status == 403

        await until(is_refused, 20)


async def test_after_thirty_seconds_without_word_of_changes_nothing_is_admitted(database: Any) -> None:
    clock = [1000.0]
    changes = Changes(await database.open(Zone.EXCHANGE), lambda *_: None, lambda: None, lambda: clock[0])
    with pytest.raises(SnapshotStale):
        changes.check()
    await changes.begin()
    clock[0] += 30.0
    changes.check()
    clock[0] += 0.001
    with pytest.raises(SnapshotStale):
        changes.check()


@pytest.mark.parametrize("kind", ["grant", "client", "resource"])
async def test_what_a_plan_rests_on_drops_it_and_so_does_having_been_deaf(kind: str, database: Any) -> None:
    async with planned(database) as (_, plans, grant, _):
        plan = await plans.get(grant)
        assert plan is not None
        assert plans.now(grant) is plan
        keys = {"grant": grant, "client": plan.grant.client_id, "resource": plan.grant.resource_id}
        plans._changed(kind, "another")
        assert plans.now(grant) is plan
        plans._changed(kind, str(keys[kind]))
        assert plans.now(grant) is None
        assert await plans.get(grant) is not None
        plans._forget()
        assert plans.now(grant) is None


async def test_what_changes_while_it_is_read_is_read_again(database: Any) -> None:
    async with planned(database) as (world, plans, grant, _):
        read, reads = plans._read, 0

        async def reading(connection: Any, wanted: GrantId) -> Plan | None:
            nonlocal reads
            reads += 1
            found = await read(connection, wanted)
            if reads == 1:
                path = f"/v1/grants/{grant}/revoke"
                (await world.as_("security-admin", "POST", path, {"reason": "超范围使用"})).ok()
                plans._changed("grant", str(grant))
            return found

        plans._read = reading  # type: ignore[method-assign]
        plan = await plans.get(grant)
        assert plan is not None
        assert (reads, plan.compiled.is_active) == (2, False)
        assert plans.now(grant) is plan
