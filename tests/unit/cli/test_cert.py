"""``./gw cert verify`` with OCSP and with the policies of several authorities: verdict, exit code, JSON."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from certifying import Said, answer, new_pki, pem, write_authority
from click.testing import CliRunner
from sealing import DAY, NOW

from gateway.cli import main

PKI, OTHER = new_pki("p256"), new_pki("p256", "别处的根")
LEAF = PKI.issue("系统", extended_usage=("client_auth",))
ANSWERS = {
    "good": (answer(LEAF, PKI.root), 0, []),
    "by-responder": (answer(LEAF, PKI.root, responder=PKI.responder()), 0, []),
    "revoked": (answer(LEAF, PKI.root, Said("revoked", NOW - DAY)), 2, ["REVOKED"]),
    "unknown": (answer(LEAF, PKI.root, Said("unknown")), 3, ["NO_REVOCATION_INFO"]),
    "stale": (answer(LEAF, PKI.root, Said(following=NOW - DAY)), 3, ["NO_REVOCATION_INFO"]),
    "wrong-signer": (answer(LEAF, PKI.root, responder=OTHER.responder()), 3, ["NO_REVOCATION_INFO"]),
    "wrong-certid": (answer(LEAF, OTHER.root), 3, ["NO_REVOCATION_INFO"]),
    "not-ocsp": (b"rubbish", 3, ["NO_REVOCATION_INFO"]),
}


def verify(folder: Path, *words: object, purpose: str = "client") -> tuple[int, dict[str, Any]]:
    (folder / "chain.pem").write_bytes(pem(LEAF))
    plain = ["cert", "verify", folder / "chain.pem", "--purpose", purpose, "--at", NOW.isoformat(), "--json"]
    told = CliRunner().invoke(main, [str(word) for word in (*plain, *words)])
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    return told.exit_code, json.loads(told.stdout) if told.stdout.startswith("{") else {}


@pytest.mark.parametrize("name", list(ANSWERS))
def test_every_kind_of_answer_has_its_verdict(tmp_path: Path, name: str) -> None:
    content, code, codes = ANSWERS[name]
    (tmp_path / "anchors").mkdir()
    (tmp_path / "anchors" / "root.pem").write_bytes(pem(PKI.root))
    (tmp_path / "answer").write_bytes(content)
    exit_code, told = verify(tmp_path, "--anchors", tmp_path / "anchors", "--ocsp", tmp_path / "answer")
    assert (exit_code, told["codes"]) == (code, codes), told
    relied = [each["sha256"] for each in told["evidence"]]
    assert relied == ([hashlib.sha256(content).hexdigest()] if code != 3 else [])
    assert [remark.partition(":")[0] for remark in told["remarks"]] == (
        ["answer"] if name == "not-ocsp" else []
    )


def test_by_the_policies_of_several_authorities(tmp_path: Path) -> None:
    own = tmp_path / "authorities"
    write_authority(own, "one", PKI, sources=["ocsp"])
    write_authority(own, "other", OTHER, uses=["seal_maker"])
    (tmp_path / "good").write_bytes(ANSWERS["good"][0])
    (tmp_path / "list").write_bytes(PKI.crl())
    assert verify(tmp_path, "--authorities", own, "--ocsp", tmp_path / "good")[0] == 0
    code, told = verify(tmp_path, "--authorities", own, "--crl", tmp_path / "list")
    assert (code, told["codes"]) == (3, ["NO_REVOCATION_INFO"])
    code, told = verify(tmp_path, "--authorities", own, "--ocsp", tmp_path / "good", purpose="seal_maker")
    assert (code, told["codes"]) == (3, ["NO_ANCHOR", "NO_REVOCATION_INFO"])
    write_authority(own, "one", PKI, algorithms=["RSA"])
    assert verify(tmp_path, "--authorities", own) == (2, {})


def test_trust_is_named_once(tmp_path: Path) -> None:
    assert verify(tmp_path)[0] == 2
    assert verify(tmp_path, "--anchors", tmp_path, "--authorities", tmp_path)[0] == 2
