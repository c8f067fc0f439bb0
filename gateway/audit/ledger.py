"""How the ledger grows: a head, some events and the time give the next records and the next head. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from gateway.audit.record import EPOCH, Columns, Record, read_event, recorded_ms, whole_milliseconds
from gateway.audit.tiles.model import Node, Tile, TiledTree
from gateway.proof.stub import leaf_at
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


class Reading(NamedTuple):
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


def seats(readings: Iterable[Reading]) -> set[Seat]:
    """All counters these events move."""
    consumers, providers = set[str | None](), set[str | None]()
    for reading in readings:
        consumers.add(reading.columns.consumer_org)
        providers.add(reading.columns.provider_org)
    moved = {(Side.CONSUMER, org) for org in consumers if org}
    return moved | {(Side.PROVIDER, org) for org in providers if org}


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
    tree = TiledTree(head.size, head.frontier, open_tile)
    recorded_at = max(whole_milliseconds(now), head.recorded_at)
    ms = recorded_ms(recorded_at)
    consumers, providers = _numbers(counters, Side.CONSUMER), _numbers(counters, Side.PROVIDER)
    records = []
    for idx, (event, columns, _) in enumerate(readings, head.size):
        consumer, provider = columns.consumer_org or "", columns.provider_org or ""
        cseq, pseq = _next(consumers, consumer), _next(providers, provider)
        leaf = leaf_at(idx, ms, consumer.encode(), provider.encode(), cseq, pseq, event)
        records.append(Record(idx, recorded_at, cseq, pseq, columns, event, leaf))
    tree.extend([record.leaf_hash for record in records])
    moved = {(Side.CONSUMER, org): last for org, last in consumers.items()}
    moved |= {(Side.PROVIDER, org): last for org, last in providers.items()}
    return Growth(
        records=tuple(records),
        fronts=tuple(reading.front for reading in readings),
        head=Head(tree.size, head.size, tree.root(), tree.frontier, recorded_at),
        counters=moved,
        filled=tuple(tree.filled),
    )


def _numbers(counters: Mapping[Seat, int], wanted: Side) -> dict[str, int]:
    return {org: last for (side, org), last in counters.items() if side is wanted}


def _next(numbers: dict[str, int], org: str) -> int:
    if not org:
        return 0
    numbers[org] = number = numbers.get(org, 0) + 1
    return number
