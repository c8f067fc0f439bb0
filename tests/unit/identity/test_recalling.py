"""A token that was accepted before is accepted from memory only while nothing it was accepted by has changed."""

import json
from dataclasses import replace
from typing import Any, cast

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.identity.jose import TokenRefused
from gateway.identity.jwk import usable
from gateway.identity.keys import KeyRing
from gateway.identity.revocations import Revocations, Revoked
from gateway.identity.tokens import Tokens
from gateway.settings import Identity

NOW = 1_790_000_000
SERVICE = "https://gw.example/services/realty"
PRIVATE = ec.generate_private_key(ec.SECP256R1())
JWK = usable(json.loads(jwt.algorithms.ECAlgorithm.to_jwk(PRIVATE.public_key())))


class Ring:
    """A key set in memory, counting how often a key is looked for."""

    def __init__(self) -> None:
        self.keys: dict[str, Any] | None = {JWK["kid"]: JWK}
        self.looks = 0

    def fresh(self) -> dict[str, Any] | None:
        return self.keys

    async def find(self, kid: str) -> Any:
        self.looks += 1
        return (self.keys or {JWK["kid"]: JWK}).get(kid)


class List:
    """A list of revocations in memory."""

    def __init__(self) -> None:
        self.known: Revoked = Revoked(0)
        self.is_fresh = True

    def fresh(self) -> Revoked | None:
        return self.known if self.is_fresh else None

    async def current(self) -> Revoked:
        return self.known


class Desk:
    """Tokens over both, on a clock of its own."""

    def __init__(self) -> None:
        self.ring, self.revoked, self.now = Ring(), List(), NOW
        self.tokens = Tokens(
            "https://gw.example", cast(KeyRing, self.ring), cast(Revocations, self.revoked), Identity(), lambda: self.now
        )  # fmt: skip

    async def verify(self, text: str, audience: str = SERVICE) -> str:
        """The token's id, or the reason it is refused for."""
        try:
            return (await self.tokens.verify(text, audience)).token_id
        except TokenRefused as fault:
            return str(fault.extra["reason"])


@pytest.fixture
def desk() -> Desk:
    return Desk()


def token(**claims: Any) -> str:
    said = {
        "iss": "https://gw.example", "sub": "registration", "aud": SERVICE, "jti": "one", "iat": NOW, "exp": NOW + 300,
        "proved_by": "key-1", **claims,
    }  # fmt: skip
    return jwt.encode(said, PRIVATE, algorithm="ES256", headers={"typ": "at+jwt", "kid": JWK["kid"]})


async def test_a_token_seen_before_costs_no_look_at_the_keys(desk: Desk) -> None:
    text = token()
    assert [await desk.verify(text) for _ in range(5)] == ["one"] * 5
    assert desk.ring.looks == 1


@pytest.mark.parametrize(
    ("revoked", "word"),
    [
        (Revoked(1, tokens=frozenset({"one"})), "revoked"),
        (Revoked(1, subjects={"registration": NOW}), "revoked"),
        (Revoked(1, subjects={"registration": NOW + 1}), "revoked"),
        (Revoked(1, provers=frozenset({"key-1"})), "revoked"),
        (Revoked(1, tokens=frozenset({"two"})), "one"),
        (Revoked(1, subjects={"registration": NOW - 1}), "one"),
        (Revoked(1, subjects={"other": NOW + 99}), "one"),
        (Revoked(1, provers=frozenset({"key-2"})), "one"),
    ],
)
async def test_a_change_of_the_list_is_asked_of_every_token_anew(
    revoked: Revoked, word: str, desk: Desk
) -> None:
    text = token()
    assert await desk.verify(text) == "one"
    desk.revoked.known = revoked
    assert [await desk.verify(text), await desk.verify(text)] == [word, word]
    desk.revoked.known = replace(revoked, changes=2, tokens=frozenset(), subjects={}, provers=frozenset())
    assert await desk.verify(text) == "one"


async def test_a_key_that_is_gone_ends_its_tokens(desk: Desk) -> None:
    text = token()
    assert await desk.verify(text) == "one"
    desk.ring.keys = {"another": {**JWK, "kid": "another"}}
    assert [await desk.verify(text), await desk.verify(text)] == ["key", "key"]


async def test_what_is_not_fresh_answers_nothing_from_memory(desk: Desk) -> None:
    text = token()
    assert await desk.verify(text) == "one"
    desk.revoked.known = Revoked(1, tokens=frozenset({"one"}))
    desk.revoked.is_fresh = False
    assert await desk.verify(text) == "revoked"
    desk.revoked.is_fresh, desk.ring.keys = True, None
    for _ in range(2):
        assert await desk.verify(text) == "revoked"


async def test_audience_and_times_are_compared_on_every_use(desk: Desk) -> None:
    text = token()
    assert await desk.verify(text) == "one"
    assert await desk.verify(text, SERVICE + "2") == "audience"
    desk.now = NOW - 10
    assert await desk.verify(text) == "one"
    desk.now = NOW - 11
    assert await desk.verify(text) == "early"
    desk.now = NOW + 299
    assert await desk.verify(text) == "one"
    desk.now = NOW + 300
    assert await desk.verify(text) == "expired"
