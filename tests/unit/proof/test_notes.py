"""Signed notes: a published example, our own, and everything a tolerant reader would let through."""

import base64
from datetime import UTC, datetime
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.proof.notes import (
    COSIGNATURE,
    ED25519,
    LARGEST_NOTE,
    NoteKey,
    cosigned_note,
    read_note,
    sign_note,
)
from gateway.proof.refusal import Refused

EXAMPLE_KEY: Final = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
EXAMPLE: Final = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()
"""The example of the Go package golang.org/x/mod/sumdb/note, which the format comes from."""
PRIVATE: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY: Final = NoteKey("log.example/qy", ED25519, PRIVATE.public_key().public_bytes_raw())
TEXT: Final = "log.example/qy\n3\nAAAA\n"
AT: Final = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def refused(data: bytes, *keys: NoteKey) -> str:
    with pytest.raises(Refused) as refusal:
        read_note(data).verified(keys or (KEY,))
    return refusal.value.reason


def test_the_published_example_verifies() -> None:
    key = NoteKey.parse(EXAMPLE_KEY)
    assert str(key) == EXAMPLE_KEY
    (signed,) = read_note(EXAMPLE).verified([key])
    assert (signed.key, signed.at) == (key, None)


def test_a_note_of_ours_verifies_and_any_changed_byte_of_its_text_does_not() -> None:
    note = sign_note(TEXT, KEY.name, PRIVATE)
    assert [signed.key for signed in read_note(note).verified([KEY])] == [KEY]
    for at in range(len(TEXT)):
        changed = bytearray(note)
        changed[at] ^= 1
        with pytest.raises(Refused):
            read_note(bytes(changed)).verified([KEY])


def test_a_cosignature_says_when_and_its_time_is_signed_too() -> None:
    witness = Ed25519PrivateKey.from_private_bytes(bytes(32))
    key = NoteKey("witness.example", COSIGNATURE, witness.public_key().public_bytes_raw())
    note = cosigned_note(sign_note(TEXT, KEY.name, PRIVATE), key.name, witness, AT)
    assert [(signed.key, signed.at) for signed in read_note(note).verified([key, KEY])] == [
        (key, AT),
        (KEY, None),
    ]
    name, body = read_note(note).lines[1]
    later = body[:4] + bytes([body[4], *body[5:11], body[11] ^ 1]) + body[12:]
    forged = note.replace(base64.b64encode(body), base64.b64encode(later))
    assert name == key.name
    assert refused(forged, key) == "signature"


def test_signers_nobody_asked_for_prove_nothing() -> None:
    note = sign_note(TEXT, KEY.name, PRIVATE)
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32).public_key().public_bytes_raw()
    assert refused(note, NoteKey(KEY.name, ED25519, stranger)) == "unsigned"
    assert refused(note, NoteKey("another.example", ED25519, KEY.public)) == "unsigned"
    assert refused(note, NoteKey(KEY.name, COSIGNATURE, KEY.public)) == "unsigned"


def line_of(note: bytes) -> bytes:
    return note.rpartition(b"\n\n")[2]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda note: note + line_of(note), "form"),
        (lambda note: note.removesuffix(b"\n"), "form"),
        (lambda note: note + b"\n", "form"),
        (lambda note: note.replace(b"\n\n", b"\n"), "form"),
        (lambda note: note.replace(b"\n", b"\r\n"), "text"),
        (lambda note: note.replace("— ".encode(), b"- "), "form"),
        (lambda note: note.replace("— ".encode(), "—  ".encode()), "form"),
        (lambda note: note[:-2] + b"\n", "form"),
        (lambda note: b"\xff" + note, "text"),
        (lambda note: b"\x00" + note, "text"),
        (lambda note: b"\n\n" + line_of(note), "form"),
        (lambda note: b"x" * LARGEST_NOTE + note, "size"),
        (lambda note: note[: -len(line_of(note))], "form"),
    ],
    ids=["twice", "no newline", "blank end", "no blank", "CR", "hyphen", "two blanks", "loose base64", "no UTF-8",
         "NUL", "no text", "too large", "unsigned"],
)  # fmt: skip
def test_another_form_is_refused(change: object, reason: str) -> None:
    note = sign_note(TEXT, KEY.name, PRIVATE)
    assert refused(change(note)) == reason  # type: ignore[operator]


def test_a_note_is_read_at_the_limit_and_refused_one_byte_beyond() -> None:
    rest = len(sign_note(TEXT, KEY.name, PRIVATE))
    for extra in (LARGEST_NOTE - rest, LARGEST_NOTE - rest + 1):
        note = sign_note("x" * extra + TEXT, KEY.name, PRIVATE)
        if extra == LARGEST_NOTE - rest:
            assert read_note(note).verified([KEY])
        else:
            assert refused(note) == "size"


@pytest.mark.parametrize(
    "text",
    ["", "name", "name+00000000+AAAA", EXAMPLE_KEY.replace("c74f20a3", "c74f20a4"), EXAMPLE_KEY.replace("+AR", "+Ah"),
     EXAMPLE_KEY.replace("PeterNeumann", "Peter Neumann"), EXAMPLE_KEY + "A"],
    ids=["empty", "name only", "short", "hash", "algorithm", "blank in name", "longer"],
)  # fmt: skip
def test_a_key_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        NoteKey.parse(text)
    assert refusal.value.reason == "key"
