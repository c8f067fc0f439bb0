"""Which secret a record takes, and what a pseudonym does not depend on."""

import hmac
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from gateway.audit.privacy.model import (
    Kind,
    Peppered,
    Period,
    Sealed,
    SubjectKind,
    detail_period,
    pepper_period,
    pseudonym,
)

PEPPER = bytes(range(32))


def test_a_record_takes_the_key_of_its_month_and_first_named_department() -> None:
    at = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert detail_period(at, "", "B" * 18) == Period(Kind.DETAIL, date(2026, 12, 1), "B" * 18)
    assert detail_period(at, "A" * 18, "B" * 18).name == "2026-12/" + "A" * 18
    assert detail_period(at).name == "2026-12/"
    assert pepper_period(at).name == "2026"


def test_months_and_years_are_counted_in_utc() -> None:
    beijing = timezone(timedelta(hours=8))
    new_year = datetime(2027, 1, 1, 7, 59, tzinfo=beijing)
    assert (detail_period(new_year).name, pepper_period(new_year).name) == ("2026-12/", "2026")


def test_a_sealed_detail_is_read_back_as_it_was_stored() -> None:
    held = Sealed(Period(Kind.DETAIL, date(2026, 11, 1), "A" * 18), b"\x00\x01")
    assert Sealed.read(held.stored()) == held


@pytest.mark.parametrize("stored", [{}, {"key": "2026/x", "sealed": ""}, {"key": "2026-11/", "sealed": "*"}])
def test_what_is_no_sealed_detail_is_not_read(stored: dict[str, str]) -> None:
    with pytest.raises((ValueError, KeyError)):
        Sealed.read(stored)


@pytest.mark.parametrize(
    "written", ["11010519491231002x", " 110105 19491231 002X", "１１０１０５19491231002X"]
)
def test_one_number_written_differently_is_one_subject(written: str) -> None:
    expected = pseudonym(PEPPER, SubjectKind.ID_NUMBER, "11010519491231002X")
    assert pseudonym(PEPPER, SubjectKind.ID_NUMBER, written) == expected
    assert len(expected) == 32


def test_kind_pepper_and_number_make_different_subjects() -> None:
    one = pseudonym(PEPPER, SubjectKind.ID_NUMBER, "440524188001010014")
    assert one != pseudonym(PEPPER, SubjectKind.PASSPORT, "440524188001010014")
    assert one != pseudonym(bytes(32), SubjectKind.ID_NUMBER, "440524188001010014")
    assert one != pseudonym(PEPPER, SubjectKind.ID_NUMBER, "440524188001010015")


@pytest.mark.parametrize("pepper", [b"", b"p", PEPPER, b"x" * 64])
def test_a_pseudonym_is_the_hmac_cut_to_sixteen_bytes(pepper: bytes) -> None:
    said = f"{SubjectKind.PHONE}\x0013800138000".encode()
    made = hmac.digest(pepper, said, "sha256")[:16].hex()
    assert Peppered(pepper).pseudonym(SubjectKind.PHONE, " 138 0013 8000") == made
    assert pseudonym(pepper, SubjectKind.PHONE, "１３８００１３８０００") == made
