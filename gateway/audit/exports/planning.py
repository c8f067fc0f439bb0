"""From what was asked for to what the pack holds: spans, links, checkpoint; and the records of it, in order."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.audit.exports import store
from gateway.audit.exports.errors import NotSignedYet, PackTooLarge, RecordsDropped
from gateway.audit.exports.model import Plan, Span, causes, row_of
from gateway.audit.record import EPOCH, Record
from gateway.proof.checkpoint import read_checkpoint
from gateway.proof.notes import read_note
from gateway.proof.pack_asked import WHOLE_LOG, Asked
from gateway.storage import Connection, Database

_PAGE: Final = 1000
_FURTHEST: Final = 50
"""Links are followed so many steps; a chain from a call to the catalogue has six."""


async def spanned(database: Database, asked: Asked, exported: Record, records_max: int) -> Plan:
    """The plan of an export whose record is in the ledger, its links not looked for yet.

    Raises:
        NotSignedYet: no checkpoint covers the record yet.
        PackTooLarge: more than ``records_max`` records.
        RecordsDropped: some are no longer in the ledger.
    """
    async with database.connection() as connection:
        note = await store.checkpoint_beyond(connection, exported.idx)
        if note is None:
            raise NotSignedYet("the record of the export is not signed yet", "导出记录尚未签名")
        spans = tuple([await _span(connection, asked, exported, side) for side in asked.sides])
    if (count := sum(one.count for one in spans)) > records_max:
        raise PackTooLarge(
            f"{count} records, and a pack holds {records_max} at most",
            f"共 {count} 条，每包至多 {records_max} 条",
        )
    point = read_checkpoint(read_note(note).text)
    return Plan(asked, exported, spans, frozenset(), note, point.origin, point.size)


async def planned(database: Database, asked: Asked, exported: Record, records_max: int) -> Plan:
    """The whole plan; every record of the spans is read for it once.

    Raises:
        NotSignedYet, PackTooLarge, RecordsDropped: as for :func:`spanned`.
    """
    bare = await spanned(database, asked, exported, records_max)
    linked, places = await _linked(database, bare)
    return replace(bare, linked=linked, places=sorted({*places, *linked, exported.idx}))


async def pages_of(database: Database, plan: Plan, begin: int = 0) -> AsyncIterator[list[Record]]:
    """Every record the pack holds from an index on, hidden ones too, by index and each once, many at a time."""
    page = list[Record]()
    async for record in _records_of(database, plan, begin):
        page.append(record)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


async def _records_of(database: Database, plan: Plan, begin: int) -> AsyncIterator[Record]:
    sources = [
        store.span(database, one.side, plan.asked.org, max(one.low_idx, begin), one.high_idx)
        for one in plan.spans
    ]
    single = sorted(idx for idx in {*plan.linked, plan.exported.idx} if idx >= begin)
    sources.append(store.at_places(database, single))
    heads = [await anext(source, None) for source in sources]
    while waiting := [record for record in heads if record is not None]:
        found = min(waiting, key=lambda record: record.idx)
        for at, source in enumerate(sources):
            head = heads[at]
            if head is not None and head.idx == found.idx:
                heads[at] = await anext(source, None)
        yield found


async def _span(connection: Connection, asked: Asked, exported: Record, side: str) -> Span:
    tail = asked.numbers(row_of(exported).stub)[side]
    lowest = 0 if side == WHOLE_LOG else 1
    begins = await store.first_of(
        connection, side, asked.org, max(asked.first or 0, lowest), _instant(asked.since_ms)
    )
    first = begins[1] if begins and begins[0] <= exported.idx else tail + 1
    top = tail if asked.last is None else min(asked.last, tail)
    ends = await store.last_of(connection, side, asked.org, top, _instant(asked.until_ms), exported.idx)
    last = max(ends[1] if ends else lowest - 1, first - 1)
    if asked.since_ms is None and asked.first is None and first != lowest:
        raise _dropped()
    low = (
        await store.last_of(connection, side, asked.org, first - 1, None, exported.idx)
        if first > lowest
        else begins
    )
    high = await store.first_of(connection, side, asked.org, last + 1, None) if last < tail else ends
    low_idx = low[0] if low else exported.idx
    return Span(side, first, last, low_idx, min(high[0] if high else exported.idx, exported.idx))


@dataclass(slots=True)
class _Look:
    """What one reading of the spans finds: all places, those shown already, events they follow from, their applications."""

    plan: Plan
    expected: dict[str, int]
    places: list[int] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)
    waiting: set[UUID] = field(default_factory=set)
    applications: set[UUID] = field(default_factory=set)

    def take(self, page: list[Record]) -> None:
        for record in page:
            row = row_of(record)
            self.places.append(record.idx)
            for side, number in self.plan.asked.numbers(row.stub).items():
                self.expected[side] += number == self.expected[side]
            if self.plan.is_matching(row):
                self.shown.add(record.idx)
                self.waiting |= causes([row])
                self.applications |= _application(record)


async def _linked(database: Database, plan: Plan) -> tuple[frozenset[int], list[int]]:
    """Where those records are that matching ones follow from, however far back, and the seals on their applications; and where all
    records of the spans are.
    """
    look = _Look(plan, {one.side: one.first for one in plan.spans})
    async for page in pages_of(database, plan):
        await asyncio.to_thread(look.take, page)
    if any(look.expected[one.side] <= one.last for one in plan.spans):
        raise _dropped()
    linked, asked_for, waiting, end = set[int](), set[UUID](), look.waiting, plan.exported.idx
    for _ in range(_FURTHEST):
        waiting -= asked_for
        if not waiting:
            break
        asked_for |= waiting
        before = set[UUID]()
        async for record in store.of_events(database, sorted(waiting)):  # too many to be in memory at once
            if record.idx < end:
                linked.add(record.idx)
                before |= causes([row_of(record)])
                look.applications |= _application(record)
        waiting = before
    stamps = await store.stamps_on(database, sorted(look.applications))
    linked |= {one.idx for one in stamps if one.idx < end}
    return frozenset(linked - look.shown), look.places


def _application(record: Record) -> set[UUID]:
    return {record.columns.application_id} if record.columns.application_id else set()


def _instant(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else EPOCH + timedelta(milliseconds=milliseconds)


def _dropped() -> RecordsDropped:
    return RecordsDropped("records of this time were dropped from the ledger", "该时段的记录已移出账本")
