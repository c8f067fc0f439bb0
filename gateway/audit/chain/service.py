"""Walking a chain, for auditors; the walk leaves a record before its answer leaves."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from gateway.audit.chain import store
from gateway.audit.chain.model import Chain, Step, causes_of, leads_to, links_of, subject_of
from gateway.audit.errors import NoSuchRecord
from gateway.audit.model import JSON, Event, Outcome, Who
from gateway.audit.record import Record
from gateway.audit.service import Recorder
from gateway.audit.types import EventType
from gateway.storage import Connection, Database

_BACK_RECORDS_MAX: Final = 500


class Chains:
    """The auditors' way along the links between records.

    Args:
        database: the reader zone's.
        record: makes ``audit.queried`` durable; if it fails, nothing is shown.
    """

    def __init__(self, database: Database, record: Recorder) -> None:
        self._database = database
        self._record = record

    async def walk(
        self, who: Who, event_id: UUID, *, limit: int = 50, after: int | None = None, request_id: str = ""
    ) -> Chain:
        """The chain a record stands in.

        Args:
            limit: records forward on a page, at least 1.
            after: only records forward with a higher index, from the page before.

        Raises:
            NoSuchRecord: there is none, or it is not ordered yet.
            AuditUnavailable: the query could not be recorded.
        """
        async with self._database.connection() as connection:
            chain = await _walked(connection, event_id, limit, after)
        asked: dict[str, JSON] = {"chain": str(event_id), "found": 0}
        if chain:
            asked["found"] = 1 + len(chain.back) + len(chain.forward)
        await self._record(
            Event(EventType.AUDIT_QUERIED, Outcome.ALLOW, who, request_id=request_id, detail=asked)
        )
        if chain is None:
            raise NoSuchRecord(f"no audit record has the id {event_id}", f"没有编号为 {event_id} 的审计记录")
        return chain


async def _walked(connection: Connection, event_id: UUID, limit: int, after: int | None) -> Chain | None:
    known: dict[UUID, Record | None] = {**await store.records_of(connection, [event_id])}
    if (start := known.get(event_id)) is None:
        return None
    layers = await _back(connection, [start], known, beneath=-1)
    back = [
        Step(record, links_of(record, known), distance)
        for distance, layer in enumerate(layers, 1)
        for record in layer
    ]
    later = await _later(connection, start, limit + 1, start.idx if after is None else after)
    page = later[:limit]
    await _back(connection, page, known, beneath=start.idx)
    forward = [
        Step(record, links_of(record, known), follows=leads_to(record, event_id, known)) for record in page
    ]
    more = page[-1].idx if len(later) > limit else None
    return Chain(Step(start, links_of(start, known)), tuple(back), tuple(forward), more)


async def _later(connection: Connection, start: Record, limit: int, after: int) -> list[Record]:
    about = subject_of(start)
    if about is None:
        return []
    return await store.later_records(connection, start, about, after=after, limit=limit)


async def _back(
    connection: Connection, begin: Iterable[Record], known: dict[UUID, Record | None], beneath: int
) -> list[list[Record]]:
    """Bring in what the records follow from, layer by layer; records at or below ``beneath`` are not gone back from.

    A chain longer than five hundred records ends there: what lies further back is asked for from its last record.
    """
    layers: list[list[Record]] = []
    layer = list(begin)
    while layer and len(known) <= _BACK_RECORDS_MAX:
        wanted = {
            cause
            for record in layer
            if record.idx > beneath
            for cause, _ in causes_of(record)
            if cause not in known
        }
        if not wanted:
            break
        found = await store.records_of(connection, wanted)
        known.update({cause: found.get(cause) for cause in wanted})
        layer = sorted(found.values(), key=lambda record: record.idx, reverse=True)
        layers += [layer] if layer else []
    return layers
