"""Sealed statements: any JOSE library checks the standard ones, and no change to one is accepted."""

import base64
import json
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealing import SM2, new_key

from gateway.seals.signing import Signer
from gateway.seals.sm2 import BadKey
from gateway.seals.statement import StatementRefused, read_statement, seal_statement, verify_statement
from gateway.seals.statement_keys import accepted_keys, jwk_of

CONTENT = {"v": 1, "statement": "gateway-receipt", "service": "企业登记"}
SIGNERS: dict[str, Signer] = {kind: new_key(kind) for kind in ("p256", "sm2")}
KINDS = pytest.mark.parametrize("kind", SIGNERS)


def made(kind: str, **content: Any) -> dict[str, str]:
    signer = SIGNERS[kind]
    return seal_statement("gateway-receipt", {**CONTENT, **content}, signer, jwk_of(signer))


def document(members: Any) -> bytes:
    return json.dumps(members).encode()


def keys(*kinds: str) -> dict[str, dict[str, Any]]:
    return accepted_keys(jwk_of(SIGNERS[kind]) for kind in kinds)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def broken(raw: bytes, known: dict[str, dict[str, Any]]) -> StatementRefused:
    with pytest.raises(StatementRefused) as refusal:
        verify_statement(read_statement(raw), known, SM2)
    return refusal.value


@KINDS
def test_what_was_sealed_is_read_and_verifies_with_its_key(kind: str) -> None:
    found = read_statement(document(made(kind)))
    verify_statement(found, keys("p256", "sm2"), SM2)
    assert (found.kind, found.content) == ("gateway-receipt", CONTENT)
    assert found.algorithm == {"p256": "ES256", "sm2": "SM2SM3"}[kind]
    assert len(found.signature) == 64


def test_any_jose_library_checks_an_es256_statement() -> None:
    sealed, jwk = made("p256"), jwk_of(SIGNERS["p256"])
    compact = ".".join(sealed[name] for name in ("protected", "payload", "signature"))
    found = jwt.PyJWS().decode_complete(compact, jwt.PyJWK(jwk).key, algorithms=["ES256"])
    assert json.loads(found["payload"]) == CONTENT
    assert found["header"]["kid"] == jwk["kid"]


@KINDS
def test_a_key_that_is_not_given_leaves_it_open(kind: str) -> None:
    refusal = broken(document(made(kind)), {})
    assert (refusal.rule, refusal.unknown) == ("key", True)


def test_sm2_without_an_engine_leaves_it_open() -> None:
    with pytest.raises(StatementRefused) as refusal:
        verify_statement(read_statement(document(made("sm2"))), keys("sm2"), None)
    assert (refusal.value.rule, refusal.value.unknown) == ("signature", True)


@KINDS
def test_another_key_under_this_key_s_name_does_not_count(kind: str) -> None:
    """A set that writes a stranger's kid beside our key: keys count under their thumbprint."""
    stranger = jwk_of(new_key(kind))
    assert keys(kind).keys() != accepted_keys([{**stranger, "kid": jwk_of(SIGNERS[kind])["kid"]}]).keys()
    forged = seal_statement("gateway-receipt", CONTENT, new_key(kind), jwk_of(SIGNERS[kind]))
    assert broken(document(forged), keys(kind)).rule == "signature"


def test_the_other_algorithm_s_name_on_a_key_is_refused() -> None:
    sealed = seal_statement(
        "gateway-receipt", CONTENT, SIGNERS["sm2"], {**jwk_of(SIGNERS["sm2"]), "alg": "ES256"}
    )
    assert broken(document(sealed), keys("sm2")).rule == "key"
    for changes in ({"alg": "none"}, {"alg": "HS256"}, {"alg": "ES384"}):
        header = b64(
            json.dumps(
                {**json.loads(base64.urlsafe_b64decode(made("p256")["protected"] + "==")), **changes}
            ).encode()
        )
        assert broken(document({**made("p256"), "protected": header}), keys("p256")).rule == "key"


def _header(**changes: Any) -> str:
    return b64(json.dumps({"alg": "ES256", "kid": "k", "typ": "t", **changes}).encode())


GOOD = made("p256")
FORMS: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"{", "form"),
    "not UTF-8": (b'{"payload": "\xff"}', "form"),
    "a list": (b"[]", "form"),
    "too large": (b" " * 1_000_001, "form"),
    "very deep": (b"[" * 5000 + b"]" * 5000, "form"),
    "a member missing": (document({"payload": "e30", "protected": _header()}), "form"),
    "a member more": (document({**GOOD, "header": {}}), "form"),
    "a member twice": (document(GOOD)[:-1] + b', "payload": "e30"}', "form"),
    "a number as member": (document({**GOOD, "signature": 1}), "form"),
    "padding": (document({**GOOD, "signature": GOOD["signature"] + "=="}), "form"),
    "loose base64url": (document({**GOOD, "signature": "AB"}), "form"),
    "an empty signature": (document({**GOOD, "signature": ""}), "form"),
    "NaN in the payload": (document({**GOOD, "payload": b64(b'{"a": NaN}')}), "form"),
    "a member of the payload twice": (document({**GOOD, "payload": b64(b'{"v":1,"v":2}')}), "form"),
    "a payload that is no object": (document({**GOOD, "payload": b64(b"[1]")}), "form"),
    "a key in the header": (document({**GOOD, "protected": _header(jwk={})}), "header"),
    "an address in the header": (document({**GOOD, "protected": _header(jku="http://x")}), "header"),
    "critical extensions": (document({**GOOD, "protected": _header(crit=["b64"])}), "header"),
    "a header without kid": (document({**GOOD, "protected": b64(b'{"alg":"ES256","typ":"t"}')}), "header"),
    "another payload": (document({**GOOD, "payload": made("p256", service="其他")["payload"]}), "signature"),
    "a short signature": (document({**GOOD, "signature": b64(b"\1" * 63)}), "signature"),
    "zeros as signature": (document({**GOOD, "signature": b64(b"\0" * 64)}), "signature"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORMS)
def test_a_document_of_another_form_is_refused_with_the_rule(case: str) -> None:
    raw, rule = FORMS[case]
    refusal = broken(raw, keys("p256", "sm2"))
    assert (refusal.rule, refusal.unknown) == (rule, False)


@KINDS
@settings(max_examples=150)
@given(data=st.data())
def test_a_changed_document_is_never_accepted_as_another_statement(kind: str, data: st.DataObject) -> None:
    whole = document(made(kind))
    raw = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_statement(bytes(raw))
        verify_statement(found, keys(kind), SM2)
    except StatementRefused:
        return
    assert found.content == CONTENT


@pytest.mark.parametrize(
    "changes",
    [
        {"kty": "RSA"}, {"crv": "P-384"}, {"d": "AA"}, {"use": "enc"}, {"alg": "ES384"}, {"x": 1}, {"y": "AA"},
        {"x": "not base64!"}, {"x": "A" * 43},
    ],
    ids=str,
)  # fmt: skip
def test_a_key_of_another_kind_is_passed_over(changes: dict[str, Any]) -> None:
    assert accepted_keys([{**jwk_of(SIGNERS["p256"]), **changes}, None, 1]) == {}


def test_an_rsa_key_seals_no_statement() -> None:
    with pytest.raises(BadKey):
        jwk_of(new_key("rsa"))
