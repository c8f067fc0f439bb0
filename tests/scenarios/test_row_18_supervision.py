"""mission row 18, 电子监察、限时办结、统一督办: the leader sees the red cases first; a closed order shows what changed; a
breach stays on record.

The clocks are those of 132号 item 22 and Decree 809 Art. 21; late answers without good reason are Art. 39.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from applying import act, published
from handclock import HandClock
from makes import CONTROLLED
from world import PROVIDER, World, running_world

CONDITIONAL: dict[str, Any] = {"sharing_class": "conditional", "conditions": "限不动产登记业务"}
LEADER = "platform-admin"


class City:
    """A city's gateway whose time is set by hand and whose timers run."""

    def __init__(self, world: World, clock: HandClock) -> None:
        self.world = world
        self.clock = clock

    async def accepted(self, filed: str, accepted: str | None = None) -> str:
        """An application filed then and accepted at once, or later: the department has it."""
        self.clock.set(filed, self.world)
        resource = await published(self.world, CONTROLLED, **CONDITIONAL)
        made = (await self.world.file(resource, **self.clock.dates())).ok()["id"]
        self.clock.set(accepted or filed, self.world)
        await self.world.accept(made)
        return str(made)

    async def get(self, path: str, login: str = LEADER) -> list[dict[str, Any]]:
        return list((await self.world.as_(login, "GET", path)).ok()["items"])

    async def until(self, seen: Callable[[], Awaitable[bool]]) -> None:
        """Wait for the timers of this instant."""
        async with asyncio.timeout(60):
            while not await seen():  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def lights(self) -> list[tuple[str, str]]:
        return [(one["id"], one["light"]) for one in await self.get("/v1/supervision/cases")]


@pytest.fixture
async def city(database: Any) -> AsyncIterator[City]:
    clock = HandClock("2026-11-09T09:00")
    async with running_world(database, now=clock, supervision={"sweep_seconds": 0.05}) as world:
        yield City(world, clock)


async def test_the_leader_sees_the_red_cases_first(city: City) -> None:
    fresh = await city.accepted("2026-11-20T09:00")  # due 2026-12-04
    half = await city.accepted("2026-11-13T09:00")  # due 2026-11-27
    last_day = await city.accepted("2026-11-06T10:00")  # due 2026-11-20
    too_late = await city.accepted("2026-11-05T10:00")  # due 2026-11-19
    city.clock.set("2026-11-20T10:00", city.world)
    wanted = [(too_late, "overdue"), (last_day, "red"), (half, "amber"), (fresh, "green")]

    async def seen() -> bool:
        first = await city.get("/v1/supervision/orders")
        return bool(first) and await city.lights() == wanted

    await city.until(seen)
    assert [one["id"] for one in await city.get("/v1/supervision/cases?light=red")] == [last_day]
    shown = (await city.get("/v1/supervision/cases"))[0]
    assert (shown["holder"], shown["overdue"], shown["desk"]) == (PROVIDER, True, "head")
    reminded = await city.world.audit(type="case.reminded", application_id=last_day)
    assert [one["detail"]["step"] for one in reminded] == ["amber", "red"]


async def test_an_order_is_answered_and_closed_and_shows_what_changed_and_the_breach_stays(
    city: City,
) -> None:
    await city.world.person("provider-head", PROVIDER, "provider")
    contact = f"/v1/orgs/{PROVIDER}/contacts/head"
    (await city.world.as_(LEADER, "PUT", contact, {"name": "赵局长", "email": "zhao@example.gov.cn"})).ok()
    # Decree 809: ten days of filing, Friday 2026-11-20; 132号: ten days of acceptance, 2026-11-24
    application = await city.accepted("2026-11-06T10:00", "2026-11-10T10:00")
    city.clock.set("2026-11-23T09:00", city.world)

    async def ordered() -> bool:
        return len(await city.get("/v1/supervision/orders", "provider-head")) == 1

    await city.until(ordered)
    (order,) = await city.get("/v1/supervision/orders?state=open", "provider-head")
    assert (order["case_id"], order["holder"], order["head"]) == (application, PROVIDER, "赵局长")
    assert (order["issued_with"]["state"], order["issued_with"]["light"]) == ("overdue", "overdue")
    assert order["changed"] == []
    assert await city.get("/v1/supervision/orders", "requester") == []

    (breach,) = await city.get("/v1/breaches", "provider")
    assert (breach["case_id"], breach["holder"]) == (application, PROVIDER)
    assert breach["due_at"] == "2026-11-20T16:00:00Z"
    why = {"reason": "业务系统升级，期间无法核验"}
    path = f"/v1/breaches/{breach['id']}/explain"
    (await city.world.as_("requester", "POST", path, why)).refused(404, "no-such-breach")
    (await city.world.as_("provider", "POST", path, why)).ok()
    (await city.world.as_("provider", "POST", path, why)).refused(409, "already-explained")

    city.clock.set("2026-11-23T15:00", city.world)
    signed = {"sign_off": city.clock.dates()["sign_off"]}
    (await act(city.world, application, "approve", signed)).ok()
    one = f"/v1/supervision/orders/{order['id']}"
    answer = {"answer": "已同意共享，授权已签发"}
    (await city.world.as_("provider-head", "POST", f"{one}/answer", answer)).ok()
    outcome = {"outcome": "市场监管局已补办审批，建立A/B岗"}
    (await city.world.as_(LEADER, "POST", f"{one}/close", outcome)).ok()

    closed = (await city.world.as_("provider", "GET", one)).ok()
    assert (closed["state"], closed["outcome"], closed["answer"]) == (
        "closed", outcome["outcome"], answer["answer"],
    )  # fmt: skip
    changed = {change["what"]: (change.get("before"), change.get("after")) for change in closed["changed"]}
    assert changed["state"] == ("overdue", "late")
    assert changed["ended_at"] == (None, "2026-11-23T07:00:00+00:00")
    (await city.world.as_(LEADER, "POST", f"{one}/close", outcome)).refused(409, "order-closed")
    (await city.world.as_("provider", "POST", f"{one}/answer", answer)).refused(409, "order-closed")

    city.clock.set("2027-03-01T09:00", city.world)
    (kept,) = await city.get("/v1/breaches?state=over")
    assert (kept["reason"], kept["ended_as"], kept["ended_at"]) == (
        why["reason"], "late", "2026-11-23T07:00:00Z",
    )  # fmt: skip
    assert await city.get("/v1/supervision/cases") == []
    on_record = [one["type"] for one in await city.world.audit(application_id=application)]
    for kind in ("case.reminded", "case.handed_over", "case.breached", "order.issued", "breach.explained",
                 "order.answered", "order.closed"):  # fmt: skip
        assert kind in on_record


async def test_a_department_hands_a_case_over_to_its_deputy_before_the_ladder_does(city: City) -> None:
    application = await city.accepted("2026-11-09T10:00")
    path, why = f"/v1/supervision/cases/application/{application}/hand-over", "经办人休假"
    body = {"desk": "deputy", "reason": why}
    (await city.world.as_("requester", "POST", path, body)).refused(404, "no-such-case")
    assert (await city.world.as_("provider", "POST", path, body)).ok()["desk"] == "deputy"
    (await city.world.as_("provider", "POST", path, body)).refused(409, "at-that-desk")
    (found,) = await city.get("/v1/supervision/cases", "provider")
    assert found["desk"] == "deputy"
    (event,) = await city.world.audit(type="case.handed_over", application_id=application)
    assert (event["who"]["id"], event["detail"]["reason"]) == ("provider", why)
