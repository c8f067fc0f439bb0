"""Checkpoints: three lines and no more, of the log one asked for, signed by whom one trusts."""

import base64
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.proof.checkpoint import Checkpoint, read_checkpoint, verify_checkpoint
from gateway.proof.notes import ED25519, NoteKey, sign_note
from gateway.proof.refusal import Refused
from gateway.proof.tree import EMPTY_ROOT

PRIVATE: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ORIGIN: Final = "log.example/qy"
KEY: Final = NoteKey(ORIGIN, ED25519, PRIVATE.public_key().public_bytes_raw())
POINT: Final = Checkpoint(ORIGIN, 12, bytes(range(32)))


def test_a_signed_checkpoint_is_read_as_it_was_written() -> None:
    found, signed = verify_checkpoint(sign_note(POINT.text, ORIGIN, PRIVATE), [KEY], ORIGIN)
    assert found == POINT
    assert [one.key for one in signed] == [KEY]
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert read_checkpoint(empty.text) == empty


def test_a_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        verify_checkpoint(sign_note(POINT.text, ORIGIN, PRIVATE), [KEY], "log.example/pl")
    assert refusal.value.reason == "origin"


ROOT: Final = base64.b64encode(POINT.root).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n12\n{ROOT}\nextension\n", f"{ORIGIN}\n012\n{ROOT}\n", f"{ORIGIN}\n-1\n{ROOT}\n", f"{ORIGIN}\n+1\n{ROOT}\n",
        f"{ORIGIN}\n1_2\n{ROOT}\n", f"{ORIGIN}\n12\n{ROOT[:-4]}\n", f"{ORIGIN}\n12\n{ROOT}AAAA\n", f"{ORIGIN}\n12\n \n",
        f"\n12\n{ROOT}\n", f"{ORIGIN}\n12\n{ROOT}", f"{ORIGIN}\n{2**63}\n{ROOT}\n", f"{ORIGIN}\n0\n{ROOT}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{ROOT}\n", f"{ORIGIN}\n١٢\n{ROOT}\n",
    ],
    ids=["extension", "leading zero", "negative", "plus", "underscore", "short root", "long root", "no root", "no origin",
         "no newline", "too large", "empty log", "endless size", "other digits"],
)  # fmt: skip
def test_another_form_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_checkpoint(text)
    assert refusal.value.reason == "form"
