"""Personal detail opens with its own opening and no other, and cannot be made to say two things."""

import base64
from typing import Any
from uuid import UUID

import pytest
from ledgers import NOW, an_event
from ledgers import ORIGIN as WRITER
from receipts import LOG, ORIGIN, PLAIN

from gateway.audit.forms import serialise
from gateway.proof import answers
from gateway.proof.checkpoint import Checkpoint
from gateway.proof.detail import open_detail, opening_of, personal_of, seal_detail
from gateway.proof.notes import sign_note
from gateway.proof.receipts import LogProof, write_proof
from gateway.proof.refusal import Refused
from gateway.proof.stub import stub_of
from gateway.proof.tree import leaf_hash

KEY, EVENT, OTHER = bytes(range(32)), UUID(int=1), UUID(int=2)
TEXT = b'{"operator":"x"}'
OPENING = opening_of(KEY, EVENT)
SEALED = seal_detail(OPENING, EVENT, TEXT)


def test_what_was_sealed_opens_again() -> None:
    assert open_detail(OPENING, EVENT, SEALED) == TEXT
    assert TEXT not in SEALED
    assert len(SEALED) == 32 + len(TEXT) + 16


def test_every_record_has_an_opening_of_its_own() -> None:
    assert opening_of(KEY, OTHER) != OPENING
    assert opening_of(bytes(32), EVENT) != OPENING


@pytest.mark.parametrize(
    ("opening", "event", "sealed", "reason"),
    [
        (opening_of(KEY, OTHER), EVENT, SEALED, "opening"),
        (OPENING[:31], EVENT, SEALED, "opening"),
        (b"", EVENT, SEALED, "opening"),
        (OPENING, OTHER, SEALED, "detail"),
        (OPENING, EVENT, SEALED[:-1], "detail"),
        (OPENING, EVENT, SEALED + b"\x00", "detail"),
        (OPENING, EVENT, SEALED[:32], "detail"),
        (OPENING, EVENT, b"", "opening"),
    ],
)
def test_nothing_else_opens(opening: bytes, event: UUID, sealed: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        open_detail(opening, event, sealed)
    assert refused.value.reason == reason


def test_no_changed_bit_passes() -> None:
    for place in range(len(SEALED)):
        changed = bytearray(SEALED)
        changed[place] ^= 1
        with pytest.raises(Refused):
            open_detail(OPENING, EVENT, bytes(changed))


STORED: dict[str, Any] = {
    "id": str(EVENT),
    "personal": {"key": "2026-11/", "sealed": base64.b64encode(SEALED).decode()},
}


def test_an_event_s_detail_is_read_with_its_opening_in_hexadecimal() -> None:
    assert personal_of(STORED, OPENING.hex()) == {"operator": "x"}


@pytest.mark.parametrize(
    ("event", "opening", "reason"),
    [
        (STORED, opening_of(KEY, OTHER).hex(), "opening"),
        (STORED, "zz", "opening"),
        (STORED, "", "opening"),
        ({**STORED, "id": str(OTHER)}, OPENING.hex(), "detail"),
        ({"id": str(EVENT)}, OPENING.hex(), "detail"),
        ({**STORED, "personal": {"sealed": "*"}}, OPENING.hex(), "detail"),
        ({**STORED, "personal": []}, OPENING.hex(), "detail"),
        ({}, OPENING.hex(), "detail"),
    ],
)
def test_no_other_event_or_opening_shows_a_detail(event: dict[str, Any], opening: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        personal_of(event, opening)
    assert refused.value.reason == reason


def receipt_of(event: bytes) -> bytes:
    """A receipt of the only record of a log."""
    stub = stub_of(0, 0, "", "", 0, 0, event)
    signed = sign_note(Checkpoint(ORIGIN, 1, leaf_hash(stub)).text, ORIGIN, LOG)
    return write_proof(LogProof(stub + event, 0, (), signed))


def test_a_receipt_with_its_opening_shows_who_asked() -> None:
    asked = an_event(consumer_org="", provider_org="")
    event = serialise(
        asked,
        WRITER,
        event_id=EVENT,
        occurred_at=NOW,
        nonce=bytes(16),
        personal=STORED["personal"],
    )
    receipt = receipt_of(event)
    told = answers.receipt(receipt, PLAIN, opening=OPENING.hex())
    assert told.members["personal"] == {"operator": "x"}
    assert 'personal 个人信息 {"operator": "x"}' in told.lines
    assert answers.receipt(receipt, PLAIN).members["personal"] is None
    other = answers.answered(lambda: answers.receipt(receipt, PLAIN, opening=opening_of(KEY, OTHER).hex()))
    assert (other.ok, other.members["reason"]) == (False, "opening")
