"""Taking calls from quotas in one statement for all that wait."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from waiting import until
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


async def together(quota: Quota, *asks: Ask, day: date = TODAY, second: int = 0) -> list[Taken | None]:
    """Asked at once, so that they wait for one statement."""
    return list(await asyncio.gather(*(quota.take(ask, day, second * 1_000_000) for ask in asks)))


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


async def test_a_bounded_grant_has_a_bucket_for_all_processes_that_fills_evenly_over_a_minute(
    database: Any,
) -> None:
    async with running_world(database) as world:
        resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
        grant = await world.granted(resource, {"rules": {"per_minute": 3}})
        ask = Ask(GrantId(UUID(grant)), *await versions(database, grant))
        one, other = Quota(await database.open(Zone.EXCHANGE)), Quota(await database.open(Zone.EXCHANGE))
        async with working(one.run()), working(other.run()):
            assert await together(one, *[ask] * 5, second=1000) == [
                *(Taken(n, 100) for n in (1, 2, 3)),
                None,
                None,
            ]
            assert await together(other, ask, second=1019) == [None]
            assert await together(other, ask, ask, second=1020) == [Taken(4, 100), None]
            # a process whose clock is behind gets nothing out of it
            assert await together(one, ask, second=1000) == [None]
            assert await together(one, ask, ask, ask, second=1060) == [Taken(5, 100), Taken(6, 100), None]
            assert await together(other, *[ask] * 4, second=2000) == [
                *(Taken(n, 100) for n in (7, 8, 9)), None,
            ]  # fmt: skip
            assert one.at_once(ask, TODAY, 2000_000_000) is None


async def test_who_calls_often_sets_calls_aside_and_gives_back_what_it_does_not_spend(database: Any) -> None:
    async with lending(database, 10000) as lent:
        taken = [await lent.call() for _ in range(40)]
        assert [each.used for each in taken if each] == list(range(1, 41))
        used, leased = await lent.counted()
        assert used < 40 <= used + leased <= 10000
        at_once = 0
        while lent.quota.at_once(lent.ask, TODAY, 0):
            at_once += 1
            if at_once == 3:
                break
        assert at_once == 3
        lent.now = 2.0  # a second later what was set aside is anybody's again
        assert lent.quota.at_once(lent.ask, TODAY, 0) is None
        await until(lambda: lent.has_settled(43))


async def test_who_calls_seldom_sets_nothing_aside(database: Any) -> None:
    async with lending(database, 10000) as lent:
        for n in range(5):
            lent.now = 2.0 * n
            assert await lent.call() == Taken(n + 1, 10000)
            assert await lent.counted() == (n + 1, 0)


async def test_no_more_than_a_hundredth_of_what_is_left_is_set_aside(database: Any) -> None:
    async with lending(database, 300) as lent:
        for _ in range(50):
            await lent.call()
            assert (
                lent.quota._leases[lent.ask.grant].left <= 6
            )  # one lease, and the next asked for at half of it
        taken = [await lent.call() for _ in range(300)]
        assert [each.used for each in taken if each] == list(range(51, 301))


async def test_two_processes_that_call_often_never_use_more_than_granted(database: Any) -> None:
    async with lending(database, 1500) as one, lending_too(database, one) as other:

        async def caller(at: Lent) -> int:
            return len([each for _ in range(100) if (each := await at.call())])

        made = sum(await asyncio.gather(*(caller(at) for at in (one, other) for _ in range(10))))
        used, leased = await one.counted()
        assert used + leased == 1500
        assert 1500 - 2 * 30 <= made <= 1500
        one.now = other.now = 2.0
        await until(lambda: one.has_settled(made))
        assert (
            len([each for at in (one, other) for _ in range(60) if (each := await at.call())]) == 1500 - made
        )


async def test_what_a_stopping_process_set_aside_is_given_back(database: Any) -> None:
    async with lending(database, 10000) as lent:
        async with lending_too(database, lent) as other:
            for _ in range(20):
                assert await other.call()
            assert (await lent.counted())[1] > 0
        assert await lent.counted() == (20, 0)


async def test_what_a_dead_process_set_aside_stays_gone_for_that_day(database: Any) -> None:
    async with lending(database, 400) as lent:
        row = "UPDATE exchange.quota_day SET leased = 3 WHERE grant_id = $1"
        await lent.call()
        await lent.owner.execute(row, lent.ask.grant)
        assert len([each for _ in range(400) if (each := await lent.call())]) == 400 - 1 - 3


@dataclass
class Lent:
    """A running quota, one grant, and a clock that stands unless it is set."""

    quota: Quota
    ask: Ask
    owner: Any
    now: float = 0.0

    async def call(self) -> Taken | None:
        """As a call does: from what is set aside if there is any."""
        return self.quota.at_once(self.ask, TODAY, 0) or await self.quota.take(self.ask, TODAY, 0)

    async def counted(self) -> tuple[int, int]:
        """Used and set aside, as the database counts."""
        row = await self.owner.fetchrow(
            "SELECT used, leased FROM exchange.quota_day WHERE grant_id = $1 AND day = $2",
            self.ask.grant,
            TODAY,
        )
        return row["used"], row["leased"]

    async def has_settled(self, used: int) -> bool:
        return bool(await self.counted() == (used, 0))


@asynccontextmanager
async def lending(database: Any, calls: int) -> AsyncIterator[Lent]:
    async with running_world(database) as world:
        resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
        grant = await world.granted(resource, daily_quota=calls)
        ask = Ask(GrantId(UUID(grant)), *await versions(database, grant))
        owner = await database.owner()
        async with lender(database, ask, owner) as lent:
            yield lent
        await owner.close()


@asynccontextmanager
async def lender(database: Any, ask: Ask, owner: Any) -> AsyncIterator[Lent]:
    lent: Lent
    quota = Quota(await database.open(Zone.EXCHANGE), lambda: lent.now)
    lent = Lent(quota, ask, owner)
    async with working(quota.run()):
        yield lent


def lending_too(database: Any, like: Lent) -> AbstractAsyncContextManager[Lent]:
    """A second process under the same grant."""
    return lender(database, like.ask, like.owner)


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
