"""gw audit receipt, policy and checker; and the checker alone, in a process that knows nothing of the gateway."""

import hashlib
import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from receipts import BODY, LEAVES, LOG_KEY, NONCE, ORIGIN, RECEIPT, WITNESS_KEY, WITNESSED, note

from gateway.cli import main
from gateway.cli.audit_trust import policy_text
from gateway.proof.policy import read_policy
from gateway.proof.proofs import consistency_proof, inclusion_proof, root_of
from gateway.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the checker, a receipt, a policy, a body and a checkpoint."""
    place = tmp_path_factory.mktemp("evidence")
    assert CliRunner().invoke(main, ["audit", "checker", str(place / "checker")]).exit_code == 0
    for name, content in (("r", RECEIPT), ("policy", WITNESSED), ("body", BODY), ("note", note())):
        (place / name).write_bytes(content)
    (place / "changed").write_bytes(RECEIPT.replace(b"index 5", b"index 6"))
    (place / "leaves").write_text("".join(f"{leaf.hex()}\n" for leaf in LEAVES))
    return place


def alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The checker in a bare interpreter: no site, no environment, no gateway; cryptography from where it is installed."""
    start = (
        f"import sys, runpy; sys.path.append({sysconfig.get_paths()['platlib']!r}); sys.argv[0] = {str(folder / 'checker')!r}; "
        f"runpy.run_path({str(folder / 'checker')!r}, run_name='__main__')"
    )
    return subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", start, *arguments],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def joined(hashes: list[bytes]) -> str:
    return ",".join(one.hex() for one in hashes)


RECEIPT_CHECK = ("receipt", "verify", "r", "--policy", "policy")
INCLUSION = (
    "prove", "inclusion", "--leaf-hash", LEAVES[3].hex(), "--index", "3", "--size", "11", "--root", root_of(LEAVES).hex(),
    "--proof", joined(inclusion_proof(LEAVES, 3)),
)  # fmt: skip
CONSISTENCY = (
    "prove", "consistency", "--size1", "6", "--root1", root_of(LEAVES[:6]).hex(), "--size2", "11", "--root2",
    root_of(LEAVES).hex(), "--proof", joined(consistency_proof(LEAVES, 6)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (RECEIPT_CHECK, 0),
        ((*RECEIPT_CHECK, "--body", "body", "--nonce", NONCE.hex()), 0),
        ((*RECEIPT_CHECK, "--body", "note", "--nonce", NONCE.hex()), 1),
        (("receipt", "verify", "changed", "--policy", "policy"), 1),
        (INCLUSION, 0),
        ((*INCLUSION[:-1], ""), 1),
        (CONSISTENCY, 0),
        (("checkpoint", "verify", "note", "--key", str(LOG_KEY)), 0),
        (("checkpoint", "verify", "note", "--key", str(LOG_KEY), "--origin", "other"), 1),
        (("tree-root", "leaves"), 0),
    ],
)
def test_the_checker_alone_says_what_the_gateway_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], status: int
) -> None:
    monkeypatch.chdir(folder)
    ran = alone(folder, *arguments, "--json")
    ours = CliRunner().invoke(main, ["audit", *arguments, "--json"])
    assert (ran.returncode, ran.stderr) == (status, "")
    assert (ours.exit_code, json.loads(ours.stdout)) == (status, json.loads(ran.stdout))


def test_the_checker_is_small_and_the_same_bytes_each_time(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert CliRunner().invoke(main, ["audit", "checker", str(again)]).exit_code == 0
    first = (folder / "checker").read_bytes()
    assert hashlib.sha256(first).digest() == hashlib.sha256(again.read_bytes()).digest()
    assert len(first) < 65536
    assert again.stat().st_mode & 0o100
    assert CliRunner().invoke(main, ["audit", "checker", str(again)]).exit_code == 2


def test_the_checker_loads_nothing_of_the_gateway(folder: Path) -> None:
    script = (folder / "checker").read_bytes()
    assert b"gateway.audit" not in script
    ran = alone(folder, *RECEIPT_CHECK)
    assert (ran.returncode, "成立" in ran.stdout) == (0, True)


@pytest.mark.parametrize("arguments", [(), ("receipt",), ("receipt", "verify", "none", "--policy", "policy")])
def test_what_the_checker_cannot_understand_or_read_is_not_a_verdict(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    ran = alone(folder, *arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr


def test_an_installations_policy_names_its_log_its_witnesses_and_their_quorum() -> None:
    at: dict[str, Any] = {"name": "tianshui", "key": str(WITNESS_KEY), "url": "https://witness.example"}
    settings = Settings.model_validate(
        {
            "platform": {"base_url": "https://gateway.example"},
            "witnessing": {"witnesses": [at], "quorum_min": 1},
        }
    )
    text = policy_text([str(LOG_KEY)], settings)
    policy = read_policy(text.encode())
    assert policy.check(note()).checkpoint.origin == ORIGIN
    assert (policy.quorum, policy.groups) == ("witnesses", {"witnesses": (1, ("tianshui",))})
    assert text.splitlines()[0] == f"log {LOG_KEY} https://gateway.example/v1/audit/log"
    assert policy_text([str(LOG_KEY)], Settings()).endswith("quorum none\n")
