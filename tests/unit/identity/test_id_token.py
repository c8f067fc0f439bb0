"""ID tokens on plain values: which keys of a provider count, and that nothing but an honest token passes."""

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.identity.jose import RULES, TokenRefused
from gateway.identity.upstream.id_token import (
    ID_TOKEN_RULES,
    Expected,
    UnknownKey,
    check_id_token,
    keys_of,
)
from gateway.identity.upstream.tickets import Begun, TicketRefused, Tickets, Waiting
from gateway.seals import Vault
from gateway.settings import Provider

NOW = 1_790_000_000
PRIVATE = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EXPECTED = Expected("the-nonce", NOW - 20, NOW, 10)
CLAIMS: dict[str, Any] = {
    "iss": "https://id.example.test", "sub": "u-1", "aud": "gateway", "nonce": "the-nonce", "iat": NOW - 5, "exp": NOW + 300,
}  # fmt: skip


def provider(**changes: Any) -> Provider:
    named = {
        "name": "province", "title": "省平台", "issuer": CLAIMS["iss"], "client_id": "gateway",
        "redirect_uri": "https://share.example.test/a", "client_secret_file": "/x", **changes,
    }  # fmt: skip
    return Provider(**named)


def public(**changes: Any) -> dict[str, Any]:
    found = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(PRIVATE.public_key()))
    return {"kty": "EC", "crv": "P-256", "x": found["x"], "y": found["y"], "kid": "k1", **changes}


def rsa_public(**changes: Any) -> dict[str, Any]:
    found = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key()))
    return {"kty": "RSA", "n": found["n"], "e": found["e"], "kid": "r1", **changes}


def token(claims: dict[str, Any], key: Any = PRIVATE, algorithm: str = "ES256", **head: Any) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "k1", **head})


def check(text: str, settings: Provider | None = None, *jwks: dict[str, Any]) -> Any:
    chosen = settings or provider()
    return check_id_token(text, keys_of({"keys": list(jwks) or [public()]}, chosen), chosen, EXPECTED)


def test_the_rules_of_our_own_tokens_that_are_rules_of_jose_hold_here() -> None:
    kept = {rule.name for rule in ID_TOKEN_RULES}
    assert {
        "times",
        "expiry",
        "not-before",
        "lifetime",
        "size",
        "shape",
        "header",
        "payload",
        "remote",
        "alg",
    } <= kept
    assert {rule.name for rule in RULES if not rule.of_profile} <= kept


@pytest.mark.parametrize(
    ("claims", "two"),
    [({}, False), ({"amr": ["pwd"]}, False), ({"amr": ["pwd", "otp"]}, True), ({"acr": "loa3"}, True), ({"acr": ["loa3"]}, False),
     ({"amr": "otp"}, False), ({"amr": [["otp"]]}, False), ({"acr": {"a": 1}, "amr": {"otp": 1}}, False)],
)  # fmt: skip
def test_a_second_factor_is_what_the_settings_name_in_the_form_of_the_standard(
    claims: dict[str, Any], two: bool
) -> None:
    marked = provider(second_factor_amr=["otp"], second_factor_acr=["loa3"])
    assert check(token({**CLAIMS, **claims}), marked).second_factor is two
    assert check(token({**CLAIMS, **claims})).second_factor is False


def test_a_token_without_kid_is_taken_where_one_key_fits() -> None:
    text = jwt.encode(CLAIMS, PRIVATE, algorithm="ES256")
    assert check(text).subject == "u-1"
    other = json.loads(
        jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
    )
    with pytest.raises(UnknownKey):
        check(text, None, public(), public(x=other["x"], y=other["y"], kid="k2"))


def test_rs256_counts_only_where_the_settings_say_so() -> None:
    text = token(CLAIMS, RSA, "RS256", kid="r1")
    for jwk in (rsa_public(), rsa_public(alg="RS256")):
        with pytest.raises(TokenRefused, match="RS256"):
            check(text, provider(), jwk)
        assert check(text, provider(algorithms=["RS256"]), jwk).subject == "u-1"
    with pytest.raises(TokenRefused):
        check(text, provider(algorithms=["RS256", "PS256"]), rsa_public(alg="PS256"))


def test_keys_that_may_not_verify_or_share_a_kid_are_passed_over() -> None:
    bad = [public(kid=kid) for kid in ("k1", "k1")] + [
        public(use="enc"), public(key_ops=["sign"]), public(d="AA"), {"kty": "oct", "k": "AA", "kid": "k1"}, public(kid=7), "key",
    ]  # fmt: skip
    assert keys_of({"keys": bad}, provider()) == []
    for wrong in ({}, {"keys": {}}, {"keys": [public(kid=str(number)) for number in range(51)]}):
        with pytest.raises(TokenRefused):
            keys_of(wrong, provider())


@given(st.integers(0, 400), st.integers(1, 127))
@settings(max_examples=150)
def test_a_token_changed_in_any_one_place_is_refused(at: int, by: int) -> None:
    text = token(CLAIMS)
    place = at % len(text)
    changed = text[:place] + chr((ord(text[place]) + by) % 128) + text[place + 1 :]
    with pytest.raises(TokenRefused):
        check(changed)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([*CLAIMS, "azp", "nbf", "acr", "amr"]), _JSON)
@settings(max_examples=150)
def test_any_value_of_any_claim_is_taken_or_refused_in_words(name: str, value: Any) -> None:
    marked = provider(second_factor_amr=["otp"], second_factor_acr=["loa3"])
    try:
        text = token({**CLAIMS, name: value})
    except (TypeError, UnicodeEncodeError):
        return  # the signer's library does not write it
    reasons = [None]
    try:
        check(text, marked)
    except TokenRefused as refused:
        reasons = [refused.extra["reason"]]
    free = name in ("acr", "amr") or (name in ("iat", "exp", "nbf") and type(value) is int)
    honest = value == CLAIMS.get(name, "gateway") or (name == "aud" and value == ["gateway"])
    assert (
        reasons != [None] or free or honest or (name == "sub" and isinstance(value, str) and value.isascii())
    )


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jku", "x5c"]), _JSON, min_size=1))
@settings(max_examples=150)
def test_any_header_is_taken_or_refused_in_words(head: dict[str, Any]) -> None:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    signature = token(CLAIMS).rpartition(".")[2]
    with pytest.raises(TokenRefused):
        check(f"{part({'alg': 'ES256', 'kid': 'k1', **head})}.{part(CLAIMS)}.{signature}")


def test_a_ticket_opens_as_what_it_is_in_its_time_and_in_one_writing() -> None:
    tickets = Tickets(Vault(bytes(32), "tickets"))
    begun, waiting = Begun.new("province", NOW), Waiting("province", "wang", NOW + 300)
    one, other = tickets.seal(begun), tickets.seal(waiting)
    assert tickets.open_begun(one, NOW) == begun
    assert tickets.open_waiting(other, NOW) == waiting
    for wrong in (other, one[:-1], one + "A", "", "A" * 80):
        with pytest.raises(TicketRefused):
            tickets.open_begun(wrong, NOW)
    with pytest.raises(TicketRefused):
        tickets.open_begun(one, NOW + 600)
    with pytest.raises(TicketRefused):
        tickets.open_waiting(one, NOW)


@pytest.mark.parametrize("name", ["a", "ab", "abc"])
def test_a_ticket_has_one_writing_only_so_that_it_is_used_once(name: str) -> None:
    tickets = Tickets(Vault(bytes(32), "tickets"))
    sealed = tickets.seal(Waiting(name, "wang", NOW + 300))
    for sign in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        if sign != sealed[-1]:
            with pytest.raises(TicketRefused):
                tickets.open_waiting(sealed[:-1] + sign, NOW)
