"""The token debugger says what the issuer says, of everything that can be made up, and uses nothing up.

``TOKEN_EXAMPLES=100000`` tries as many of each kind, other ones each time.
"""

import base64
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import jwt
import pytest
from aiohttp.web import BaseRequest
from cryptography.hazmat.primitives.asymmetric import ec
from dpop import Holder, proof
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proofs import Granted
from world import PROVIDER, World, new_key, public_jwk

from gateway.errors import GatewayError
from gateway.exchange.callers import Callers
from gateway.exchange.reading import Head
from gateway.identity import Role
from gateway.identity.assertion import ClientKeyFile, signed_assertion
from gateway.identity.certificates import ClientCertificates
from gateway.identity.debugging import Debugger
from gateway.identity.making import Passes, make_passes
from gateway.identity.proof import hash_of
from gateway.names import new_id
from gateway.settings import Identity, Web
from gateway.storage import Database, Zone
from gateway.telemetry import Metrics
from gateway.web import Principal
from gateway.web.api import Credentials

CALLS = "http://calls.test"
SERVICE = "enterprise"
ADMIN = Principal("person", "security-admin", "", frozenset({Role.SECURITY_ADMIN}), "", "token")
NO_CONNECTION = cast(BaseRequest, None)
"""Looked at for tokens bound to a certificate only, which none here is."""


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signed(private: Any, header: Any, payload: Any) -> str:
    """A token whose signature verifies, whatever its parts hold."""
    text = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(payload).encode())}"
    return f"{text}.{b64(jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(text.encode(), private))}"


@dataclass
class Bench:
    """The issuer and the debugger over one database, on a clock that stands still."""

    issuer: str
    now: int
    database: Database
    passes: Passes
    debugger: Debugger
    callers: Callers
    client: ClientKeyFile
    kid: str
    private: Any

    def claims(self, kind: str) -> dict[str, Any]:
        """What is right to say."""
        now = self.now
        return {
            "assertion": {"iss": "registration", "sub": "registration", "aud": self.issuer, "exp": now + 60},
            "access": {
                "iss": self.issuer, "sub": "registration", "aud": f"{self.issuer}/services/{SERVICE}", "exp": now + 60,
                "proved_by": self.client.kid,
            },
            "proof": {"htm": "POST", "htu": f"{self.issuer}/oauth/token", "nonce": self.passes.proofs.nonces.fresh()},
        }[kind] | {"iat": now, "jti": str(new_id())}  # fmt: skip

    def header(self, kind: str) -> dict[str, Any]:
        """The right header."""
        typ = {"assertion": "client-authentication+jwt", "access": "at+jwt", "proof": "dpop+jwt"}[kind]
        named = (
            {"jwk": public_jwk(self.client)}
            if kind == "proof"
            else {"kid": self.kid if kind == "access" else self.client.kid}
        )
        return {"alg": "ES256", "typ": typ, **named}

    def key(self, kind: str) -> Any:
        return self.private if kind == "access" else self.client.private

    async def explained(self, kind: str, text: str) -> str:
        """The debugger's reason."""
        match kind:
            case "assertion":
                found = await self.debugger.assertion(ADMIN, text)
            case "access":
                found = await self.debugger.access(text, SERVICE)
            case _:
                found = await self.debugger.proof(text, "POST")
        return found.reason or ""

    async def issued(self, kind: str, text: str) -> str:
        """The issuer's reason, nothing if it accepts; what it accepts is used up."""
        try:
            match kind:
                case "assertion":
                    async with self.database.connection() as connection:
                        await self.passes.tokens.prove_client(connection, text)
                case "access":
                    await self.callers.identify(Head(SERVICE, Credentials(text), "POST", None), NO_CONNECTION)
                case _:
                    proof = self.passes.proofs.read(text, "POST", f"{self.issuer}/oauth/token")
                    async with self.database.connection() as connection:
                        await self.passes.proofs.use(connection, proof)
        except GatewayError as fault:
            return str(fault.extra["reason"])
        return ""


@pytest.fixture(scope="module")
async def bench(shared_world: World, shared_database: Any) -> Bench:
    issuer, now = shared_world.gateway.issuer, int(time.time())
    database = await shared_database.open(Zone.CONTROL)
    passes = make_passes(database, issuer, Identity(), shared_database.master_key, lambda: now, signs=True)
    async with database.transaction() as tx:
        kid, private = await passes.tokens.keys.signing(tx)
    callers = Callers(database, passes, CALLS, Identity(), Web(), Metrics())
    debugger = Debugger(database, passes, cast(ClientCertificates, None), CALLS)  # no key here came with one
    return Bench(
        issuer, now, database, passes, debugger, callers, shared_world.keys["registration"], kid, private
    )


STRANGER = ec.generate_private_key(ec.SECP256R1())
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=3,
)
HEADS = st.dictionaries(
    st.sampled_from(["alg", "typ", "kid", "jwk", "jku", "x5u", "x5c", "crit", "zip", "b64", "cty"]),
    JUNK
    | st.sampled_from(["ES256", "ES384", "PS256", "none", "HS256", "at+jwt", "JWT", "dpop+jwt", "A" * 43]),
    max_size=2,
)
SHIFTS = st.sampled_from(
    [-3600, -301, -300, -61, -60, -11, -10, -1, 0, 1, 9, 10, 11, 60, 299, 300, 301, 601, 3600]
)
CLAIMS = st.dictionaries(
    st.sampled_from(
        ["iss", "sub", "aud", "jti", "htm", "htu", "ath", "nonce", "purpose_id", "digest", "scope", "cnf", "admin"]
    ),
    JUNK | st.sampled_from(["registration", "nobody", "POST", "GET", {"jkt": "A" * 43}, {"alg": "SHA256", "value": "0" * 64}]),
    max_size=2,
)  # fmt: skip
TIMES = st.dictionaries(st.sampled_from(["iat", "exp", "nbf"]), SHIFTS, max_size=2)
DROPPED = st.sets(
    st.sampled_from(
        ["alg", "typ", "kid", "jwk", "iss", "sub", "aud", "jti", "exp", "iat", "htm", "htu", "nonce"]
    ),
    max_size=1,
)
SPOILT = st.none() | st.tuples(st.floats(0, 0.999), st.sampled_from(["", "A", "=", ".", "\n", "é", "{}"]))


@pytest.fixture
def seen() -> Iterator[set[str]]:
    """Collects what was said of all examples; at the end it is every word an issuer can say of these."""
    words: set[str] = set()
    yield words
    assert words >= {
        "", "malformed", "header", "type", "algorithm", "claims", "expired", "replayed", "signature",
    }  # fmt: skip


@settings(
    max_examples=int(os.environ.get("TOKEN_EXAMPLES", "250")),
    derandomize="TOKEN_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
@given(
    kind=st.sampled_from(["assertion", "access", "proof"]), head=HEADS, claims=CLAIMS, times=TIMES, dropped=DROPPED,
    spoilt=SPOILT, stranger=st.integers(0, 9).map(lambda n: n == 0),
)  # fmt: skip
async def test_debugger_and_issuer_agree(
    kind: str,
    head: dict[str, Any],
    claims: dict[str, Any],
    times: dict[str, int],
    dropped: set[str],
    spoilt: tuple[float, str] | None,
    stranger: bool,
    bench: Bench,
    seen: set[str],
) -> None:
    header = bench.header(kind) | head
    payload = bench.claims(kind) | claims | {name: bench.now + shift for name, shift in times.items()}
    for name in dropped:
        header.pop(name, None)
        payload.pop(name, None)
    text = signed(STRANGER if stranger else bench.key(kind), header, payload)
    if spoilt is not None:
        at = int(len(text) * spoilt[0])
        text = text[:at] + spoilt[1] + text[at + 1 :]
    for _ in range(2):  # what was accepted the first time is a replay the second time
        explained = await bench.explained(kind, text)
        assert await bench.issued(kind, text) == explained
        seen.add(explained)


@pytest.mark.parametrize("kind", ["assertion", "access", "proof"])
async def test_a_header_without_one_of_its_members_is_explained_as_it_is_refused(
    kind: str, bench: Bench
) -> None:
    for name in bench.header(kind):
        header = bench.header(kind)
        del header[name]
        text = signed(bench.key(kind), header, bench.claims(kind))
        reason = await bench.issued(kind, text)
        assert reason
        assert await bench.explained(kind, text) == reason


async def checked(world: World, login: str, **body: Any) -> Any:
    return (await world.as_(login, "POST", "/v1/token/check", body)).ok()


def rules(found: Any) -> dict[str, str]:
    return {rule["rule"]: rule["result"] for rule in found["rules"]}


async def test_an_assertion_is_explained_to_its_department_and_stays_unused(granted: Granted) -> None:
    world = granted.world
    text = signed_assertion("registration", world.gateway.issuer, world.keys["registration"])
    for _ in range(2):
        found = await checked(world, "requester", kind="assertion", token=text)
        assert (found["verdict"], set(rules(found).values())) == ("valid", {"pass"})
    (await granted.ask(text)).ok()
    found = await checked(world, "requester", kind="assertion", token=text)
    assert (found["verdict"], found["reason"], rules(found)["replay"]) == ("invalid", "replayed", "fail")
    wrong = signed_assertion("registration", world.gateway.issuer + "/", world.keys["registration"])
    found = await checked(world, "requester", kind="assertion", token=wrong)
    assert (found["reason"], rules(found)["audience"], rules(found)["signature"]) == (
        "audience",
        "fail",
        "pass",
    )


async def test_nobody_learns_of_another_departments_systems(granted: Granted) -> None:
    world = granted.world
    real = signed_assertion("registration", world.gateway.issuer, world.keys["registration"])
    unknown = signed_assertion("nobody", world.gateway.issuer, new_key())
    shown = [await checked(world, "provider", kind="assertion", token=text) for text in (real, unknown)]
    assert [one["reason"] for one in shown] == ["signature", "signature"]
    assert shown[0]["rules"] == shown[1]["rules"]


async def test_a_call_is_explained_with_the_proof_beside_its_token(granted: Granted, bench: Bench) -> None:
    world, holder = granted.world, Holder(granted)
    token = await holder.token()
    plain = await checked(world, "requester", kind="access", token=token, service=granted.service)
    assert (plain["reason"], rules(plain)["binding"]) == ("binding", "fail")
    made = holder.proof(token)
    asked = {"kind": "access", "token": token, "service": granted.service, "proof": made}
    for _ in range(2):
        assert (await checked(world, "requester", **asked))["verdict"] == "valid"
    alone = {"kind": "proof", "token": made, "service": granted.service, "access_token": token}
    assert (await checked(world, "requester", **alone))["verdict"] == "valid"
    (await holder.call(token, made, {"parameters": {"uscc": PROVIDER}})).ok()
    assert (await checked(world, "requester", **asked))["reason"] == "replayed"
    assert (await checked(world, "requester", **alone))["reason"] == "replayed"
    other = proof(
        holder.key, "POST", f"{world.exchange}/services/other", nonce=holder.nonce, ath=hash_of(token)
    )
    assert (await checked(world, "requester", **{**asked, "proof": other}))["reason"] == "address"


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "proof", "token": "x", "service": "enterprise"},
        {"kind": "proof", "token": "x", "access_token": "x"},
        {"kind": "access", "token": "x", "proof": "x"},
        {"kind": "assertion", "token": "x", "proof": "x", "service": "enterprise"},
        {"kind": "access", "token": "x", "access_token": "x", "service": "enterprise"},
        {"kind": "secret", "token": "x"},
        {"kind": "access", "token": ""},
        {"kind": "access"},
    ],
)
async def test_what_does_not_go_together_is_refused(body: dict[str, Any], shared_world: World) -> None:
    (await shared_world.as_("requester", "POST", "/v1/token/check", body)).refused(422, "invalid")


async def test_what_no_answer_can_hold_is_left_out_of_it(shared_world: World, bench: Bench) -> None:
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    for odd in (2**80, deep):
        text = signed(
            bench.client.private, bench.header("assertion"), bench.claims("assertion") | {"odd": odd}
        )
        found = await checked(shared_world, "requester", kind="assertion", token=text)
        assert (found["reason"], found["claims"]) == ("claims", {})
