"""Systems registered by certificate: what is accepted, what its key may then do, and when that ends."""

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from asn1crypto import x509
from authorities import DAY, now, recognised, strict
from certifying import Pki, Said, answer, new_pki, pem
from cryptography.hazmat.primitives import serialization
from rights.certificates import crl, issued
from sealing import new_key, wish
from world import CONSUMER, Answer, File, World

from gateway.identity.assertion import ClientKeyFile, signed_assertion
from gateway.seals.authority import Issued, certify
from gateway.seals.signing import PlainSigner

LIFE = {"start": now() - DAY, "end": now() + 300 * DAY}


def key_of(one: Issued) -> ClientKeyFile:
    """The private key behind a certificate of the tests, for assertions."""
    assert isinstance(one.signer, PlainSigner)
    return ClientKeyFile.of(one.signer.key)


async def add(world: World, *chain: Issued, client: str = "registration") -> Answer:
    body = {"chain": pem(*chain).decode()}
    return await world.as_("security-admin", "POST", f"/v1/clients/{client}/certificates", body)


async def register(world: World, name: str, *chain: Issued, **changes: Any) -> Answer:
    body = {"id": name, "name": name, "org": CONSUMER, "certificates": [pem(*chain).decode()], **changes}
    return await world.as_("security-admin", "POST", "/v1/clients", body)


async def bring(world: World, content: bytes, kind: str = "application/pkix-crl") -> None:
    (await world.as_("security-admin", "POST", "/v1/revocation-evidence", File(content, kind))).ok()


def self_signed(**changes: object) -> Issued:
    return certify(wish("自签系统", **{**LIFE, **changes}), new_key("p256"))


@pytest.fixture(autouse=True)
async def _lists(shared_world: World) -> None:
    await bring(shared_world, crl())


async def test_a_system_is_registered_by_certificate_alone_and_its_key_signs_assertions(
    shared_world: World,
) -> None:
    world, one = shared_world, issued()
    shown = (await register(world, "by-certificate", one)).ok()
    assert [key["kid"] for key in shown["keys"]] == [key_of(one).kid]
    (held,) = (await world.as_("requester", "GET", "/v1/clients/by-certificate/certificates")).ok()["items"]
    assert (held["authority"], held["binding"], held["key"]) == ("world", "subject", "P-256")
    world.keys["by-certificate"] = key_of(one)
    found = await world.ask_token("by-certificate", "none-such")
    assert found.refused(400, "token-request-wrong")["error"] == "invalid_target"  # it was believed who it is


async def test_every_check_that_does_not_pass_is_told_at_registration(shared_world: World) -> None:
    stranger = new_pki("p256", "生疏根", start=now() - DAY, end=now() + 300 * DAY)
    gone = issued()
    await bring(shared_world, crl(gone))
    wrong = {
        "a stranger's": (stranger.issue("系统", **LIFE), "NO_ANCHOR"),
        "expired": (issued(start=now() - 9 * DAY, end=now() - DAY), "OUTSIDE_VALIDITY"),
        "for servers": (issued(extended_usage=("server_auth",)), "EXTENDED_KEY_USAGE"),
        "for encryption": (issued(usage=frozenset({"key_encipherment"})), "KEY_USAGE"),
        "an authority": (issued(is_ca=True), "LEAF_IS_CA"),
        "of a family not recognised": (_rsa(), "ALGORITHM_NOT_RECOGNISED"),
        "revoked": (gone, "REVOKED"),
        "without revocation information": (strict().issue("系统", "rsa", **LIFE), "NO_REVOCATION_INFO"),
        "self-signed and an authority": (self_signed(is_ca=True), "LEAF_IS_CA"),
        "self-signed and expired": (self_signed(end=now() - timedelta(hours=1)), "validity"),
    }
    for name, (one, told) in wrong.items():
        refused = (await add(shared_world, one)).refused(422, "invalid")
        assert refused["errors"][0]["pointer"] == "/chain", name
        assert told in refused["errors"][0]["detail"], (name, refused["errors"])
    for text in ("x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        path = "/v1/clients/registration/certificates"
        (await shared_world.as_("security-admin", "POST", path, {"chain": text})).refused(422, "invalid")


def _rsa() -> Issued:
    return recognised().issue("系统", "rsa", **LIFE)


async def test_a_certificate_and_its_name_serve_one_system_for_ever(shared_world: World) -> None:
    world, one = shared_world, issued()
    (await add(world, one)).ok()
    (await add(world, one)).refused(409, "certificate-known")
    (await register(world, "second-owner", one)).refused(409, "certificate-known")
    namesake = _same_name(one)
    (await register(world, "second-owner", namesake)).refused(409, "certificate-known")
    (await add(world, namesake)).ok()
    (await world.as_("security-admin", "GET", "/v1/clients/second-owner")).refused(404, "no-such-client")


def _same_name(one: Issued) -> Issued:
    name = x509.Certificate.load(one.der).subject.native["common_name"]
    return recognised().issue(name, **LIFE)


async def test_answers_and_intermediates_count_as_the_authoritys_policy_says(shared_world: World) -> None:
    between = Pki(strict().issue("中间机构", "rsa", is_ca=True, **LIFE))
    leaf = between.issue("三级系统", "p256", **LIFE)
    await bring(shared_world, strict().crl(number=50, now=now()))
    (await add(shared_world, leaf, between.root)).refused(
        422, "invalid"
    )  # nothing is known of the leaf itself
    direct = strict().issue("直接系统", "p256", **LIFE)
    said = Said(this=now() - timedelta(minutes=1), following=now() + DAY)
    await bring(shared_world, answer(direct, strict().root, said), "application/ocsp-response")
    added = (await add(shared_world, direct)).ok()
    assert (added["authority"], added["binding"]) == ("strict", "certificate")
    listed = (await shared_world.as_("auditor", "GET", "/v1/revocation-evidence?limit=1")).ok()["items"][0]
    uses = (await shared_world.as_("auditor", "GET", f"/v1/revocation-evidence/{listed['sha256']}")).ok()[
        "uses"
    ]
    assert len(uses) == 1


async def test_a_self_signed_certificate_is_registered_as_this_very_one(shared_world: World) -> None:
    added = (await add(shared_world, self_signed())).ok()
    assert ("authority" in added, added["binding"]) == (False, "self_signed")


async def test_a_key_ends_with_its_certificate(shared_world: World) -> None:
    """Struck off by the administrator, or revoked by its authority: the assertion is refused from then on."""
    world = shared_world
    for name, end in (("struck-off", _strike_off), ("revoked-later", _revoke)):
        one = issued()
        (await register(world, name, one)).ok()
        world.keys[name] = key_of(one)
        assert (await world.ask_token(name, "none-such")).body["error"] == "invalid_target"
        await end(world, name, one)
        refused = (await world.ask_token(name, "none-such")).body
        assert refused["error"] == "invalid_client", name
        explained = {"kind": "assertion", "token": signed_assertion(name, world.gateway.issuer, key_of(one))}
        found = (await world.as_("security-admin", "POST", "/v1/token/check", explained)).ok()
        assert found["reason"] == refused["reason"], name
    await bring(world, crl())


async def _strike_off(world: World, name: str, one: Issued) -> None:
    path = f"/v1/clients/{name}/certificates"
    (held,) = (await world.as_("security-admin", "GET", path)).ok()["items"]
    struck = (await world.as_("security-admin", "DELETE", f"{path}/{held['id']}")).ok()
    assert struck["revoked_at"] is not None
    (await world.as_("security-admin", "DELETE", f"{path}/{held['id']}")).refused(404, "no-such-certificate")


async def _revoke(world: World, name: str, one: Issued) -> None:
    await bring(world, crl(one))


async def test_a_renewed_certificate_takes_over_the_key_of_the_one_before(shared_world: World) -> None:
    world, key = shared_world, new_key("p256")
    old, renewed = (
        certify(wish("换证系统", **{**LIFE, "end": now() + days * DAY}), key, recognised().root)
        for days in (1, 300)
    )
    (await register(world, "renewing", old)).ok()
    (await add(world, renewed, client="renewing")).ok()
    world.keys["renewing"] = key_of(renewed)
    first, second = (await world.as_("security-admin", "GET", "/v1/clients/renewing/certificates")).ok()[
        "items"
    ]
    path = f"/v1/clients/renewing/certificates/{first['id']}"
    (await world.as_("security-admin", "DELETE", path)).ok()
    assert (await world.ask_token("renewing", "none-such")).body["error"] == "invalid_target"
    assert second["not_after"] > first["not_after"]


async def test_an_assertion_may_not_bring_its_certificate_along(shared_world: World) -> None:
    world, one = shared_world, issued()
    key = key_of(one)
    good = signed_assertion("registration", world.gateway.issuer, key)
    claims = jwt.decode(good, options={"verify_signature": False})
    pem_key = key.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    header = {"typ": "client-authentication+jwt", "kid": key.kid, "x5c": ["AAAA"]}
    bad = jwt.encode(claims, pem_key, algorithm="ES256", headers=header)
    world.keys["registration-x5c"] = key
    answer_ = await world.ask_token("registration-x5c", "none-such", client_assertion=bad)
    assert answer_.body["error"] == "invalid_client"
    assert json.dumps(answer_.body)
