"""Notices reach a real webhook and a real mail server: signed, at least once, and seen while they are stuck."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any

import jwt
import pytest
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from applying import published
from handclock import HandClock
from makes import CONTROLLED
from ports import held_port
from waiting import until
from world import CONSUMER, OTHER, PLATFORM, PROVIDER, World, running_world

CONDITIONAL: dict[str, Any] = {"sharing_class": "conditional", "conditions": "限不动产登记业务"}
FAST = {"supervision": {"sweep_seconds": 0.05}, "notify": {"outbox_seconds": 0.05}}


class Receiver:
    """A department's system that takes notices; ``answers`` are given in turn, the last for ever."""

    def __init__(self) -> None:
        self.answers = [202]
        self.got: list[tuple[str, str]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((request.content_type, (await request.read()).decode()))
        return web.Response(status=self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver, app = Receiver(), web.Application()
    app.router.add_post("/notices", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/notices"
    try:
        yield receiver
    finally:
        await runner.cleanup()


class Mailbox:
    """What a mail server took; ``refuse`` makes it turn mail away."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], Any]] = []
        self.refuse = False

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
        if self.refuse:
            return "451 try again later"
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 taken"


@pytest.fixture
def mail() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with held_port() as port:
        controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60)
        controller.start()
        try:
            yield box, port
        finally:
            controller.stop()


async def notices(world: World, login: str = "platform-admin", **query: str) -> list[dict[str, Any]]:
    """Those of the ladder."""
    found = (await world.as_(login, "GET", "/v1/notifications", params=query)).ok()["items"]
    return [one for one in found if one["kind"] in ("remind", "hand_over", "order", "breach")]


async def at_desk(world: World, desk: str, org: str = PROVIDER, **given: str) -> None:
    path = f"/v1/orgs/{org}/contacts/{desk}"
    (await world.as_("platform-admin", "PUT", path, {"name": "某人", **given})).ok()


async def reminded(world: World, clock: HandClock, **contact: str) -> str:
    """An application that waits for the department, at the hour of its first reminder; its id.

    The contact of the department's handler, if one is given, is registered after the application arrived.
    """
    filed = (await world.file(await published(world, CONTROLLED, **CONDITIONAL), **clock.dates())).ok()["id"]
    await world.accept(filed)
    if contact:
        await at_desk(world, "handler", **contact)
    clock.set("2026-11-27T08:30", world)

    async def written() -> bool:
        return bool(await notices(world))

    await until(written)
    return str(filed)


@asynccontextmanager
async def city(database: Any, **changes: Any) -> AsyncIterator[tuple[World, HandClock]]:
    clock = HandClock("2026-11-20T10:00")
    async with running_world(database, now=clock, **{**FAST, **changes}) as world:
        yield world, clock


async def test_a_webhook_gets_a_signed_token_that_any_jwt_library_verifies(database: Any) -> None:
    async with receiving() as receiver, city(database) as (world, clock):
        filed = await reminded(world, clock, webhook=receiver.url)

        async def sent() -> bool:
            return [one["state"] for one in await notices(world)] == ["sent"]

        await until(sent)
        ((kind, token),) = receiver.got
        assert kind == "application/secevent+jwt"
        keys = (await world.send("GET", f"{world.control}/.well-known/jwks.json")).ok()
        header = jwt.get_unverified_header(token)
        key = next(one for one in keys["keys"] if one["kid"] == header["kid"])
        told = jwt.decode(
            token, jwt.PyJWK(key), algorithms=["ES256"], audience=receiver.url, issuer=world.gateway.issuer,
            options={"verify_iat": False},  # the test's clock is set by hand
        )  # fmt: skip
        (notice,) = await notices(world)
        assert (header["typ"], told["jti"]) == ("secevent+jwt", notice["id"])
        content = told["events"]["urn:gateway:supervision:remind"]
        assert content == notice["content"]
        assert (content["case_id"], content["holder"], content["what_zh"]) == (filed, PROVIDER, "催办")
        assert content["due_local"] == "2026-12-05 00:00"
        (await world.send("GET", f"{world.control}/v1/orgs", token=token)).refused(401, "token-refused")


async def test_a_webhook_that_fails_is_asked_again_under_the_same_id_ever_more_rarely(database: Any) -> None:
    async with receiving() as receiver, city(database) as (world, clock):
        receiver.answers = [500, 302, 503, 200]
        await reminded(world, clock, webhook=receiver.url)
        waits = []
        for status in (500, 302, 503):

            async def failed(said: str = f"status {status}") -> bool:
                (one,) = await notices(world, state="pending")
                return one.get("last_error") == said

            await until(failed)
            (one,) = await notices(world)
            after = datetime.fromisoformat(one["next_at"].replace("Z", "+00:00"))
            waits.append((after - clock.now).total_seconds())
            clock.now = after
        assert waits == [30, 60, 120]

        async def sent() -> bool:
            return [one["state"] for one in await notices(world)] == ["sent"]

        await until(sent)
        assert len(receiver.got) == 4
        assert (
            len({jwt.decode(token, options={"verify_signature": False})["jti"] for _, token in receiver.got})
            == 1
        )


async def test_mail_is_handed_to_the_server_in_both_languages_under_the_notices_id(
    database: Any, mail: tuple[Mailbox, int]
) -> None:
    box, port = mail
    smtp = {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "none",
        "smtp_sender": "gateway@example.gov.cn",
    }
    async with city(database, notify={**FAST["notify"], **smtp}) as (world, clock):
        box.refuse = True
        await reminded(world, clock, email="wang@scjg.example.gov.cn")

        async def refused() -> bool:
            (one,) = await notices(world)
            return "451" in one.get("last_error", "")

        await until(refused)
        box.refuse = False
        clock.set("2026-11-27T08:31", world)

        async def taken() -> bool:
            return [one["state"] for one in await notices(world)] == ["sent"]

        await until(taken)
    ((to, message),) = box.mails
    (notice_id,) = {message["Message-ID"].strip("<>").partition("@")[0]}
    assert to == ["wang@scjg.example.gov.cn"]
    assert str(make_header(decode_header(message["Subject"]))).startswith("【催办】")
    text = message.get_payload(decode=True).decode()
    assert "截止 2026-12-05 00:00（北京时间）" in text
    assert "Reminder" in text
    assert notice_id in text


async def test_without_a_mail_server_mail_waits_and_says_why_and_the_metrics_show_it(database: Any) -> None:
    async with city(database) as (world, clock):
        await reminded(world, clock, email="wang@scjg.example.gov.cn")

        async def told() -> bool:
            (one,) = await notices(world, state="pending")
            return "smtp_host" in one.get("last_error", "")

        await until(told)
        clock.set("2026-11-27T09:30", world)

        async def shown() -> bool:
            text = (await world.send("GET", f"{world.gateway.operations.url}/metrics")).body.decode()
            lines = set(text.splitlines())
            return "gx_outbox_pending 1.0" in lines and "gx_outbox_oldest_age_seconds 3600.0" in lines

        await until(shown)


async def test_a_webhook_outside_the_networks_of_departments_is_never_connected_to(database: Any) -> None:
    async with (
        receiving() as receiver,
        city(database, exchange={"egress_networks": ["10.0.0.0/8"]}) as (
            world,
            clock,
        ),
    ):
        await reminded(world, clock, webhook=receiver.url)

        async def refused() -> bool:
            (one,) = await notices(world)
            return one.get("last_error") == "no connection"

        await until(refused)
        assert receiver.got == []


async def test_a_desk_without_address_is_seen_and_sent_to_once_it_has_one(database: Any) -> None:
    async with receiving() as receiver, city(database) as (world, clock):
        await reminded(world, clock)
        (one,) = await notices(world, state="undeliverable")
        assert (one["org"], one["desk"], one["channel"]) == (PROVIDER, "handler", "none")
        path = f"/v1/notifications/{one['id']}/retry"
        (await world.as_("platform-admin", "POST", path)).refused(409, "no-address")
        await at_desk(world, "handler", webhook=receiver.url)
        (await world.as_("platform-admin", "POST", path)).ok()

        async def sent() -> bool:
            return bool(receiver.got) and [one["state"] for one in await notices(world)] == ["sent"]

        await until(sent)
        (await world.as_("platform-admin", "POST", path)).refused(409, "already-sent")
        (event,) = await world.audit(type="notice.retried")
        assert event["detail"] == {"attempts": 0, "channel": "webhook"}


async def test_a_breach_at_midnight_is_told_in_the_morning_to_all_whom_the_ladder_names(
    database: Any,
) -> None:
    async with receiving() as receiver, city(database) as (world, clock):
        for desk in ("handler", "deputy", "head"):
            await at_desk(world, desk, webhook=receiver.url)
        await at_desk(world, "handler", PLATFORM, webhook=receiver.url)
        await reminded(world, clock)
        clock.set("2026-12-05T00:00", world)  # a Saturday

        async def written() -> bool:
            return sum(one["kind"] == "breach" for one in await notices(world)) == 8

        await until(written)
        found = [one for one in await notices(world) if one["kind"] == "breach"]
        told = {(one["content"]["rule"], one["org"], one["desk"]) for one in found}
        assert told == {
            (rule, *whom) for rule in ("qy132.approve", "tl809.reply_cond") for whom in (
                (PROVIDER, "handler"), (PROVIDER, "deputy"), (PROVIDER, "head"), (PLATFORM, "handler"),
            )
        }  # fmt: skip
        assert {one["next_at"] for one in found} == {"2026-12-07T00:30:00Z"}
        assert {one["attempts"] for one in found} == {0}


async def test_a_department_sees_the_notices_to_itself(database: Any) -> None:
    async with city(database) as (world, clock):
        await world.org(OTHER, "民政局")
        await world.person("other", OTHER, "provider")
        await reminded(world, clock)
        assert len(await notices(world, "provider")) == len(await notices(world, "auditor")) == 1
        assert await notices(world, "other") == await notices(world, "requester") == []
        assert json.dumps(await notices(world, "provider")).count(CONSUMER) == 0
