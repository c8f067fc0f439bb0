"""What a token is bound to against what a request presents: every pairing."""

from typing import Any

import pytest

from gateway.identity.binding import NOTHING, Presented, check_binding, is_bound
from gateway.identity.jose import TokenRefused

KEY, CERTIFICATE = {"jkt": "k" * 43}, {"x5t#S256": "c" * 43}
PROOF, CONNECTION = Presented(jkt="k" * 43), Presented(x5t="c" * 43)
BOTH = Presented("k" * 43, "c" * 43)


@pytest.mark.parametrize(
    ("bound", "presented"),
    [
        (None, NOTHING),
        (None, CONNECTION),
        (KEY, PROOF),
        (KEY, BOTH),
        (CERTIFICATE, CONNECTION),
        (KEY | CERTIFICATE, BOTH),
    ],
)
def test_a_token_passes_with_every_key_it_is_bound_to(bound: Any, presented: Presented) -> None:
    check_binding({"cnf": bound} if bound else {}, presented)
    assert is_bound({"cnf": bound}) is (bound is not None)


@pytest.mark.parametrize(
    ("bound", "presented"),
    [
        (None, PROOF),
        (KEY, NOTHING),
        (KEY, CONNECTION),
        (KEY, Presented(jkt="x" * 43)),
        (KEY, Presented(jkt="k" * 42)),
        (CERTIFICATE, NOTHING),
        (CERTIFICATE, PROOF),
        (CERTIFICATE, BOTH),
        (CERTIFICATE, Presented(x5t="x" * 43)),
        (KEY | CERTIFICATE, PROOF),
        (KEY | CERTIFICATE, CONNECTION),
        ({}, NOTHING),
        ({"jwk": {}}, PROOF),
        (KEY | {"kid": "k"}, PROOF),
        ({"jkt": ""}, NOTHING),
        ({"jkt": None}, NOTHING),
        ({"jkt": ["k" * 43]}, PROOF),
        ("k" * 43, PROOF),
        (["jkt"], PROOF),
        (False, NOTHING),
    ],
)
def test_a_token_without_its_keys_or_bound_in_another_way_is_refused(
    bound: Any, presented: Presented
) -> None:
    with pytest.raises(TokenRefused) as refusal:
        check_binding({"cnf": bound} if bound is not None else {}, presented)
    assert refusal.value.extra["reason"] == "binding"


def test_a_token_is_bound_to_what_its_request_presented() -> None:
    assert NOTHING.confirmation() == {}
    assert BOTH.confirmation() == KEY | CERTIFICATE
    for presented in (PROOF, CONNECTION, BOTH):
        check_binding({"cnf": presented.confirmation()}, presented)
