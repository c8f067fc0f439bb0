"""A glance at a record gives back the very bytes it was made from, and the writer's number without reading all of them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from ledgers import NOW, ORIGIN, event_bytes, said

from gateway.audit import Glance, Record
from gateway.audit.record import columns_of
from gateway.proof.event import id_text

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)


def glance_at(event: bytes) -> Glance:
    return Glance.at(Record(0, NOW, 0, 0, columns_of(event), event, bytes(32)))


@given(st.fixed_dictionaries(dict.fromkeys(("reason", "resource", "matter", "case", "purpose", "request_id", "grant_id"), TEXT)),
       st.integers(0, 10**6))  # fmt: skip
def test_the_bytes_come_back_whole_however_they_are_kept(fields: dict[str, Any], number: int) -> None:
    event = event_bytes(number, **fields)
    glance = glance_at(event)
    assert glance.whole() == event
    boot, n = glance.number() or ("", -1)
    assert (id_text(boot), n) == (str(ORIGIN.boot), number) == (said(event)["boot"], said(event)["n"])


def test_an_event_of_the_usual_kind_is_kept_in_two_parts_and_an_odd_one_in_one() -> None:
    assert glance_at(event_bytes(3)).event is None
    odd = glance_at(event_bytes(3, reason="a\x00b"))
    assert (odd.rest, odd.number()) == (None, glance_at(event_bytes(3)).number())


def test_what_is_no_event_has_no_number() -> None:
    assert glance_at(b"never an event").number() is None
