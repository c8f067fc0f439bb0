"""Which public keys are accepted, in which one form, and their thumbprints (RFC 7517, 7638)."""

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from gateway.identity.jwk import KeyRefused, accepted, has_roca_fingerprint, thumbprint

P256 = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key()))
P384 = json.loads(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key()))
ED = json.loads(OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate().public_key()))
RSA_KEY = rsa.generate_private_key(65537, 2048)
RSA = {
    k: v for k, v in json.loads(RSAAlgorithm.to_jwk(RSA_KEY.public_key())).items() if k in ("kty", "n", "e")
}


def number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.mark.parametrize(
    ("key", "algorithm"), [(P256, "ES256"), (P384, "ES384"), (ED, "EdDSA"), (RSA, "PS256")]
)
def test_a_public_key_is_kept_with_our_name_for_it_and_its_one_algorithm(key: Any, algorithm: str) -> None:
    kept = accepted(key)
    assert kept == {
        **{name: key[name] for name in key if name in kept},
        "kid": thumbprint(key),
        "alg": algorithm,
        "use": "sig",
    }
    assert accepted(kept) == kept
    assert accepted({**key, "use": "sig", "key_ops": ["verify"], "alg": algorithm}) == kept


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    key = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiF"
        "V4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d"
        "0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-c"
        "sFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
    }
    assert thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert accepted(key)["kid"] == thumbprint(key)


WEAK = rsa.generate_private_key(65537, 1024).public_key().public_numbers().n


@pytest.mark.parametrize(
    "key",
    [
        {},
        {"kty": "oct", "k": "AAAA"},
        {**P256, "d": "AAAA"},
        {**RSA, "d": "AAAA"},
        {**RSA, "p": "AAAA", "q": "AAAA"},
        {**ED, "d": "AAAA"},
        {**P256, "k": "AAAA"},
        {**P256, "x5u": "https://attacker.example"},
        {**P256, "x5c": ["MII"]},
        {**P256, "jku": "https://attacker.example"},
        {**P256, "ext": True},
        {**P256, "use": "enc"},
        {**P256, "use": ["sig"]},
        {**P256, "key_ops": ["sign"]},
        {**P256, "key_ops": "verify"},
        {**P256, "key_ops": 5},
        {**P256, "key_ops": None},
        {**P256, "key_ops": {"verify": 1}},
        {**P256, "alg": "ES384"},
        {**P256, "alg": "none"},
        {**P256, "alg": ["ES256"]},
        {**RSA, "alg": "RS256"},
        {**P256, "kid": "mine"},
        {**P256, "kid": 1},
        {**P256, "kid": thumbprint(P384)},
        {**P256, "kty": "RSA"},
        {**P256, "kty": "OKP"},
        {**P256, "kty": ["EC"]},
        {**P256, "kty": {"EC": 1}},
        {**P256, "kty": 1},
        {**P256, "crv": "P-384"},
        {**P256, "crv": "P-521"},
        {**P256, "crv": "secp256k1"},
        {**P256, "crv": ["P-256"]},
        {**P256, "crv": {}},
        {**ED, "crv": "X25519"},
        {**ED, "crv": "Ed448"},
        {**P256, "x": None},
        {**P256, "x": ""},
        {**P256, "x": 5},
        {**P256, "x": ["a"]},
        {**P256, "x": "é"},
        {**P256, "x": "\0"},
        {**P256, "x": "A" * 100_000},
        {name: value for name, value in P256.items() if name != "y"},
        {**P256, "y": P256["x"]},
        {**P256, "x": number(0), "y": number(0)},
        {**ED, "x": ED["x"][:-2]},
        {**RSA, "n": number(WEAK)},
        {**RSA, "n": "AQAB"},
        {**RSA, "n": number((1 << 8200) + 1)},
        {**RSA, "e": number(1)},
        {**RSA, "e": number(2)},
        {**RSA, "e": "AA"},
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_both_languages(key: dict[str, Any]) -> None:
    with pytest.raises(KeyRefused) as refusal:
        accepted(key)
    english, chinese = refusal.value.args
    assert english
    assert chinese
    assert "AAAA" not in english


@pytest.mark.parametrize(
    "other",
    [
        {**P256, "x": P256["x"] + "="},
        {**P256, "x": P256["x"] + "!"},
        {**P256, "x": P256["x"][:20] + "\n" + P256["x"][20:]},
        {**P256, "x": base64.urlsafe_b64encode(b"\0" + decoded(P256["x"])).decode().rstrip("=")},
        {**RSA, "n": base64.urlsafe_b64encode(b"\0" + decoded(RSA["n"])).decode().rstrip("=")},
        {**RSA, "e": "AAEAAQ"},
        {**ED, "x": ED["x"] + "="},
    ],
)
def test_a_key_in_another_spelling_is_not_a_second_key(other: dict[str, Any]) -> None:
    with pytest.raises(KeyRefused):
        accepted(other)


def test_a_last_character_with_spare_bits_set_is_another_spelling_too() -> None:
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = signs.index(P256["x"][-1])
    for spare in range(1, 4):
        with pytest.raises(KeyRefused):
            accepted({**P256, "x": P256["x"][:-1] + signs[last ^ spare]})


def test_a_key_of_the_weak_generator_is_known_by_its_modulus() -> None:
    primes = [n for n in range(2, 168) if all(n % d for d in range(2, n))]
    product = 1
    for prime in primes:
        product *= prime
    power = pow(65537, 1234, product)
    weak = power + product * ((1 << 2047) // product + 1)
    weak += product * (weak % 2 == 0)
    assert weak.bit_length() == 2048
    assert has_roca_fingerprint(weak)
    with pytest.raises(KeyRefused, match="CVE-2017-15361"):
        accepted({**RSA, "n": number(weak)})


def test_no_key_of_a_sound_generator_looks_weak() -> None:
    assert not has_roca_fingerprint(RSA_KEY.public_key().public_numbers().n)


NAMES = st.sampled_from(["kty", "crv", "x", "y", "n", "e", "kid", "use", "key_ops", "alg", "d", "z"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["EC", "RSA", "OKP", "P-256", "Ed25519", "AQAB"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@given(st.sampled_from([P256, P384, ED, RSA, {}]), st.dictionaries(NAMES, VALUES, max_size=4))
@settings(max_examples=300)
def test_no_jwk_raises_anything_but_key_refused(key: dict[str, Any], changes: dict[str, Any]) -> None:
    try:
        kept = accepted({**key, **changes})
    except KeyRefused:
        return
    assert jwt.PyJWK(kept, algorithm=kept["alg"]).key
