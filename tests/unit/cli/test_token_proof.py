"""``./gw token proof`` says of a DPoP proof what the gateway would say, but for nonce and replay."""

import json
import time
from typing import Any

import pytest
from click.testing import CliRunner
from dpop import proof
from world import new_key

from gateway.cli.token import command
from gateway.identity.proof import hash_of

URL = "https://share.example.gov.cn/services/enterprise"


def verified(text: str, *more: str, given: str = "") -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(command, ["proof", text, "--url", URL, "--json", *more], input=given)
    return done.exit_code, json.loads(done.output) if done.output.startswith("{") else {}


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({}, None),
        ({"nonce": "any"}, None),
        ({"htu": URL.upper().replace("/SERVICES/ENTERPRISE", "/services/enterprise")}, None),
        ({"htm": "GET"}, "method"),
        ({"htu": URL + "2"}, "address"),
        ({"iat": 1}, "expired"),
        ({"jti": "short"}, "claims"),
        ({"ath": None}, "ath"),
        ({"ath": hash_of("a.b.d")}, "ath"),
    ],
)
def test_a_proof_is_explained_by_its_first_broken_rule(claims: dict[str, Any], reason: str | None) -> None:
    text = proof(new_key(), "POST", URL, **{"ath": hash_of("a.b.c"), **claims})
    code, found = verified(text, "--access-token", "a.b.c")
    assert (code, found["reason"]) == (0 if reason is None else 2, reason)
    assert {rule["rule"]: rule["result"] for rule in found["rules"]}["nonce"] == "skipped"


def test_a_proof_is_read_from_standard_input_as_of_another_time() -> None:
    text = proof(new_key(), "POST", URL, iat=int(time.time()) - 3600)
    assert verified("-", given=text)[1]["reason"] == "expired"
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
    assert verified("-", "--at", at, given=text)[0] == 0


def test_an_address_that_is_none_is_said_so() -> None:
    done = CliRunner().invoke(command, ["proof", "x", "--url", "share.example.gov.cn"])
    assert done.exit_code == 2
    assert "--url" in done.output
