"""What one process takes back, every other refuses two seconds later, whatever became of their connections meanwhile.

No process waits for a message: each answers only by a list younger than a second. So there is nothing to lose, and when
all connections to the database are cut, the next answer waits for a new one.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
from processes import ISSUER, serving
from world import CONSUMER, PROVIDER, Answer, World, another, http_mount, provider_service, running_world

from gateway.identity.assertion import signed_assertion

CALL = {"parameters": {"uscc": PROVIDER}}
SYSTEMS = ("by-key", "by-system", "by-grant", "by-token", "by-sign-out")


@dataclass
class Shared:
    """A service granted to five systems, and a token of each."""

    world: World
    service: str
    grants: dict[str, str]
    tokens: dict[str, str]


async def set_up(world: World, base: str) -> Shared:
    described = another()
    resource = await world.publish(described, http_mount(base))
    made = Shared(world, described["service"], {}, {})
    for name in SYSTEMS:
        await world.client(name, CONSUMER)
        made.grants[name] = await world.granted(resource, client=name)
        made.tokens[name] = await world.access_token(name, made.service)
    return made


async def answered(world: World, token: str, service: str) -> Answer:
    """The answer to a call, once the process has its connections again."""
    async with asyncio.timeout(20):
        while (answer := await world.call(token, service, CALL)).status == 503:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return answer


async def take_back(at: World, shared: Shared) -> None:
    """One act of every kind, all at one process."""
    kid = at.keys["by-key"].kid
    (await at.as_("security-admin", "DELETE", f"/v1/clients/by-key/keys/{kid}")).ok()
    (await at.as_("security-admin", "POST", "/v1/clients/by-system/disable")).ok()
    revoke = f"/v1/grants/{shared.grants['by-grant']}/revoke"
    (await at.as_("security-admin", "POST", revoke, {"reason": "超范围使用"})).ok()
    form = {
        "token": shared.tokens["by-token"],
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": signed_assertion("by-token", ISSUER, at.keys["by-token"]),
    }
    (await at.send("POST", f"{at.control}/oauth/revoke", data=form)).ok()
    (await at.as_("security-admin", "POST", "/v1/clients/by-sign-out/sign-out")).ok()
    (await at.as_("security-admin", "POST", "/v1/people/requester/disable")).ok()


WORDS = {
    "by-key": (401, "revoked"),
    "by-system": (403, "client-disabled"),
    "by-grant": (403, "grant-revoked"),
    "by-token": (401, "revoked"),
    "by-sign-out": (401, "revoked"),
}


async def cut_all_connections(database: Any) -> None:
    owner = await database.owner()
    await owner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
        database.name,
    )
    await owner.close()


async def test_what_one_process_takes_back_another_refuses_two_seconds_later_though_its_connections_were_cut(
    database: Any, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        base, _ = await stack.enter_async_context(provider_service())
        async with running_world(database, platform={"base_url": ISSUER}) as world:
            shared = await set_up(world, base)
            for login in ("requester", "auditor", "security-admin"):
                await world.token_of(login)
            gateways = [
                await stack.enter_async_context(serving(database, tmp_path / name))
                for name in ("one", "other")
            ]
            session = await stack.enter_async_context(aiohttp.ClientSession())
            one, other = (replace(world, gateway=each, session=session) for each in gateways)
            for token in shared.tokens.values():
                (await other.call(token, shared.service, CALL)).ok()
            (await other.as_("requester", "GET", "/v1/grants")).ok()
            await take_back(one, shared)
            fresh = await world.access_token("by-sign-out", shared.service)
        # the gateway of the set-up is gone, so that its connections are not cut, too
        await cut_all_connections(database)
        await asyncio.sleep(2)
        for name, token in shared.tokens.items():
            answer = await answered(other, token, shared.service)
            word = answer.body.get("reason") or answer.body["type"].rpartition("/")[2]
            assert (name, answer.status, word) == (name, *WORDS[name])
        assert (await other.as_("requester", "GET", "/v1/grants")).status == 401
        assert (await answered(other, fresh, shared.service)).status in (
            200,
            401,
        )  # of the second of the sign-out
        await a_revoked_signing_key(one, other, shared)


async def a_revoked_signing_key(one: World, other: World, shared: Shared) -> None:
    """Struck off at one process, with everything it signed: also the tokens of people."""
    signed = await one.access_token("by-sign-out", shared.service)
    (await other.call(signed, shared.service, CALL)).ok()
    (await other.as_("auditor", "GET", "/v1/keys")).ok()
    kid = (await one.as_(None, "GET", "/.well-known/jwks.json")).ok()["keys"][0]["kid"]
    (await one.as_("security-admin", "POST", f"/v1/keys/{kid}/revoke")).ok()
    await asyncio.sleep(2)
    found = (await other.call(signed, shared.service, CALL)).refused(401, "token-refused")
    assert found["reason"] == "key"
    assert (await other.as_("auditor", "GET", "/v1/keys")).status == 401
    published = (await other.as_(None, "GET", "/.well-known/jwks.json")).ok()["keys"]
    assert kid not in {key["kid"] for key in published}
    renewed = await other.access_token("by-sign-out", shared.service)
    (await one.call(renewed, shared.service, CALL)).ok()
