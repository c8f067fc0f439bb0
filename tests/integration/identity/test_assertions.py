"""How an application system proves itself at the token endpoint (RFC 7521, 7523), and every way it does not."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from proofs import Granted, assertion, grant_in
from world import PROVIDER, World, new_key, provider_service, public_jwk, two_worlds

from gateway.identity.assertion import ClientKeyFile
from gateway.names import new_id

REFUSED = "assertion-refused"


@dataclass(frozen=True)
class Ahead:
    """So many seconds after the moment the assertion is made: cases are collected long before they run."""

    seconds: int

    def instant(self) -> int:
        return int(time.time()) + self.seconds


def proof(granted: Granted, head: dict[str, Any] | None = None, **claims: Any) -> str:
    world = granted.world
    return assertion(world.gateway.issuer, world.keys["registration"], time.time(), head, **claims)


async def test_a_proper_assertion_gets_a_token_for_its_one_grant(granted: Granted) -> None:
    answer = (await granted.ask(proof(granted))).ok()
    assert (answer["token_type"], answer["scope"], answer["grant_id"]) == (
        "Bearer",
        "data:call",
        granted.grant,
    )
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    issuer = granted.world.gateway.issuer
    assert claims["aud"] == f"{issuer}/services/{granted.service}"
    assert (claims["iss"], claims["sub"], claims["client_id"]) == (issuer, "registration", "registration")
    assert (claims["grant_id"], claims["purpose_id"]) == (granted.grant, "real-estate-registration")
    assert claims["exp"] - claims["iat"] == 300
    assert jwt.get_unverified_header(answer["access_token"]) | {"kid": ""} == {
        "alg": "ES256",
        "typ": "at+jwt",
        "kid": "",
    }


async def test_the_plain_typ_of_older_libraries_is_accepted(granted: Granted) -> None:
    (await granted.ask(proof(granted, {"typ": "JWT"}))).ok()


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": None}, "audience"),
        ({"aud": "https://other.example"}, "audience"),
        ({"aud": lambda issuer: issuer + "/"}, "audience"),
        ({"aud": lambda issuer: issuer + "/oauth/token"}, "audience"),
        ({"aud": lambda issuer: issuer[:-1]}, "audience"),
        ({"aud": lambda issuer: [issuer]}, "audience"),
        ({"aud": lambda issuer: issuer.upper()}, "audience"),
        ({"iss": "other"}, "claims"),
        ({"sub": "other"}, "claims"),
        ({"iss": None}, "claims"),
        ({"sub": None}, "claims"),
        ({"iss": "nobody", "sub": "nobody"}, "signature"),
        ({"iss": "platform-admin", "sub": "platform-admin"}, "signature"),
        ({"iss": "a\u0000b", "sub": "a\u0000b"}, "claims"),
        ({"iss": "x' OR 'a'='a", "sub": "x' OR 'a'='a"}, "claims"),
        ({"jti": None}, "claims"),
        ({"jti": "short"}, "claims"),
        ({"jti": "j" * 129}, "claims"),
        ({"jti": "with\u0000null"}, "claims"),
        ({"jti": "部门部门部门部门"}, "claims"),
        ({"nbf": Ahead(0)}, "claims"),
        ({"scope": "data:call"}, "claims"),
        ({"admin": True}, "claims"),
        ({"exp": Ahead(1000)}, "lifetime"),
        ({"exp": Ahead(-60)}, "expired"),
        ({"iat": Ahead(1000), "exp": Ahead(1010)}, "early"),
        ({"exp": None}, "times"),
    ],
)  # fmt: skip
async def test_an_assertion_with_a_wrong_claim_is_refused_with_the_reason(
    claims: dict[str, Any], reason: str, granted: Granted
) -> None:
    issuer = granted.world.gateway.issuer
    made = {
        name: value.instant() if isinstance(value, Ahead) else value(issuer) if callable(value) else value
        for name, value in claims.items()
    }
    found = (await granted.ask(proof(granted, **made))).refused(401, REFUSED)
    assert (found["error"], found["reason"]) == ("invalid_client", reason)


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ({"typ": "at+jwt"}, "type"),
        ({"typ": "dpop+jwt"}, "type"),
        ({"kid": "A" * 43}, "signature"),
        ({"kid": "../../key"}, "header"),
        ({"jwk": {"kty": "EC"}}, "header"),
        ({"x5u": "https://attacker.example"}, "header"),
    ],
)
async def test_an_assertion_with_a_wrong_header_is_refused_with_the_reason(
    head: dict[str, Any], reason: str, granted: Granted
) -> None:
    found = (await granted.ask(proof(granted, head))).refused(401, REFUSED)
    assert found["reason"] == reason


async def test_an_unknown_system_and_a_wrong_key_read_alike(granted: Granted) -> None:
    """Who asks learns nothing about which systems there are (ASVS 5.0 6.3.8)."""
    issuer, known = granted.world.gateway.issuer, granted.world.keys["registration"]
    forged = ClientKeyFile(new_key().private, known.kid)
    wrong_key = (await granted.ask(assertion(issuer, forged, time.time()))).refused(401, REFUSED)
    unknown = (await granted.ask(proof(granted, iss="nobody", sub="nobody"))).refused(401, REFUSED)
    unregistered = (await granted.ask(assertion(issuer, new_key(), time.time()))).refused(401, REFUSED)
    for other in (unknown, unregistered):
        assert {**other, "instance": ""} == {**wrong_key, "instance": ""}


async def test_an_access_token_is_no_assertion_and_an_assertion_no_access_token(granted: Granted) -> None:
    token = await granted.token()
    (await granted.ask(token)).refused(401, REFUSED)
    (await granted.world.call(proof(granted), granted.service)).refused(401, "token-refused")
    answer = await granted.world.send("GET", f"{granted.world.control}/v1/orgs", token=proof(granted))
    answer.refused(401, "token-refused")


async def test_an_assertion_is_used_once_and_a_failed_use_counts(granted: Granted) -> None:
    once = proof(granted)
    (await granted.ask(once)).ok()
    found = (await granted.ask(once)).refused(401, REFUSED)
    assert found["reason"] == "replayed"
    wasted = proof(granted)
    wrong = await granted.world.ask_token("registration", "no-such-service", client_assertion=wasted)
    wrong.refused(400, "token-request-wrong")
    (await granted.ask(wasted)).refused(401, REFUSED)


async def test_the_same_jti_under_a_new_signature_is_a_replay(granted: Granted) -> None:
    jti = str(new_id())
    (await granted.ask(proof(granted, jti=jti))).ok()
    assert (await granted.ask(proof(granted, jti=jti))).refused(401, REFUSED)["reason"] == "replayed"


async def test_of_ten_uses_at_once_one_gets_a_token(granted: Granted) -> None:
    once = proof(granted)
    answers = await asyncio.gather(*(granted.ask(once) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [401] * 9


async def test_an_assertion_used_at_one_gateway_is_refused_at_another_on_the_same_database(
    database: Any,
) -> None:
    async with provider_service() as (base, _), two_worlds(database) as (one, other):
        granted = await grant_in(one, base)
        once = proof(granted)
        (await granted.ask(once, at=one)).ok()
        assert (await granted.ask(once, at=other)).refused(401, REFUSED)["reason"] == "replayed"
        (await granted.ask(proof(granted), at=other)).ok()


async def registered(world: World, name: str) -> str:
    """A system of the provider's department with one key."""
    await world.client(name, PROVIDER)
    return name


async def test_a_revoked_key_ends_at_once_and_another_key_of_the_system_goes_on(granted: Granted) -> None:
    world, issuer = granted.world, granted.world.gateway.issuer
    second = new_key()
    added = await world.as_(
        "security-admin", "POST", "/v1/clients/registration/keys", {"jwk": public_jwk(second)}
    )
    assert len(added.ok()["keys"]) >= 2
    (await granted.ask(assertion(issuer, second, time.time()))).ok()
    one = f"/v1/clients/registration/keys/{second.kid}"
    (await world.as_("security-admin", "DELETE", one)).ok()
    found = (await granted.ask(assertion(issuer, second, time.time()))).refused(401, REFUSED)
    assert found["reason"] == "signature"
    (await world.as_("security-admin", "DELETE", one)).refused(404, "no-such-key")
    (await granted.ask(proof(granted))).ok()


async def test_a_disabled_system_gets_no_token_and_its_tokens_end(database: Any) -> None:
    async with provider_service() as (base, seen), two_worlds(database) as (world, _):
        granted = await grant_in(world, base)
        token, call = await granted.token(), {"parameters": {"uscc": PROVIDER}}
        (await world.call(token, granted.service, call)).ok()
        (await world.as_("security-admin", "POST", "/v1/clients/registration/disable")).ok()
        assert (await granted.ask(proof(granted))).refused(401, REFUSED)["reason"] == "signature"
        (await world.call(token, granted.service, call)).refused(403, "client-disabled")
        again = await world.as_("security-admin", "POST", "/v1/clients/registration/disable")
        again.refused(409, "already-disabled")
        assert len(seen) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "urn:other"}, "invalid_request"),
        ({"resource": "https://other.example/services/x"}, "invalid_target"),
        ({"resource": lambda world: f"{world.gateway.issuer}/v1"}, "invalid_target"),
        ({"resource": lambda world: f"{world.gateway.issuer}/services/not-granted"}, "invalid_target"),
        ({"grant_id": "no-uuid"}, "invalid_request"),
        ({"grant_id": "01a1fd8c-9b7d-7425-883d-959a9e27c23f"}, "invalid_target"),
        ({"client_id": "other"}, "invalid_request"),
        ({"scope": "data:call admin"}, "invalid_scope"),
    ],
)
async def test_a_wrong_token_request_names_the_oauth_error(
    changes: dict[str, Any], error: str, granted: Granted
) -> None:
    sent = {name: value(granted.world) if callable(value) else value for name, value in changes.items()}
    answer = await granted.world.ask_token("registration", granted.service, **sent)
    found = answer.refused(400, "token-request-wrong")
    assert (found["error"], bool(found["error_description"])) == (error, True)
    assert "access_token" not in found


async def test_unknown_form_parameters_are_ignored_and_grant_no_more(granted: Granted) -> None:
    plain = (await granted.world.ask_token("registration", granted.service)).ok()
    more = await granted.world.ask_token(
        "registration", granted.service, admin="true", sub="platform-admin", fields="*"
    )
    same = ("token_type", "expires_in", "scope", "grant_id")
    assert {name: more.ok()[name] for name in same} == {name: plain[name] for name in same}


async def test_an_assertion_may_name_the_purpose_and_a_digest_of_its_own_evidence(granted: Granted) -> None:
    digest = {"alg": "SHA256", "value": "0123456789abcdef" * 4}
    right = proof(granted, purpose_id="real-estate-registration", digest=digest)
    claims = jwt.decode((await granted.ask(right)).ok()["access_token"], options={"verify_signature": False})
    assert (claims["digest"], claims["proved_by"]) == (digest, granted.world.keys["registration"].kid)
    assert claims["authorization_details"][0]["fields"] == ["uscc", "name"]
    events = await granted.world.audit(type="token.issued", grant_id=granted.grant)
    assert [event["detail"] for event in events if event["object"]["id"] == claims["jti"]] == [
        {"digest": digest}
    ]
    other = (await granted.ask(proof(granted, purpose_id="another"))).refused(400, "token-request-wrong")
    assert other["error"] == "invalid_target"
    for wrong in (
        "0" * 64,
        {"alg": "MD5", "value": "0" * 64},
        {"alg": "SM3", "value": "0" * 63},
        {"alg": "SM3"},
        {},
    ):
        found = (await granted.ask(proof(granted, digest=wrong))).refused(401, REFUSED)
        assert found["reason"] == "claims", wrong
    (await granted.ask(proof(granted, digest={"alg": "SM3", "value": "a" * 64}))).ok()


async def test_what_a_token_allows_is_the_grants_to_say(granted: Granted) -> None:
    answer = await granted.world.ask_token(
        "registration", granted.service, authorization_details='[{"type": "data_call", "fields": ["uscc"]}]'
    )
    assert answer.refused(400, "token-request-wrong")["error"] == "invalid_authorization_details"
