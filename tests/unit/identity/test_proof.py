"""DPoP proofs and the server's nonces: what is refused, with the reason, and what just passes (RFC 9449 section 4.3)."""

import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from gateway.identity.jose import TokenRefused
from gateway.identity.jwk import thumbprint, usable
from gateway.identity.nonces import Nonces
from gateway.identity.proof import hash_of, normalised
from gateway.identity.proofs import Proofs
from gateway.settings import Identity

NOW = 1_790_000_000
URL = "https://gw.example/services/realty"
TOKEN = "a.b.c"
NONCES = Nonces(b"k" * 32, 300, lambda: NOW)
PRIVATE, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
RSA, EDWARDS = rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()
WEAK = rsa.generate_private_key(65537, 1024)


def public(private: Any) -> dict[str, Any]:
    kinds = {"EC": jwt.algorithms.ECAlgorithm, "RS": jwt.algorithms.RSAAlgorithm}
    writer = kinds.get(type(private).__name__[:2], jwt.algorithms.OKPAlgorithm)
    found = json.loads(writer.to_jwk(private.public_key()))
    return {name: found[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in found}


def made(
    private: Any = PRIVATE, alg: str = "ES256", head: dict[str, Any] | None = None, **claims: Any
) -> str:
    said = {
        "jti": "0123456789", "htm": "POST", "htu": URL, "iat": NOW, "nonce": NONCES.fresh(), "ath": hash_of(TOKEN), **claims,
    }  # fmt: skip
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(
        said, private, algorithm=alg, headers={"typ": "dpop+jwt", "jwk": public(private), **(head or {})}
    )


def reason(text: str, method: str = "POST", url: str = URL, token: str | None = TOKEN) -> str:
    try:
        read = Proofs(NONCES, Identity(), lambda: NOW).read(text, method, url, token)
    except TokenRefused as fault:
        return str(fault.extra["reason"])
    assert read.jti == "0123456789"
    return ""


BROKEN = {
    "empty": ("", "malformed"),
    "padded": (made() + "=", "malformed"),
    "a changed signature": (made()[:-4] + ("AAAA" if made()[-4:] != "AAAA" else "BBBB"), "signature"),
    "signed by another key": (made(OTHER, head={"jwk": public(PRIVATE)}), "signature"),
    "typ JWT": (made(head={"typ": "JWT"}), "type"),
    "typ of an access token": (made(head={"typ": "at+jwt"}), "type"),
    "no key": (made(head={"jwk": None}), "key"),
    "a kid beside the key": (made(head={"kid": "k" * 43}), "header"),
    "crit": (made(head={"crit": []}), "header"),
    "a private key": (made(head={"jwk": {**public(PRIVATE), "d": "AA"}}), "key"),
    "a symmetric key": (made(head={"jwk": {"kty": "oct", "k": "AA"}}), "key"),
    "another curve's name": (made(head={"jwk": {**public(PRIVATE), "crv": "secp256k1"}}), "key"),
    "RSA of 1024 bits": (made(head={"jwk": public(WEAK)}), "key"),
    "RS256": (made(RSA, "RS256"), "algorithm"),
    "HS256": (jwt.encode({}, "s" * 32, headers={"typ": "dpop+jwt", "jwk": public(PRIVATE)}), "algorithm"),
    "no htm": (made(htm=None), "claims"),
    "no htu": (made(htu=None), "claims"),
    "no jti": (made(jti=None), "claims"),
    "a short jti": (made(jti="1234567"), "claims"),
    "a long jti": (made(jti="j" * 129), "claims"),
    "jti as a number": (made(jti=12345678), "claims"),
    "an unknown claim": (made(admin=True), "claims"),
    "no iat": (made(iat=None), "times"),
    "iat as text": (made(head={}, iat=str(NOW)), "times"),
    "iat true": (made(iat=True), "times"),
    "iat 61 s ago": (made(iat=NOW - 61), "expired"),
    "iat 11 s ahead": (made(iat=NOW + 11), "early"),
    "nbf 11 s ahead": (made(nbf=NOW + 11), "early"),
    "ended this second": (made(exp=NOW), "expired"),
    "GET": (made(htm="GET"), "method"),
    "post in small letters": (made(htm="post"), "method"),
    "another service": (made(htu=URL + "2"), "address"),
    "another host": (made(htu="https://gw.example.evil/services/realty"), "address"),
    "http": (made(htu="http://gw.example/services/realty"), "address"),
    "another port": (made(htu="https://gw.example:444/services/realty"), "address"),
    "a path that climbs": (made(htu="https://gw.example/services/../services/realty"), "address"),
    "an encoded path": (made(htu="https://gw.example/services/%72ealty"), "address"),
    "a user before the host": (made(htu="https://gw.example@gw.example/services/realty"), "address"),
    "a broken address": (made(htu="https://[gw/services/realty"), "address"),
    "no nonce": (made(nonce=None), "nonce"),
    "a made-up nonce": (made(nonce="A" * 32), "nonce"),
    "nonce as a number": (made(nonce=1), "nonce"),
    "an old nonce": (made(nonce=Nonces(b"k" * 32, 300, lambda: NOW - 301).fresh()), "nonce"),
    "a nonce from the future": (made(nonce=Nonces(b"k" * 32, 300, lambda: NOW + 2).fresh()), "nonce"),
    "another installation's nonce": (made(nonce=Nonces(b"x" * 32, 300, lambda: NOW).fresh()), "nonce"),
    "no ath": (made(ath=None), "ath"),
    "another token's ath": (made(ath=hash_of("a.b.d")), "ath"),
    "ath in other letters": (made(ath=hash_of(TOKEN).swapcase()), "ath"),
    "ath not ASCII": (made(ath="令牌"), "ath"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "why"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_proof_is_refused_with_the_reason(text: str, why: str) -> None:
    assert reason(text) == why


@pytest.mark.parametrize(
    "text",
    [
        made(),
        made(EDWARDS, "EdDSA"),
        made(RSA, "PS256"),
        made(iat=NOW - 60),
        made(iat=NOW + 10),
        made(exp=NOW + 1, nbf=NOW + 10),
        made(htu="HTTPS://GW.Example:443/services/realty?fields=a#b"),
        made(nonce=Nonces(b"k" * 32, 300, lambda: NOW - 300).fresh()),
        made(nonce=Nonces(b"k" * 32, 300, lambda: NOW).fresh()),
    ],
    ids=["plain", "Ed25519", "PS256", "60 s old", "10 s ahead", "with exp and nbf", "written otherwise", "old nonce", "nonce"],
)  # fmt: skip
def test_a_proof_at_the_limit_passes(text: str) -> None:
    assert reason(text) == ""


def test_a_proof_for_the_token_endpoint_carries_no_hash_of_a_token() -> None:
    assert reason(made(ath=None), token=None) == ""
    assert reason(made(), token=None) == "ath"


def test_a_proof_is_known_by_its_keys_thumbprint_and_its_jti() -> None:
    proofs = Proofs(NONCES, Identity(), lambda: NOW)
    one = proofs.read(made(), "POST", URL, TOKEN)
    assert one.jkt == thumbprint(usable(public(PRIVATE))) == one.presented.jkt
    digests = {
        proofs.read(text, "POST", URL, TOKEN).digest
        for text in (made(), made(OTHER), made(jti="9876543210"), made(iat=NOW - 1))
    }
    assert len(digests) == 3


@pytest.mark.parametrize("url", ["", "gw.example/a", "ftp://gw.example/a", "https:///a", "https://服务/a"])
def test_only_an_http_address_can_be_compared(url: str) -> None:
    with pytest.raises(ValueError):
        normalised(url)
