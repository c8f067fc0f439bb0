"""mission row 16, 数字证书兼容互认 (多 CA): certificates of several authorities enter, each by its own authority's policy."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from authorities import DAY, now
from certifying import Pki, Said, answer, new_pki, pem, write_authority
from world import (
    CONSUMER,
    PROVIDER,
    Answer,
    File,
    World,
    another,
    http_mount,
    provider_service,
    running_world,
)

from gateway.seals.authority import Issued

LIFE = {"start": now() - DAY, "end": now() + 300 * DAY}


@dataclass
class Town:
    """A gateway behind the terminator of the government network, and two recognised authorities."""

    world: World
    service: str
    province: Pki
    nation: Pki

    async def enters(self, client: str, one: Issued) -> Answer:
        """The system connects with its certificate, asks for a token, and calls the service with it."""
        told = {"Client-Cert": f":{base64.b64encode(one.der).decode()}:"}
        issuer = self.world.gateway.issuer
        data = {
            "grant_type": "client_credentials",
            "client_id": client,
            "resource": f"{issuer}/services/{self.service}",
        }
        got = await self.world.send("POST", f"{self.world.control}/oauth/token", data=data, headers=told)
        if got.status != 200:
            return got
        url = f"{self.world.exchange}/services/{self.service}"
        body = {"parameters": {"uscc": PROVIDER}}
        return await self.world.send("POST", url, token=got.body["access_token"], headers=told, json=body)

    async def register(self, name: str, one: Issued) -> Answer:
        body = {"id": name, "name": name, "org": CONSUMER, "certificates": [pem(one).decode()]}
        return await self.world.as_("security-admin", "POST", "/v1/clients", body)

    async def bring(self, content: bytes, kind: str) -> None:
        path = "/v1/revocation-evidence"
        (await self.world.as_("security-admin", "POST", path, File(content, f"application/{kind}"))).ok()

    async def grant(self, name: str, resource: str) -> None:
        await self.world.granted(resource, client=name)


@pytest.fixture
async def town(database: Any, tmp_path: Path) -> AsyncIterator[tuple[Town, str]]:
    province, nation = new_pki("p256", "省级 CA", **LIFE), new_pki("sm2", "国家政务外网 CA", **LIFE)
    write_authority(tmp_path, "province", province, algorithms=["ECDSA", "RSA"], sources=["crl"])
    write_authority(tmp_path, "nation", nation, algorithms=["SM2"], sources=["ocsp"])
    settings = {"certificates": {"folder": tmp_path}, "web": {"client_cert_peers": ["127.0.0.0/8"]}}
    async with running_world(database, **settings) as world, provider_service() as (base, _):
        described = another()
        resource = await world.publish(described, http_mount(base))
        yield Town(world, described["service"], province, nation), resource


async def test_certificates_of_two_authorities_enter_and_one_of_an_unlisted_authority_does_not(
    town: tuple[Town, str],
) -> None:
    place, resource = town
    mine = place.province.issue("不动产登记系统", "p256", **LIFE, extended_usage=("client_auth",))
    theirs = place.nation.issue("医保结算系统", "sm2", **LIFE)
    await place.bring(place.province.crl(now=now()), "pkix-crl")
    good = Said(this=now() - timedelta(minutes=1), following=now() + DAY)
    await place.bring(answer(theirs, place.nation.root, good), "ocsp-response")
    for name, one in (("by-province", mine), ("by-nation", theirs)):
        (await place.register(name, one)).ok()
        await place.grant(name, resource)
        assert (await place.enters(name, one)).ok()["records"][0]["name"] == "示例企业"

    unlisted = new_pki("p256", "未认可 CA", **LIFE).issue("某系统", **LIFE)
    refused = (await place.register("unlisted", unlisted)).refused(422, "invalid")
    assert "NO_ANCHOR" in refused["errors"][0]["detail"]
    assert (await place.enters("by-province", unlisted)).refused(401, "certificate-refused")["remedy"]

    borrowed = place.province.issue("国密系统", "sm2", **LIFE)  # a family the province's policy does not name
    refused = (await place.register("borrowed", borrowed)).refused(422, "invalid")
    assert "ALGORITHM_NOT_RECOGNISED" in refused["errors"][0]["detail"]


async def test_what_an_authority_revokes_is_out_and_the_record_says_by_which_list(
    town: tuple[Town, str],
) -> None:
    place, resource = town
    mine = place.province.issue("不动产登记系统", **LIFE)
    await place.bring(place.province.crl(now=now()), "pkix-crl")
    (await place.register("by-province", mine)).ok()
    await place.grant("by-province", resource)
    (await place.enters("by-province", mine)).ok()
    await place.bring(
        place.province.crl((mine, now()), number=2, now=now() + timedelta(seconds=1)), "pkix-crl"
    )
    refused = (await place.enters("by-province", mine)).refused(401, "certificate-refused")
    assert refused["reason"] == "revoked"
    (event, *_) = reversed(await place.world.audit(type="revocation.brought"))
    assert len(event["detail"]["revoked"]) == 1
    path = f"/v1/revocation-evidence/{event['object']['id']}"
    assert (await place.world.as_("auditor", "GET", path)).ok()["uses"][0]["revoked_at"]
