"""``./gw token verify`` and ``./gw jwks check``: what scripts read, and the exit codes."""

import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.cli import main
from gateway.identity.jwk import usable

PRIVATE = ec.generate_private_key(ec.SECP256R1())
KEY = usable(json.loads(jwt.algorithms.ECAlgorithm.to_jwk(PRIVATE.public_key())))


def token(**claims: Any) -> str:
    now = int(time.time())
    body = {
        "iss": "https://i",
        "aud": "https://s",
        "sub": "c",
        "jti": "12345678",
        "iat": now,
        "exp": now + 300,
    }
    return jwt.encode(body | claims, PRIVATE, "ES256", {"typ": "at+jwt", "kid": KEY["kid"]})


def run(*words: str, **more: Any) -> Result:
    return CliRunner().invoke(main, words, **more)


@pytest.fixture
def jwks(tmp_path: Path) -> str:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [KEY]}))
    return str(file)


def test_a_good_token_is_valid_with_every_rule_passed(jwks: str) -> None:
    told = run(
        "token",
        "verify",
        token(),
        "--jwks",
        jwks,
        "--issuer",
        "https://i",
        "--audience",
        "https://s",
        "--json",
    )
    answer = json.loads(told.stdout)
    assert told.exit_code == 0
    assert answer["verdict"] == "valid"
    assert {rule["result"] for rule in answer["rules"]} == {"pass"}


def test_a_bad_token_is_invalid_and_the_reason_is_on_top(jwks: str) -> None:
    told = run(
        "token", "verify", token(aud="https://other"), "--jwks", jwks, "--audience", "https://s", "--json"
    )
    answer = json.loads(told.stdout)
    assert told.exit_code == 2
    assert (answer["verdict"], answer["reason"]) == ("invalid", "audience")
    skipped = {rule["rule"] for rule in answer["rules"] if rule["result"] == "skipped"}
    assert skipped == {"issuer"}


def test_a_token_is_read_from_standard_input_and_judged_at_a_given_time(jwks: str) -> None:
    later = str(int(time.time()) + 400)
    told = run("token", "verify", "-", "--jwks", jwks, "--at", later, "--json", input=token() + "\n")
    assert json.loads(told.stdout)["reason"] == "expired"


def test_lines_for_people_end_with_the_verdict(jwks: str) -> None:
    assert run("token", "verify", token(), "--jwks", jwks).stdout.splitlines()[-1] == "valid 有效"


@pytest.mark.parametrize("content", ["", "[]", '{"keys":1}', '{"keys":[],"keys":[]}', "[" * 9000])
def test_a_file_that_is_no_key_set_is_bad_usage(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)
    told = run("jwks", "check", str(file), "--json")
    assert told.exit_code == 2
    assert "Traceback" not in told.output
    assert "next step" in told.stderr


def test_keys_are_accepted_or_refused_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [KEY, {"kty": "oct", "k": "AA"}]}))
    told = run("jwks", "check", str(file), "--json")
    answer = json.loads(told.stdout)
    assert told.exit_code == 2
    assert [key["accepted"] for key in answer["keys"]] == [True, False]
    assert answer["keys"][1]["reason"]
    assert "refused" in run("jwks", "check", str(file)).stdout


def test_a_single_key_is_a_set_of_one(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text(json.dumps(KEY))
    assert run("jwks", "check", str(file)).exit_code == 0
