"""Events and whole ledgers for tests, without a database."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from gateway.audit import Event, EventType, Head, Origin, Outcome, Record, Who
from gateway.audit.forms import numbered, serialise
from gateway.audit.ledger import GENESIS, Reading, grow, seats
from gateway.audit.tiles.model import TILE_WIDTH
from gateway.proof.event import content_of

CONSUMER = "11621000MB00000011"
PROVIDER = "91350100M000100Y43"
NOW = datetime(2026, 9, 30, 8, 0, 0, 123456, tzinfo=UTC)
ORIGIN = Origin("node-1", UUID(int=7))
INSERT = (
    "INSERT INTO audit.inbox (batch, node, boot, events, size) "
    "SELECT $1, 'n', $1, string_agg(one, '\\x0a' ORDER BY place), count(*) "
    "FROM unnest($2::bytea[]) WITH ORDINALITY AS given (one, place)"
)
"""Puts events into the inbox: the batch's id, and the events as a list."""


def an_event(**fields: Any) -> Event:
    """A permitted call."""
    return Event(
        **{
            "type": EventType.CALL_INTENDED,
            "outcome": Outcome.ALLOW,
            "who": Who("client", "realty", CONSUMER),
            "consumer_org": CONSUMER,
            "provider_org": PROVIDER,
            "grant_id": str(UUID(int=99)),
            "detail": {"fields": ["name", "status"]},
        }
        | fields
    )


def event_bytes(number: int = 0, **fields: Any) -> bytes:
    """The stored bytes of one event, the same for the same number."""
    body = serialise(
        an_event(**fields),
        ORIGIN,
        event_id=UUID(int=number + 1),
        occurred_at=NOW + timedelta(milliseconds=number),
        nonce=number.to_bytes(16, "big"),
    )
    return numbered(body, number)


def said(event: bytes) -> dict[str, Any]:
    """What an event's bytes say."""
    content = content_of(event)
    assert content is not None
    return content


def a_ledger(events: Sequence[bytes], *, split: Iterable[int] = ()) -> tuple[list[Record], list[Head]]:
    """The ledger over these events, integrated in passes that end at the given places."""
    head, heads, records, counters = GENESIS, [GENESIS], [], {}
    places = [0, *sorted({place for place in split if 0 < place < len(events)}), len(events)]
    for start, end in pairwise(places):
        readings = [Reading.of(event) for event in events[start:end]]
        known = {seat: counters[seat] for seat in seats(readings) if seat in counters}
        leaves = [record.leaf_hash for record in records[start // TILE_WIDTH * TILE_WIDTH :]]
        growth = grow(head, known, readings, NOW, b"".join(leaves))
        head = growth.head
        heads.append(head)
        records.extend(growth.records)
        counters.update(growth.counters)
    return records, heads
