"""gw audit prove, tree-root and checkpoint: the contract for checks from outside."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.cli import main
from gateway.proof.checkpoint import Checkpoint
from gateway.proof.notes import ED25519, NoteKey, sign_note
from gateway.proof.proofs import consistency_proof, inclusion_proof, root_of

LEAVES: Final = [hashlib.sha256(str(number).encode()).digest() for number in range(11)]
PRIVATE: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY: Final = NoteKey("log.example", ED25519, PRIVATE.public_key().public_bytes_raw())


def run(*arguments: str, status: int, **more: Any) -> Any:
    done = CliRunner().invoke(main, ["audit", *arguments, "--json"], **more)
    assert done.exit_code == status, done.output
    return json.loads(done.stdout)


def joined(hashes: list[bytes]) -> str:
    return ",".join(one.hex() for one in hashes)


def inclusion(index: int, size: int = 11, **changes: str) -> list[str]:
    said = {
        "leaf-hash": LEAVES[min(index, 10)].hex(), "index": str(index), "size": str(size), "root": root_of(LEAVES).hex(),
        "proof": joined(inclusion_proof(LEAVES, min(index, 10))), **changes,
    }  # fmt: skip
    return ["prove", "inclusion", *(part for name, value in said.items() for part in (f"--{name}", value))]


def consistency(**changes: str) -> list[str]:
    said = {
        "size1": "6", "root1": root_of(LEAVES[:6]).hex(), "size2": "11", "root2": root_of(LEAVES).hex(),
        "proof": joined(consistency_proof(LEAVES, 6)), **changes,
    }  # fmt: skip
    return ["prove", "consistency", *(part for name, value in said.items() for part in (f"--{name}", value))]


def test_a_good_inclusion_proof_holds() -> None:
    told = run(*inclusion(7), status=0)
    assert (told["ok"], told["verdict"], told["reason"]) == (True, "valid", None)
    done = CliRunner().invoke(main, ["audit", *inclusion(7)])
    assert (done.exit_code, "成立" in done.output) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (inclusion(11), "index"), (inclusion(7, proof=""), "length"), (inclusion(7, root="00" * 32), "root"),
        (inclusion(7, root="00" * 31), "hash"), (inclusion(7, root="zz" * 32), "hash"), (inclusion(7, proof="ab,"), "hash"),
        (consistency(size1="0"), "size"), (consistency(size1="12"), "size"), (consistency(root1="11" * 32), "root1"),
        (consistency(root2="11" * 32), "root2"), (consistency(proof=""), "length"),
        (consistency(size2="6", root2="11" * 32, proof=""), "fork"),
    ],
    ids=["index", "no proof", "root", "short", "no hex", "empty hash", "from nothing", "backwards", "root1", "root2", "short2",
         "fork"],
)  # fmt: skip
def test_a_bad_proof_is_refused_with_its_reason(arguments: list[str], reason: str) -> None:
    told = run(*arguments, status=1)
    assert (told["ok"], told["verdict"], told["reason"]) == (False, "invalid", reason)
    assert told["detail"]
    assert told["detail_zh"]


def test_a_good_consistency_proof_holds() -> None:
    assert run(*consistency(), status=0)["size2"] == 11


def test_the_root_over_a_file_of_leaves_is_that_of_rfc_6962(tmp_path: Path) -> None:
    file = tmp_path / "leaves"
    for count in (0, 1, 11):
        file.write_text("".join(f"{leaf.hex()}\n" for leaf in LEAVES[:count]))
        assert run("tree-root", str(file), status=0) == {
            "ok": True,
            "size": count,
            "root": root_of(LEAVES[:count]).hex(),
            "leaves": "hashes" if count else "bytes",
        }
    assert run("tree-root", "-", status=0, input=f"{LEAVES[0].hex()}\n")["root"] == LEAVES[0].hex()
    file.write_text(f"{LEAVES[0].hex()}\n\n")
    told = run("tree-root", str(file), status=1)
    assert (told["reason"], "line 2" in told["detail"]) == ("hash", True)
    file.write_text(f"{LEAVES[0].hex()}\n{LEAVES[1].hex()[:-2]}\n")
    assert run("tree-root", str(file), status=1)["reason"] == "hash", "a hash cut short is no leaf"


def test_the_root_over_leaves_themselves_is_that_of_the_certificate_transparency_vectors(
    tmp_path: Path,
) -> None:
    file = tmp_path / "leaves"
    leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    for count, root in roots.items():
        file.write_text("".join(f"{leaf}\n" for leaf in leaves[:count]))
        told = run("tree-root", str(file), status=0)
        assert told == {"ok": True, "size": count, "root": root, "leaves": "bytes"}
    file.write_text("00\nzz\n")
    assert "line 2" in run("tree-root", str(file), status=1)["detail"]


def test_a_checkpoint_is_verified_under_a_key_given_as_text_or_file(tmp_path: Path) -> None:
    point, keys = tmp_path / "checkpoint", tmp_path / "keys"
    point.write_bytes(sign_note(Checkpoint("log.example", 11, root_of(LEAVES)).text, KEY.name, PRIVATE))
    keys.write_text(f"{KEY}\n")
    for key in (str(KEY), str(keys)):
        told = run("checkpoint", "verify", str(point), "--key", key, "--origin", "log.example", status=0)
        assert (told["size"], told["root"]) == (11, root_of(LEAVES).hex())
        assert told["signed_by"] == [{"key": str(KEY), "at": None}]
    assert (
        run("checkpoint", "verify", str(point), "--key", str(KEY), "--origin", "x", status=1)["reason"]
        == "origin"
    )
    assert run("checkpoint", "verify", str(point), "--key", "nonsense", status=1)["reason"] == "key"
    point.write_bytes(point.read_bytes().replace(b"\n11\n", b"\n12\n"))
    assert run("checkpoint", "verify", str(point), "--key", str(KEY), status=1)["reason"] == "signature"
