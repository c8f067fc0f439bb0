"""Taking a log over: what was lost is established, said by two persons in the first record, and signed as another log.

Nothing may run on the database meanwhile: the work is done with the owner's login, which no part of the gateway has, and
holds the integrator's lock.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.audit import store as ledger
from gateway.audit.errors import LogRolledBack
from gateway.audit.forms import fresh_nonce, serialise
from gateway.audit.integrator import extend
from gateway.audit.ledger import Head, Reading
from gateway.audit.model import JSON, Event, Outcome, Who
from gateway.audit.publisher import BadSignedHead, grown, keep_signed
from gateway.audit.record import Origin
from gateway.audit.rollover import store
from gateway.audit.rollover.errors import LogInUse, NothingLost, RecordsDamaged
from gateway.audit.rollover.model import FIRST, Continued, Known, Logs, latest
from gateway.audit.types import EventType
from gateway.audit.verify import Finding, verify_stream
from gateway.names import new_id
from gateway.proof.checkpoint import Checkpoint
from gateway.proof.refusal import Refused
from gateway.settings import Audit
from gateway.storage import Connection

_STATEMENT_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Loss:
    """What a restore lost.

    Args:
        last: the last known checkpoint, which the database does not hold.
        kept: the head the database stands at.
        begun: a log that was taken over before and has signed nothing yet; None if none was.
        number: of the log the database goes on with.
        signed: what that one signed last, though nothing of it is published; None if it signed nothing.
    """

    last: Known
    kept: Head
    begun: Continued | None
    number: int
    signed: Checkpoint | None = None

    @property
    def records(self) -> int:
        """How many signed records are gone at least; 0 where the log was rewritten, not cut short."""
        return max(self.last.checkpoint.size - self.kept.size, 0)


class Rollover:
    """The acts, on a connection of the database's owner; see :func:`taking_over`."""

    def __init__(
        self, connection: Connection, logs: Logs, file: Path | None, clock: Callable[[], datetime]
    ) -> None:
        self._connection = connection
        self._logs = logs
        self._file = file
        self._clock = clock

    async def loss(self, notes: Iterable[tuple[str, bytes]]) -> Loss:
        """What the database lacks of what these checkpoints promise; the records that are left are verified as a whole.

        Args:
            notes: each with where it comes from.

        Raises:
            NothingLost: nothing. RecordsDamaged: what is left does not hold. BadSignedHead: a note that no log of this
                installation signed.
        """
        last = latest([self._known(place, note) for place, note in notes])
        if last is None:
            raise NothingLost("no checkpoint signed earlier is at hand", "没有此前签名的检查点可供比对")
        with ledger.recording():
            begun = await store.current(self._connection)
            kept = await ledger.newest_head(self._connection)
            number = begun.number if begun else FIRST
            if begun is not None and last.number < number:
                return await self._unfinished(last, kept, begun)
            if last.number == number and await self._holds(last.checkpoint, kept):
                if begun is not None and await store.note_at(self._connection, begun.first_idx + 1) is None:
                    retired = self._known("audit.log", begun.retired)
                    return Loss(retired, kept, begun, number, last.checkpoint)
                raise NothingLost(
                    f"the log holds the {last.checkpoint.size} records that were signed last",
                    f"日志包含最后签名的 {last.checkpoint.size} 条记录",
                )
            outcome = await verify_stream(ledger.everything(self._connection))
        if isinstance(outcome, Finding):
            raise RecordsDamaged(
                f"{outcome.problem} at record {outcome.idx}",
                f"第 {outcome.idx} 号记录不一致（{outcome.problem}）",
            )
        return Loss(last, kept, None, number)

    async def take_over(self, loss: Loss, signed_by: Sequence[Who], incident: str, node: str) -> Checkpoint:
        """Begin the new log; the checkpoint of its first own record, signed, published and kept.

        Args:
            signed_by: the two persons, each with how it was proved who they are.
            incident: what happened, in their words.

        Raises:
            BadSignedHead: the file cannot be written; run it again. LedgerMoved, AuditUnavailable: nothing was done.
        """
        begun = loss.begun or await self._begin(loss, signed_by, incident, node)
        signer = self._logs.signer(begun.number)
        with ledger.recording():
            head = await ledger.head_of(self._connection, begun.first_idx + 1)
        assert head is not None  # written with the log's row
        point = Checkpoint(signer.name, head.size, head.root)
        note = signer.sign(point.text)
        if self._file is not None and (loss.signed is None or loss.signed.size <= point.size):
            keep_signed(self._file.with_name(f"{self._file.name}.{loss.last.number}"), loss.last.note)
            keep_signed(self._file, note)
        with ledger.recording():
            await ledger.add_checkpoint(self._connection, head.size, note, self._clock())
        return point

    async def _begin(self, loss: Loss, signed_by: Sequence[Who], incident: str, node: str) -> Continued:
        now, number = self._clock(), max(loss.last.number, loss.number) + 1
        event = Event(
            EventType.LOG_TAKEN_OVER, Outcome.DONE, signed_by[0], object_kind="log",
            object_id=self._logs.signer(number).name, detail=self._told(loss, number, signed_by, incident),
        )  # fmt: skip
        origin = Origin(node, new_id())
        body = serialise(event, origin, event_id=new_id(), occurred_at=now, nonce=fresh_nonce())
        with ledger.recording():
            async with self._connection.transaction():
                head = await extend(self._connection, [Reading.of(body)], self._clock)
                begun = Continued(number, head.size - 1, loss.last.note)
                await store.add_log(self._connection, begun, now)
        return begun

    def _told(self, loss: Loss, number: int, signed_by: Sequence[Who], incident: str) -> dict[str, JSON]:
        last, signer = loss.last.checkpoint, self._logs.signer(number)
        return {
            "log": {"origin": signer.name, "key": str(signer.key)},
            "retired": {
                "origin": last.origin, "size": last.size, "root": last.root.hex(), "checkpoint": loss.last.note.decode(),
            },
            "kept": {"size": loss.kept.size, "root": loss.kept.root.hex()},
            "lost": loss.records,
            "incident": incident,
            "signed_by": [_signature(one) for one in signed_by],
        }  # fmt: skip

    async def _unfinished(self, last: Known, kept: Head, begun: Continued) -> Loss:
        if await store.note_at(self._connection, begun.first_idx + 1) is not None:
            raise NothingLost(
                f"{self._logs.signer(begun.number).name} took over already", "日志已换代，无需再次办理"
            )
        return Loss(last, kept, begun, begun.number)

    async def _holds(self, signed: Checkpoint, head: Head) -> bool:
        try:
            await grown(self._connection, signed, head)
        except LogRolledBack:
            return False
        return True

    def _known(self, place: str, note: bytes) -> Known:
        try:
            return self._logs.known(note)
        except Refused as refused:
            raise BadSignedHead(f"{place}: {refused.detail}", f"{place}：{refused.detail_zh}") from None


@asynccontextmanager
async def taking_over(
    owner_dsn: str, settings: Audit, logs: Logs, clock: Callable[[], datetime]
) -> AsyncIterator[Rollover]:
    """The acts, while nothing else orders the log.

    Raises:
        LogInUse: something does. AuditUnavailable: no connection. BadSettings: the database could lose what it acknowledges.
    """
    connection: Any = await ledger.connect(
        owner_dsn, settings, name="gateway-audit-rollover", statement_seconds=_STATEMENT_SECONDS
    )
    try:
        if not await ledger.try_lead(connection):
            raise LogInUse("another process orders its records", "另有进程正在整理审计记录")
        yield Rollover(connection, logs, settings.signed_head_file, clock)
    finally:
        await connection.close()


def _signature(one: Who) -> dict[str, JSON]:
    return {"id": one.id, "org": one.org, "role": one.role, "authenticated_by": one.authenticated_by}
