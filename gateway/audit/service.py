"""Reading the audit log, as auditors do (审计管理员). Every reading of records leaves a record itself."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import BinaryIO, TypeAlias
from uuid import UUID

from gateway.audit import store
from gateway.audit.dump import write_dump
from gateway.audit.errors import NoSuchRecord, NothingSigned, NothingWitnessed
from gateway.audit.figures.store import first_difference
from gateway.audit.glance import Glance
from gateway.audit.ledger import Head
from gateway.audit.model import JSON, Event, Outcome, Who, Written
from gateway.audit.record import Record
from gateway.audit.search.model import Filter, Page
from gateway.audit.search.store import find_records
from gateway.audit.types import EventType
from gateway.audit.verify import Finding, Verdict, verify_stream
from gateway.audit.witnessing.model import Stage
from gateway.audit.witnessing.store import newest, note_of, reached
from gateway.proof.checkpoint import Checkpoint
from gateway.storage import Database

Recorder: TypeAlias = Callable[[Event], Awaitable[Written]]
"""What makes an event durable: ``AuditLog.append``, or on the box ``emit`` on a connection in autocommit."""


class AuditReader:
    """The auditors' way to the records.

    Args:
        database: the reader zone's.
        record: makes ``audit.queried`` durable; if it fails, nothing is shown.
        quorum: how many cosignatures make a checkpoint witnessed.
    """

    def __init__(self, database: Database, record: Recorder, quorum: int = 0) -> None:
        self._database = database
        self._record = record
        self._quorum = quorum

    async def find(
        self, who: Who, wanted: Filter, *, limit: int = 50, before: int | None = None, request_id: str = ""
    ) -> Page:
        """Records that pass the filter, newest first.

        Args:
            limit: records on a page, at least 1.
            before: only records with a lower index, from the page before.

        Raises:
            AuditUnavailable: the query could not be recorded.
        """
        async with self._database.connection() as connection:
            found = await find_records(connection, wanted, before=before, limit=limit + 1)
        page = Page(tuple(found[:limit]), found[limit - 1].idx if len(found) > limit else None)
        asked: dict[str, JSON] = wanted.stated() | {"limit": limit, "found": len(page.records)}
        if before is not None:
            asked["before"] = before
        await self._queried(who, asked, request_id)
        return page

    async def get(self, who: Who, event_id: UUID, *, request_id: str = "") -> Record:
        """One record by its event id.

        Raises:
            NoSuchRecord: there is none, or it is not ordered yet (a fraction of a second after its act).
            AuditUnavailable: the query could not be recorded.
        """
        async with self._database.connection() as connection:
            found = await store.find_record(connection, event_id)
        await self._queried(who, {"event_id": str(event_id), "found": int(found is not None)}, request_id)
        if found is None:
            raise NoSuchRecord(f"no audit record has the id {event_id}", f"没有编号为 {event_id} 的审计记录")
        return found

    async def acts_on(self, application: UUID, types: Sequence[EventType]) -> list[Record]:
        """What was done of these types on an application, oldest first, for a room that records itself what it shows of it."""
        async with self._database.connection() as connection:
            return await store.first_acts(connection, application, types)

    async def evidence(self, event_id: UUID) -> Record | None:
        """One record, for a room that records itself what it shows of it; None if it is not in the ledger (yet)."""
        async with self._database.connection() as connection:
            return await store.find_record(connection, event_id)

    async def of_request(self, request_id: UUID, kind: EventType) -> Record | None:
        """:meth:`evidence` by the request that left the record."""
        async with self._database.connection() as connection:
            return await store.find_of_request(connection, request_id, kind)

    async def following(self, first: int, count: int) -> list[Record]:
        """Records from an index on, oldest first, for a room that records itself what it shows of them."""
        async with self._database.connection() as connection:
            return await store.records_from(connection, first, count)

    async def glances(self, first: int, count: int) -> list[Glance]:
        """:meth:`following` for a room that looks at every record and shows few."""
        async with self._database.connection() as connection:
            return await store.glances(connection, first, count)

    async def spoken_of_before(self, grant: UUID, idx: int) -> datetime | None:
        """When the last record of a grant before this index was ordered; None if there is none."""
        async with self._database.connection() as connection:
            return await store.last_of_grant(connection, grant, idx)

    async def head(self) -> Head:
        """The newest head; it says nothing about anybody, so reading it leaves no record."""
        async with self._database.connection() as connection:
            return await store.newest_head(connection)

    async def dump(self, who: Who, file: BinaryIO) -> tuple[int, int]:
        """Write the whole ledger to a file, see ``dump.py``; the numbers of records and heads in it.

        Raises:
            AuditUnavailable: the reading could not be recorded; nothing was written.
        """
        await self._queried(who, {"dump": True}, "")
        async with self._database.connection() as connection:
            return await write_dump(file, store.records_and_heads(connection))

    async def checkpoint(self, *, witnessed: bool = False) -> bytes:
        """The newest signed checkpoint with the cosignatures it has by now (C2SP tlog-checkpoint); like the head, it says nothing about anybody.

        Args:
            witnessed: the newest that has a quorum of cosignatures, where the installation asks for one.

        Raises:
            NothingSigned: the log has just begun. NothingWitnessed: none has a quorum.
        """
        async with self._database.connection() as connection:
            found = await newest(connection)
            if found is None:
                raise NothingSigned("nothing was signed yet", "尚未签发检查点")
            of_quorum = witnessed and self._quorum > 0
            size = await reached(connection, Stage.UNWITNESSED) if of_quorum else found[0]
            note = await note_of(connection, size)
        if note is None or (of_quorum and not size):
            raise NothingWitnessed("no checkpoint has a quorum of cosignatures", "尚无达到会签数的检查点")
        return note

    async def verify(self, signed: Checkpoint | None = None) -> Finding | Verdict:
        """Check the whole ledger, also beside what was ``signed`` of it once; what it shows of a record is its place and id, so it leaves no record."""
        async with self._database.connection() as connection:
            outcome = await verify_stream(store.everything(connection), signed)
            if isinstance(outcome, Verdict) and (difference := await first_difference(connection)):
                return difference.finding
            return outcome

    async def _queried(self, who: Who, asked: dict[str, JSON], request_id: str) -> None:
        await self._record(
            Event(EventType.AUDIT_QUERIED, Outcome.ALLOW, who, request_id=request_id, detail=asked)
        )
