"""The strict pre-check of tokens, and the one signature check behind it (RFC 8725)."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.identity.jose import TokenRefused, Unverified, precheck, verified

LEEWAY, LONGEST = 10, 300


def check(token: str, now: int = 1_790_000_000) -> Unverified:
    return precheck(token, types=("at+jwt",), leeway_seconds=LEEWAY, longest_seconds=LONGEST, now=now)


def refusal(token: str, now: int = 1_790_000_000) -> str:
    """The reason word of the refusal."""
    with pytest.raises(TokenRefused) as refused:
        check(token, now)
    assert refused.value.detail
    assert refused.value.detail_zh
    return str(refused.value.extra["reason"])


def test_a_proper_token_passes_and_its_signature_verifies(signer: Any) -> None:
    token = signer.token()
    assert verified(check(token), signer.public)["sub"] == "registration"


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ({"alg": "none"}, "algorithm"),
        ({"alg": "None"}, "algorithm"),
        ({"alg": "nOnE"}, "algorithm"),
        ({"alg": ""}, "algorithm"),
        ({"alg": None}, "algorithm"),
        ({"alg": 256}, "algorithm"),
        ({"alg": ["ES256"]}, "algorithm"),
        ({"alg": "HS256"}, "algorithm"),
        ({"alg": "RS256"}, "algorithm"),
        ({"alg": "es256"}, "algorithm"),
        ({"typ": None}, "type"),
        ({"typ": "JWT"}, "type"),
        ({"typ": "AT+JWT"}, "type"),
        ({"typ": "application/at+jwt"}, "type"),
        ({"typ": "client-authentication+jwt"}, "type"),
        ({"typ": "dpop+jwt"}, "type"),
        ({"typ": ["at+jwt"]}, "type"),
        ({"kid": None}, "header"),
        ({"kid": ""}, "header"),
        ({"kid": 1}, "header"),
        ({"kid": "../../../../dev/null"}, "header"),
        ({"kid": "/etc/passwd"}, "header"),
        ({"kid": "x' OR '1'='1"}, "header"),
        ({"kid": "https://attacker.example/key"}, "header"),
        ({"kid": "a\u0000b"}, "header"),
        ({"kid": "\ud800"}, "malformed"),
        ({"kid": "A" * 42}, "header"),
        ({"kid": "A" * 44}, "header"),
        ({"kid": "A" * 43 + "\n"}, "header"),
        ({"jku": "https://attacker.example/jwks"}, "header"),
        ({"x5u": "https://attacker.example/cert"}, "header"),
        ({"x5c": ["MII"]}, "header"),
        ({"x5t#S256": "x"}, "header"),
        ({"jwk": {"kty": "EC"}}, "header"),
        ({"crit": ["exp"]}, "header"),
        ({"b64": False}, "header"),
        ({"zip": "DEF"}, "header"),
        ({"cty": "JWT"}, "header"),
    ],
)
def test_a_header_with_anything_unusual_is_refused(head: dict[str, Any], reason: str, signer: Any) -> None:
    assert refusal(signer.token(head=head)) == reason


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": None}, "times"),
        ({"iat": None}, "times"),
        ({"exp": "1790000060"}, "times"),
        ({"exp": 1790000060.0}, "times"),
        ({"exp": 1e18}, "times"),
        ({"exp": True}, "times"),
        ({"iat": True}, "times"),
        ({"iat": False}, "times"),
        ({"iat": "now"}, "times"),
        ({"iat": [1790000000]}, "times"),
        ({"nbf": True}, "times"),
        ({"nbf": 1.5}, "times"),
        ({"exp": 10**18}, "lifetime"),
        ({"exp": 10**4000}, "lifetime"),
        ({"exp": -1}, "expired"),
        ({"iat": -(10**18)}, "lifetime"),
    ],
)
def test_times_are_whole_numbers_within_the_policy(claims: dict[str, Any], reason: str, signer: Any) -> None:
    assert refusal(signer.token(claims=claims)) == reason


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": 1}, None),
        ({"exp": 0}, "expired"),
        ({"exp": -1}, "expired"),
        ({"iat": LEEWAY, "exp": 60}, None),
        ({"iat": LEEWAY + 1, "exp": 60}, "early"),
        ({"nbf": LEEWAY}, None),
        ({"nbf": LEEWAY + 1}, "early"),
        ({"exp": LONGEST}, None),
        ({"exp": LONGEST + 1}, "lifetime"),
        ({"iat": -LONGEST + 1, "exp": 1}, None),
        ({"iat": -LONGEST, "exp": 1}, "lifetime"),
        ({"iat": 5, "exp": 5}, "lifetime"),
        ({"iat": 7, "exp": 5}, "lifetime"),
    ],
)
def test_times_are_accepted_at_the_edge_and_refused_one_second_beyond(
    claims: dict[str, int], reason: str | None, signer: Any, now: int
) -> None:
    token = signer.token(claims={name: now + offset for name, offset in claims.items()})
    if reason is None:
        assert check(token, now)
    else:
        assert refusal(token, now) == reason


@pytest.mark.parametrize(
    "make",
    [
        lambda head, body: (b"\xef\xbb\xbf" + head, body),
        lambda head, body: (head, b"\xef\xbb\xbf" + body),
        lambda head, body: (head.decode().encode("utf-16"), body),
        lambda head, body: (head[:-1] + b', "alg": "none"}', body),
        lambda head, body: (head[:-1] + b', "alg": "ES256"}', body),
        lambda head, body: (head, body[:-1] + b', "sub": "other"}'),
        lambda head, body: (head, body[:-1] + b', "exp": 9999999999}'),
        lambda head, body: (head, body[:-1] + b', "\\u0073ub": "other"}'),
        lambda head, body: (head, body[:-1] + b', "x": NaN}'),
        lambda head, body: (head, body[:-1] + b', "x": -Infinity}'),
        lambda head, body: (head, body[:-1] + b', "x": "\\udc00"}'),
        lambda head, body: (head, b'{"x":' * 1000 + b"1" + b"}" * 1000),
        lambda head, body: (head, body + b" x"),
        lambda head, body: (head, body.replace(b'"', b"'")),
        lambda head, body: (head, b"[]"),
        lambda head, body: (head, b"null"),
        lambda head, body: (b'"ES256"', body),
        lambda head, body: (head, b"\xff"),
        lambda head, body: (head, b'{"exp": ' + b"9" * 5000 + b"}"),
    ],
)
def test_a_part_that_is_not_strict_json_is_refused(make: Any, signer: Any) -> None:
    head, claims = make(json.dumps(signer.head).encode(), json.dumps(signer.claims).encode())
    assert refusal(signer.sign(head, claims)) == "malformed"


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "",
        lambda token: ".",
        lambda token: "..",
        lambda token: token.rpartition(".")[0],
        lambda token: token.rpartition(".")[0] + ".",
        lambda token: token + ".AAAA",
        lambda token: token + "=",
        lambda token: token + "==",
        lambda token: token.replace(".", "=.", 1),
        lambda token: token + "\n",
        lambda token: " " + token,
        lambda token: token.replace("e", "é", 1),
        lambda token: token.replace(".", "．"),
        lambda token: token[:20] + "+" + token[21:],
        lambda token: token[:20] + "/" + token[21:],
        lambda token: token[:20] + "\0" + token[21:],
        lambda token: "A." + token.partition(".")[2],
        lambda token: "Bearer " + token,
        lambda token: "x" * 1_000_000,
        lambda token: token + "A" * 1_000_000,
        lambda token: f"{'A' * 500_000}.{'A' * 500_000}.A",
    ],
)
def test_what_is_not_three_base64url_parts_is_refused(change: Callable[[str], str], signer: Any) -> None:
    assert refusal(change(signer.token())) == "malformed"


def test_a_token_is_accepted_at_8192_bytes_and_refused_beyond(signer: Any) -> None:
    shortest = len(signer.token(claims={"x": ""}))
    fillings = range((8192 - shortest) * 3 // 4 - 4, (8192 - shortest) * 3 // 4 + 8)
    sizes = {len(token): token for token in (signer.token(claims={"x": "y" * n}) for n in fillings)}
    assert check(sizes[8192]).kid == signer.file.kid
    assert refusal(sizes[min(size for size in sizes if size > 8192)]) == "malformed"


def _as_hs256(signer: Any, secret: bytes, encode: Any) -> str:
    head = json.dumps({**signer.head, "alg": "HS256"}).encode()
    said = f"{encode(head)}.{encode(json.dumps(signer.claims).encode())}"
    return f"{said}.{encode(hmac.new(secret, said.encode(), hashlib.sha256).digest())}"


def test_a_public_key_used_as_hmac_secret_is_refused(signer: Any, encode: Any) -> None:
    public = signer.private.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, json.dumps(signer.public).encode(), signer.public["x"].encode()):
        token = _as_hs256(signer, secret, encode)
        assert refusal(token) == "algorithm"
        forced = Unverified(token, signer.file.kid, "ES256", signer.claims)
        with pytest.raises(TokenRefused, match="signature"):
            verified(forced, signer.public)


@pytest.mark.parametrize("algorithm", ["ES384", "PS256", "EdDSA"])
def test_a_key_is_used_with_its_own_algorithm_only(algorithm: str, signer: Any) -> None:
    with pytest.raises(TokenRefused) as refused:
        verified(check(signer.token(head={"alg": algorithm})), signer.public)
    assert refused.value.extra["reason"] == "algorithm"


def test_every_changed_bit_of_a_signature_or_of_what_is_signed_is_found(signer: Any, encode: Any) -> None:
    head, claims, signature = signer.token().split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    for at in range(len(raw)):
        changed = encode(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises(TokenRefused, match="signature"):
            verified(check(f"{head}.{claims}.{changed}"), signer.public)
    other = signer.token(claims={"sub": "other"}).split(".")[1]
    for bad in (
        f"{head}.{other}.{signature}",
        f"{head}.{claims}.AAAA",
        f"{head}.{claims}.{encode(bytes(64))}",
    ):
        with pytest.raises(TokenRefused, match="signature"):
            verified(check(bad), signer.public)


def test_der_in_place_of_the_raw_signature_is_refused(signer: Any, encode: Any) -> None:
    head, claims, signature = signer.token().split(".")
    der = jwt.utils.raw_to_der_signature(base64.urlsafe_b64decode(signature + "=="), signer.private.curve)
    with pytest.raises(TokenRefused, match="signature"):
        verified(check(f"{head}.{claims}.{encode(der)}"), signer.public)


PARTS = st.text("ABCDEFGHabcdefgh0123456789-_", min_size=1, max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
HEADS = st.dictionaries(
    st.sampled_from(["alg", "typ", "kid", "jku", "x"]), VALUES | st.sampled_from(["ES256", "at+jwt"])
)
CLAIMS = st.dictionaries(st.sampled_from(["exp", "iat", "nbf", "sub", "aud"]), VALUES | st.integers(0, 2**40))


@given(
    st.text(max_size=300)
    | st.builds(lambda *parts: ".".join(parts), PARTS, PARTS, PARTS)
    | st.builds(lambda head, claims: (head, claims), HEADS, CLAIMS)
)
@settings(max_examples=400)
def test_no_token_raises_anything_but_token_refused(made: Any) -> None:
    if isinstance(made, tuple):
        parts = (json.dumps(part).encode("utf-8", "surrogatepass") for part in made)
        made = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + ".AAAA"
    try:
        assert check(made).claims
    except TokenRefused as refused:
        json.dumps(refused.extra).encode()
        refused.detail.encode()
