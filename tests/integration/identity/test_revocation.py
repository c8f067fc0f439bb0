"""Revocation information through the door: what is taken in, kept and shown, and what a recognised authority is."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from asn1crypto import ocsp
from authorities import DAY, now, recognised, strict
from certifying import Pki, Said, answer, new_pki, pem, write_authority
from rights.certificates import crl
from world import Answer, File, World, running_world

from gateway.seals.authority import Issued

CRL, OCSP = "application/pkix-crl", "application/ocsp-response"


async def bring(world: World, content: bytes, kind: str = CRL) -> Answer:
    return await world.as_("security-admin", "POST", "/v1/revocation-evidence", File(content, kind))


def said(**changes: object) -> Said:
    return replace(Said(this=now() - timedelta(minutes=1), following=now() + DAY), **changes)  # type: ignore[arg-type]


async def test_a_list_is_kept_byte_for_byte_with_who_brought_it(shared_world: World) -> None:
    world, content = shared_world, crl()
    kept = (await bring(world, content)).ok()
    assert kept["sha256"] == hashlib.sha256(content).hexdigest()
    assert (kept["kind"], kept["authority"], kept["source"]) == ("crl", "world", "person:security-admin")
    assert (await bring(world, content)).ok() == kept
    one = f"/v1/revocation-evidence/{kept['sha256']}"
    assert (await world.as_("auditor", "GET", f"{one}/content")).body == content
    assert (await world.as_("auditor", "GET", one)).ok() == {**kept, "uses": []}
    listed = (await world.as_("auditor", "GET", "/v1/revocation-evidence?limit=1")).ok()
    assert listed["items"] == [kept]
    (event,) = [
        each
        for each in await world.audit(type="revocation.brought")
        if each["object"]["id"] == kept["sha256"]
    ]
    assert event["detail"]["authority"] == "world"


async def test_an_answer_is_kept_for_its_one_certificate(shared_world: World) -> None:
    leaf = strict().issue("系统", start=now() - DAY)
    kept = (await bring(shared_world, answer(leaf, strict().root, said()), OCSP)).ok()
    assert (kept["kind"], kept["scope"]) == ("ocsp", f"{leaf.serial:x}")


async def test_what_no_recognised_authority_signed_is_refused(shared_world: World) -> None:
    stranger = new_pki("p256", "生疏根", start=now() - DAY)
    leaf = strict().issue("系统", start=now() - DAY)
    refused = {
        "a list of a stranger": (stranger.crl(now=now()), CRL, "issuer"),
        "a list of a stranger under our name": (
            new_pki("p256", "测试根", start=now() - DAY).crl(now=now()),
            CRL,
            "issuer",
        ),
        "a list from the future": (recognised().crl(now=now() + 3 * DAY, number=9999), CRL, "future"),
        "rubbish": (b"rubbish", CRL, "format"),
        "an answer of a stranger": (
            answer(leaf, strict().root, said(), stranger.responder()),
            OCSP,
            "issuer",
        ),
        "an answer about a stranger's": (answer(leaf, stranger.root, said()), OCSP, "issuer"),
        "a list sent as an answer": (crl(), OCSP, "format"),
    }
    for name, (content, kind, reason) in refused.items():
        assert (await bring(shared_world, content, kind)).refused(400, "evidence-refused")[
            "reason"
        ] == reason, name


async def test_a_later_list_with_a_smaller_number_is_refused(shared_world: World) -> None:
    (await bring(shared_world, strict().crl(number=7, now=now()))).ok()
    back = await bring(shared_world, strict().crl(number=6, now=now() + timedelta(seconds=1)))
    assert back.refused(400, "evidence-refused")["reason"] == "number"
    (
        await bring(shared_world, strict().crl(number=5, now=now() - 2 * DAY))
    ).ok()  # an old one, for the archive


async def test_the_authorities_are_shown_with_how_fresh_their_lists_are(shared_world: World) -> None:
    kept = (await bring(shared_world, crl())).ok()
    shown = {
        each["id"]: each
        for each in (await shared_world.as_("auditor", "GET", "/v1/authorities")).ok()["items"]
    }
    assert set(shown) == {"world", "strict"}
    assert shown["world"]["crl"]["received_at"] == kept["received_at"]
    assert (shown["world"]["binding"], shown["world"]["recognised_now"]) == ("subject", True)
    (await shared_world.as_("requester", "GET", "/v1/authorities")).refused(403, "role-missing")


@pytest.mark.parametrize("digest", ["00", "x" * 64, "0" * 64, "0" * 63])
async def test_what_is_not_kept_is_not_found(digest: str, shared_world: World) -> None:
    (await shared_world.as_("auditor", "GET", f"/v1/revocation-evidence/{digest}")).refused(
        404, "no-such-evidence"
    )


async def until(look: Callable[[], Awaitable[object]]) -> None:
    """Wait until ``look`` finds something."""
    async with asyncio.timeout(30):
        while not await look():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@dataclass
class Online:
    """An authority's own address: its list, and answers that carry the nonce, or once another one."""

    pki: Pki
    leaf: Issued
    asked: list[Any] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.Response(body=self.pki.crl(now=now()))
        question = ocsp.OCSPRequest.load(await request.read())
        self.asked.append(question)
        nonce = b"played back" if len(self.asked) == 1 else question.nonce_value.native
        return web.Response(body=answer(self.leaf, self.pki.root, said(nonce=nonce)))


@asynccontextmanager
async def serving(online: Online) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{rest}", online.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_lists_and_answers_are_fetched_and_an_answer_with_another_nonce_is_not_taken(
    database: Any, tmp_path: Path
) -> None:
    """The list at once, then an answer about each registered certificate; after a minute the one refused is asked again."""
    pki = new_pki("p256", "联网根", start=now() - 100 * DAY, end=now() + 100 * DAY)
    online = Online(pki, pki.issue("联网系统", start=now() - DAY, end=now() + 50 * DAY))
    clock = [now()]
    async with serving(online) as base:
        write_authority(tmp_path, "online", pki, crl_urls=[f"{base}/a.crl"], ocsp_url=f"{base}/ocsp")
        settings = {"folder": tmp_path, "tick_seconds": 0.05}
        async with running_world(database, certificates=settings, now=lambda: clock[0]) as world:

            async def fresh(kind: str) -> Any:
                shown = (await world.as_("auditor", "GET", "/v1/authorities")).ok()["items"][0]
                return shown.get(kind)

            await until(lambda: fresh("crl"))
            path = "/v1/clients/registration/certificates"
            body = {"chain": pem(online.leaf).decode()}
            (await world.as_("security-admin", "POST", path, body)).ok()

            async def asked() -> int:
                return len(online.asked)

            await until(asked)

            async def counted(result: str) -> bool:
                text = (await world.send("GET", f"{world.gateway.operations.url}/metrics")).body.decode()
                return f'gx_revocation_fetches_total{{kind="ocsp",result="{result}"}} 1.0' in text

            await until(lambda: counted("failed"))  # by its own time: only then may the clock go on
            named = online.asked[0]["tbs_request"]["request_list"][0]["req_cert"]
            assert named["serial_number"].native == online.leaf.serial
            assert await fresh("ocsp") is None
            clock[0] += timedelta(seconds=61)
            await until(lambda: fresh("ocsp"))
            await until(lambda: counted("fetched"))
            assert await counted("failed")
