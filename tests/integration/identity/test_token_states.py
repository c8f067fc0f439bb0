"""Revocation and introspection by systems; what security administrators take back; announced keys and metadata."""

import asyncio
from typing import Any

import jwt
import pytest
from dpop import Holder
from proofs import Granted
from world import OTHER, PROVIDER, Answer, World

from gateway.identity.assertion import signed_assertion
from gateway.names import new_id

CALL = {"parameters": {"uscc": PROVIDER}}
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


async def asked(world: World, what: str, client: str, token: str | None, **more: str) -> Answer:
    """A request to the revocation or the introspection endpoint."""
    form = {
        "client_assertion_type": TYPE,
        "client_assertion": signed_assertion(client, world.gateway.issuer, world.keys[client]),
        **({"token": token} if token is not None else {}),
        **more,
    }
    return await world.send("POST", f"{world.control}/oauth/{what}", data=form)


async def system_of(world: World, org: str) -> str:
    """A further system of a department."""
    name = f"s{new_id().hex[:12]}"
    await world.client(name, org)
    return name


async def refused_within_a_second(granted: Granted, token: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while (answer := await granted.world.call(token, granted.service, CALL)).status == 200:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    found: dict[str, Any] = answer.refused(401, "token-refused")
    return found


async def test_a_system_revokes_its_own_token_and_the_answer_never_says_what_happened(
    granted: Granted,
) -> None:
    world, token, spare = granted.world, await granted.token(), await granted.token()
    (await world.call(token, granted.service, CALL)).ok()
    for _ in range(2):
        assert (
            await asked(world, "revoke", "registration", token, token_type_hint="access_token")
        ).ok() == {}
    assert (await refused_within_a_second(granted, token))["reason"] == "revoked"
    (await world.call(spare, granted.service, CALL)).ok()
    for nothing in ("a.b.c", "x", await world.token_of("requester")):
        assert (await asked(world, "revoke", "registration", nothing)).ok() == {}
    assert (await asked(world, "introspect", "registration", token)).ok() == {"active": False}
    token_id = jwt.decode(token, options={"verify_signature": False})["jti"]
    events = await world.audit(type="token.revoked")
    assert [event["who"]["id"] for event in events if event["object"]["id"] == token_id] == ["registration"]


async def test_nobody_revokes_the_token_of_another_system(granted: Granted) -> None:
    world, token = granted.world, await granted.token()
    same_department = await system_of(world, "11621000MB00000024")
    for client in (same_department, await system_of(world, PROVIDER)):
        assert (await asked(world, "revoke", client, token)).ok() == {}
    assert (await asked(world, "introspect", "registration", token)).ok()["active"]
    (await world.call(token, granted.service, CALL)).ok()


@pytest.mark.parametrize("what", ["revoke", "introspect"])
async def test_who_does_not_prove_itself_is_told_nothing(what: str, granted: Granted) -> None:
    world, token = granted.world, await granted.token()
    url = f"{world.control}/oauth/{what}"
    (await world.send("POST", url, data={"token": token})).refused(400, "token-request-wrong")
    for assertion in ("x", token):
        form = {"token": token, "client_assertion_type": TYPE, "client_assertion": assertion}
        found = (await world.send("POST", url, data=form)).refused(401, "assertion-refused")
        assert found["error"] == "invalid_client"
    (await asked(world, what, "registration", None)).refused(400, "token-request-wrong")
    (await asked(world, what, "registration", token, client_id="other")).refused(400, "token-request-wrong")
    (await world.call(token, granted.service, CALL)).ok()


async def test_both_parties_see_what_a_token_says_and_nobody_else(granted: Granted) -> None:
    world, token = granted.world, await granted.token()
    if "other" not in world.keys:
        await world.org(OTHER, "民政局")
        await world.client("other", OTHER)
    provider = await system_of(world, PROVIDER)
    for client in ("registration", provider):
        said = (await asked(world, "introspect", client, token)).ok()
        assert (said["active"], said["token_type"], said["client_id"]) == (True, "Bearer", "registration")
        assert (said["grant_id"], said["purpose_id"]) == (granted.grant, "real-estate-registration")
        detail = said["authorization_details"][0]
        assert (detail["type"], detail["fields"]) == ("data_call", ["uscc", "name"])
    assert (await asked(world, "introspect", "other", token)).ok() == {"active": False}


@pytest.mark.parametrize("case", ["nothing", "forged", "assertion", "person"])
async def test_whatever_is_no_token_in_force_is_inactive_without_a_reason(
    case: str, granted: Granted
) -> None:
    world, token = granted.world, await granted.token()
    text = {
        "nothing": "x",
        "forged": token[:-8] + "AAAAAAAA",
        "assertion": signed_assertion("registration", world.gateway.issuer, world.keys["registration"]),
        "person": await world.token_of("requester"),
    }[case]
    assert (await asked(world, "introspect", "registration", text)).ok() == {"active": False}


async def test_a_bound_token_shows_its_binding_and_a_suspended_grant_makes_it_inactive(
    granted: Granted,
) -> None:
    world, holder = granted.world, Holder(granted)
    token = await holder.token()
    said = (await asked(world, "introspect", "registration", token)).ok()
    assert (said["token_type"], said["cnf"]) == ("DPoP", {"jkt": holder.key.kid})
    ended = {"because": "purpose_met", "reason": "业务办结"}
    (await world.as_("requester", "POST", f"/v1/grants/{granted.grant}/end", ended)).ok()
    assert (await asked(world, "introspect", "registration", token)).ok() == {"active": False}


async def test_a_security_administrator_takes_back_one_token_by_its_id(granted: Granted) -> None:
    world, token, spare = granted.world, await granted.token(), await granted.token()
    token_id = jwt.decode(token, options={"verify_signature": False})["jti"]
    (await world.as_("security-admin", "POST", f"/v1/tokens/{token_id}/revoke")).ok()
    assert (await refused_within_a_second(granted, token))["reason"] == "revoked"
    (await world.call(spare, granted.service, CALL)).ok()


async def test_a_system_signed_out_gets_new_tokens_and_its_old_ones_are_refused(granted: Granted) -> None:
    world, token = granted.world, await granted.token()
    (await world.as_("security-admin", "POST", "/v1/clients/registration/sign-out")).ok()
    assert (await refused_within_a_second(granted, token))["reason"] == "revoked"
    async with asyncio.timeout(30):
        while (await world.call(await granted.token(), granted.service, CALL)).status != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # the second of the sign-out counts as before it
    (await world.call(token, granted.service, CALL)).refused(401, "token-refused")


async def test_the_metadata_name_every_endpoint_and_each_answers(shared_world: World) -> None:
    world = shared_world
    said = (await world.as_(None, "GET", "/.well-known/oauth-authorization-server")).ok()
    for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        assert (await world.send("POST", said[name], data={})).status == 400
    assert (await world.send("GET", said["jwks_uri"])).ok()["keys"]
    assert "ES256" in said["dpop_signing_alg_values_supported"]
    for kind in ("token", "revocation", "introspection"):
        assert said[f"{kind}_endpoint_auth_methods_supported"] == ["private_key_jwt"]


async def keys(world: World) -> list[tuple[str, str]]:
    listed = (await world.as_("auditor", "GET", "/v1/keys")).ok()["keys"]
    published = (await world.as_(None, "GET", "/.well-known/jwks.json")).ok()["keys"]
    assert [key["kid"] for key in listed] == [key["kid"] for key in published]
    return [(key["kid"], key["state"]) for key in listed]


ANNOUNCE, ROTATE = ("POST", "/v1/keys/announce"), ("POST", "/v1/keys/rotate")


async def test_an_announced_key_is_published_and_signs_when_its_time_has_come(
    world: World, database: Any
) -> None:
    [(old, _)] = await keys(world)
    announced = (await world.as_("security-admin", *ANNOUNCE, {})).ok()
    assert announced["state"] == "announced"
    (await world.as_("security-admin", *ANNOUNCE, {})).refused(409, "key-announced")
    assert await keys(world) == [(old, "current"), (announced["kid"], "announced")]
    owner = await database.owner()
    ahead = await owner.fetchval(
        "SELECT extract(epoch FROM active_from - now()) FROM identity.signing_key WHERE kid = $1",
        announced["kid"],
    )
    assert 86000 < ahead <= 86400
    moved = "UPDATE identity.signing_key SET {} = now() - interval '1 second' WHERE kid = $1"
    await owner.execute(moved.format("active_from"), announced["kid"])
    await owner.execute(moved.format("retired_at"), old)
    await owner.close()
    assert await keys(world) == [(announced["kid"], "current"), (old, "retired")]
    async with asyncio.timeout(30):
        while (await signer(world)) != announced["kid"]:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def signer(world: World) -> str:
    world.tokens.pop("provider", None)
    return str(jwt.get_unverified_header(await world.token_of("provider"))["kid"])


async def test_a_rotation_at_once_takes_the_announced_key(world: World) -> None:
    [(old, _)] = await keys(world)
    announced = (await world.as_("security-admin", *ANNOUNCE, {"notice_seconds": 3600})).ok()["kid"]
    assert (await world.as_("security-admin", *ROTATE)).ok()["kid"] == announced
    assert await keys(world) == [(announced, "current"), (old, "retired")]
    assert await signer(world) == announced


async def test_a_revoked_announced_key_leaves_the_current_one_signing(world: World, database: Any) -> None:
    [(old, _)] = await keys(world)
    announced = (await world.as_("security-admin", *ANNOUNCE, {})).ok()["kid"]
    assert (await world.as_("security-admin", "POST", f"/v1/keys/{announced}/revoke")).ok() == {
        "kid": announced
    }
    assert await keys(world) == [(old, "current")]
    owner = await database.owner()
    assert await owner.fetchval("SELECT retired_at FROM identity.signing_key WHERE kid = $1", old) is None
    await owner.close()
    (await world.as_("security-admin", "POST", f"/v1/keys/{announced}/revoke")).refused(
        404, "no-such-signing-key"
    )


async def test_the_announced_key_takes_over_from_a_revoked_one(world: World) -> None:
    [(old, _)] = await keys(world)
    announced = (await world.as_("security-admin", *ANNOUNCE, {})).ok()["kid"]
    said = (await world.as_("security-admin", "POST", f"/v1/keys/{old}/revoke")).ok()
    assert said == {"kid": old, "successor": announced}
    world.tokens.clear()
    assert await keys(world) == [(announced, "current")]
    assert await signer(world) == announced
