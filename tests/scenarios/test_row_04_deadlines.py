"""mission row 4, 限期反馈: filing on the eve of 国庆 gives the right day, an extension needs consent and notice, both rule
sets stay visible, and an overdue case is on record.
"""

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


async def test_an_extension_over_national_day_with_both_rule_sets_in_view(database: Any) -> None:
    """政务数据共享条例 Art. 21: for special reasons, with the consent of the authority, the requester being told, at most
    ten working days. The city's own ten days of 2018 know no extension.
    """
    clock = HandClock("2026-09-21T09:00")
    async with running_world(database, now=clock) as world:
        resource = await published(world, CONTROLLED, **CONDITIONAL)
        filed = (await world.file(resource, **clock.dates())).ok()
        path = f"/v1/applications/{filed['id']}"
        clock.set("2026-09-23T16:00", world)
        await world.accept(filed["id"])
        assert due_dates(await shown(world, filed["id"])) == {
            "qy132.review": "2026-09-24", "qy132.approve": "2026-10-14", "tl809.reply_cond": "2026-10-12",
        }  # fmt: skip

        # the eve of the holiday: the provider needs more time, and says what the requester will be told
        clock.set("2026-09-30T17:30", world)
        body = {
            "rule": "tl809.reply_cond",
            "days": 5,
            "reason": "历史数据需逐条核实",
            "notice": "答复期限延长五个工作日，节后办理",
        }
        asked = (await world.as_("provider", "POST", f"{path}/extensions", body)).ok()
        assert due_dates(await shown(world, filed["id"]))["tl809.reply_cond"] == "2026-10-12"
        decision = f"{path}/extensions/{asked['extensions'][0]['id']}/decision"
        (await world.as_("provider", "POST", decision, {"consent": True})).refused(403, "role-missing")
        (await world.as_("platform-admin", "POST", decision, {"consent": True, "opinion": "同意"})).ok()

        # the requester reads it: the national clock moved, the city's did not and now comes first
        told = (await world.as_("requester", "GET", f"{path}/clocks")).ok()
        assert told["extensions"][0]["notice"] == "答复期限延长五个工作日，节后办理"
        assert told["extensions"][0]["told_at"] == "2026-09-30T09:30:00Z"
        found = await shown(world, filed["id"])
        assert due_dates(found)["tl809.reply_cond"] == "2026-10-19"
        assert (found["waiting"]["binding_clock"], due_dates(found)["qy132.approve"]) == (
            "qy132.approve",
            "2026-10-14",
        )
        national = next(one for one in found["clocks"] if one["rule"] == "tl809.reply_cond")
        lines = [line["zh"] for line in national["explanation"]]
        assert "2026-09-30：延长5个工作日，自原到期日起算（历史数据需逐条核实）" in lines
        assert "2026-10-01 周四：不计，放假或调休（国庆节）" in lines
        assert "2026-10-10 周六：第9个工作日，调休上班（国庆节）" in lines

        # decided between the two: in time nationally, late in the city, and both stay on record
        clock.set("2026-10-16T10:00", world)
        signed = {"sign_off": clock.dates()["sign_off"]}
        decided = (await act(world, filed["id"], "approve", signed)).ok()
        states = {one["rule"]: one["state"] for one in decided["clocks"]}
        assert (states["tl809.reply_cond"], states["qy132.approve"]) == ("met", "late")
        kinds = [event["type"] for event in await world.audit(application_id=filed["id"])]
        assert (
            kinds.index("extension.asked")
            < kinds.index("extension.granted")
            < kinds.index("application.approved")
        )


def due_dates(shown: Any) -> dict[str, str]:
    return {one["rule"]: one["due_date"] for one in shown["clocks"] if one.get("due_date")}
