"""mission row 19, 咨询投诉; Decree 809 Art. 28 and 37: complaints get number, holder and due date; disputes three steps."""

from typing import Any

from applying import REFUSAL
from handclock import HandClock
from providers import raw_provider
from services import GOOD, granted_service
from world import (
    CONSUMER,
    PLATFORM,
    PROVIDER,
    World,
    another,
    form,
    http_mount,
    running_world,
    suspending,
)


async def refused_application(world: World, clock: HandClock) -> str:
    """市场监管局 refuses what 自然资源局 applied for."""
    resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
    filed = (await world.as_("requester", "POST", "/v1/applications", form(resource, **clock.dates()))).ok()
    await world.accept(filed["id"])
    refusal = {**REFUSAL, "sign_off": clock.dates()["sign_off"]}
    (await world.as_("provider", "POST", f"/v1/applications/{filed['id']}/refuse", refusal)).ok()
    return str(filed["id"])


def due(shown: dict[str, Any]) -> dict[str, Any]:
    """The clock that counts."""
    found: dict[str, Any] = next(clock for clock in shown["clocks"] if clock["binding"])
    return found


async def test_a_refusal_is_disputed_negotiated_coordinated_and_decided(database: Any) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        application = await refused_application(world, clock)

        raised = {"application_id": application, "claim": "《不动产登记暂行条例》第二十五条要求信息共享"}
        dispute = (await world.as_("requester", "POST", "/v1/disputes", raised)).ok()
        one = f"/v1/disputes/{dispute['id']}"
        assert (dispute["stage"], dispute["holder"]) == ("negotiating", PROVIDER)
        assert (due(dispute)["rule"], due(dispute)["due_date"]) == ("local.negotiate", "2026-12-07")
        assert due(dispute)["article"] == "本地设置", "the law gives no time, and the clock says so"
        (await world.as_("requester", "POST", "/v1/disputes", raised)).refused(409, "dispute-open")

        proposal = {"effect": "stand", "text": "维持不同意，可改用核验"}
        (await world.as_("provider", "POST", f"{one}/propose", proposal)).ok()
        (await world.as_("provider", "POST", f"{one}/agree")).refused(403, "own-proposal")
        (await world.as_("platform-admin", "POST", f"{one}/refer", {"reason": "x"})).refused(
            409, "dispute-not-at-stage"
        )
        clock.set("2026-11-26T09:00", world)
        escalated = await world.as_("requester", "POST", f"{one}/escalate", {"reason": "协商不成"})
        assert (escalated.ok()["stage"], escalated.ok()["holder"]) == ("coordinating", PLATFORM)
        assert due(escalated.ok())["due_date"] == "2026-12-10"
        case = (await world.as_("platform-admin", "GET", "/v1/supervision/cases?kind=dispute")).ok()["items"][
            0
        ]
        assert (case["id"], case["holder"]) == (dispute["id"], PLATFORM)

        clock.set("2026-12-03T09:00", world)
        decision = {"effect": "share", "document": "政函〔2026〕31号", "text": "应予共享"}
        (await world.as_("platform-admin", "POST", f"{one}/decide", decision)).refused(
            409, "dispute-not-at-stage"
        )
        (await world.as_("platform-admin", "POST", f"{one}/refer", {"reason": "未达成一致"})).ok()
        decided = (await world.as_("platform-admin", "POST", f"{one}/decide", decision)).ok()
        assert decided["stage"] == "settled"
        assert decided["outcome"]["effect"] == "share"
        assert sorted(decided["outcome"]["binds"]) == sorted([CONSUMER, PROVIDER])
        assert decided["outcome"]["document"] == "政函〔2026〕31号"
        types = [e["type"] for e in await world.audit(application_id=application) if "dispute" in e["type"]]
        assert types == [
            "dispute.raised", "dispute.proposed", "dispute.escalated", "dispute.referred", "dispute.settled",
        ]  # fmt: skip


async def test_two_departments_settle_between_themselves(world: World) -> None:
    async with raw_provider(GOOD) as provider:
        service = await granted_service(world, provider)
        raised = {"grant_id": service.grant, "claim": "拟终止服务，影响业务"}
        dispute = (await world.as_("requester", "POST", "/v1/disputes", raised)).ok()
        one = f"/v1/disputes/{dispute['id']}"
        await world.consulted(service.grant)
        ended = await world.as_("provider", "POST", f"/v1/grants/{service.grant}/revoke", {"reason": "下线"})
        ended.refused(409, "dispute-open")
        (await world.as_("requester", "POST", f"{one}/agree")).refused(409, "dispute-not-at-stage")
        await world.as_("provider", "POST", f"{one}/propose", {"effect": "continue", "text": "延期三个月"})
        settled = (await world.as_("requester", "POST", f"{one}/agree")).ok()
        assert (settled["stage"], settled["outcome"]["reached_at"]) == ("settled", "negotiating")
        assert settled["outcome"]["agreed"] is True
        assert (await service.call()).status == 200


async def test_a_third_department_neither_sees_nor_touches_a_dispute(world: World) -> None:
    async with raw_provider(GOOD) as provider:
        service = await granted_service(world, provider)
        raised = {"grant_id": service.grant, "claim": "字段不足"}
        dispute = (await world.as_("requester", "POST", "/v1/disputes", raised)).ok()
        await world.org("91350100M000100Y43", "其他单位")
        await world.person("outsider", "91350100M000100Y43", "requester")
        (await world.as_("outsider", "GET", f"/v1/disputes/{dispute['id']}")).refused(404, "no-such-dispute")
        (await world.as_("outsider", "POST", "/v1/disputes", raised)).refused(404, "nothing-to-dispute")
        assert (await world.as_("outsider", "GET", "/v1/disputes")).ok()["items"] == []


async def test_a_complainant_gets_a_number_a_holder_and_a_due_date(database: Any) -> None:
    clock = HandClock("2026-11-23T10:00")
    async with running_world(database, now=clock) as world:
        resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
        grant = await world.granted(resource, **clock.dates())
        complaint = {
            "complainant_kind": "citizen", "name": "孙某某", "contact": "0934-1234567",
            "text": "登记信息有误，窗口仍要求本人提交证明", "grant_id": grant, "holder": PROVIDER,
        }  # fmt: skip
        made = (await world.as_("requester", "POST", "/v1/complaints", complaint)).ok()
        assert (made["number"], made["holder"], made["due_date"]) == ("TS2026000001", PROVIDER, "2026-12-14")
        one = f"/v1/complaints/{made['id']}"
        found = (await world.as_("requester", "GET", f"/v1/complaints?number={made['number']}")).ok()["items"]
        assert [each["id"] for each in found] == [made["id"]]

        (await world.as_("requester", "POST", f"{one}/answer", {"redress": "upheld", "text": "x"})).refused(
            404, "no-such-complaint"
        )
        to_consumer = {"holder": CONSUMER, "reason": "窗口属需求部门"}
        forwarded = (await world.as_("platform-admin", "POST", f"{one}/forward", to_consumer)).ok()
        assert (forwarded["holder"], forwarded["due_date"]) == (CONSUMER, "2026-12-14"), (
            "no clock moves for it"
        )
        answer = {"redress": "upheld", "text": "已停止要求提交，并更正"}
        answered = (await world.as_("requester", "POST", f"{one}/answer", answer)).ok()
        assert (answered["redress"], answered["clocks"][0]["state"]) == ("upheld", "met")
        (await world.as_("requester", "POST", f"{one}/answer", answer)).refused(409, "complaint-answered")

        said = str(await world.audit(grant_id=grant))
        assert "complaint.answered" in said
        for secret in ("孙某某", "0934-1234567", "仍要求本人"):
            assert secret not in said
        assert "name" not in (await world.as_("auditor", "GET", one)).ok()


async def test_a_complaint_about_a_call_lies_with_the_authority(world: World) -> None:
    async with raw_provider(GOOD) as provider:
        service = await granted_service(world, provider)
        call = (await service.call()).headers["Request-Id"]
        body = {"complainant_kind": "organisation", "text": "未经同意查询", "call_id": call}
        made = (await world.as_("provider", "POST", "/v1/complaints", body)).ok()
        assert (made["holder"], made["call_id"]) == (PLATFORM, call)
        wrong = {**body, "holder": PROVIDER}
        (await world.as_("provider", "POST", "/v1/complaints", wrong)).refused(422, "invalid")
        (await world.as_("security-admin", "POST", f"/v1/grants/{service.grant}/suspend", suspending())).ok()
        types = [event["type"] for event in await world.audit(request_id=call)]
        assert types[-1] == "complaint.received"
