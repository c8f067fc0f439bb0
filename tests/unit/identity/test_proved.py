"""What is remembered of a verified token, and for how many."""

from typing import Any

from gateway.identity.jose import Unverified
from gateway.identity.proved import Proved

JWK: dict[str, Any] = {"kid": "k", "alg": "ES256"}


def token(text: str) -> Unverified:
    return Unverified(text, "k", "ES256", {"exp": 1})


def test_a_kept_token_is_found_with_the_key_it_verified_under() -> None:
    proved = Proved()
    proved.keep(token("a.b.c"), JWK)
    assert proved.find("a.b.c") == (token("a.b.c"), JWK)
    assert proved.find("a.b.d") is None


def test_a_forgotten_token_is_not_found() -> None:
    proved = Proved()
    proved.keep(token("a.b.c"), JWK)
    proved.forget("a.b.c")
    proved.forget("never.kept.it")
    assert proved.find("a.b.c") is None


def test_the_one_used_longest_ago_makes_room() -> None:
    proved = Proved(most=2)
    proved.keep(token("first"), JWK)
    proved.keep(token("second"), JWK)
    assert proved.find("first")
    proved.keep(token("third"), JWK)
    assert len(proved) == 2
    assert proved.find("second") is None
    assert proved.find("first")
    assert proved.find("third")


def test_the_token_itself_is_not_kept_as_a_key() -> None:
    proved = Proved()
    proved.keep(token("a.b.c"), JWK)
    assert all(isinstance(key, bytes) and len(key) == 32 for key in proved._kept)
    assert proved.find("\ud800") is None
