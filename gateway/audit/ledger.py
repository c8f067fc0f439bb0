"""How the ledger grows: a head, some events and the time give the next records and the next head. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from gateway.audit.record import EPOCH, Columns, Record, leaf_of, read_event, whole_milliseconds
from gateway.audit.tiles.model import Node, Tile, TiledTree
from gateway.proof.tree import EMPTY_ROOT


class Side(StrEnum):
    """Which department of an event a counter counts for."""

    CONSUMER = "consumer"
    PROVIDER = "provider"


Seat: TypeAlias = tuple[Side, str]


@dataclass(frozen=True, slots=True)
class Head:
    """A state of the tree: its size, the size it grew from, its root and frontier, the last record's time."""

    size: int
    prev_size: int | None
    root: bytes
    frontier: bytes
    recorded_at: datetime


GENESIS = Head(0, None, EMPTY_ROOT, b"", EPOCH)


@dataclass(frozen=True, slots=True)
class Reading:
    """An event's bytes beside the columns they give, and how many of its first bytes these columns are."""

    event: bytes
    columns: Columns
    front: int = 0

    @classmethod
    def of(cls, event: bytes) -> "Reading":
        """Read the bytes."""
        return cls(event, *read_event(event))


@dataclass(frozen=True, slots=True)
class Growth:
    """New records in order, how many first bytes of each its columns are, the head after them, the counters they moved, the tiles
    and nodes they filled."""

    records: tuple[Record, ...]
    fronts: tuple[int, ...]
    head: Head
    counters: Mapping[Seat, int]
    filled: tuple[Tile | Node, ...] = ()


def seats_of(columns: Columns) -> tuple[Seat | None, Seat | None]:
    """The counters an event moves: its consumer's and its provider's."""
    consumer = (Side.CONSUMER, columns.consumer_org) if columns.consumer_org else None
    provider = (Side.PROVIDER, columns.provider_org) if columns.provider_org else None
    return consumer, provider


def seats(readings: Iterable[Reading]) -> set[Seat]:
    """All counters these events move."""
    return {seat for reading in readings for seat in seats_of(reading.columns) if seat}


def grow(
    head: Head,
    counters: Mapping[Seat, int],
    readings: Sequence[Reading],
    now: datetime,
    open_tile: bytes = b"",
) -> Growth:
    """Order the events behind the head: indices and counters dense, the time never falling.

    Args:
        counters: the last number of every seat in ``readings``; a seat not named is at 0.
        open_tile: the leaf hashes after the last full tile, joined, if these events fill it.

    Raises:
        ValueError: they fill a tile, and ``open_tile`` is not what lies in it.
    """
    tree, moved = TiledTree(head.size, head.frontier, open_tile), dict(counters)
    recorded_at = max(whole_milliseconds(now), head.recorded_at)
    records = []
    for reading in readings:
        cseq, pseq = (_next(moved, seat) for seat in seats_of(reading.columns))
        leaf = leaf_of(tree.size, recorded_at, reading.columns, cseq, pseq, reading.event)
        records.append(Record(tree.size, recorded_at, cseq, pseq, reading.columns, reading.event, leaf))
        tree.append(leaf)
    return Growth(
        records=tuple(records),
        fronts=tuple(reading.front for reading in readings),
        head=Head(tree.size, head.size, tree.root(), tree.frontier, recorded_at),
        counters=moved,
        filled=tuple(tree.filled),
    )


def _next(counters: dict[Seat, int], seat: Seat | None) -> int:
    if seat is None:
        return 0
    counters[seat] = counters.get(seat, 0) + 1
    return counters[seat]
