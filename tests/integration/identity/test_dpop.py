"""Tokens bound to a key by DPoP (RFC 9449): worth nothing without it, at either endpoint, on every gateway."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from dpop import Holder
from proofs import Granted, grant_in
from world import PROVIDER, World, another, http_mount, new_key, provider_service, public_jwk, two_worlds

from gateway.identity.assertion import signed_assertion
from gateway.identity.jwk import accepted
from gateway.names import new_id

CALL = {"parameters": {"uscc": PROVIDER}}


@pytest.fixture
async def holder(granted: Granted) -> Holder:
    return Holder(granted)


async def counted(world: World, series: str) -> float:
    text = (await world.send("GET", f"{world.gateway.operations.url}/metrics")).body.decode()
    return next(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(series))


async def test_a_token_is_bound_to_the_proofs_key_and_calls_with_a_proof_by_it(holder: Holder) -> None:
    first = (await holder.ask()).refused(400, "token-proof-refused")
    assert (first["error"], first["reason"]) == ("use_dpop_nonce", "nonce")
    answer = await holder.ask()
    assert answer.ok()["token_type"] == "DPoP"
    assert answer.headers["DPoP-Nonce"]
    token = answer.body["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["cnf"] == {"jkt": accepted(public_jwk(holder.key))["kid"]}
    for _ in range(2):
        called = await holder.call(token, holder.proof(token), CALL)
        assert called.ok()["records"]
        assert called.headers["DPoP-Nonce"]


async def test_a_proof_without_the_nonce_costs_no_assertion(holder: Holder) -> None:
    world = holder.granted.world
    signed = signed_assertion("registration", world.gateway.issuer, world.keys["registration"])
    (await holder.ask(signed)).refused(400, "token-proof-refused")
    (await holder.ask(signed)).ok()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"htm": "GET"}, "method"),
        ({"htu": "http://gateway.test/oauth/token"}, "address"),
        ({"iat": 1}, "expired"),
        ({"nonce": "x" * 32}, "nonce"),
        ({"ath": "x" * 43}, "ath"),
        ({"jti": "short"}, "claims"),
    ],
)
async def test_a_wrong_proof_gets_no_token_and_the_reason_is_counted(
    changes: dict[str, Any], reason: str, holder: Holder
) -> None:
    world, series = holder.granted.world, f'gx_token_refusals_total{{reason="{reason}",token_kind="proof"}}'
    await holder.token()
    before = await counted(world, series)
    found = (await holder.ask(**changes)).refused(400, "token-proof-refused")
    assert (found["reason"], found["error_description"]) == (reason, found["detail"])
    assert await counted(world, series) == before + 1


async def test_a_proof_for_a_token_is_used_once(holder: Holder) -> None:
    await holder.token()
    jti = str(new_id())
    (await holder.ask(jti=jti)).ok()
    assert (await holder.ask(jti=jti)).refused(400, "token-proof-refused")["reason"] == "replayed"


async def test_a_bound_token_is_worth_nothing_to_who_only_holds_it(holder: Holder) -> None:
    token, world, service = await holder.token(), holder.granted.world, holder.granted.service
    assert (await world.call(token, service, CALL)).refused(401, "token-refused")["reason"] == "binding"
    thief = Holder(holder.granted, new_key(), holder.nonce)
    answer = await thief.call(token, thief.proof(token), CALL)
    assert answer.refused(401, "call-proof-refused")["reason"] == "binding"
    assert answer.headers["WWW-Authenticate"].startswith('DPoP error="invalid_token", algs="ES256')
    shown = {"Authorization": f"DPoP {token}"}
    url = f"{world.exchange}/services/{service}"
    (await world.send("POST", url, headers=shown, json=CALL)).refused(401, "unauthenticated")
    (await holder.call(token, holder.proof(token), CALL)).ok()


async def test_a_bearer_token_does_not_become_bound_by_a_proof_beside_it(holder: Holder) -> None:
    await holder.token()
    plain = await holder.granted.token()
    answer = await holder.call(plain, holder.proof(plain), CALL)
    assert answer.refused(401, "call-proof-refused")["reason"] == "binding"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"htm": "GET"}, "method"),
        ({"htu": "http://gateway.test/services/enterprise"}, "address"),
        ({"ath": None}, "ath"),
        ({"ath": "x" * 43}, "ath"),
        ({"iat": 1}, "expired"),
        ({"nonce": None}, "nonce"),
    ],
)
async def test_a_call_with_a_wrong_proof_is_refused_with_the_reason(
    changes: dict[str, Any], reason: str, holder: Holder
) -> None:
    token = await holder.token()
    answer = await holder.call(token, holder.proof(token, **changes), CALL)
    assert answer.refused(401, "call-proof-refused")["reason"] == reason
    assert "DPoP error=" in answer.headers["WWW-Authenticate"]
    (await holder.call(token, holder.proof(token), CALL)).ok()


async def test_of_ten_calls_with_one_proof_one_passes(holder: Holder) -> None:
    token = await holder.token()
    made = holder.proof(token)
    answers = await asyncio.gather(*(holder.call(token, made, CALL) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 9
    assert {answer.body["reason"] for answer in answers if answer.status == 401} == {"replayed"}


async def test_a_header_twice_is_no_request(holder: Holder) -> None:
    token, world = await holder.token(), holder.granted.world
    made = holder.proof(token)
    headers = [("Authorization", f"DPoP {token}"), ("DPoP", made), ("DPoP", made)]
    url = f"{world.exchange}/services/{holder.granted.service}"
    async with world.session.post(url, headers=headers, json=CALL) as answer:
        assert answer.status == 400


@pytest.fixture
async def bound_only(shared_world: World) -> AsyncIterator[Holder]:
    """A service whose description asks for bound tokens."""
    async with provider_service() as (base, _):
        described = another(token_binding="sender_constrained")
        resource = await shared_world.publish(described, http_mount(base))
        grant = await shared_world.granted(resource)
        yield Holder(Granted(shared_world, described["service"], grant))


async def test_a_resource_that_asks_for_bound_tokens_is_called_with_no_other(bound_only: Holder) -> None:
    world, service = bound_only.granted.world, bound_only.granted.service
    refused = (await world.ask_token("registration", service)).refused(400, "token-request-wrong")
    assert (refused["error"], "DPoP" in refused["detail"]) == ("invalid_request", True)
    token = await bound_only.token()
    (await bound_only.call(token, bound_only.proof(token), CALL)).ok()


async def test_a_bearer_token_from_before_the_resource_asked_for_more_is_refused(
    shared_world: World, shared_database: Any
) -> None:
    async with provider_service() as (base, seen):
        granted = await grant_in(shared_world, base)
        token = await granted.token()
        owner = await shared_database.owner()
        await owner.execute(
            "UPDATE catalog.resource SET version = version + 1, description = description || $2 WHERE service = $1",
            granted.service,
            '{"token_binding": "sender_constrained"}',
        )
        await owner.close()
        answer = await shared_world.call(token, granted.service, CALL)
        assert answer.refused(401, "token-refused")["reason"] == "unbound"
        assert seen == []


async def test_a_proof_used_at_one_gateway_is_refused_at_another(database: Any) -> None:
    async with provider_service() as (base, _), two_worlds(database) as (one, other):
        holder = Holder(await grant_in(one, base), base="http://gateway.test")
        token = await holder.token()
        made = holder.proof(token)
        (await holder.call(token, made, CALL)).ok()
        replayed = await holder.call(token, made, CALL, at=other)
        assert replayed.refused(401, "call-proof-refused")["reason"] == "replayed"
        (await holder.call(token, holder.proof(token), CALL, at=other)).ok()


async def test_after_a_crash_of_the_database_no_proof_from_before_is_taken(database: Any) -> None:
    """Both tables are UNLOGGED: recovery empties them together, and then a nonce from before proves nothing."""
    async with provider_service() as (base, _), two_worlds(database) as (one, _):
        holder = Holder(await grant_in(one, base), base="http://gateway.test")
        token = await holder.token()
        made, spare = holder.proof(token), holder.proof(token)
        (await holder.call(token, made, CALL)).ok()
        owner = await database.owner()
        await owner.execute("TRUNCATE identity.proof_seen, identity.proof_store")
        await owner.close()
        for old in (made, spare):
            found = (await holder.call(token, old, CALL)).refused(401, "call-proof-refused")
            assert (found["reason"], found["error"]) == ("nonce", "use_dpop_nonce")
        async with asyncio.timeout(30):
            while (await holder.call(token, holder.proof(token), CALL)).status != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        (await holder.call(token, made, CALL)).refused(401, "call-proof-refused")


async def test_the_installation_can_ask_for_bound_tokens_everywhere_but_where_the_resource_says_bearer(
    database: Any,
) -> None:
    settings = {"identity": {"token_binding": "sender_constrained"}}
    async with provider_service() as (base, _), two_worlds(database, **settings) as (world, _):
        strict = Holder(await grant_in(world, base), base="http://gateway.test")
        (await world.ask_token("registration", strict.granted.service)).refused(400, "token-request-wrong")
        token = await strict.token()
        (await strict.call(token, strict.proof(token), CALL)).ok()
        described = another(token_binding="bearer")
        await world.granted(await world.publish(described, http_mount(base)))
        plain = await world.access_token("registration", described["service"])
        (await world.call(plain, described["service"], CALL)).ok()


async def test_a_bound_token_needs_its_proof_at_the_batches_and_at_the_quota_too(holder: Holder) -> None:
    """The proof names the very address; that of the call does for no other."""
    token, world = await holder.token(), holder.granted.world
    service = f"{world.exchange}/services/{holder.granted.service}"
    order = {"rows": [{"uscc": PROVIDER}]}
    scheme = {"Authorization": f"DPoP {token}"}

    async def ordered(**changes: Any) -> Any:
        sent = {**scheme, "DPoP": holder.proof(token, **changes)}
        return await world.send("POST", f"{service}/batches", headers=sent, json=order)

    assert (await ordered()).refused(401, "call-proof-refused")["reason"] == "address"
    (await world.send("POST", f"{service}/batches", token=token, json=order)).refused(401, "token-refused")
    accepted = await ordered(htu=f"{service}/batches")
    assert accepted.status == 202
    assert accepted.headers["DPoP-Nonce"]
    (await ordered(htu=f"{service}/batches", jti=(jti := str(new_id()))))
    assert (await ordered(htu=f"{service}/batches", jti=jti)).refused(401, "call-proof-refused")[
        "reason"
    ] == "replayed"
    one = f"{world.exchange}{accepted.headers['Location']}"
    for url in (one, f"{service}/quota"):
        for htm, status in (("GET", 200), ("POST", 401)):
            sent = {**scheme, "DPoP": holder.proof(token, htu=url, htm=htm)}
            assert (await world.send("GET", url, headers=sent)).status == status
