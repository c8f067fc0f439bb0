"""Does the ledger still say what it said? The tree is rebuilt from the stored bytes, and everything else is compared.

Pure: records and heads come from a database or from a dump, in order, and memory does not grow with them. A
tail cut off together with its heads, or a history rewritten as a whole, shows only beside a head kept elsewhere: the
checkpoint that was signed.
"""

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.audit.ledger import GENESIS, Head, Seat, Side
from gateway.audit.record import Columns, Piece, Record, columns_of, leaf_of, recorded_ms
from gateway.audit.tiles.model import TILE_WIDTH, Gone, Node, Tile, TiledTree
from gateway.audit.types import EventType
from gateway.proof.checkpoint import Checkpoint
from gateway.proof.stub import leaf_at
from gateway.proof.tree import Tree


class Problem(StrEnum):
    """What does not fit."""

    RECORD_MISSING = "record-missing"
    RECORD_EXTRA = "record-extra"
    COLUMN_DIFFERS = "column-differs"
    LEAF_DIFFERS = "leaf-differs"
    COUNTER_GAP = "counter-gap"
    DROP_UNRECORDED = "drop-unrecorded"
    TIME_FALLS = "time-falls"
    HEAD_MISSING = "head-missing"
    HEAD_BROKEN = "head-broken"
    ROOT_DIFFERS = "root-differs"
    TILE_MISSING = "tile-missing"
    TILE_DIFFERS = "tile-differs"
    LINE_DAMAGED = "line-damaged"
    SIGNED_HEAD_MISSING = "signed-head-missing"
    SIGNED_HEAD_DIFFERS = "signed-head-differs"
    FIGURE_DIFFERS = "figure-differs"
    CHECKPOINT_DIFFERS = "checkpoint-differs"
    COSIGNATURE_DIFFERS = "cosignature-differs"
    STAMP_DIFFERS = "stamp-differs"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first record that does not fit.

    Args:
        idx: its index; where a head does not fit its records, the first record it newly covers.
        event_id: the event's id as found there, if one was found.
        what: the column, or the place, in words.
        last_idx: with a head, the last record it covers: the change lies between ``idx`` and this.
        line: in a dump, the line.
    """

    problem: Problem
    idx: int
    what: str
    event_id: UUID | None = None
    expected: str = ""
    found: str = ""
    last_idx: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything fits: the number of records and the root over them."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """How far a log was verified: the head, the last number of every department on either side, and how many records were
    dropped from its beginning."""

    head: Head
    counters: Mapping[Seat, int]
    gone: int = 0


_COLUMNS: Final = Columns._fields


class _Written(dict[str | None, bytes]):
    """Departments as they stand in a leaf."""

    def __missing__(self, org: str | None) -> bytes:
        self[org] = written = (org or "").encode()
        return written


class Verification:
    """Takes the ledger item by item.

    Each head follows its last record directly, after the tiles and nodes that record filled. After the first finding
    nothing more may be given.

    Args:
        signed: what the log once signed of itself; it must be one of the heads.
        tiles: whether tiles and nodes come too, and all of them.
        start: what was verified before; only what follows its head is given.
        open_tile: the leaf hashes after its last full tile, joined.
    """

    def __init__(
        self,
        signed: Checkpoint | None = None,
        *,
        tiles: bool = False,
        start: Verified | None = None,
        open_tile: bytes = b"",
    ) -> None:
        self._signed = signed
        head = start.head if start else GENESIS
        tree = TiledTree(head.size, head.frontier, open_tile)
        self._tree = tree if tiles else Tree(head.size, head.frontier)
        self._filled = tree.filled
        self._last: Head | None = start.head if start else None
        self._recorded_at: datetime = head.recorded_at
        counters = start.counters if start else {}
        self._counters: dict[Side, dict[str, int]] = {
            side: {org: last for (on, org), last in counters.items() if on is side} for side in Side
        }
        self._gone = self._recorded_gone = start.gone if start else 0
        self._written = _Written()

    @property
    def size(self) -> int:
        """Records that fit so far."""
        return self._tree.size

    @property
    def verified(self) -> Verified:
        """The last head that fits, with the numbers given so far."""
        counters = {
            (side, org): last for side, counted in self._counters.items() for org, last in counted.items()
        }
        return Verified(self._last or GENESIS, counters, self._gone)

    def take(self, item: Record | list[Piece] | Gone | Tile | Node | Head) -> Finding | None:
        """The next item, or pieces of many records of which only the last may fill a tile; a finding if it does not fit."""
        if isinstance(item, Tile | Node):
            return self._kept_hashes(item)
        if self._filled:
            return _missing(self._filled[0])
        if isinstance(item, list):
            return self._many(item)
        if isinstance(item, Gone):
            return self._dropped(item)
        return self._record(item) if isinstance(item, Record) else self._head(item)

    def end(self) -> Finding | Verdict:
        """No more items."""
        if self._filled:
            return _missing(self._filled[0])
        covered = self._last.size if self._last else 0
        if self._last is None or covered < self.size:
            return Finding(Problem.HEAD_MISSING, covered, "no head covers this record and those after it")
        if self._gone > self._recorded_gone:
            what = "records are gone, and no record says that they were disposed of"
            return Finding(Problem.DROP_UNRECORDED, self._recorded_gone, what, last_idx=self._gone - 1)
        if self._signed is not None:
            what = f"the log was signed at {self._signed.size} records, and no head of this size is left"
            return Finding(Problem.SIGNED_HEAD_MISSING, min(self.size, self._signed.size), what)
        return Verdict(self.size, self._last.root)

    def _record(self, record: Record) -> Finding | None:
        finding = self._place(record) or self._columns(record) or self._time(record) or self._numbers(record)
        if finding:
            return finding
        leaf = leaf_of(record.idx, record.recorded_at, record.columns, record.cseq, record.pseq, record.event)
        if leaf != record.leaf_hash:
            return _about(record, Problem.LEAF_DIFFERS, "leaf_hash", leaf.hex(), record.leaf_hash.hex())
        self._tree.append(leaf)
        self._recorded_at = record.recorded_at
        if record.columns.type == EventType.RETENTION_DROPPED:
            self._recorded_gone = max(self._recorded_gone, _beyond(record))
        return None

    def _many(self, pieces: list[Piece]) -> Finding | None:
        """As :meth:`_record` for many; one that looks odd is taken as a record, so that what is odd is named."""
        while (fitting := self._fitting(pieces)) < len(pieces):
            idx, recorded_at, cseq, pseq, _, _, leaf, event, _ = pieces[fitting]
            record = Record(idx, recorded_at, cseq, pseq, columns_of(event), event, leaf)
            if finding := self._record(record):
                return finding
            pieces = pieces[fitting + 1 :]
        return None

    def _fitting(self, pieces: list[Piece]) -> int:
        """Take pieces as long as they fit, how many; their columns are part of their bytes and so of their leaves."""
        consumers, providers = self._counters[Side.CONSUMER], self._counters[Side.PROVIDER]
        size, at, leaves, written = self._tree.size, self._recorded_at, list[bytes](), self._written
        ms = recorded_ms(at)
        for idx, recorded_at, cseq, pseq, consumer, provider, leaf, event, _ in pieces:
            if recorded_at != at:
                if recorded_at < at or recorded_at.microsecond % 1000:
                    break
                at, ms = recorded_at, recorded_ms(recorded_at)
            if (
                idx != size
                or cseq != (consumers.get(consumer, 0) + 1 if consumer else 0)
                or pseq != (providers.get(provider, 0) + 1 if provider else 0)
                or leaf != leaf_at(idx, ms, written[consumer], written[provider], cseq, pseq, event)
            ):
                break
            if consumer:
                consumers[consumer] = cseq
            if provider:
                providers[provider] = pseq
            leaves.append(leaf)
            size += 1
        if leaves:
            self._tree.extend(leaves)
            self._recorded_at = pieces[len(leaves) - 1][1]
        return len(leaves)

    def _dropped(self, item: Gone) -> Finding | None:
        """Dropped records lie before all others; their heads still say whether their leaves are the ones that were hashed."""
        if item.idx != self.size or self._gone != self.size:
            what = "the leaf of a dropped record"
            return Finding(Problem.RECORD_MISSING, self.size, what, None, str(self.size), str(item.idx))
        self._tree.append(item.leaf_hash)
        self._gone = self.size
        return None

    def _kept_hashes(self, item: Tile | Node) -> Finding | None:
        if not self._filled:
            what = "a tile or node of the tree where no records fill one"
            return Finding(Problem.TILE_DIFFERS, self.size, what, found=_place_of(item))
        wanted = self._filled.pop(0)
        if item == wanted:
            return None
        if _place_of(item) != _place_of(wanted):
            return _missing(wanted)
        if isinstance(item, Tile) and isinstance(wanted, Tile):
            return _differing_leaf(item, wanted)
        what, last = _place_of(wanted), wanted.size - 1
        expected, found = (str(one.hash.hex()) for one in (wanted, item) if isinstance(one, Node))
        return Finding(Problem.TILE_DIFFERS, wanted.first, what, None, expected, found, last_idx=last)

    def _place(self, record: Record) -> Finding | None:
        if record.idx == self.size:
            return None
        if record.idx < self.size:
            return _about(record, Problem.RECORD_EXTRA, "idx", str(self.size), str(record.idx))
        return Finding(
            Problem.RECORD_MISSING, self.size, "idx", expected=str(self.size), found=str(record.idx)
        )

    def _columns(self, record: Record) -> Finding | None:
        derived = columns_of(record.event)
        if derived == record.columns:
            return None
        name, wanted, found = next(
            (name, wanted, found)
            for name, wanted, found in zip(_COLUMNS, derived, record.columns, strict=True)
            if wanted != found
        )
        return _about(record, Problem.COLUMN_DIFFERS, name, _shown(wanted), _shown(found))

    def _time(self, record: Record) -> Finding | None:
        at = record.recorded_at
        if at.microsecond % 1000:
            return _about(record, Problem.COLUMN_DIFFERS, "recorded_at", "whole milliseconds", at.isoformat())
        if at < self._recorded_at:
            return _about(
                record,
                Problem.TIME_FALLS,
                "recorded_at",
                f"≥ {self._recorded_at.isoformat()}",
                at.isoformat(),
            )
        return None

    def _numbers(self, record: Record) -> Finding | None:
        columns = record.columns
        for name, side, org, found in (
            ("cseq", Side.CONSUMER, columns.consumer_org, record.cseq),
            ("pseq", Side.PROVIDER, columns.provider_org, record.pseq),
        ):
            unknown = found - 1 if self._gone and found else 0
            wanted = self._counters[side].get(org, unknown) + 1 if org else 0
            if wanted != found:
                return _about(record, Problem.COUNTER_GAP, name, str(wanted), str(found))
            if org:
                self._counters[side][org] = wanted
        return None

    def _head(self, head: Head) -> Finding | None:
        last, self._last = self._last, head
        if last is None:
            if head == GENESIS:
                return None
            return Finding(Problem.HEAD_BROKEN, 0, "the first head is not that of an empty tree")
        if head.size > self.size:
            return Finding(
                Problem.RECORD_MISSING, self.size, "idx", expected=str(self.size), last_idx=head.size - 1
            )
        if head.size < self.size or head.prev_size != last.size:
            return _covering(head, last, Problem.HEAD_BROKEN, "prev_size", last.size, head.prev_size)
        if head.size <= self._gone:
            self._recorded_at = head.recorded_at
        for name, wanted, found in (
            ("root", self._tree.root().hex(), head.root.hex()),
            ("frontier", self._tree.frontier.hex(), head.frontier.hex()),
            ("recorded_at", self._recorded_at.isoformat(), head.recorded_at.isoformat()),
        ):
            if wanted != found:
                return _covering(head, last, Problem.ROOT_DIFFERS, name, wanted, found)
        return self.beside_the_signed(head)

    def beside_the_signed(self, head: Head) -> Finding | None:
        """A finding if this head is of the signed size and has another root."""
        signed = self._signed
        if signed is None or head.size != signed.size:
            return None
        if head.root != signed.root:
            what = "the log was rewritten after it was signed"
            found, last = head.root.hex(), max(head.size - 1, 0)
            return Finding(
                Problem.SIGNED_HEAD_DIFFERS, 0, what, None, signed.root.hex(), found, last_idx=last
            )
        self._signed = None
        return None


def _beyond(record: Record) -> int:
    """Up to where a disposal says that records are gone; 0 if it is not said as the gateway says it."""
    said = record.content().get("detail")
    beyond = said.get("beyond") if isinstance(said, dict) else None
    return beyond if isinstance(beyond, int) else 0


def _place_of(item: Tile | Node) -> str:
    return f"tile {item.n}" if isinstance(item, Tile) else f"node {item.n} of level {item.level}"


def _missing(wanted: Tile | Node) -> Finding:
    return Finding(Problem.TILE_MISSING, wanted.first, _place_of(wanted), last_idx=wanted.size - 1)


def _differing_leaf(found: Tile, wanted: Tile) -> Finding:
    """The first leaf in which a tile differs from what the records give."""
    pairs = [(found.leaf(place), wanted.leaf(place)) for place in range(TILE_WIDTH)]
    place = next((place for place, (one, other) in enumerate(pairs) if one != other), 0)
    is_, should = pairs[place]
    what = f"the leaf hash in {_place_of(wanted)}"
    return Finding(Problem.TILE_DIFFERS, wanted.first + place, what, None, should.hex(), is_.hex())


def in_order(records: Iterable[Record], heads: Iterable[Head]) -> Iterator[Record | Head]:
    """Records by index and heads by size as one stream: each head right after its last record."""
    waiting = iter(heads)
    head = next(waiting, None)
    for record in records:
        while head is not None and head.size <= record.idx:
            yield head
            head = next(waiting, None)
        yield record
    while head is not None:
        yield head
        head = next(waiting, None)


async def verify_stream(
    ledger: AsyncGenerator[Record | list[Piece] | Gone | Tile | Node | Head, None],
    signed: Checkpoint | None = None,
) -> Finding | Verdict:
    """As :func:`verify`, for records, tiles, nodes and heads that come in order from a database."""
    verification = Verification(signed, tiles=True)
    async with aclosing(ledger) as items:
        async for item in items:
            if finding := verification.take(item):
                return finding
    return verification.end()


def verify(records: Iterable[Record], heads: Iterable[Head]) -> Finding | Verdict:
    """Check a whole ledger: the first record that does not fit, or the verdict that all do."""
    verification = Verification()
    for item in in_order(records, heads):
        if finding := verification.take(item):
            return finding
    return verification.end()


def _about(record: Record, problem: Problem, what: str, expected: str, found: str) -> Finding:
    return Finding(problem, record.idx, what, record.columns.event_id, expected, found)


def _covering(
    head: Head, last: Head, problem: Problem, what: str, expected: object, found: object
) -> Finding:
    return Finding(
        problem, last.size, what, None, str(expected), str(found), last_idx=max(head.size - 1, last.size)
    )


def _shown(value: object) -> str:
    return "" if value is None else str(value)
