"""Access tokens: for one service, for people or systems, until they expire and not a second longer."""

import asyncio
import json
from typing import Any

import jwt
import pytest
from proofs import Clock, Granted, assertion, grant_in
from world import PROVIDER, World, new_key, provider_service, running_world

from gateway.names import Login

CALL = {"parameters": {"uscc": PROVIDER}}


@pytest.fixture
async def person(shared_world: World) -> str:
    return await shared_world.token_of("requester")


async def test_a_persons_token_calls_no_service_and_a_systems_token_opens_no_desk(
    granted: Granted, person: str
) -> None:
    world, token = granted.world, await granted.token()
    (await world.call(person, granted.service, CALL)).refused(401, "token-refused")
    for method, path in (("GET", "/v1/orgs"), ("GET", "/v1/grants"), ("POST", "/v1/applications")):
        answer = await world.send(method, world.control + path, token=token)
        answer.refused(401, "token-refused")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_for_one_service_calls_no_other(granted: Granted) -> None:
    async with provider_service() as (base, seen):
        other = await grant_in(granted.world, base)
        token = await granted.token()
        (await granted.world.call(token, other.service, CALL)).refused(401, "token-refused")
        (await granted.world.call(token, "no-such-service", CALL)).refused(401, "token-refused")
        assert seen == []
        (await granted.world.call(await other.token(), other.service, CALL)).ok()


async def test_a_token_that_was_accepted_before_is_judged_anew_on_every_call(granted: Granted) -> None:
    world, token = granted.world, await granted.token()
    head, claims, signature = token.split(".")
    for _ in range(2):
        (await world.call(token, granted.service, CALL)).ok()
        (await world.call(token, "another-service", CALL)).refused(401, "token-refused")
        first = "A" if signature[0] != "A" else "B"
        (await world.call(f"{head}.{claims}.{first}{signature[1:]}", granted.service, CALL)).refused(
            401, "token-refused"
        )


async def test_a_token_falls_with_the_key_that_signed_it(world: World, database: Any) -> None:
    async with provider_service() as (base, _):
        granted = await grant_in(world, base)
        token = await granted.token()
        (await world.call(token, granted.service, CALL)).ok()
        owner = await database.owner()
        gone = "UPDATE identity.signing_key SET retired_at = now() - interval '30 days', active_from = now() - interval '60 days'"
        await owner.execute(gone)
        await owner.close()
        async with asyncio.timeout(30):
            while (answer := await world.call(token, granted.service, CALL)).status == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.5)  # the key set of the database is looked at every few seconds
        assert answer.refused(401, "token-refused")["reason"] == "key"


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})


async def test_a_token_signed_by_anybody_else_is_refused_whatever_it_says(granted: Granted) -> None:
    head, claims = parts(await granted.token())
    stranger = new_key()
    for kid in (head["kid"], stranger.kid):
        forged = jwt.encode(
            claims, stranger.private, algorithm="ES256", headers={"typ": "at+jwt", "kid": kid}
        )
        (await granted.world.call(forged, granted.service, CALL)).refused(401, "token-refused")
    for secret in (json.dumps(claims), "x" * 64):
        forged = jwt.encode(claims, secret, algorithm="HS256", headers={"typ": "at+jwt", "kid": head["kid"]})
        (await granted.world.call(forged, granted.service, CALL)).refused(401, "token-refused")
    unsigned = jwt.encode(claims, None, algorithm="none", headers={"typ": "at+jwt", "kid": head["kid"]})
    (await granted.world.call(unsigned, granted.service, CALL)).refused(401, "token-refused")


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", "Basic eDp4", "bearer x y", "Token x", "Bearer " + "x" * 9000]
)
async def test_a_request_without_a_bearer_token_is_told_how_to_bring_one(sent: str, granted: Granted) -> None:
    world, headers = granted.world, {"Authorization": sent} if sent else {}
    for url in (f"{world.control}/v1/orgs", f"{world.exchange}/services/{granted.service}"):
        answer = await world.send("GET", url, headers=headers)
        assert answer.status == 401
        assert answer.body["remedy"]
        assert answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("place", ["query", "cookie", "header"])
async def test_a_token_anywhere_but_in_authorization_is_no_token(
    place: str, granted: Granted, person: str
) -> None:
    url, headers = f"{granted.world.control}/v1/audit/head", {}
    if place == "query":
        url += f"?access_token={person}"
    else:
        headers = {"cookie": {"Cookie": f"token={person}"}, "header": {"X-Access-Token": person}}[place]
    assert (await granted.world.send("GET", url, headers=headers)).status == 401


async def test_tokens_end_with_their_second_on_the_gateways_clock(database: Any) -> None:
    clock = Clock()
    async with (
        provider_service() as (base, seen),
        running_world(
            database, now=clock, identity={"token_seconds": 10, "person_token_seconds": 60}
        ) as world,
    ):
        granted = await grant_in(world, base)
        signed = assertion(world.gateway.issuer, world.keys["registration"], clock().timestamp())
        answer = (await granted.ask(signed)).ok()
        token, person = answer["access_token"], await world.token_of("requester")
        assert answer["expires_in"] == 10
        issued = parts(token)[1]["iat"]

        clock.pass_(seconds=issued + 9 - clock().timestamp())
        (await world.call(token, granted.service, CALL)).ok()
        clock.pass_(seconds=1)
        found = (await world.call(token, granted.service, CALL)).refused(401, "token-refused")
        assert found["reason"] == "expired"
        (await world.send("GET", f"{world.control}/v1/orgs", token=person)).ok()
        clock.pass_(seconds=60)
        late = await world.send("GET", f"{world.control}/v1/orgs", token=person)
        assert late.refused(401, "token-refused")["reason"] == "expired"
        assert len(seen) == 1


async def test_assertions_are_judged_by_the_gateways_clock(database: Any) -> None:
    clock = Clock()
    async with provider_service() as (base, _), running_world(database, now=clock) as world:
        granted = await grant_in(world, base)
        issuer, key = world.gateway.issuer, world.keys["registration"]
        now = clock().timestamp()
        for offset, reason in (
            (0, None),
            (10, None),
            (11, "early"),
            (-59, None),
            (-60, "expired"),
            (-3600, "expired"),
        ):
            answer = await granted.ask(assertion(issuer, key, now + offset))
            if reason is None:
                answer.ok()
            else:
                assert answer.refused(401, "assertion-refused")["reason"] == reason
        clock.pass_(days=2)
        (await granted.ask(assertion(issuer, key, clock().timestamp()))).ok()


async def test_a_persons_token_may_be_shorter_but_never_longer_than_the_settings_say(
    shared_world: World,
) -> None:
    identity = shared_world.gateway.identity
    for asked, given in ((60, 60), (None, 28800), (43200, 28800)):
        token, expires = await identity.console_token(Login("requester"), asked)
        claims = parts(token)[1]
        assert (claims["exp"] - claims["iat"], claims["exp"]) == (given, expires)


async def test_a_token_tells_no_roles_they_are_looked_up(person: str) -> None:
    assert set(parts(person)[1]) == {"iss", "sub", "aud", "iat", "exp", "jti", "client_id"}
