"""What an export consists of. Pure: the pack's words are those of :mod:`gateway.proof.pack_asked`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gateway.audit.record import Record, stub_at
from gateway.proof.chains import causes_of
from gateway.proof.event import content_of
from gateway.proof.pack_asked import Asked
from gateway.proof.pack_rows import Row
from gateway.proof.stub import Stub

RECORDS: Final = "records"
USE_RECORDS: Final = "use-records"
"""The archive pack of a department's use of data (Decree 809 Art. 29): all its records as consumer, sealed."""


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
    """

    asked: Asked
    exported: Record
    spans: tuple[Span, ...]
    linked: frozenset[int]
    note: bytes
    origin: str
    size: int

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
