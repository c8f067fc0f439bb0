"""What is remembered of a verified token, and for how many."""

from typing import Any

from gateway.identity.jose import Unverified
from gateway.identity.proved import AccessToken, Entry, Proved

JWK: dict[str, Any] = {"kid": "k", "alg": "ES256"}


def entry(text: str) -> Entry:
    return Entry(
        Unverified(text, "k", "ES256", {"exp": 1}), JWK, AccessToken("s", "a", "j", 1, {"exp": 1}), 0
    )


def test_a_kept_token_is_found_with_the_key_it_verified_under() -> None:
    proved, kept = Proved(), entry("a.b.c")
    proved.keep(kept)
    assert proved.find("a.b.c") is kept
    assert proved.find("a.b.d") is None


def test_a_forgotten_token_is_not_found() -> None:
    proved = Proved()
    proved.keep(entry("a.b.c"))
    proved.forget("a.b.c")
    proved.forget("never.kept.it")
    assert proved.find("a.b.c") is None


def test_the_one_used_longest_ago_makes_room() -> None:
    proved = Proved(most=2)
    proved.keep(entry("first"))
    proved.keep(entry("second"))
    assert proved.find("first")
    proved.keep(entry("third"))
    assert len(proved) == 2
    assert proved.find("second") is None
    assert proved.find("first")
    assert proved.find("third")


def test_the_token_itself_is_not_kept_as_a_key() -> None:
    proved = Proved()
    proved.keep(entry("a.b.c"))
    assert all(isinstance(key, bytes) and len(key) == 32 for key in proved._kept)
    assert proved.find("\ud800") is None
