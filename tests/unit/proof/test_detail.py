"""Personal detail opens with its own opening and no other, and cannot be made to say two things."""

from uuid import UUID

import pytest

from gateway.proof.detail import open_detail, opening_of, seal_detail
from gateway.proof.refusal import Refused

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
