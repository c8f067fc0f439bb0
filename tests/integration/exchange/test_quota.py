"""Taking calls from quotas in one statement for all that wait."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from world import another, http_mount, running_world

from gateway.deadlines import local_day
from gateway.exchange.quota import ExchangeStopping, Quota
from gateway.exchange.store import Ask, Taken
from gateway.names import GrantId
from gateway.storage import Zone
from gateway.storage.pool import DatabaseDown

TODAY = local_day(datetime.now(UTC))


@asynccontextmanager
async def taking(database: Any) -> AsyncIterator[tuple[Quota, Ask, Ask]]:
    """A running quota, a grant of ten calls and one of a hundred, in their present versions."""
    async with running_world(database) as world:
        asks = []
        for calls in (10, 100):
            resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
            grant = await world.granted(resource, daily_quota=calls)
            asks.append(Ask(GrantId(UUID(grant)), *await versions(database, grant)))
        quota = Quota(await database.open(Zone.EXCHANGE))
        async with working(quota.run()):
            yield quota, asks[0], asks[1]


@asynccontextmanager
async def working(worker: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(worker)
    await asyncio.sleep(0)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def versions(database: Any, grant: str) -> tuple[int, int]:
    owner = await database.owner()
    row = await owner.fetchrow(
        "SELECT version, resource_version FROM authz.callable_grant WHERE id = $1", grant
    )
    await owner.close()
    return row["version"], row["resource_version"]


async def together(quota: Quota, *asks: Ask, day: date = TODAY, minute: int = 0) -> list[Taken | None]:
    """Asked at once, so that they wait for one statement."""
    return list(await asyncio.gather(*(quota.take(ask, day, minute) for ask in asks)))


async def test_calls_of_several_grants_are_taken_together_and_numbered_in_order(database: Any) -> None:
    async with taking(database) as (quota, ten, hundred):
        taken = await together(quota, ten, hundred, ten, hundred, hundred)
        assert taken == [Taken(1, 10), Taken(1, 100), Taken(2, 10), Taken(2, 100), Taken(3, 100)]


async def test_when_not_all_fit_the_first_ones_get_what_is_left(database: Any) -> None:
    async with taking(database) as (quota, ten, hundred):
        await together(quota, *[ten] * 7)
        taken = await together(quota, *[ten] * 5, hundred)
        assert taken == [Taken(8, 10), Taken(9, 10), Taken(10, 10), None, None, Taken(1, 100)]
        assert await together(quota, ten) == [None]
        assert await together(quota, *[ten] * 11, day=TODAY + timedelta(1)) == [
            *(Taken(used, 10) for used in range(1, 11)), None,
        ]  # fmt: skip


async def test_of_one_minute_no_more_is_taken_than_granted_over_all_processes(database: Any) -> None:
    async with running_world(database) as world:
        resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
        grant = await world.granted(resource, {"rules": {"per_minute": 3}})
        ask = Ask(GrantId(UUID(grant)), *await versions(database, grant))
        one, other = Quota(await database.open(Zone.EXCHANGE)), Quota(await database.open(Zone.EXCHANGE))
        async with working(one.run()), working(other.run()):
            assert await together(one, *[ask] * 5, minute=7) == [
                *(Taken(n, 100) for n in (1, 2, 3)),
                None,
                None,
            ]
            assert await together(other, ask, minute=7) == [None]
            assert await together(other, ask, ask, minute=8) == [Taken(4, 100), Taken(5, 100)]
            # a process whose clock is behind counts in the later minute
            assert await together(one, ask, ask, minute=7) == [Taken(6, 100), None]
            assert await together(one, ask, minute=9) == [Taken(7, 100)]


async def test_only_the_versions_in_force_are_taken_whoever_else_asks_at_the_same_time(database: Any) -> None:
    async with taking(database) as (quota, ten, _):
        stale = Ask(ten.grant, ten.version + 1, ten.resource_version)
        other = Ask(ten.grant, ten.version, ten.resource_version + 1)
        unknown = Ask(GrantId(uuid4()), 1, 1)
        taken = await together(quota, stale, ten, other, unknown, ten, stale)
        assert taken == [None, Taken(1, 10), None, None, Taken(2, 10), None]


async def test_a_day_outside_the_period_takes_nothing(database: Any) -> None:
    async with taking(database) as (quota, ten, _):
        assert await together(quota, ten, day=TODAY + timedelta(4000)) == [None]


async def test_a_database_that_fails_is_heard_of_by_all_who_wait_and_the_next_are_served(
    database: Any,
) -> None:
    async with taking(database) as (quota, ten, _):
        owner = await database.owner()
        await owner.execute("ALTER TABLE exchange.quota_day RENAME TO gone")
        said = await asyncio.gather(
            quota.take(ten, TODAY, 0), quota.take(ten, TODAY, 0), return_exceptions=True
        )
        assert all(isinstance(each, asyncpg.UndefinedTableError | DatabaseDown) for each in said), said
        await owner.execute("ALTER TABLE exchange.gone RENAME TO quota_day")
        await owner.close()
        assert await together(quota, ten) == [Taken(1, 10)]


async def test_two_processes_asking_for_the_same_grants_in_other_order_do_not_block_each_other(
    database: Any,
) -> None:
    async with taking(database) as (quota, ten, hundred):
        second = Quota(await database.open(Zone.EXCHANGE))
        async with working(second.run()):
            rounds = [
                together(one, *order)
                for _ in range(5)
                for one, order in ((quota, (ten, hundred)), (second, (hundred, ten)))
            ]
            taken = [each for found in await asyncio.gather(*rounds) for each in found]
        assert sorted(each.used for each in taken if each and each.daily_quota == 10) == list(range(1, 11))
        assert sorted(each.used for each in taken if each and each.daily_quota == 100) == list(range(1, 11))


async def test_a_stopped_process_takes_nothing_and_says_so(database: Any) -> None:
    quota = Quota(await database.open(Zone.EXCHANGE))
    with pytest.raises(ExchangeStopping):
        await quota.take(Ask(GrantId(uuid4()), 1, 1), TODAY, 0)
    async with working(quota.run()):
        waiting = asyncio.ensure_future(quota.take(Ask(GrantId(uuid4()), 1, 1), TODAY, 0))
        await asyncio.sleep(0)
    with pytest.raises(ExchangeStopping):
        await waiting
