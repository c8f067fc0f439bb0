"""The gateway's own keys: rotated without a restart, shared by all gateways, wrapped where they lie."""

import asyncio
import json
import time
from typing import Any

import jwt
import pytest
from proofs import Granted, grant_in
from waiting import until
from world import PROVIDER, World, provider_service, two_worlds

from gateway.identity import KeyRing, Tokens
from gateway.identity.jwk import accepted
from gateway.identity.keys import NoSigningKey
from gateway.identity.revocations import Revocations
from gateway.identity.store import SigningKey
from gateway.seals import Vault, WrongKey
from gateway.settings import Identity
from gateway.storage import Zone

CALL = {"parameters": {"uscc": PROVIDER}}
ROTATE = ("POST", "/v1/keys/rotate")


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


async def published(world: World) -> list[str]:
    return [key["kid"] for key in (await world.as_(None, "GET", "/.well-known/jwks.json")).ok()["keys"]]


async def test_tokens_of_the_old_key_stay_valid_and_new_ones_carry_the_new_key(granted: Granted) -> None:
    world = granted.world
    before = await granted.token()
    (await world.call(before, granted.service, CALL)).ok()
    kid = (await world.as_("security-admin", *ROTATE)).ok()["kid"]
    after = await granted.token()
    assert (kid_of(after), kid_of(before)) == (kid, (await published(world))[1])
    assert (await published(world))[0] == kid
    for token in (after, before, after):
        (await world.call(token, granted.service, CALL)).ok()
    (await world.as_("security-admin", "GET", "/v1/orgs")).ok()


async def test_another_gateway_knows_a_new_key_with_the_first_token_it_meets(database: Any) -> None:
    """Also within the half second in which it has just looked: a valid token is never refused for being new."""
    async with provider_service() as (base, _), two_worlds(database) as (one, other):
        granted = await grant_in(one, base)
        old = await granted.token()
        (await other.call(old, granted.service, CALL)).ok()
        for _ in range(3):
            kid = (await one.as_("security-admin", *ROTATE)).ok()["kid"]
            fresh = await granted.token()
            assert kid_of(fresh) == kid
            (await other.call(fresh, granted.service, CALL)).ok()
            (await other.as_("security-admin", "GET", "/v1/orgs")).ok()
        (await other.call(old, granted.service, CALL)).ok()
        assert kid in await published(other)


async def test_rotations_at_once_follow_each_other_and_leave_one_key_in_use(
    world: World, database: Any
) -> None:
    answers = await asyncio.gather(*(world.as_("security-admin", *ROTATE) for _ in range(12)))
    done = [answer.ok()["kid"] for answer in answers]
    owner = await database.owner()
    in_use = await owner.fetch("SELECT kid FROM identity.signing_key WHERE retired_at IS NULL")
    await owner.close()
    assert [row["kid"] in done for row in in_use] == [True]
    (await world.as_("auditor", "GET", "/v1/audit/head")).ok()


async def test_the_published_set_holds_public_members_only(world: World) -> None:
    (await world.as_("security-admin", *ROTATE)).ok()
    answer = await world.as_(None, "GET", "/.well-known/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    for key in answer.ok()["keys"]:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
        assert accepted(key) == key


async def test_a_private_key_lies_wrapped_and_the_exchange_zone_cannot_read_it(
    world: World, database: Any
) -> None:
    owner = await database.owner()
    rows = await owner.fetch("SELECT kid, private_wrapped FROM identity.signing_key")
    await owner.close()
    vault, wrong = Vault(database.master_key, "signing keys"), Vault(bytes(32), "signing keys")
    for row in rows:
        assert b"PRIVATE KEY" not in row["private_wrapped"]
        assert b"PRIVATE KEY" in vault.unwrap(row["private_wrapped"], row["kid"])
        with pytest.raises(WrongKey):
            wrong.unwrap(row["private_wrapped"], row["kid"])
    zone = await database.open(Zone.EXCHANGE)
    async with zone.connection() as connection:
        with pytest.raises(Exception, match="permission denied"):
            await connection.fetch("SELECT private_wrapped FROM identity.signing_key")
        assert await connection.fetch("SELECT kid FROM identity.signing_key")


async def test_a_retired_key_is_published_until_its_last_token_has_ended(world: World, database: Any) -> None:
    old = (await published(world))[0]
    (await world.as_("security-admin", *ROTATE)).ok()
    longest = 28800 + 10  # and what clocks may differ
    owner = await database.owner()
    moved = "UPDATE identity.signing_key SET retired_at = now() - make_interval(secs => $2) WHERE kid = $1"
    await owner.execute(moved, old, float(longest - 60))
    assert old in await published(world)
    await owner.execute(moved, old, float(longest + 1))
    assert old not in await published(world)
    await owner.close()


async def test_a_ring_without_vault_makes_and_signs_nothing(world: World, database: Any) -> None:
    control = await database.open(Zone.CONTROL)
    ring = KeyRing(control, 300)
    async with control.transaction() as tx:
        with pytest.raises(NoSigningKey):
            await ring.rotate(tx)
        with pytest.raises(NoSigningKey):
            await ring.signing(tx)


class Counting(KeyRing):
    """Counts its looks, and does not end one before the others have come."""

    looks = 0

    async def stored(self) -> list[SigningKey]:
        self.looks += 1
        await asyncio.sleep(0.01)
        return await super().stored()


async def test_calls_that_come_together_after_a_pause_are_all_served_by_one_look(
    world: World, database: Any
) -> None:
    ring = Counting(await database.open(Zone.CONTROL), 300)
    kid = (await published(world))[0]
    await ring.find(kid)
    ring._looked -= 1.5  # nobody called meanwhile

    async def call(place: int) -> Any:
        await asyncio.sleep(place * 0.001)
        return await ring.find(kid)

    found = await asyncio.gather(*map(call, range(8)))
    assert [key["kid"] for key in found] == [kid] * 8
    assert ring.looks == 2


async def test_made_up_kids_cost_a_look_each_half_second_at_most(world: World, database: Any) -> None:
    control = await database.open(Zone.CONTROL)
    ring = Counting(control, 300)
    known = (await published(world))[0]
    began = time.monotonic()
    found = await asyncio.gather(*(ring.find(f"{n:043}") for n in range(200)), ring.find(known))
    assert found[-1] == {**found[-1], "kid": known}
    assert found[:-1] == [None] * 200
    assert ring.looks <= 2
    assert time.monotonic() - began < 50  # a look for each would take 100
    assert json.dumps(found[-1])


async def test_what_tokens_are_judged_by_is_looked_at_again_as_long_as_tokens_come(
    world: World, database: Any
) -> None:
    """So that no call waits for a look; a gateway nobody calls asks the database nothing."""
    exchange = await database.open(Zone.EXCHANGE)
    ring, revocations = KeyRing(exchange, 300), Revocations(exchange)
    tokens = Tokens("http://gateway.test", ring, revocations, Identity())
    keeping = asyncio.ensure_future(tokens.keep_fresh())
    try:
        await asyncio.sleep(0.5)
        assert ring.fresh() is None
        assert tokens.recalled("x.y.z", "http://gateway.test/services/enterprise") is None

        async def looked() -> bool:
            return ring.fresh() is not None and revocations.fresh() is not None

        await until(looked)
    finally:
        keeping.cancel()
