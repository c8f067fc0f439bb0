"""What an export consists of. Pure: the pack's words are those of :mod:`gateway.proof.pack_asked`."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from typing import Any, Final
from uuid import UUID

import orjson

from gateway.audit.model import Cause
from gateway.audit.record import Record, stub_at
from gateway.proof.chains import causes_of
from gateway.proof.event import content_of
from gateway.proof.pack_asked import Asked
from gateway.proof.pack_rows import Row
from gateway.proof.stub import Stub

RECORDS: Final = "records"
USE_RECORDS: Final = "use-records"
"""The archive pack of a department's use of data (Decree 809 Art. 29): all its records as consumer, sealed."""


class State(StrEnum):
    """Queued, running (also while it waits for its turn), done; or one of three other ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DESTROYED = "destroyed"


OPEN: Final = frozenset({State.QUEUED, State.RUNNING})
"""The states in which an export still goes on by itself."""


@dataclass(frozen=True, slots=True)
class Export:
    """An export as it stands.

    Attributes:
        asked: in the words of its record.
        records: how many the pack holds; ``rows`` to be written for it, tables included; None before that is known.
        rows_done: of them are written; ``size`` bytes of the pack in ``pieces`` are kept.
        position: what a process needs to go on; None before the first piece and when nothing is left to be done.
        reason: why it waits, failed or ended, as a word; empty if nothing is to be said.
        attempts: turns in a row that came to nothing.
        expires_at: when the pack is destroyed; known once it is whole, like ``sha256``.
        key: the export's own key, wrapped; None once it was destroyed.
        cause: its last record.
    """

    id: UUID
    asked_by: str
    org: str
    kind: str
    asked: Mapping[str, Any]
    state: State
    records: int | None
    rows: int | None
    rows_done: int
    size: int
    pieces: int
    position: Mapping[str, Any] | None
    reason: str
    attempts: int
    asked_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None
    key: bytes | None
    sha256: bytes | None
    cause: Cause


@dataclass(frozen=True, slots=True)
class Span:
    """A run of numbers of one side, both ends included, with the indices between which it lies, neighbours included."""

    side: str
    first: int
    last: int
    low_idx: int
    high_idx: int

    @property
    def count(self) -> int:
        """How many records it has."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides what a pack holds.

    Args:
        exported: the record of the export.
        linked: indices of records that are shown because a shown one follows from them.
        note: the signed checkpoint, of ``size`` records of ``origin``.
        places: indices of all records the pack holds, hidden ones too, rising.
    """

    asked: Asked
    exported: Record
    spans: tuple[Span, ...]
    linked: frozenset[int]
    note: bytes
    origin: str
    size: int
    places: Sequence[int] = ()

    @property
    def rows(self) -> int:
        """How many rows are written for it: every record once, and once more for every table."""
        return len(self.places) * (1 + len(self.asked.tables))

    def written(self) -> bytes:
        """As it is kept between two processes; ``asked`` and ``exported`` stand in the ledger."""
        steps = [place - before for before, place in zip((0, *self.places), self.places, strict=False)]
        spans = [(one.side, one.first, one.last, one.low_idx, one.high_idx) for one in self.spans]
        said = {"spans": spans, "linked": sorted(self.linked), "note": self.note.decode(), "origin": self.origin,
                "size": self.size, "steps": steps}  # fmt: skip
        return zlib.compress(orjson.dumps(said))

    @classmethod
    def read(cls, asked: Asked, exported: Record, written: bytes) -> "Plan":
        """The same again."""
        said = orjson.loads(zlib.decompress(written))
        return cls(
            asked, exported, tuple(Span(*one) for one in said["spans"]), frozenset(said["linked"]), said["note"].encode(),
            said["origin"], said["size"], tuple(accumulate(said["steps"])),
        )  # fmt: skip

    def has_inside(self, stub: Stub) -> bool:
        """Whether the record is in one of the spans, neighbours not counted."""
        numbers = self.asked.numbers(stub)
        return any(one.side in numbers and one.first <= numbers[one.side] <= one.last for one in self.spans)

    def is_matching(self, row: Row) -> bool:
        """Whether the record was asked for."""
        return self.has_inside(row.stub) and self.asked.wants(row.said)

    def row(self, record: Record) -> Row:
        """The record as the pack shows it: with its event, or hidden."""
        whole = row_of(record)
        if record.idx in self.linked or record.idx == self.exported.idx or self.is_matching(whole):
            return whole
        return Row(whole.stub, whole.leaf, None, None)


def stub_bytes(record: Record) -> bytes:
    """The stub of a record, which its leaf hashes."""
    return stub_at(record.idx, record.recorded_at, record.columns, record.cseq, record.pseq, record.event)


def row_of(record: Record) -> Row:
    """A record as a row, with its event."""
    return Row(Stub.read(stub_bytes(record)), record.leaf_hash, record.event, content_of(record.event))


def causes(rows: Iterable[Row]) -> set[UUID]:
    """The ids of events that these follow from."""
    found = set()
    for row in rows:
        for link in causes_of(row):
            try:
                found.add(UUID(link["id"]))
            except ValueError:
                continue
    return found
