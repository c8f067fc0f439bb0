"""``./gw receipt verify``: what scripts read, and the exit codes."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sealing import new_key

from gateway.cli import main
from gateway.seals.statement import seal_statement
from gateway.seals.statement_keys import jwk_of

SIGNER = new_key("p256")
ANSWER, NONCE = b'{"records":[]}', bytes(16)
PLACE = {"id": "1", "idx": 7, "sha256": "00"}
RECEIPT: dict[str, Any] = {
    "v": 1,
    "statement": "gateway-receipt",
    "issuer": {"org": "11621000MB00000011", "org_name": "庆阳市"},
    "sealed_at": "2026-10-01T04:00:00.000Z",
    "call": {
        "service": "s", "answered_at": "2026-10-01T04:00:00Z", "consumer_org": "a", "provider_org": "b", "grant_id": "g"
    },
    "answer": {"records": 0, "nonce": NONCE.hex(), "commitment": hashlib.sha256(NONCE + ANSWER).hexdigest()},
    "released": PLACE,
}  # fmt: skip
DECISION: dict[str, Any] = {
    **{name: RECEIPT[name] for name in ("v", "issuer", "sealed_at")},
    "statement": "gateway-decision",
    "acts": [{"at": "2026-10-01T04:00:00Z", "act": "grant.issued", "act_zh": "签发授权", "record": PLACE}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [jwk_of(SIGNER)]}))
    (tmp_path / "others.json").write_text(json.dumps({"keys": [jwk_of(new_key("p256"))]}))
    (tmp_path / "answer.json").write_bytes(ANSWER)
    return tmp_path


def run(folder: Path, content: dict[str, Any], *words: str, typ: str = "", keys: str = "keys.json") -> Result:
    sealed = seal_statement(typ or content["statement"], content, SIGNER, jwk_of(SIGNER))
    (folder / "it.json").write_text(json.dumps(sealed))
    wanted = ["receipt", "verify", str(folder / "it.json"), "--jwks", str(folder / keys), *words]
    return CliRunner().invoke(main, wanted)


def test_a_receipt_is_valid_and_says_what_it_is(folder: Path) -> None:
    told = run(folder, RECEIPT, "--answer", str(folder / "answer.json"), "--json")
    answer = json.loads(told.stdout)
    assert told.exit_code == 0
    assert (answer["verdict"], answer["kind"], answer["algorithm"]) == ("valid", "gateway-receipt", "ES256")
    assert {rule["rule"]: rule["result"] for rule in answer["rules"]} == dict.fromkeys(
        ("form", "header", "key", "signature", "content", "answer"), "pass"
    )
    assert answer["statement"] == RECEIPT


def test_a_person_reads_the_acts_of_a_decision(folder: Path) -> None:
    told = run(folder, DECISION)
    assert told.exit_code == 0
    assert "签发授权 grant.issued" in told.stdout
    assert told.stdout.endswith("valid 有效\n")


def test_exit_codes_tell_invalid_from_undecided(folder: Path) -> None:
    (folder / "answer.json").write_bytes(ANSWER + b" ")
    answer = ["--answer", str(folder / "answer.json"), "--json"]
    cases = [
        (run(folder, RECEIPT, *answer), 2, "answer"),
        (run(folder, DECISION, *answer), 2, "answer"),
        (run(folder, RECEIPT, "--json", keys="others.json"), 3, "key"),
        (run(folder, RECEIPT, "--json", typ="gateway-decision"), 2, "content"),
        (run(folder, {**RECEIPT, "v": 2}, "--json"), 2, "content"),
        (run(folder, {**RECEIPT, "call": 1}, "--json"), 2, "content"),
        (run(folder, {**DECISION, "acts": [1]}, "--json"), 2, "content"),
        (run(folder, {"statement": "gateway-receipt"}, "--json"), 2, "content"),
    ]
    for told, code, rule in cases:
        assert (told.exit_code, json.loads(told.stdout)["rule"]) == (code, rule)
        assert json.loads(told.stdout)["reason_zh"]


def test_a_file_that_is_no_statement_is_invalid_without_a_traceback(folder: Path) -> None:
    (folder / "bad.json").write_bytes(b"\xff{")
    wanted = ["receipt", "verify", str(folder / "bad.json"), "--jwks", str(folder / "keys.json")]
    told = CliRunner().invoke(main, wanted)
    assert told.exit_code == 2
    assert "invalid 无效" in told.stdout
