"""The stored clocks follow the cases: in the same transaction, for their parties only, the one due first on top."""

from typing import Any
from uuid import uuid4

import pytest
from applying import REASONS, WHY, act, published
from handclock import HandClock
from makes import CONTROLLED
from supervising import clocks as computed
from world import CONSUMER, PLATFORM, PROVIDER, World, running_world

from gateway.deadlines import Actor
from gateway.names import OrgCode
from gateway.storage import Zone
from gateway.supervision import Case, CaseKind, keep

CONDITIONAL: dict[str, Any] = {"sharing_class": "conditional", "conditions": "限不动产登记业务"}


@pytest.fixture
async def clock() -> HandClock:
    return HandClock("2026-11-20T10:00")


@pytest.fixture
async def world(database: Any, clock: HandClock) -> Any:
    async with running_world(database, now=clock) as made:
        yield made


async def cases(world: World, login: str = "platform-admin", **query: Any) -> list[dict[str, Any]]:
    return list((await world.as_(login, "GET", "/v1/supervision/cases", params=query)).ok()["items"])


async def test_a_case_is_with_the_platform_then_with_the_department_then_gone(
    world: World, clock: HandClock
) -> None:
    resource = await published(world, CONTROLLED, **CONDITIONAL)
    filed = (await world.file(resource, **clock.dates())).ok()
    (one,) = await cases(world)
    assert one.pop("subject").startswith(filed["resource_code"])
    assert one == {
        "kind": "application", "id": filed["id"], "holder": PLATFORM, "rule": "qy132.review", "state": "running",
        "due_at": "2026-11-25T16:00:00Z", "provisional": False, "overdue": False,
        "light": "green", "desk": "handler",
    }  # fmt: skip
    clock.set("2026-11-25T15:00", world)
    await world.accept(filed["id"])
    (one,) = await cases(world)
    assert (one["holder"], one["rule"]) == (PROVIDER, "tl809.reply_cond")
    clock.set("2026-12-07T09:00", world)
    (one,) = await cases(world)
    assert one["overdue"] is True
    await act(world, filed["id"], "approve", {"sign_off": clock.dates()["sign_off"]})
    assert await cases(world) == []


@pytest.mark.parametrize("how", ["withdrawn", "not accepted"])
async def test_a_case_that_ends_otherwise_leaves_nothing_to_watch(
    world: World, clock: HandClock, how: str
) -> None:
    filed = (await world.file(await published(world, CONTROLLED), **clock.dates())).ok()["id"]
    if how == "withdrawn":
        await act(world, filed, "withdraw", WHY)
    else:
        await act(world, filed, "review", {"accept": False, "reasons": REASONS})
    assert await cases(world) == []


async def test_a_department_sees_its_own_cases_and_a_provider_only_what_was_accepted(
    world: World, clock: HandClock
) -> None:
    resource = await published(world, CONTROLLED)
    filed = (await world.file(resource, **clock.dates())).ok()["id"]
    assert [one["id"] for one in await cases(world, "requester")] == [filed]
    assert await cases(world, "provider") == []
    assert await cases(world, "security-admin") == [
        await only(world)
    ]  # of the platform, which holds the review
    await world.accept(filed)
    assert [one["id"] for one in await cases(world, "provider")] == [filed]
    assert await cases(world, "security-admin") == []
    assert await cases(world, "auditor") == [await only(world)]


async def only(world: World) -> dict[str, Any]:
    (one,) = await cases(world)
    return one


async def test_what_is_due_first_leads_and_pages_go_on_from_there(world: World, clock: HandClock) -> None:
    filed = []
    for day in ("2026-11-25T10:00", "2026-11-20T10:00", "2026-11-23T10:00", "2026-11-23T11:00"):
        clock.set(day, world)
        filed.append((await world.file(await published(world, CONTROLLED), **clock.dates())).ok()["id"])
    first = (await world.as_("platform-admin", "GET", "/v1/supervision/cases?limit=3")).ok()
    rest = await cases(world, limit=3, cursor=first["next_cursor"])
    shown = [one["id"] for one in (*first["items"], *rest)]
    assert (shown[0], set(shown[1:3]), shown[3]) == (filed[1], {filed[2], filed[3]}, filed[0])
    assert [one["id"] for one in await cases(world, holder=PLATFORM, kind="application")] == shown
    assert await cases(world, holder=CONSUMER) == await cases(world, kind="dispute") == []


async def stored(database: Any) -> dict[str, tuple[str, str, bool, bool]]:
    owner = await database.owner()
    try:
        rows = await owner.fetch("SELECT rule, holder, state, is_open, is_binding FROM supervision.clock")
    finally:
        await owner.close()
    return {row["rule"]: (row["holder"], row["state"], row["is_open"], row["is_binding"]) for row in rows}


async def test_a_step_that_is_undone_leaves_the_clocks_as_they_were(world: World, database: Any) -> None:
    pool, case = await database.open(Zone.CONTROL), Case(CaseKind.DISPUTE, uuid4(), "争议", OrgCode(PLATFORM))

    async def undone() -> None:
        async with pool.transaction() as tx:
            await keep(tx, case, computed(filed="2026-11-20T10:00"))
            raise LookupError

    with pytest.raises(LookupError):
        await undone()
    assert await stored(database) == {}


async def test_each_clock_has_its_own_holder_where_actors_differ_and_one_left_out_is_stopped(
    world: World, database: Any
) -> None:
    case = Case(
        CaseKind.DISPUTE, uuid4(), "争议", OrgCode(PLATFORM), (OrgCode(CONSUMER),),
        {Actor.PROVIDER: OrgCode(PROVIDER)},
    )  # fmt: skip
    pool, clocks = await database.open(Zone.CONTROL), computed(filed="2026-11-20T10:00")
    async with pool.transaction() as tx:
        await keep(tx, case, clocks)
    assert await stored(database) == {
        "qy132.review": (PLATFORM, "running", True, True),
        "qy132.approve": (PROVIDER, "waiting", False, False),
        "tl809.reply_cond": (PROVIDER, "running", True, False),
        "tl809.share": (PROVIDER, "waiting", False, False),
    }
    async with pool.transaction() as tx:
        await keep(tx, case, [one for one in clocks if one.rule.id != "qy132.review"])
    assert (await stored(database))["qy132.review"] == (PLATFORM, "stopped", False, False)
    assert (await stored(database))["tl809.reply_cond"] == (PROVIDER, "running", True, True)
    async with pool.transaction() as tx:
        await keep(tx, case, [])
    assert not any(is_open for _, _, is_open, _ in (await stored(database)).values())
