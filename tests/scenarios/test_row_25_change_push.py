"""mission row 25, 证照分离: a registration changes, the departments it concerns hear of it without asking, claim and report back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from aiohttp import web
from handclock import HandClock, at
from waiting import until
from world import CONSUMER, PROVIDER, World, another, http_mount, running_world

from gateway.deadlines import SHANGHAI

QUICK: dict[str, Any] = {"poll_seconds": 0.02, "retry_seconds": 0.05}
URI = "urn:gateway:change"


@dataclass
class Inbox:
    """The requesting department's system: what it was pushed, and how it answers."""

    base: str = ""
    status: int = 202
    pushed: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def told(self) -> list[dict[str, Any]]:
        """What the messages say, unverified, as they came."""
        return [jwt.decode(one, options={"verify_signature": False})["events"][URI] for one in self.pushed]


@asynccontextmanager
async def inbox() -> AsyncIterator[Inbox]:
    made = Inbox()

    async def take(request: web.Request) -> web.StreamResponse:
        made.kinds.append(request.headers["Content-Type"])
        made.pushed.append((await request.read()).decode())
        return web.Response(status=made.status)

    app = web.Application()
    app.router.add_post("/changes", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.base = f"http://127.0.0.1:{runner.addresses[0][1]}/changes"
    try:
        yield made
    finally:
        await runner.cleanup()


@pytest.fixture(scope="module")
async def pushing(shared_database: Any) -> AsyncIterator[World]:
    async with running_world(shared_database, subscriptions=QUICK) as world:
        yield world


@dataclass
class Registry:
    """A resource of the registering department, a grant on it, and a subscription under that."""

    world: World
    resource: str
    grant: str
    subscription: str

    async def change(self, name: str, uscc: str = PROVIDER, **more: Any) -> Any:
        body = {
            "kind": "changed",
            "parameters": {"uscc": uscc},
            "record": {"uscc": uscc, "name": name, "legal_person": "张三"},
            **more,
        }
        path = f"/v1/resources/{self.resource}/record-changes"
        return (await self.world.as_("provider", "POST", path, body)).ok()

    async def messages(self, standing: str = "all") -> list[dict[str, Any]]:
        page = (await self.world.as_("requester", "GET", f"/v1/messages?standing={standing}")).ok()
        return [one for one in reversed(page["items"]) if one["grant_id"] == self.grant]

    async def act(self, message: str, act: str, body: Any = None) -> Any:
        return await self.world.as_("requester", "POST", f"/v1/messages/{message}/{act}", body)

    async def until(self, state: str, count: int = 1) -> list[dict[str, Any]]:
        async def there() -> list[dict[str, Any]]:
            found = [one for one in await self.messages() if one["state"] == state]
            return found if len(found) == count else []

        return await until(there)


async def subscribed(world: World, url: str, narrowed: Any = None, **asked: Any) -> Registry:
    resource = await world.publish(another(), http_mount("http://127.0.0.1:9"))
    grant = await world.granted(resource, narrowed, **asked)
    made = (await world.as_("requester", "POST", f"/v1/grants/{grant}/subscriptions", {"url": url})).ok()
    return Registry(world, resource, grant, made["id"])


async def test_a_change_arrives_without_anyone_asking_is_claimed_and_reported_back_on(pushing: World) -> None:
    async with inbox() as box:
        registry = await subscribed(pushing, box.base)
        change = await registry.change("新名称有限公司")
        assert (change["messages"], change["withheld"]) == (1, 0)
        message = (await registry.until("delivered"))[0]
        keys = (await pushing.as_(None, "GET", "/.well-known/jwks.json")).ok()["keys"]
        kid = jwt.get_unverified_header(box.pushed[0])["kid"]
        key = jwt.PyJWK(next(one for one in keys if one["kid"] == kid))
        token = jwt.decode(box.pushed[0], key, algorithms=["ES256"], audience=box.base)
        assert (token["jti"], box.kinds) == (message["id"], ["application/secevent+jwt"])
        said = token["events"][URI]
        assert said["record"] == {
            "uscc": PROVIDER,
            "name": "新名称有限公司",
        }  # the legal person is not granted
        assert [one["id"] for one in await registry.messages("unclaimed")] == [message["id"]]
        (await registry.act(message["id"], "feedback", FEEDBACK)).refused(409, "message-not-claimed")
        (await registry.act(message["id"], "claim")).ok()
        (await registry.act(message["id"], "claim")).refused(409, "message-claimed")
        answered = (await registry.act(message["id"], "feedback", FEEDBACK)).ok()
        assert (answered["result"], answered["overdue"]) == ("done", False)
        assert await registry.messages("unanswered") == []
        (await registry.act(message["id"], "redeliver")).refused(409, "message-answered")
        await _is_on_record(pushing, change, message["id"])


FEEDBACK = {"result": "done", "words": "已换发许可证"}


async def _is_on_record(world: World, change: dict[str, Any], message: str) -> None:
    events = [
        one for one in await world.audit() if one.get("object", {}).get("id") in (change["id"], message)
    ]
    assert [one["type"] for one in events] == [
        "change.published", "message.released", "message.delivered", "message.claimed", "message.answered",
    ]  # fmt: skip
    published, released = events[:2]
    assert released["cause"][0]["id"] == published["id"] == change["audit_id"]
    assert (released["detail"]["fields"], released["consumer_org"]) == (["uscc", "name"], CONSUMER)
    assert "新名称有限公司" not in str(events)


async def test_what_was_not_taken_goes_again_and_nothing_of_its_subject_overtakes_it(pushing: World) -> None:
    async with inbox() as box:
        registry = await subscribed(pushing, box.base)
        box.status = 500
        await registry.change("甲")
        await registry.change("乙")

        async def tried_twice() -> bool:
            return len(box.pushed) >= 2

        await until(tried_twice)
        assert {one["record"]["name"] for one in box.told()} == {"甲"}
        assert (await registry.messages())[0]["last_error"] == "upstream-status"
        (await registry.act((await registry.messages())[0]["id"], "claim")).refused(
            409, "message-not-delivered"
        )
        box.status = 204
        first, second = await registry.until("delivered", 2)
        names = [one["record"]["name"] for one in box.told()]
        assert names == sorted(names, key="甲乙".index)
        ids = [jwt.decode(one, options={"verify_signature": False})["jti"] for one in box.pushed]
        assert set(ids) == {first["id"], second["id"]}
        before = len(box.pushed)
        (await registry.act(second["id"], "redeliver")).ok()

        async def came_again() -> bool:
            return len(box.pushed) == before + 1

        await until(came_again)
        assert ids[-1] == jwt.decode(box.pushed[-1], options={"verify_signature": False})["jti"]


async def test_only_what_a_call_would_give_leaves_and_nothing_once_the_grant_is_gone(pushing: World) -> None:
    async with inbox() as box:
        bounded = await subscribed(pushing, box.base, parameters={"uscc": {"values": [CONSUMER]}})
        assert (await bounded.change("他市企业"))["withheld"] == 1
        assert (await bounded.change("本市企业", CONSUMER))["messages"] == 1
        await bounded.until("delivered")
        for body, pointer in (
            ({"record": {"shoe_size": "43"}}, "/record/shoe_size"),
            ({"record": {"capital": "much"}}, "/record/capital"),
            ({"parameters": {"uscc": "1"}}, "/parameters/uscc"),
            ({"parameters": {"id": "1"}}, "/parameters/id"),
        ):
            whole = {"kind": "ended", "parameters": {"uscc": CONSUMER}, "record": {"uscc": CONSUMER}, **body}
            path = f"/v1/resources/{bounded.resource}/record-changes"
            refused = (await pushing.as_("provider", "POST", path, whole)).refused(422, "invalid")
            assert refused["errors"][0]["pointer"] == pointer
        box.status = 500
        await bounded.change("撤销前", CONSUMER)

        async def was_tried() -> bool:
            return "last_error" in (await bounded.messages())[-1]

        await until(was_tried)
        because = {"reason": "抽查未通过"}
        (await pushing.as_("security-admin", "POST", f"/v1/grants/{bounded.grant}/revoke", because)).ok()
        withheld = (await bounded.until("withheld"))[0]
        box.status = 202
        assert withheld["last_error"] == "grant-revoked"
        assert (await bounded.change("撤销后", CONSUMER))["withheld"] == 1


async def test_a_grant_bound_to_cases_or_hours_cannot_be_pushed_to_and_a_subscription_ends(
    pushing: World,
) -> None:
    async with inbox() as box:
        for rules in ({"case_required": True}, {"hours": {"start": "08:00", "end": "18:00"}}):
            resource = await pushing.publish(another(), http_mount("http://127.0.0.1:9"))
            grant = await pushing.granted(resource, {"rules": rules})
            path, body = f"/v1/grants/{grant}/subscriptions", {"url": box.base}
            (await pushing.as_("requester", "POST", path, body)).refused(409, "subscription-not-possible")
        registry = await subscribed(pushing, box.base)
        path = f"/v1/grants/{registry.grant}/subscriptions"
        (await pushing.as_("requester", "POST", path, {"url": box.base})).refused(409, "already-subscribed")
        (await pushing.as_("requester", "POST", path, {"url": "http://data.example.gov.cn/in"})).refused(
            422, "invalid"
        )
        end = f"/v1/subscriptions/{registry.subscription}/end"
        (await pushing.as_("requester", "POST", end)).ok()
        (await pushing.as_("requester", "POST", end)).refused(409, "subscription-ended")
        assert (await registry.change("终止后"))["messages"] == 0
        assert box.pushed == []


async def test_who_does_not_claim_within_one_working_day_or_answer_within_three_is_listed_and_reminded(
    database: Any,
) -> None:
    clock = HandClock("2026-09-24T10:00")  # 中秋节 rests on 25 to 27 September 2026
    async with running_world(database, subscriptions=QUICK, now=clock) as world, inbox() as box:
        registry = await subscribed(world, box.base, **clock.dates())
        await registry.change("节前变更")
        message = (await registry.until("delivered"))[0]
        due = {name: message[name] for name in ("claim_due_at", "feedback_due_at")}
        assert [_local(one) for one in due.values()] == [
            at(day).isoformat() for day in ("2026-09-29T00:00", "2026-10-01T00:00")
        ]
        for moment, overdue in (("2026-09-28T23:59", []), ("2026-09-29T00:00", [message["id"]])):
            clock.set(moment, world)
            assert [one["id"] for one in await registry.messages("overdue")] == overdue
            assert len(await reminders(world, message["id"])) <= len(overdue)
        (late,) = await until(lambda: reminders(world, message["id"]))
        assert (late["kind"], late["desk"]) == ("remind", "handler")
        assert late["content"]["text_zh"] == "变更消息已推送，逾期未认领"
        (await registry.act(message["id"], "claim")).ok()
        assert await registry.messages("overdue") == []
        clock.set("2026-10-08T09:00", world)
        assert [one["id"] for one in await registry.messages("overdue")] == [message["id"]]

        async def both() -> list[dict[str, Any]]:
            found = await reminders(world, message["id"])
            return found if len(found) > 1 else []

        unanswered = (await until(both))[0]
        assert unanswered["content"]["text_zh"] == "变更消息逾期未反馈"
        said = [
            one for one in await world.audit(type="message.reminded") if one["object"]["id"] == message["id"]
        ]
        assert [one["detail"]["of"] for one in said] == ["claim", "feedback"]
        assert [one["kind"] for one in await reminders(world, message["id"])] == ["remind", "remind"]
        clock.now += timedelta(days=30)
        world.tokens.clear()
        await until(lambda: _forgotten(database))


async def reminders(world: World, message: str) -> list[dict[str, Any]]:
    """What the requesting department was told of a message, newest first."""
    found = (await world.as_("requester", "GET", "/v1/notifications", params={"limit": "200"})).ok()["items"]
    return [one for one in found if one["content"]["case_id"] == message]


def _local(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(SHANGHAI).isoformat()


async def _forgotten(database: Any) -> bool:
    owner = await database.owner()
    try:
        return bool(
            await owner.fetchval("SELECT count(*) = 0 FROM subscriptions.message WHERE content IS NOT NULL")
        )
    finally:
        await owner.close()
