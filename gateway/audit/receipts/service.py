"""Handing out receipts: to auditors of any record, to a department of its own, to everybody of the own acts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.audit import store
from gateway.audit.errors import NoSuchRecord
from gateway.audit.model import JSON, Event, Outcome, Who
from gateway.audit.receipts.making import receipt_of
from gateway.audit.record import Record, stub_at
from gateway.audit.service import Recorder
from gateway.audit.types import EventType
from gateway.audit.writer import utc_now
from gateway.storage import Database
from gateway.web import Principal

_AUDITOR: Final = "auditor"
_ORDERED_WITHIN: Final = timedelta(minutes=1)


class Receipts:
    """Receipts by the id that answers carry in ``Audit-Id``.

    Args:
        database: the reader zone's.
        record: makes ``audit.queried`` durable; if it fails, nothing is shown.
        witnessed: whether receipts wait for a quorum of witnesses.
    """

    def __init__(
        self,
        database: Database,
        record: Recorder,
        *,
        witnessed: bool,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._record = record
        self._clock = clock
        self._witnessed = witnessed

    async def get(self, asker: Principal, event_id: UUID, *, request_id: str = "") -> bytes | None:
        """The receipt of a record; None while it is not ready.

        Raises:
            NoSuchRecord: there is none, or it is another department's.
            ReceiptBroken, TilesMissing: the log cannot show it. AuditUnavailable: the reading could not be recorded.
        """
        async with self._database.connection() as connection:
            found = await store.find_record(connection, event_id)
            if found is None and self._may_come(event_id):
                return None
            shown = found is not None and may_have(asker, found)
            made = None
            if found is not None and shown:
                made = await receipt_of(
                    connection, found.idx, _stub(found), found.event, witnessed=self._witnessed
                )
        if shown and made is None:
            return None
        await self._queried(asker, event_id, request_id, found=shown)
        if made is None:
            raise NoSuchRecord(f"no audit record has the id {event_id}", f"没有编号为 {event_id} 的审计记录")
        return made

    def _may_come(self, event_id: UUID) -> bool:
        """Whether an id of ours is so young that its record may still wait in the inbox (RFC 9562 section 5.7)."""
        if event_id.version != 7:
            return False
        made = datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC)
        return abs(self._clock() - made) < _ORDERED_WITHIN

    async def _queried(self, asker: Principal, event_id: UUID, request_id: str, *, found: bool) -> None:
        role = _AUDITOR if _AUDITOR in asker.roles else ""
        asked: dict[str, JSON] = {"receipt": str(event_id), "found": int(found)}
        await self._record(
            Event(
                EventType.AUDIT_QUERIED, Outcome.ALLOW, Who.of(asker, role), request_id=request_id, detail=asked
            )
        )  # fmt: skip


def may_have(asker: Principal, record: Record) -> bool:
    """Whether a person may see a record as its receipt: an auditor, its two departments, whoever did it."""
    at = record.columns
    own = asker.org in (at.consumer_org, at.provider_org) or at.actor == f"{asker.kind}:{asker.id}"
    return own or _AUDITOR in asker.roles


def _stub(record: Record) -> bytes:
    return stub_at(record.idx, record.recorded_at, record.columns, record.cseq, record.pseq, record.event)
