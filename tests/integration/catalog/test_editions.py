"""Editions of a published entry: revisions beside the live one, notice to those who use it, and its announced end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from handclock import HandClock
from world import (
    CONSUMER,
    PROVIDER,
    World,
    another,
    clearance,
    http_mount,
    in_days,
    provider_service,
    running_world,
)

from gateway.deadlines import SHANGHAI

EARLY, LATER = in_days(10), in_days(40)
FILED = {"negotiation": "协〔2026〕1号", "filing": "备〔2026〕1号"}


@pytest.fixture
def clock() -> HandClock:
    return HandClock(really_now())


@pytest.fixture
async def world(database: Any, clock: HandClock) -> AsyncIterator[World]:
    """A gateway that looks for what is due all the time, on a clock set by hand."""
    async with running_world(database, now=clock, catalog={"turning_idle_seconds": 0.02}) as made:
        yield made


def really_now() -> str:
    return datetime.now(SHANGHAI).replace(tzinfo=None).isoformat()


async def token_now(world: World, clock: HandClock, service: str) -> str:
    """A token for the consumer's system, which signs by the machine's clock: the hand's goes on to it first."""
    clock.set(really_now(), world)
    return await world.access_token("registration", service)


async def revise(
    world: World, resource: str, what: dict[str, Any], mount: dict[str, Any] | None = None
) -> Any:
    """Draft, mount and clear a revision; the last answer."""
    one = f"/v1/resources/{resource}/revision"
    given = {"description": what, "reason": "登记事项调整"}
    (await world.as_("provider", "PUT", one, given)).ok()
    if mount is not None:
        (await world.as_("provider", "PUT", f"{one}/mount", {"mount": mount})).ok()
    return (await world.as_("provider", "PUT", f"{one}/clearance", clearance(what))).ok()


async def until(world: World, resource: str, **wanted: Any) -> Any:
    """The entry once it shows these members."""
    async with asyncio.timeout(30):
        while True:
            shown = (await world.as_("provider", "GET", f"/v1/resources/{resource}")).ok()
            if all(shown.get(name) == value for name, value in wanted.items()):
                return shown
            await asyncio.sleep(0.02)


async def test_a_revision_is_made_beside_the_live_edition_and_becomes_the_next(shared_world: World) -> None:
    world, what = shared_world, another()
    resource = await world.publish(what, http_mount("http://127.0.0.1:9"))
    later = {**what, "summary": "企业登记的基本信息及变更"}
    shown = await revise(world, resource, later)
    assert [one["pointer"] for one in shown["changes"]] == ["/summary"]
    assert shown["changes"][0]["before"] == what["summary"]
    live = (await world.as_("requester", "GET", f"/v1/resources/{resource}")).ok()
    assert live["description"]["summary"] == what["summary"]
    (await world.as_("requester", "GET", f"/v1/resources/{resource}/revision")).refused(404, "no-revision")
    one = f"/v1/resources/{resource}/revision"
    assert (await world.as_("provider", "POST", f"{one}/submit", {})).ok()["state"] == "review"
    after = (await world.as_("platform-admin", "POST", f"{one}/publish")).ok()
    assert after["description"]["summary"] == later["summary"]
    assert after["version"] == live["version"] + 1
    editions = (await world.as_("requester", "GET", f"/v1/resources/{resource}/editions")).ok()["items"]
    assert [(e["number"], e["description"]["summary"]) for e in editions] == [
        (2, later["summary"]), (1, what["summary"]),
    ]  # fmt: skip
    assert [c["pointer"] for c in editions[0]["changes"]] == ["/summary"]
    assert editions[1]["changes"] == []
    (await world.as_("provider", "GET", one)).refused(404, "no-revision")


async def test_a_revision_is_cleared_mounted_reviewed_by_another_and_sent_back_like_an_entry(
    shared_world: World,
) -> None:
    world, what = shared_world, another()
    await world.person("two-hats", PROVIDER, "provider", "platform_admin")
    resource = await world.publish(what, http_mount("http://127.0.0.1:9"))
    one = f"/v1/resources/{resource}/revision"
    for path in ("mount", "clearance", "submit", "discard"):
        body = {
            "mount": {"mount": http_mount("http://127.0.0.1:9")},
            "clearance": clearance(what),
            "submit": {},
        }
        method = "PUT" if path in ("mount", "clearance") else "POST"
        (await world.as_("provider", method, f"{one}/{path}", body.get(path))).refused(404, "no-revision")
    longer = {
        **what,
        "parameters": [*what["parameters"], {"name": "year", "title": "年度", "kind": "integer"}],
    }
    given = {"description": longer, "reason": "增加年度"}
    (await world.as_("two-hats", "PUT", one, given)).ok()
    refused = (await world.as_("provider", "POST", f"{one}/submit", {})).refused(409, "not-ready-to-publish")
    assert {o["code"] for o in refused["obstacles"]} == {"mount-does-not-fit", "clearance-stale"} or {
        o["code"] for o in refused["obstacles"]
    } == {"mount-does-not-fit", "clearance-missing"}
    unfit = {"mount": http_mount("http://127.0.0.1:9")}
    (await world.as_("provider", "PUT", f"{one}/mount", unfit)).refused(422, "invalid")
    fit = {"mount": http_mount("http://127.0.0.1:9", url="http://127.0.0.1:9/e/{uscc}/{year}")}
    assert (await world.as_("provider", "PUT", f"{one}/mount", fit)).ok()["mount"]["url"].endswith("{year}")
    (await world.as_("provider", "PUT", f"{one}/clearance", clearance(longer))).ok()
    (await world.as_("provider", "POST", f"{one}/submit", {})).ok()
    (await world.as_("provider", "PUT", one, given)).refused(409, "revision-not-in-state")
    (await world.as_("two-hats", "POST", f"{one}/publish")).refused(403, "self-approval")
    back = (await world.as_("platform-admin", "POST", f"{one}/return", {"reason": "请说明年度"})).ok()
    assert (back["state"], back["returned_because"]) == ("draft", "请说明年度")
    assert (await world.as_("provider", "POST", f"{one}/discard")).ok()["description"] == (
        await world.as_("provider", "GET", f"/v1/resources/{resource}")
    ).ok()["description"]
    own = [e["type"] for e in await world.audit() if e.get("object", {}).get("id") == resource]
    assert [kind for kind in own if kind.startswith("revision.")] == [
        "revision.changed", "revision.mounted", "revision.cleared", "revision.submitted", "revision.returned",
        "revision.discarded",
    ]  # fmt: skip


async def test_code_and_service_never_change_and_a_revision_changes_something(shared_world: World) -> None:
    world, what = shared_world, another()
    resource = await world.publish(what, http_mount("http://127.0.0.1:9"))
    one = f"/v1/resources/{resource}/revision"
    other = {**what, "code": "307011024701/999999", "service": "renamed"}
    refused = await world.as_("provider", "PUT", one, {"description": other, "reason": "改名"})
    assert [e["pointer"] for e in refused.refused(422, "invalid")["errors"]] == [
        "/description/code", "/description/service",
    ]  # fmt: skip
    await revise(world, resource, what)
    (await world.as_("provider", "POST", f"{one}/submit", {})).refused(409, "nothing-revised")


async def test_only_the_own_department_revises_and_only_what_is_published(shared_world: World) -> None:
    world, what = shared_world, another()
    await world.person("revising-stranger", CONSUMER, "provider")
    made = (await world.as_("provider", "POST", "/v1/resources", what)).ok()
    given = {"description": what, "reason": "调整"}
    path = f"/v1/resources/{made['id']}/revision"
    (await world.as_("provider", "PUT", path, given)).refused(409, "resource-not-in-state")
    (await world.as_("revising-stranger", "PUT", path, given)).refused(404, "no-such-resource")


async def test_a_change_that_takes_from_grants_names_them_and_waits_for_its_day(
    world: World, clock: HandClock
) -> None:
    async with provider_service() as (base, _):
        what = another()
        resource = await world.publish(what, http_mount(base))
        grant = await world.granted(resource, **clock.dates())
        token = await token_now(world, clock, what["service"])
        assert (await world.call(token, what["service"], {"parameters": {"uscc": PROVIDER}})).ok()["records"]
        renamed = {
            **what,
            "items": [what["items"][0], {**what["items"][1], "name": "title"}, *what["items"][2:]],
        }
        shown = await revise(world, resource, renamed)
        assert [(one["grant_id"], one["consumer_org"]) for one in shown["touched"]] == [(grant, CONSUMER)]
        one = f"/v1/resources/{resource}/revision"
        refused = (await world.as_("provider", "POST", f"{one}/submit", {})).refused(409, "notice-needed")
        assert [h["grant_id"] for h in refused["holders"]] == [grant]
        assert refused["loses"] == {"items": ["name"], "parameters": []}
        notice = {"takes_effect_on": EARLY, "reason": "登记事项调整", **FILED}
        early = await world.as_("provider", "POST", f"{one}/submit", {"notice": notice})
        assert early.refused(422, "invalid")["errors"][0]["pointer"] == "/notice/takes_effect_on"
        notice["takes_effect_on"] = LATER
        (await world.as_("provider", "POST", f"{one}/submit", {"notice": notice})).ok()
        live = (await world.as_("platform-admin", "POST", f"{one}/publish")).ok()
        told = (await world.as_("requester", "GET", one)).ok()
        assert (told["state"], told["notice"]["takes_effect_on"], told["touched"]) == (
            "announced",
            LATER,
            [],
        )
        assert {c["pointer"] for c in told["changes"]} == {"/items/name", "/items/title"}
        token = await token_now(world, clock, what["service"])
        body = {"parameters": {"uscc": PROVIDER}, "fields": ["name"]}
        assert (await world.call(token, what["service"], body)).ok()["records"] == [{"name": "示例企业"}]
        clock.set(f"{LATER}T00:00", world)
        after = await until(world, resource, version=live["version"] + 1)
        assert [item["name"] for item in after["description"]["items"]][1] == "title"
        editions = (await world.as_("provider", "GET", f"/v1/resources/{resource}/editions")).ok()["items"]
        assert editions[0]["notice"]["filing"] == FILED["filing"]
        token = await token_now(world, clock, what["service"])
        (await world.call(token, what["service"], body)).refused(403, "field-withdrawn")


async def test_what_departments_use_ends_on_an_announced_day_with_negotiation_and_filing(
    world: World, clock: HandClock
) -> None:
    async with provider_service() as (base, _):
        what = another()
        resource = await world.publish(what, http_mount(base))
        grant = await world.granted(resource, **clock.dates())
        path = f"/v1/resources/{resource}"
        using = (await world.as_("provider", "GET", f"{path}/consumers")).ok()["items"]
        assert [(one["grant_id"], one["consumer_org"], one["fields"]) for one in using] == [
            (grant, CONSUMER, ["name", "uscc"])
        ]
        refused = await world.as_("provider", "POST", f"{path}/withdraw", {"reason": "职能划转"})
        assert refused.refused(409, "service-change-not-filed")["grants"] == [grant]
        given = {"reason": "职能划转", "ground": "duty_changed", "ends_on": EARLY}
        refused = await world.as_("provider", "POST", f"{path}/withdraw", given)
        assert [h["grant_id"] for h in refused.refused(409, "notice-needed")["holders"]] == [grant]
        given |= FILED
        early = await world.as_("provider", "POST", f"{path}/withdraw", given)
        assert early.refused(422, "invalid")["errors"][0]["pointer"] == "/ends_on"
        given["ends_on"] = LATER
        announced = (await world.as_("provider", "POST", f"{path}/withdraw", given)).ok()
        assert announced["state"] == "published"
        seen = (await world.as_("requester", "GET", path)).ok()["ending"]["given"]
        assert (seen["ends_on"], seen["reason"], seen["filing"]) == (
            LATER,
            "职能划转",
            FILED["filing"],
        )
        token = await token_now(world, clock, what["service"])
        body = {"parameters": {"uscc": PROVIDER}}
        (await world.call(token, what["service"], body)).ok()
        clock.set(f"{LATER}T00:00", world)
        gone = await until(world, resource, state="withdrawn")
        assert gone["withdrawn_because"] == "职能划转"
        clock.set(really_now(), world)
        (await world.ask_token("registration", what["service"])).refused(400, "token-request-wrong")


async def test_an_announced_end_can_be_taken_back(shared_world: World) -> None:
    world = shared_world
    resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
    path = f"/v1/resources/{resource}"
    (await world.as_("provider", "POST", f"{path}/keep", {"reason": "x"})).refused(409, "nothing-announced")
    later = {"reason": "职能划转", "ends_on": "2099-01-01"}
    assert (await world.as_("provider", "POST", f"{path}/withdraw", later)).ok()["ending"]
    kept = (await world.as_("provider", "POST", f"{path}/keep", {"reason": "继续提供"})).ok()
    assert "ending" not in kept
    past = {"reason": "职能划转", "ends_on": "2020-01-01"}
    (await world.as_("provider", "POST", f"{path}/withdraw", past)).refused(422, "invalid")


async def test_security_ends_it_at_once_whoever_uses_it(shared_world: World) -> None:
    world = shared_world
    resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
    await world.granted(resource)
    path = f"/v1/resources/{resource}"
    given = {"reason": "数据泄露处置", "ground": "security"}
    assert (await world.as_("provider", "POST", f"{path}/withdraw", given)).ok()["state"] == "withdrawn"
