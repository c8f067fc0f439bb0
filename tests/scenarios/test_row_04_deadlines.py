"""mission row 4, 限期反馈: filing on the eve of 国庆 gives the right day, and an overdue case is on record."""

from typing import Any

from applying import act, published
from handclock import HandClock
from makes import CONTROLLED
from world import PROVIDER, World, running_world

CONDITIONAL: dict[str, Any] = {"sharing_class": "conditional", "conditions": "限不动产登记业务"}


async def shown(world: World, application: str) -> Any:
    return (await world.as_("requester", "GET", f"/v1/applications/{application}")).ok()


async def test_filed_on_the_eve_of_national_day_and_decided_too_late(database: Any) -> None:
    clock = HandClock("2026-09-30T17:30")
    async with running_world(database, now=clock) as world:
        resource = await published(world, CONTROLLED, **CONDITIONAL)
        filed = (await world.file(resource, **clock.dates())).ok()
        waiting = filed["waiting"]
        assert (waiting["binding_clock"], waiting["due_at"]) == ("qy132.review", "2026-10-11T00:00:00+08:00")
        make_up = filed["clocks"][0]["explanation"][-1]
        assert make_up["zh"] == "2026-10-10 周六：第3个工作日，调休上班（国庆节）"

        clock.set("2026-10-10T23:00", world)
        await world.accept(filed["id"])
        clock.set("2026-10-26T09:00", world)
        late = await shown(world, filed["id"])
        assert (late["waiting"]["holder"], late["waiting"]["overdue"]) == (PROVIDER, True)
        signed = {"sign_off": clock.dates()["sign_off"]}
        approved = (await act(world, filed["id"], "approve", signed)).ok()

        states = {one["rule"]: (one["state"], one["due_date"]) for one in approved["clocks"]}
        assert states["qy132.review"] == ("met", "2026-10-10")
        assert states["tl809.reply_cond"][0] == "late"
        (event,) = [
            e for e in await world.audit(application_id=filed["id"]) if e["type"] == "application.approved"
        ]
        kept = {one["rule"]: one["state"] for one in event["detail"]["clocks"]}
        assert kept["tl809.reply_cond"] == "late"
        clock.set("2027-03-01T09:00", world)
        assert {one["rule"]: one["state"] for one in (await shown(world, filed["id"]))["clocks"]} == {
            rule: state for rule, (state, _) in states.items()
        }


async def test_the_one_day_answer_cannot_outlast_the_three_day_review_unseen(database: Any) -> None:
    clock = HandClock("2026-11-20T09:00")
    async with running_world(database, now=clock) as world:
        application = await accepted_at(world, clock, "2026-11-25T16:00")
        found = await shown(world, application)
        states = {one["rule"]: (one["state"], one["binding"]) for one in found["clocks"]}
        assert states["tl809.reply_uncond"] == ("overdue", True)
        assert states["qy132.approve"] == ("running", False)


async def accepted_at(world: World, clock: HandClock, when: str) -> str:
    resource = await published(world, CONTROLLED)
    filed = (await world.file(resource, **clock.dates())).ok()
    clock.set(when, world)
    await world.accept(filed["id"])
    return str(filed["id"])
