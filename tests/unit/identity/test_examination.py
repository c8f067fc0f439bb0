"""Tokens and keys refused rule by rule; the explanation and the service agree on every one of them."""

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.access import ACCESS_TYPES, Party, check_claims
from gateway.identity.examination import Examined, examine, examine_keys
from gateway.identity.jose import Reading, TokenRefused, precheck, verified
from gateway.identity.jwk import KeyRefused, accepted, has_roca_fingerprint, usable

NOW = 1_790_000_000
ISSUER, SERVICE = "https://gw.example", "https://gw.example/services/realty"
PRIVATE = ec.generate_private_key(ec.SECP256R1())
KEY = usable(json.loads(jwt.algorithms.ECAlgorithm.to_jwk(PRIVATE.public_key())))
RSA_PRIVATE = rsa.generate_private_key(65537, 2048)
RSA_JWK = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA_PRIVATE.public_key()))
CLAIMS = {"iss": ISSUER, "aud": SERVICE, "sub": "c", "jti": "0123456789", "iat": NOW, "exp": NOW + 300}
HEADER = {"typ": "at+jwt", "kid": KEY["kid"], "alg": "ES256"}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signed(header: bytes | dict[str, Any], payload: bytes | dict[str, Any]) -> str:
    """A token whose signature verifies, whatever its two parts hold."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    text = ".".join(map(b64, parts))
    raw = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(text.encode(), PRIVATE)
    return f"{text}.{b64(raw)}"


def token(header: dict[str, Any] | None = None, **claims: Any) -> str:
    return signed(HEADER | (header or {}), CLAIMS | claims)


def explained(text: str, *, foreign: bool = False, keys: list[Any] | None = None) -> Examined:
    reading = Reading(text, ACCESS_TYPES, 10, 600, NOW)
    return examine(reading, examine_keys(keys or [KEY]), Party(ISSUER, SERVICE), foreign=foreign)


def in_service(text: str) -> str:
    """The reason the service refuses the token for, or nothing."""
    try:
        read = precheck(text, types=ACCESS_TYPES, leeway_seconds=10, longest_seconds=600, now=NOW)
        if read.kid != KEY["kid"]:
            return "key"
        check_claims(verified(read, KEY), Party(ISSUER, SERVICE))
    except TokenRefused as fault:
        return str(fault.extra["reason"])
    return ""


def first_failure(outcome: Examined) -> str:
    return next((finding.reason for finding in outcome.findings if finding.result == "fail"), "")


BROKEN = {
    "empty": "",
    "two parts": "a.b",
    "padded": token() + "=",
    "a line feed at the end": token() + "\n",
    "larger than 8 KB": token(extra="x" * 8192),
    "a megabyte": "a" * 1_000_000,
    "none": token({"alg": "none"}),
    "nOnE": token({"alg": "nOnE"}),
    "unsigned none": ".".join(token({"alg": "none"}).split(".")[:2]) + ".",
    "HS256": token({"alg": "HS256"}),
    "RS256": token({"alg": "RS256"}),
    "algorithm as a list": token({"alg": ["ES256"]}),
    "no algorithm": signed({"typ": "at+jwt", "kid": KEY["kid"]}, CLAIMS),
    "jku": token({"jku": "https://evil.example/keys"}),
    "x5u": token({"x5u": "https://evil.example/c"}),
    "x5c": token({"x5c": []}),
    "jwk": token({"jwk": KEY}),
    "crit": token({"crit": ["b64"], "b64": False}),
    "b64": token({"b64": True}),
    "zip": token({"zip": "DEF"}),
    "an unknown header": token({"cty": "JWT"}),
    "typ of an assertion": token({"typ": "client-authentication+jwt"}),
    "typ in capitals": token({"typ": "AT+JWT"}),
    "no typ": signed({"alg": "ES256", "kid": KEY["kid"]}, CLAIMS),
    "kid as a path": token({"kid": "../../etc/passwd"}),
    "kid as SQL": token({"kid": "' OR 1=1 --"}),
    "kid with NUL": token({"kid": "\0"}),
    "kid of 6 KB": token({"kid": "k" * 6000}),
    "kid as a number": token({"kid": 1}),
    "header with a BOM": signed(b"\xef\xbb\xbf" + json.dumps(HEADER).encode(), CLAIMS),
    "header twice alg": signed(json.dumps(HEADER).encode()[:-1] + b',"alg":"ES256"}', CLAIMS),
    "header not UTF-8": signed(b"\xff\xfe{}", CLAIMS),
    "header a list": signed(b"[]", CLAIMS),
    "header nested deep": signed(b"[" * 3000 + b"]" * 3000, CLAIMS),
    "payload with a BOM": signed(HEADER, b"\xef\xbb\xbf" + json.dumps(CLAIMS).encode()),
    "payload twice sub": signed(HEADER, json.dumps(CLAIMS).encode()[:-1] + b',"sub":"c"}'),
    "payload NaN": signed(HEADER, json.dumps(CLAIMS | {"x": float("nan")}).encode()),
    "payload Infinity": signed(HEADER, json.dumps(CLAIMS | {"exp": float("inf")}).encode()),
    "exp as text": token(exp=str(NOW + 300)),
    "exp as a fraction": token(exp=NOW + 300.0),
    "exp enormous": token(exp=10**18),
    "exp true": token(exp=True),
    "iat true": token(iat=True),
    "nbf as text": token(nbf=str(NOW)),
    "no exp": signed(HEADER, {k: v for k, v in CLAIMS.items() if k != "exp"}),
    "no iat": signed(HEADER, {k: v for k, v in CLAIMS.items() if k != "iat"}),
    "expired this second": token(iat=NOW - 300, exp=NOW),
    "issued 11 s ahead": token(iat=NOW + 11, exp=NOW + 100),
    "not before 11 s ahead": token(nbf=NOW + 11),
    "lives 601 s": token(exp=NOW + 601),
    "ends before it begins": token(iat=NOW + 9, exp=NOW + 8),
    "another issuer": token(iss="https://evil.example"),
    "issuer with a tail": token(iss=ISSUER + "/"),
    "audience as a list": token(aud=[SERVICE]),
    "another service": token(aud=SERVICE + "2"),
    "no subject": token(sub=None),
    "jti as a number": token(jti=12345678),
    "a changed byte": token()[:60] + ("A" if token()[60] != "A" else "B") + token()[61:],
    "a signature of zeros": token().rpartition(".")[0] + "." + b64(bytes(64)),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_token_is_refused_and_explanation_and_service_agree(text: str) -> None:
    outcome = explained(text)
    assert not outcome.is_valid
    assert in_service(text)
    assert first_failure(outcome) == in_service(text) or "key" in {
        finding.rule for finding in outcome.findings if finding.result == "fail"
    }


@pytest.mark.parametrize(
    "text",
    [
        token(),
        token(exp=NOW + 600),
        token(iat=NOW + 10, exp=NOW + 100),
        token(nbf=NOW + 10),
        token(exp=NOW + 1),
    ],
    ids=["plain", "600 s", "10 s ahead", "nbf 10 s ahead", "last second"],
)
def test_a_token_at_the_limit_passes_both(text: str) -> None:
    assert in_service(text) == ""
    assert explained(text).is_valid


@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "sub", "jti", "exp", "iat", "nbf", "x"]),
        st.one_of(
            st.integers(NOW - 700, NOW + 700), st.booleans(), st.text(max_size=3), st.floats(), st.none()
        ),
        max_size=3,
    ),
    st.dictionaries(
        st.sampled_from(["alg", "typ", "kid", "jku", "crit", "x"]),
        st.one_of(st.text(max_size=3), st.integers(), st.none()),
        max_size=1,
    ),
)
def test_explanation_and_service_agree_on_any_claims(claims: dict[str, Any], header: dict[str, Any]) -> None:
    text = token(header, **claims)
    assert explained(text).is_valid == (in_service(text) == "")


@given(st.text(max_size=300))
def test_any_text_is_refused_without_a_crash(text: str) -> None:
    assert not explained(text).is_valid
    assert not explained(text, foreign=True).is_valid


def test_every_rule_answers_even_when_an_earlier_one_failed() -> None:
    outcome = explained(token({"typ": "JWT"}, exp=NOW - 1))
    results = {finding.rule: finding.result for finding in outcome.findings}
    assert results["type"] == "fail"
    assert results["expiry"] == "fail"
    assert results["signature"] == "pass"


def test_a_foreign_token_needs_only_a_good_signature_under_a_known_key() -> None:
    foreign = signed({"alg": "ES256", "kid": KEY["kid"], "cty": "x"}, {"exp": 1, "sub": 5})
    assert explained(foreign, foreign=True).is_valid
    assert not explained(foreign).is_valid
    bytes_only = signed({"alg": "ES256"}, b"Test")
    assert explained(bytes_only, foreign=True).is_valid


@pytest.mark.parametrize(
    "name", ["none", "HS256", "RS256", "jku", "x5c", "crit", "b64", "payload twice sub", "payload NaN",
             "payload with a BOM", "header twice alg", "kid as SQL", "a changed byte", "padded"],
)  # fmt: skip
def test_a_foreign_token_is_still_held_to_the_jose_rules(name: str) -> None:
    assert not explained(BROKEN[name], foreign=True).is_valid


def test_a_signature_with_loose_last_bits_is_refused() -> None:
    text = token()
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = text[:-1] + last[last.index(text[-1]) ^ 1]
    assert base64.urlsafe_b64decode(other.split(".")[2] + "==") == base64.urlsafe_b64decode(
        text.split(".")[2] + "=="
    )
    assert not explained(other, foreign=True).is_valid
    assert in_service(other) == "malformed"


def rs256(header: dict[str, Any]) -> str:
    return jwt.encode(CLAIMS, RSA_PRIVATE, algorithm="RS256", headers=header)


def test_rs256_is_refused_unless_the_legacy_flag_and_the_key_allow_it() -> None:
    key = RSA_JWK | {"kid": "one", "alg": "RS256", "key_ops": ["verify"]}
    assert not examine_keys([key])[0].accepted
    assert examine_keys([key], with_rs256=True)[0].accepted
    reading = Reading(rs256({"kid": "one"}), (), 10, 600, NOW)
    party = Party(None, None)
    assert not examine(reading, examine_keys([key]), party, foreign=True).is_valid
    assert examine(reading, examine_keys([key], with_rs256=True), party, foreign=True).is_valid


def ec_jwk(curve: ec.EllipticCurve) -> dict[str, Any]:
    key: dict[str, Any] = json.loads(
        jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(curve).public_key())
    )
    return key


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8))


ROCA_BASE = 1
for prime in range(2, 168):
    if all(prime % below for below in range(2, prime)):
        ROCA_BASE *= prime
ROCA = pow(65537, 12345, ROCA_BASE)
ROCA += ((1 << 2047) // ROCA_BASE + 1) * ROCA_BASE
POINT = ec_jwk(ec.SECP256R1())
REFUSED: dict[str, Any] = {
    "not an object": "key",
    "symmetric": {"kty": "oct", "k": "AAAA"},
    "private": POINT | {"d": "AAAA"},
    "no type": {},
    "type as a list": {"kty": ["EC"]},
    "curve as a list": POINT | {"crv": ["P-256"]},
    "P-521": ec_jwk(ec.SECP521R1()),
    "secp256k1": ec_jwk(ec.SECP256K1()),
    "Ed25519 labelled EC": POINT | {"crv": "Ed25519"},
    "X25519": {"kty": "OKP", "crv": "X25519", "x": b64(bytes(32))},
    "not on the curve": POINT | {"y": POINT["x"]},
    "shortened coordinate": POINT | {"x": POINT["x"][:-2]},
    "RSA of 1024 bits": json.loads(
        jwt.algorithms.RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 1024).public_key())
    ),
    "RSA of the ROCA shape": RSA_JWK | {"n": number(ROCA), "key_ops": ["verify"]},
    "for encryption": POINT | {"use": "enc"},
    "for signing only": POINT | {"key_ops": ["sign"]},
    "key_ops as a text": POINT | {"key_ops": "verify"},
    "for HS256": POINT | {"alg": "HS256"},
    "for ES384 on P-256": POINT | {"alg": "ES384"},
    "kid as a number": POINT | {"kid": 1},
}


@pytest.mark.parametrize("key", REFUSED.values(), ids=list(REFUSED))
def test_a_bad_key_is_refused_with_a_reason(key: Any) -> None:
    (found,) = examine_keys([key])
    assert not found.accepted
    assert found.detail
    assert found.detail_zh
    if isinstance(key, dict):
        with pytest.raises(KeyRefused):
            accepted(key)


def test_good_keys_of_every_kind_are_accepted_under_their_own_algorithm() -> None:
    okp = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate().public_key()))
    keys = [POINT | {"kid": "a", "x5t": "ignored"}, ec_jwk(ec.SECP384R1()), okp, RSA_JWK]
    found = examine_keys(keys)
    assert [each.algorithm for each in found] == ["ES256", "ES384", "EdDSA", "PS256"]
    assert all(each.accepted for each in found)
    assert found[0].kid == "a"


def test_two_keys_with_one_kid_are_both_refused() -> None:
    assert [each.accepted for each in examine_keys([POINT | {"kid": "a"}, KEY | {"kid": "a"}])] == [
        False,
        False,
    ]


def test_an_ordinary_modulus_has_not_the_roca_shape() -> None:
    assert has_roca_fingerprint(ROCA)
    assert not has_roca_fingerprint(RSA_PRIVATE.public_key().public_numbers().n)


def test_a_key_is_registered_only_under_its_thumbprint_and_without_unknown_members() -> None:
    assert accepted(POINT | {"alg": "ES256"})["alg"] == "ES256"
    with pytest.raises(KeyRefused, match="thumbprint"):
        accepted(POINT | {"kid": "a"})
    with pytest.raises(KeyRefused, match="unknown members"):
        accepted(POINT | {"x5u": "https://a.example"})
