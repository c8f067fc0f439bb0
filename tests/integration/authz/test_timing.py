"""Acts on the clocks of an application over the API: extension, pause, hand-over; who may, what moves, what is kept."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from applying import act, published
from handclock import HandClock
from makes import CONTROLLED
from world import World, running_world

from gateway.settings import config_dir

CONDITIONAL: dict[str, Any] = {"sharing_class": "conditional", "conditions": "限不动产登记业务"}
RULE, LOCAL = "tl809.reply_cond", "test.decide"
PAUSABLE = """
id = "test"
level = "city"
region = "621000"
effective_from = 2020-01-01
title = "A local set that excludes meetings"
title_zh = "不含政府会议研究时间的地方规则"
source = "测试"

[[clocks]]
id = "decide"
title = "Decision"
title_zh = "决定"
start = ["accepted"]
stop = ["decided"]
actor = "provider"
limit_days = 4.5
day_type = "working"
pauses = ["meeting"]
article = "第一条"

[clocks.extension]
most_days = 1
"""


class Case:
    """A conditional application with its provider since Wednesday, 2026-11-25, 15:00."""

    def __init__(self, world: World, clock: HandClock, application: str) -> None:
        self.world = world
        self.clock = clock
        self.path = f"/v1/applications/{application}"
        self.id = application

    async def post(self, login: str, act: str, body: Any = None) -> Any:
        return await self.world.as_(login, "POST", f"{self.path}/{act}", body)

    async def shown(self, login: str = "requester") -> Any:
        return (await self.world.as_(login, "GET", f"{self.path}/clocks")).ok()

    async def ask(self, days: float = 10, rule: str = RULE, **more: Any) -> Any:
        body = {"rule": rule, "days": days, "reason": "需会同公安机关核实", "notice": "延期十个工作日答复"}
        return await self.post("provider", "extensions", {**body, **more})

    async def decide(self, extension: str, *, consent: bool = True, **more: Any) -> Any:
        return await self.post(
            "platform-admin", f"extensions/{extension}/decision", {"consent": consent, **more}
        )

    async def kept(self, kind: str) -> list[Any]:
        found = await self.world.audit(application_id=self.id)
        return [event for event in found if event["type"] == kind]


async def begun(world: World, clock: HandClock) -> Case:
    resource = await published(world, CONTROLLED, **CONDITIONAL)
    filed = (await world.file(resource, **clock.dates())).ok()
    clock.set("2026-11-25T15:00", world)
    await world.accept(filed["id"])
    return Case(world, clock, filed["id"])


@pytest.fixture
async def case(database: Any) -> Any:
    clock = HandClock("2026-11-20T10:00")
    async with running_world(database, now=clock) as world:
        yield await begun(world, clock)


@pytest.fixture
async def pausable(database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The same where a local rule set foresees pauses, half days, and an extension that nobody has to consent to."""
    shutil.copytree(config_dir(), tmp_path / "config")
    (tmp_path / "config" / "rules" / "test.toml").write_text(PAUSABLE, encoding="utf-8")
    monkeypatch.setenv("GATEWAY_CONFIG_DIR", str(tmp_path / "config"))
    clock = HandClock("2026-11-20T10:00")
    async with running_world(database, now=clock) as world:
        yield await begun(world, clock)


def one(shown: Any, rule: str = RULE) -> Any:
    return next(clock for clock in shown["clocks"] if clock["rule"] == rule)


async def test_a_full_extension_moves_the_national_clock_and_the_local_one_binds(case: Case) -> None:
    case.clock.set("2026-12-01T10:00", case.world)
    asked = (await case.ask()).ok()
    assert (one(asked)["due_date"], one(asked)["binding"]) == ("2026-12-04", True)
    (extension,) = asked["extensions"]
    assert (extension["state"], extension["asked_by"], "told_at" in extension) == ("asked", "provider", False)

    granted = (await case.decide(extension["id"], opinion="同意")).ok()
    longer, local = one(granted), one(granted, "qy132.approve")
    assert (longer["due_date"], longer["extended_days"], longer["binding"]) == ("2026-12-18", 10, False)
    assert (local["due_date"], local["extended_days"], local["binding"]) == ("2026-12-09", 0, True)
    assert "2026-12-01：延长10个工作日，自原到期日起算（需会同公安机关核实）" in [
        line["zh"] for line in longer["explanation"]
    ]
    (told,) = (await case.shown())["extensions"]
    assert (told["state"], told["notice"]) == ("granted", "延期十个工作日答复")
    assert (told["told_at"], told["decided_by"]) == ("2026-12-01T02:00:00Z", "platform-admin")
    (event,) = await case.kept("extension.granted")
    assert {clock["rule"]: clock["due"] for clock in event["detail"]["clocks"]}[RULE] == "2026-12-18"
    assert event["detail"]["told"] == event["consumer_org"]

    case.clock.set("2026-12-16T10:00", case.world)
    signed = {"sign_off": case.clock.dates()["sign_off"]}
    decided = (await act(case.world, case.id, "approve", signed)).ok()
    assert {clock["rule"]: clock["state"] for clock in decided["clocks"]} == {
        "qy132.review": "met", "qy132.approve": "late", RULE: "met", "tl809.share": "met",
    }  # fmt: skip


async def test_an_extension_that_is_declined_moves_nothing_and_says_why(case: Case) -> None:
    extension = (await case.ask(5)).ok()["extensions"][0]["id"]
    (await case.ask(1)).refused(409, "extension-pending")
    (await case.decide(extension, consent=False)).refused(422, "invalid")
    declined = (await case.decide(extension, consent=False, opinion="理由不足")).ok()
    assert one(declined)["due_date"] == "2026-12-04"
    assert (declined["extensions"][0]["state"], declined["extensions"][0]["opinion"]) == (
        "declined",
        "理由不足",
    )
    (await case.decide(extension)).refused(409, "extension-decided")
    (await case.ask(10)).ok()
    assert len(await case.kept("extension.declined")) == 1


@pytest.mark.parametrize(
    ("asked", "status", "slug"),
    [
        ({"days": 11}, 409, "not-extendable"),
        ({"days": 0.5}, 409, "not-extendable"),
        ({"rule": "qy132.approve"}, 409, "not-extendable"),
        ({"rule": "qy132.review"}, 409, "not-extendable"),
        ({"rule": "tl809.share"}, 409, "not-extendable"),
        ({"rule": "tl809.correct"}, 422, "invalid"),
        ({"notice": None}, 422, "invalid"),
    ],
)
async def test_an_extension_the_rule_does_not_foresee_is_refused(
    case: Case, asked: dict[str, Any], status: int, slug: str
) -> None:
    (await case.ask(**asked)).refused(status, slug)
    assert (await case.shown())["extensions"] == []


async def test_an_extension_comes_before_the_deadline_in_asking_and_in_consenting(case: Case) -> None:
    case.clock.set("2026-12-04T23:59", case.world)
    extension = (await case.ask()).ok()["extensions"][0]["id"]
    case.clock.set("2026-12-05T00:00", case.world)
    (await case.decide(extension)).refused(409, "not-extendable")
    (await case.ask()).refused(409, "not-extendable")
    assert one(await case.shown())["due_date"] == "2026-12-04"


async def test_no_law_here_lets_a_clock_be_paused(case: Case) -> None:
    refused = (await case.post("provider", "pause", {"reason": "meeting", "basis": "会议通知"})).refused(
        409, "not-pausable"
    )
    assert "政府会议研究" in refused["detail_zh"]
    (await case.post("provider", "resume")).refused(409, "not-paused")


async def test_a_local_set_pauses_its_own_clock_and_no_other(pausable: Case) -> None:
    case = pausable
    assert one(await case.shown(), LOCAL)["due_at"] == "2026-12-02T12:00:00+08:00"
    case.clock.set("2026-11-27T09:00", case.world)
    paused = (
        await case.post("provider", "pause", {"reason": "meeting", "basis": "会议通知〔2026〕1号"})
    ).ok()
    assert (one(paused, LOCAL)["state"], one(paused, LOCAL)["working_days_remaining"]) == ("paused", 3.5)
    assert (one(paused)["state"], one(paused)["binding"]) == ("running", True)
    (await case.post("provider", "pause", {"reason": "meeting", "basis": "又一次"})).refused(
        409, "already-paused"
    )
    case.clock.set("2026-12-08T14:00", case.world)
    resumed = (await case.post("provider", "resume")).ok()
    assert (one(resumed, LOCAL)["due_at"], one(resumed, LOCAL)["state"]) == (
        "2026-12-12T00:00:00+08:00",
        "running",
    )
    (await case.post("provider", "resume")).refused(409, "not-paused")
    (event,) = await case.kept("clocks.paused")
    assert (event["detail"]["rules"], event["detail"]["basis"]) == ([LOCAL], "会议通知〔2026〕1号")
    assert len(await case.kept("clocks.resumed")) == 1


async def test_a_pause_ends_and_nothing_is_backdated_when_the_clock_of_the_host_jumps_back(
    pausable: Case,
) -> None:
    case = pausable
    case.clock.set("2026-11-27T09:00", case.world)
    (await case.post("provider", "pause", {"reason": "meeting", "basis": "会议通知"})).ok()
    case.clock.set("2026-11-26T09:00", case.world)
    (await case.post("provider", "resume")).refused(409, "backdated")


async def test_an_extension_that_needs_nobody_s_consent_holds_at_once(pausable: Case) -> None:
    granted = (await pausable.ask(0.5, LOCAL)).ok()
    assert one(granted, LOCAL)["due_at"] == "2026-12-03T00:00:00+08:00"
    assert granted["extensions"][0]["state"] == "granted"


async def test_a_hand_over_is_shown_recorded_and_moves_no_clock(case: Case) -> None:
    before = await case.shown()
    handed = (await case.post("provider", "transfer", {"to": "信息科 钱工", "reason": "岗位调整"})).ok()
    assert {clock["handler"] for clock in handed["clocks"]} == {"信息科 钱工"}
    assert [clock.get("due_at") for clock in handed["clocks"]] == [
        clock.get("due_at") for clock in before["clocks"]
    ]
    (event,) = await case.kept("application.transferred")
    assert (event["detail"]["target"], event["detail"]["reason"]) == ("信息科 钱工", "岗位调整")


async def test_only_who_holds_the_case_acts_on_its_clocks(case: Case) -> None:
    body = {"to": "他科", "reason": "业务调整"}
    (await case.post("platform-admin", "transfer", body)).refused(409, "not-the-holder")
    (await case.post("requester", "transfer", body)).refused(403, "role-missing")
    assert (await case.post("requester", "extensions", {})).status == 403


async def test_a_closed_application_has_no_more_acts_on_its_clocks(case: Case) -> None:
    await act(case.world, case.id, "withdraw", {"reason": "业务调整"})
    (await case.ask()).refused(409, "application-not-in-state")
    (await case.post("provider", "transfer", {"to": "他科", "reason": "业务调整"})).refused(
        409, "application-not-in-state"
    )
