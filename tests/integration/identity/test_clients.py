"""Application systems and their public keys at the door: what is registered, what never enters."""

import json
import time
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from world import CONSUMER, OTHER, PROVIDER, World, new_key, public_jwk

PRIVATE = json.loads(ECAlgorithm.to_jwk(new_key().private))
RSA_1024 = json.loads(RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key()))


def name() -> str:
    return f"s{uuid4().hex[:12]}"


def new(*keys: Any, **changes: Any) -> dict[str, Any]:
    return {
        "id": name(),
        "name": "系统",
        "org": CONSUMER,
        "keys": list(keys) or [public_jwk(new_key())],
        **changes,
    }


async def post(world: World, body: Any) -> Any:
    return await world.as_("security-admin", "POST", "/v1/clients", body)


async def stored(database: Any) -> int:
    owner = await database.owner()
    found = await owner.fetchval(
        "SELECT (SELECT count(*) FROM identity.client) + (SELECT count(*) FROM identity.client_key)"
    )
    await owner.close()
    return int(found)


@pytest.mark.parametrize(
    "key",
    [
        PRIVATE,
        {"kty": "oct", "k": "c2VjcmV0"},
        RSA_1024,
        {**public_jwk(new_key()), "key_ops": 5},
        {**public_jwk(new_key()), "kty": ["EC"]},
        {**public_jwk(new_key()), "use": "enc"},
        {**public_jwk(new_key()), "x5u": "https://attacker.example"},
        {},
        [],
        "key",
        None,
    ],
)
async def test_no_private_weak_or_odd_key_enters(key: Any, shared_world: World, shared_database: Any) -> None:
    before = await stored(shared_database)
    found = (await post(shared_world, new(key))).refused(422, "invalid")
    assert found["errors"][0]["pointer"].startswith("/keys/0")
    answer = await shared_world.as_("security-admin", "POST", "/v1/clients/registration/keys", {"jwk": key})
    assert answer.refused(422, "invalid")["errors"][0]["pointer"].startswith("/jwk")
    assert await stored(shared_database) == before
    assert PRIVATE["d"] not in json.dumps(found)


async def test_a_registered_key_is_shown_with_its_thumbprint_and_nothing_else(shared_world: World) -> None:
    ed = json.loads(OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate().public_key()))
    body = new(public_jwk(new_key()), ed)
    shown = (await post(shared_world, body)).ok()
    assert sorted(key["jwk"]["alg"] for key in shown["keys"]) == ["ES256", "EdDSA"]
    for key in shown["keys"]:
        assert key["kid"] == key["jwk"]["kid"]
        assert set(key["jwk"]) <= {"kty", "crv", "x", "y", "kid", "alg", "use"}
    again = (await shared_world.as_("security-admin", "GET", f"/v1/clients/{body['id']}")).ok()
    assert again == shown


async def test_a_key_serves_one_system_for_ever(shared_world: World, shared_database: Any) -> None:
    key = new_key()
    first = new(public_jwk(key))
    (await post(shared_world, first)).ok()
    before = await stored(shared_database)
    (await post(shared_world, new(public_jwk(key)))).refused(409, "key-known")
    (await post(shared_world, new(public_jwk(key), public_jwk(new_key())))).refused(409, "key-known")
    twice = public_jwk(new_key())
    (await post(shared_world, new(twice, twice))).refused(409, "key-known")
    assert await stored(shared_database) == before
    one = f"/v1/clients/{first['id']}/keys"
    (await shared_world.as_("security-admin", "DELETE", f"{one}/{key.kid}")).ok()
    again = await shared_world.as_("security-admin", "POST", one, {"jwk": public_jwk(key)})
    again.refused(409, "key-known")


@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"id": "registration"}, 409, "client-known"),
        ({"org": OTHER}, 422, "invalid"),
        ({"org": CONSUMER[:-1] + "5"}, 422, "invalid"),
        ({"keys": []}, 422, "invalid"),
        ({"keys": [public_jwk(new_key()) for _ in range(6)]}, 422, "invalid"),
    ],
)
async def test_a_registration_that_cannot_be_is_refused_whole(
    changes: dict[str, Any], status: int, slug: str, shared_world: World, shared_database: Any
) -> None:
    before = await stored(shared_database)
    (await post(shared_world, new(**changes))).refused(status, slug)
    assert await stored(shared_database) == before


async def test_systems_of_other_departments_are_not_seen_but_by_administrators(shared_world: World) -> None:
    (await shared_world.as_("provider", "GET", "/v1/clients/registration")).refused(404, "no-such-client")
    own = (await shared_world.as_("requester", "GET", "/v1/clients/registration")).ok()
    assert own["org"] == CONSUMER
    listed = (await shared_world.as_("provider", "GET", "/v1/clients")).ok()["items"]
    assert {client["org"] for client in listed} <= {PROVIDER}
    for admin in ("platform-admin", "security-admin", "auditor"):
        (await shared_world.as_(admin, "GET", "/v1/clients/registration")).ok()


@pytest.mark.parametrize("kid", ["A" * 43, "x", "..", "a%2fb"])
async def test_a_key_that_is_not_there_cannot_be_revoked(kid: str, shared_world: World) -> None:
    answer = await shared_world.as_("security-admin", "DELETE", f"/v1/clients/registration/keys/{kid}")
    assert answer.status in (400, 404)


KINDS = {
    "ES256": (ec.generate_private_key(ec.SECP256R1()), ECAlgorithm),
    "ES384": (ec.generate_private_key(ec.SECP384R1()), ECAlgorithm),
    "EdDSA": (ed25519.Ed25519PrivateKey.generate(), OKPAlgorithm),
    "PS256": (rsa.generate_private_key(65537, 2048), RSAAlgorithm),
}


@pytest.mark.parametrize("algorithm", KINDS)
async def test_every_kind_of_key_proves_its_system(algorithm: str, shared_world: World) -> None:
    private, writer = KINDS[algorithm]
    public = json.loads(writer.to_jwk(private.public_key()))
    public.pop("key_ops", None)
    made = (await post(shared_world, new(public))).ok()
    key, issuer, now = made["keys"][0], shared_world.gateway.issuer, int(time.time())
    assert key["jwk"]["alg"] == algorithm
    claims = {
        "iss": made["id"],
        "sub": made["id"],
        "aud": issuer,
        "jti": uuid4().hex,
        "iat": now,
        "exp": now + 60,
    }
    head = {"typ": "client-authentication+jwt", "kid": key["kid"]}
    signed = jwt.encode(claims, private, algorithm=algorithm, headers=head)
    answer = await shared_world.ask_token("registration", "no-such-service", client_assertion=signed)
    found = answer.refused(400, "token-request-wrong")
    assert found["error"] == "invalid_target", "proved, but without a grant"
