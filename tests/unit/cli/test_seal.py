"""``./gw seal`` and ``./gw cert``: verdicts, exit codes, and what scripts read."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main


def run(*words: object) -> Result:
    told = CliRunner().invoke(main, [str(word) for word in words])
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    return told


@pytest.fixture(scope="module", params=["sm2", "rsa"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("demo") / "authority"
    assert run("seal", "make", "authority", made, "--key", request.param).exit_code == 0
    (made / "document").write_bytes(b"document")
    for version in "145":
        esl, stamp = made / f"{version}.esl", made / f"{version}.stamp"
        assert run("seal", "make", "seal", "--authority", made, esl, "--version", version).exit_code == 0
        words = ("--seal", esl, "--document", made / "document")
        assert run("seal", "make", "stamp", "--authority", made, stamp, *words).exit_code == 0
    return made


def trust(folder: Path) -> tuple[object, ...]:
    anchors = ("--anchors", folder / "anchors", "--maker-anchors", folder / "maker-anchors")
    return (*anchors, "--crl", folder / "signers.crl", "--crl", folder / "makers.crl")


def answer(told: Result) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(told.stdout)
    return content


@pytest.mark.parametrize("version", list("145"))
def test_what_was_made_is_valid(folder: Path, version: str) -> None:
    told = run("seal", "verify", folder / f"{version}.stamp", "--document", folder / "document",
               *trust(folder), "--seal", folder / f"{version}.esl", "--json")  # fmt: skip
    assert told.exit_code == 0, told.output
    found = answer(told)
    assert (found["verdict"], found["version"], found["kind"]) == ("valid", version, "stamp")
    assert [step["step"] for step in found["steps"]] == [f"S{number}" for number in range(18)]
    assert found["holder"]["name"] == "示范单位印章"
    assert run("seal", "verify", folder / f"{version}.esl", *trust(folder)).exit_code == 0


def test_another_document_is_invalid_and_the_step_says_so(folder: Path) -> None:
    told = run("seal", "verify", folder / "4.stamp", "--document", folder / "4.esl", *trust(folder), "--json")
    assert told.exit_code == 2
    assert answer(told)["codes"][0] == "DATA_HASH"


def test_without_anchors_or_lists_it_is_indeterminate(folder: Path) -> None:
    told = run("seal", "verify", folder / "4.stamp", "--document", folder / "document")
    assert told.exit_code == 3
    assert told.stdout.splitlines()[-1] == "indeterminate 无法判定"
    assert run("seal", "verify", folder / "4.esl", "--anchors", folder / "maker-anchors").exit_code == 3


def test_a_list_that_is_no_list_proves_nothing(folder: Path) -> None:
    told = run("seal", "verify", folder / "4.esl", "--maker-anchors", folder / "maker-anchors",
               "--crl", folder / "document", "--json")  # fmt: skip
    assert told.exit_code == 3
    assert "document" in answer(told)["remarks"][0]


def test_a_file_that_is_neither_is_invalid(folder: Path) -> None:
    told = run("seal", "verify", folder / "document", "--json")
    assert told.exit_code == 2
    assert answer(told)["codes"] == ["FORMAT"]
    large = folder / "large"
    large.write_bytes(bytes(2_000_001))
    assert answer(run("seal", "verify", large, "--json"))["codes"] == ["LIMITS"]


def test_ten_years_later_the_seal_has_run_out(folder: Path) -> None:
    told = run(
        "seal", "verify", folder / "4.esl", *trust(folder), "--at", "2035-01-01T00:00:00+08:00", "--json"
    )
    assert told.exit_code == 2
    assert "OUTSIDE_SEAL_PERIOD" in answer(told)["codes"]


def test_a_time_without_offset_is_bad_usage(folder: Path) -> None:
    told = run("seal", "verify", folder / "4.esl", "--at", "2035-01-01T00:00:00")
    assert told.exit_code == 2
    assert "offset" in told.stderr


@pytest.mark.parametrize(
    ("anchors", "crl", "purpose", "code"),
    [
        ("anchors", "signers.crl", "seal", 0),
        ("anchors", "signers.crl", "client", 0),
        ("anchors", "makers.crl", "seal", 3),
        ("maker-anchors", "signers.crl", "seal", 3),
    ],
)
def test_a_chain_is_judged(folder: Path, anchors: str, crl: str, purpose: str, code: int) -> None:
    told = run("cert", "verify", folder / "signer.pem", "--anchors", folder / anchors, "--purpose", purpose,
               "--crl", folder / crl, "--json")  # fmt: skip
    assert told.exit_code == code, told.output
    assert {check["check"] for check in answer(told)["checks"]} == {"format", "leaf", "path", "revocation"}


def test_a_root_is_no_end_certificate_and_rubbish_is_none(folder: Path) -> None:
    words = ("--anchors", folder / "anchors", "--purpose", "seal")
    assert run("cert", "verify", folder / "anchors" / "root.pem", *words).exit_code == 2
    assert run("cert", "verify", folder / "document", *words).exit_code == 2
    outside = run("cert", "verify", folder / "signer.pem", *words, "--at", "2001-01-01T00:00:00Z", "--json")
    assert outside.exit_code == 2
    assert answer(outside)["codes"][0] == "OUTSIDE_VALIDITY"


def test_an_end_certificate_is_no_anchor(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_bytes((folder / "signer.pem").read_bytes())
    told = run("cert", "verify", folder / "signer.pem", "--anchors", tmp_path, "--purpose", "seal")
    assert told.exit_code == 2
    assert "not of a certification authority" in told.stderr


def test_nothing_is_overwritten_and_keys_are_the_owners(folder: Path) -> None:
    assert run("seal", "make", "authority", folder).exit_code == 2
    assert run("seal", "make", "seal", "--authority", folder, folder / "4.esl").exit_code == 2
    assert (folder / "signer.key").stat().st_mode & 0o077 == 0
