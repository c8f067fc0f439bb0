"""Mutual TLS (RFC 8705): a system proves itself by certificate, and its token is worth nothing without it.

Behind a terminator that tells the certificate in a header (RFC 9440), and with TLS ended by the gateway itself.
"""

import asyncio
import base64
import itertools
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from authorities import DAY, now, recognised, strict
from certifying import Pki, new_pki, pem
from proofs import Granted, assertion, grant_in
from rights.certificates import crl, issued
from sealing import new_key, wish
from tls import client_tls, server_certificate, write_pair
from world import (
    ASSERTION_TYPE,
    CONSUMER,
    PROVIDER,
    Answer,
    File,
    World,
    provider_service,
    running_gateway,
    running_world,
)

from gateway.app import Gateway
from gateway.identity.assertion import ClientKeyFile, signed_assertion
from gateway.identity.certificates.model import certificate_thumbprint
from gateway.seals.authority import Issued, certify

LIFE = {"start": now() - DAY, "end": now() + 300 * DAY}
NUMBERS = itertools.count(500)
BEHIND = {"web": {"client_cert_peers": ["127.0.0.0/8"]}}


def header(one: Issued, *others: Issued) -> dict[str, str]:
    """What a terminator tells of a caller's certificate."""

    def field(each: Issued) -> str:
        return f":{base64.b64encode(each.der).decode()}:"

    told = {"Client-Cert": field(one)}
    return told | ({"Client-Cert-Chain": ", ".join(map(field, others))} if others else {})


async def bring(world: World, content: bytes) -> None:
    path = "/v1/revocation-evidence"
    (await world.as_("security-admin", "POST", path, File(content, "application/pkix-crl"))).ok()


async def add(world: World, *chain: Issued) -> Answer:
    path = "/v1/clients/registration/certificates"
    return await world.as_("security-admin", "POST", path, {"chain": pem(*chain).decode()})


@pytest.fixture(scope="module")
async def granted(shared_database: Any) -> AsyncIterator[Granted]:
    """A gateway behind a terminator at this machine, and a service granted to ``registration``."""
    async with running_world(shared_database, **BEHIND) as world, provider_service() as (base, _):
        yield await grant_in(world, base)


@pytest.fixture
async def one(granted: Granted) -> Issued:
    """A certificate of ``registration``, with a current list."""
    await bring(granted.world, crl())
    made = issued(extended_usage=("client_auth",))
    (await add(granted.world, made)).ok()
    return made


async def ask(
    granted: Granted, told: dict[str, str], client: str | None = "registration", **more: Any
) -> Answer:
    """A token request that is proved by the certificate alone."""
    issuer = granted.world.gateway.issuer
    data = {"grant_type": "client_credentials", "resource": f"{issuer}/services/{granted.service}", **more}
    if client is not None:
        data["client_id"] = client
    return await granted.world.send("POST", f"{granted.world.control}/oauth/token", data=data, headers=told)


async def call(granted: Granted, token: str, told: dict[str, str]) -> Answer:
    url = f"{granted.world.exchange}/services/{granted.service}"
    return await granted.world.send(
        "POST",
        url,
        token=token,
        headers=told,
        json={"fields": ["name"], "parameters": {"uscc": PROVIDER}},
    )


async def test_a_certificate_proves_the_system_and_binds_the_token(granted: Granted, one: Issued) -> None:
    answered = (await ask(granted, header(one))).ok()
    claims = jwt.decode(answered["access_token"], options={"verify_signature": False})
    assert claims["cnf"] == {"x5t#S256": certificate_thumbprint(one.der)}
    assert (claims["client_id"], answered["token_type"]) == ("registration", "Bearer")
    (await call(granted, answered["access_token"], header(one))).ok()
    (event,) = [
        each
        for each in await granted.world.audit(type="token.issued")
        if each["object"]["id"] == claims["jti"]
    ]
    assert event["who"]["authenticated_by"] == certificate_thumbprint(one.der)


async def test_the_metadata_say_what_can_be_used_here(granted: Granted, shared_database: Any) -> None:
    path = "/.well-known/oauth-authorization-server"
    told = (await granted.world.as_(None, "GET", path)).ok()
    assert told["token_endpoint_auth_methods_supported"] == [
        "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth",
    ]  # fmt: skip
    assert told["tls_client_certificate_bound_access_tokens"] is True
    async with running_gateway(shared_database) as (plain, _):
        assert plain.control is not None
        told = (await granted.world.send("GET", plain.control.url + path)).ok()
        assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
        assert told["tls_client_certificate_bound_access_tokens"] is False


async def test_a_stolen_token_is_worth_nothing_without_the_certificate(granted: Granted, one: Issued) -> None:
    token = (await ask(granted, header(one))).ok()["access_token"]
    for told in ({}, header(issued()), header(certify(wish("自签", **LIFE), new_key("p256")))):
        assert (await call(granted, token, told)).refused(401, "token-refused")["reason"] == "binding"


async def test_a_bearer_token_is_not_bound_by_a_certificate_that_comes_along(
    granted: Granted, one: Issued
) -> None:
    token = await granted.token()
    (await call(granted, token, header(one))).ok()


async def test_an_assertion_with_a_certificate_binds_the_token_to_it(granted: Granted, one: Issued) -> None:
    world = granted.world

    def signed() -> dict[str, str]:
        assertion = signed_assertion("registration", world.gateway.issuer, world.keys["registration"])
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}

    answered = (await ask(granted, header(one), client=None, **signed())).ok()
    claims = jwt.decode(answered["access_token"], options={"verify_signature": False})
    assert claims["cnf"] == {"x5t#S256": certificate_thumbprint(one.der)}
    strange = await ask(granted, header(issued()), client=None, **signed())
    assert strange.refused(401, "certificate-refused")["error"] == "invalid_client"


async def _another_systems(world: World) -> Issued:
    theirs = issued()
    await world.client("other-system", "11621000MB00000024")
    body = {"chain": pem(theirs).decode()}
    (await world.as_("security-admin", "POST", "/v1/clients/other-system/certificates", body)).ok()
    return theirs


async def test_who_does_not_prove_itself_gets_no_token(granted: Granted, one: Issued) -> None:
    """No certificate; nobody's; another system's; a self-made twin; rubbish; each read alike where it could tell something."""
    world = granted.world
    theirs = await _another_systems(world)
    assert (await ask(granted, {})).body["error"] == "invalid_request"
    assert (await ask(granted, header(one), client=None)).body["error"] == "invalid_request"
    for told, client in (
        (header(issued()), "registration"),
        (header(theirs), "registration"),
        (header(one), "nobody"),
    ):
        refused = (await ask(granted, told, client)).refused(401, "certificate-refused")
        assert (refused["error"], refused["reason"]) == ("invalid_client", "certificate")
    twin = new_pki("p256", "测试根", **LIFE)  # another authority's key under our authority's name
    name = "系统 twin"
    (await add(world, recognised().issue(name, **LIFE))).ok()
    forged = (await ask(granted, header(twin.issue(name, **LIFE)))).refused(401, "certificate-refused")
    assert forged["reason"] == "untrusted"
    rubbish = {"Client-Cert": f":{base64.b64encode(b'rubbish').decode()}:"}
    assert (await ask(granted, rubbish)).refused(401, "certificate-refused")["reason"] == "malformed"
    refused_events = [each["reason"] for each in await world.audit(type="token.refused")]
    assert {"certificate", "untrusted", "malformed"} <= set(refused_events)


async def test_a_renewed_certificate_of_the_same_name_is_taken_where_the_authority_binds_by_name(
    granted: Granted,
) -> None:
    await bring(granted.world, crl())
    first, renewed = (recognised().issue("换证系统", **LIFE) for _ in range(2))
    shown = (await add(granted.world, first)).ok()
    token = (await ask(granted, header(renewed))).ok()["access_token"]
    (await call(granted, token, header(renewed))).ok()
    await bring(granted.world, crl(renewed))
    assert (await ask(granted, header(renewed))).body["reason"] == "revoked"
    (await ask(granted, header(first))).ok()
    path = f"/v1/clients/registration/certificates/{shown['id']}"
    (await granted.world.as_("security-admin", "DELETE", path)).ok()
    for each in (first, renewed):
        assert (await ask(granted, header(each))).refused(401, "certificate-refused")[
            "reason"
        ] == "certificate"
    await bring(granted.world, crl())


async def test_a_certificate_ends_by_its_own_date_and_its_token_with_it(granted: Granted) -> None:
    await bring(granted.world, crl())
    short = recognised().issue("短期系统", start=now() - DAY, end=now() + timedelta(seconds=60))
    (await add(granted.world, short)).ok()
    answered = (await ask(granted, header(short))).ok()
    assert 0 < answered["expires_in"] <= 60


async def test_where_the_authority_binds_to_the_certificate_a_renewed_one_must_be_registered(
    granted: Granted,
) -> None:
    await bring(granted.world, strict().crl(number=next(NUMBERS), now=now()))
    first, renewed = (strict().issue("严格绑定系统", "p256", **LIFE) for _ in range(2))
    (await add(granted.world, first)).ok()
    (await ask(granted, header(first))).ok()
    assert (await ask(granted, header(renewed))).refused(401, "certificate-refused")[
        "reason"
    ] == "certificate"
    (await add(granted.world, renewed)).ok()
    (await ask(granted, header(renewed))).ok()


async def test_a_disabled_system_has_no_certificate(granted: Granted) -> None:
    world, own, by_name = granted.world, issued(), issued()
    await bring(world, crl())
    body = {"id": "disabled-one", "name": "停用系统", "org": CONSUMER, "certificates": [pem(own).decode()]}
    (await world.as_("security-admin", "POST", "/v1/clients", body)).ok()
    assert (await ask(granted, header(own), "disabled-one")).body["error"] == "invalid_target"
    (await world.as_("security-admin", "POST", "/v1/clients/disabled-one/disable")).ok()
    for each in (own, by_name):
        refused = (await ask(granted, header(each), "disabled-one")).refused(401, "certificate-refused")
        assert refused["reason"] == "certificate"


async def test_an_expired_certificate_proves_nothing_and_neither_does_its_key(database: Any) -> None:
    """Whether an authority vouched for it or not; the clock is the gateway's."""
    clock = [now()]
    async with (
        running_world(database, now=lambda: clock[0], **BEHIND) as world,
        provider_service() as (base, _),
    ):
        granted = await grant_in(world, base)
        await bring(world, crl())
        short = {"start": now() - DAY, "end": now() + 2 * DAY}
        ours, own = issued(**short), certify(wish("短期自签", **short), new_key("p256"))
        for each in (ours, own):
            (await add(world, each)).ok()
            (await ask(granted, header(each))).ok()
        world.keys["registration"] = ClientKeyFile.of(ours.signer.key)  # type: ignore[attr-defined]
        (
            await granted.ask(
                assertion(world.gateway.issuer, world.keys["registration"], clock[0].timestamp())
            )
        ).ok()
        clock[0] += 3 * DAY
        for each in (ours, own):
            assert (await ask(granted, header(each))).refused(401, "certificate-refused")[
                "reason"
            ] == "expired"
        late = assertion(world.gateway.issuer, world.keys["registration"], clock[0].timestamp())
        assert (await granted.ask(late)).refused(401, "certificate-refused")["reason"] == "expired"


async def test_a_token_ends_with_the_certificate_that_got_it(granted: Granted) -> None:
    """Struck off here, or revoked by a list of its authority: within two seconds nothing leaves for it any more."""
    world = granted.world
    await bring(world, crl())
    for end in ("struck off", "revoked by a list"):
        mine = issued()
        shown = (await add(world, mine)).ok()
        token = (await ask(granted, header(mine))).ok()["access_token"]
        (await call(granted, token, header(mine))).ok()
        if end == "struck off":
            path = f"/v1/clients/registration/certificates/{shown['id']}"
            (await world.as_("security-admin", "DELETE", path)).ok()
        else:
            await bring(world, crl(mine))
        await asyncio.sleep(1.6)
        refused = (await call(granted, token, header(mine))).refused(401, "token-refused")
        assert refused["reason"] == "revoked", end
    (event, *_) = reversed(await world.audit(type="revocation.brought"))
    assert event["detail"]["revoked"] == [shown["id"]]
    await bring(world, crl())


async def test_intermediates_come_from_the_registration_or_from_the_header(granted: Granted) -> None:
    await bring(granted.world, crl())
    between = Pki(recognised().issue("下级机构", is_ca=True, **LIFE))
    leaf = between.issue("三级系统", **LIFE)
    assert (await add(granted.world, leaf)).status == 422
    assert (
        await add(granted.world, leaf, between.root)
    ).status == 422  # nothing is known of the intermediate's own
    assert (await ask(granted, header(leaf, between.root))).refused(401, "certificate-refused")[
        "reason"
    ] == "certificate"


@dataclass
class Secured:
    """A second gateway on the database of the first, with TLS of its own."""

    gateway: Gateway
    folder: Path
    granted: Granted

    async def ask(self, tls: ssl.SSLContext, client: str = "registration") -> Answer:
        issuer = self.granted.world.gateway.issuer
        data = {
            "grant_type": "client_credentials", "client_id": client, "resource": f"{issuer}/services/{self.granted.service}",
        }  # fmt: skip
        url = f"{self.gateway.control.url}/oauth/token"  # type: ignore[union-attr]
        return await self.granted.world.send("POST", url, data=data, ssl=tls)

    async def call(self, token: str, tls: ssl.SSLContext) -> Answer:
        url = f"{self.gateway.exchange.url}/services/{self.granted.service}"  # type: ignore[union-attr]
        return await self.granted.world.send(
            "POST", url, token=token, json={"parameters": {"uscc": PROVIDER}}, ssl=tls
        )


@asynccontextmanager
async def secured(database: Any, folder: Path) -> AsyncIterator[Secured]:
    certificate, key = write_pair(folder, "server", server_certificate())
    listen = {"tls_certificate_file": certificate, "tls_key_file": key, "client_certificates": "asked"}
    named = {"platform": {"base_url": "http://gateway.test"}}
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(running_world(database, **named))
        base, _ = await stack.enter_async_context(provider_service())
        granted = await grant_in(world, base)
        gateway, _ = await stack.enter_async_context(running_gateway(database, listen=listen, **named))
        yield Secured(gateway, folder, granted)


async def let_in(two: Secured, tls: ssl.SSLContext) -> None:
    """Wait until the handshake takes the caller's certificate: the worker that follows registrations looks every second."""
    async with asyncio.timeout(30):
        while True:
            try:
                (await two.ask(tls)).ok()
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
            else:
                return


async def test_with_tls_of_the_gateways_own_from_registration_to_data(database: Any, tmp_path: Path) -> None:
    """A certificate of an authority and a self-signed one; the latter is let in within a second of its registration."""
    mine, own = issued(), certify(wish("自签系统", **LIFE), new_key("p256"))
    async with secured(database, tmp_path) as two:
        world = two.granted.world
        await bring(world, crl())
        assert two.gateway.control is not None
        assert two.gateway.control.url.startswith("https://")
        for each in (mine, own):
            (await add(world, each)).ok()
        await let_in(two, client_tls(tmp_path, own))
        for each in (mine, own):
            tls = client_tls(tmp_path, each)
            token = (await two.ask(tls)).ok()["access_token"]
            (await two.call(token, tls)).ok()
            stolen = await two.call(token, client_tls(tmp_path))
            assert stolen.refused(401, "token-refused")["reason"] == "binding"
        other = client_tls(tmp_path, mine)
        token = (await two.ask(client_tls(tmp_path, own))).ok()["access_token"]
        assert (await two.call(token, other)).refused(401, "token-refused")["reason"] == "binding"
        assert (await two.ask(client_tls(tmp_path))).body["error"] == "invalid_request"
