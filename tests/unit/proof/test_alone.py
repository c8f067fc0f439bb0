"""The folder is of use without the house: copied somewhere, it checks evidence with the standard library and cryptography."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import gateway.proof

PROGRAM = """
import sys
sys.path[:0] = [{place!r}, {packages!r}]
from proof.checkpoint import verify_checkpoint
from proof.notes import ED25519, NoteKey, sign_note
from proof.proofs import check_inclusion
from proof.stub import Stub, stub_of
from proof.tree import Tree, leaf_hash
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from proof.checkpoint import Checkpoint

leaf, tree = leaf_hash(stub_of(0, 0, "", "", 0, 0, b"x")), Tree()
tree.append(leaf)
check_inclusion(leaf, 0, 1, tree.root(), [])
key = Ed25519PrivateKey.generate()
trusted = NoteKey("log.example", ED25519, key.public_key().public_bytes_raw())
note = sign_note(Checkpoint("log.example", 1, tree.root()).text, "log.example", key)
print(verify_checkpoint(note, [trusted])[0].size, sorted(name for name in sys.modules if name.startswith("gateway")))
"""


def test_a_copy_of_the_folder_checks_a_log(tmp_path: Path) -> None:
    shutil.copytree(Path(gateway.proof.__file__).parent, tmp_path / "proof")
    program = PROGRAM.format(place=str(tmp_path), packages=sysconfig.get_paths()["platlib"])
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "1 []\n", "")
