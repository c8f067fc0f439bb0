"""The way into the audit log: ``append`` for records that stand alone, ``emit`` for those of a change.

One flush is in flight per process; as soon as it returns, everything that waits goes into the next as one row
(group commit). What came back from ``append`` survives any crash the database survives.
"""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Final, NamedTuple, Self
from uuid import UUID

from gateway.audit import store
from gateway.audit.bell import Bell
from gateway.audit.errors import AuditUnavailable, RecordTooLarge
from gateway.audit.forms import Form, Particulars, fresh_nonce, numbered
from gateway.audit.lines import Lines
from gateway.audit.model import Event, Written
from gateway.audit.privacy.keys import WritingKeys
from gateway.audit.privacy.model import SubjectKind
from gateway.audit.record import EVENT_BYTES_MAX, Origin
from gateway.audit.store import Answer, Batch
from gateway.audit.types import EventType
from gateway.errors import BadSettings
from gateway.names import new_id, new_id_bytes
from gateway.settings import Audit
from gateway.storage import Connection, RowId
from gateway.telemetry import Metrics, get_logger
from gateway.web.records import note_record

Clock = Callable[[], datetime]

_log = get_logger()
_FLUSH_BYTES: Final = 1 << 20
_NUMBER_BYTES: Final = 32
_EVENTS_AT_ONCE: Final = 200  # of 64 KB at most: below what one row of the inbox takes
_PAUSES: Final = (0, 0.02, 0.05, 0.1, 0.2, 0.5)
_BEGINS: Final = frozenset({EventType.CALL_INTENDED, EventType.BATCH_INTENDED})


def utc_now() -> datetime:
    """The clock of the process."""
    return datetime.now(UTC)


class _Waiting(NamedTuple):
    """An event whose caller waits for the answer; its bytes still lack their number.

    Args:
        since: when it was appended, by the process's performance counter, seconds.
    """

    event_id: UUID
    body: bytes
    answer: "asyncio.Future[Written]"
    since: float

    def late(self, seconds: float) -> None:
        self.refused(f"no confirmation within {seconds} s")

    def refused(self, why: str) -> None:
        if not self.answer.done():
            self.answer.set_exception(_unavailable(why))
            self.answer.exception()  # a caller that gave up will not look at it


class AuditLog:
    """The audit log of one process.

    ``append`` needs :meth:`run` to be running, as one worker among the process's others; ``emit`` does not.

    Args:
        origin: node and boot of this process; ``n`` counts the appended events of one boot without a gap.
    """

    def __init__(
        self,
        lines: Lines,
        settings: Audit,
        origin: Origin,
        *,
        metrics: Metrics,
        clock: Clock,
        keys: WritingKeys | None,
        bell: Bell | None = None,
    ) -> None:
        self.origin = origin
        self._bell = bell or Bell()
        self._lines = lines
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._keys = keys
        self._queue: deque[_Waiting] = deque()
        self._flying: list[_Waiting] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._bytes = 0
        self._n = 0
        self._wake = asyncio.Event()
        self._ended = asyncio.Event()
        self._running = self._closing = self._cut = False
        self._held: tuple[str, str] | None = None

    @classmethod
    async def open(
        cls,
        dsn: str,
        settings: Audit,
        *,
        node: str,
        master_key: bytes | None = None,
        metrics: Metrics | None = None,
        clock: Clock = utc_now,
        bell: Bell | None = None,
    ) -> Self:
        """Connect under a zone's login that may insert into the inbox (control or exchange).

        Args:
            master_key: the installation's; without it no event with personal detail can be written.
            bell: rung whenever events were appended, for an integrator in this process.

        Raises:
            AuditUnavailable: no connection.
            BadSettings: the database could lose what it acknowledges.
        """
        lines = Lines(dsn, settings)
        await lines.fill()
        keys = WritingKeys(dsn, settings, master_key) if master_key is not None else None
        origin = Origin(node, new_id())
        return cls(lines, settings, origin, metrics=metrics or Metrics(), clock=clock, keys=keys, bell=bell)

    async def append(self, event: Event) -> Written:
        """Make the event durable.

        Returns:
            After the commit, never before.

        Raises:
            AuditUnavailable: it is not known to be durable within ``deadline_seconds``, the queue is full, or the
                database refused it. A record whose write was under way may still appear in the ledger.
            RecordTooLarge: more than 64 KB.
        """
        return await self.append_filled(Form(event), Particulars.of(event))

    async def append_filled(self, form: Form, said: Particulars) -> Written:
        """:meth:`append` for an event whose form was made before, as every call makes two."""
        if not said.personal:
            written = await self.append_soon(form, said)
        else:
            self._check_held(form)
            event_id, now = RowId(new_id_bytes()), self._clock()
            personal = await _sealed(form, said, event_id, now, self._keys)
            written = await self._admit(event_id, _filled(form, said, self.origin, event_id, now, personal))
        note_record(written.event_id, durable=True)
        return written

    def append_soon(self, form: Form, said: Particulars) -> "asyncio.Future[Written]":
        """:meth:`append_filled` for an event without personal detail; the future gives what it returns, or raises.

        Raises:
            AuditUnavailable, RecordTooLarge: those of them that are known at once.
        """
        self._check_held(form)
        event_id = RowId(new_id_bytes())
        return self._admit(event_id, _filled(form, said, self.origin, event_id, self._clock(), None))

    def _check_held(self, form: Form) -> None:
        if self._held and form.type in _BEGINS:
            en, zh = self._held
            raise AuditUnavailable(f"no call is begun while {en}", f"{zh}，暂停新的数据调用")

    def hold(self, why: str, why_zh: str) -> None:
        """Begin no more calls until :meth:`let_go`; calls under way end, and every other act is recorded as ever."""
        self._held = why, why_zh

    def let_go(self) -> None:
        """Begin calls again."""
        self._held = None

    async def emit(self, tx: Connection, event: Event) -> Written:
        """Write the event inside the caller's transaction: the change and its record are committed together.

        It carries no number ``n``: a rollback would look like a loss.

        Raises:
            AuditUnavailable: the record could not be written; the transaction can only be rolled back.
            RecordTooLarge: more than 64 KB.
        """
        return await emit(tx, event, self.origin, self._clock(), self._keys)

    async def emit_all(self, tx: Connection, events: Sequence[Event]) -> list[Written]:
        """Like :meth:`emit`, for an act on many things at once: one record each, in order, in few statements."""
        return await emit_all(tx, events, self.origin, self._clock(), self._keys)

    async def subject(self, kind: SubjectKind, number: str) -> str:
        """The pseudonym under which a record of now names a subject (当事人); empty without the installation's keys.

        Raises:
            AuditUnavailable: there is no database to get this year's pepper from.
        """
        return await self._keys.subject(kind, number, self._clock()) if self._keys else ""

    def subject_at_once(self, kind: SubjectKind, number: str, now: datetime) -> str:
        """:meth:`subject` where nothing must be fetched for it; else empty."""
        return self._keys.subject_at_once(kind, number, now) if self._keys else ""

    async def run(self) -> None:
        """Flush what waits until :meth:`close`; then what still waits is written first."""
        self._running = True
        try:
            async with asyncio.TaskGroup() as workers:
                keeper = workers.create_task(self._lines.keep_spare())
                while await self._anything_waits():
                    await self._flush(self._take())
                keeper.cancel()
        finally:
            self._running = False
            self._closing = True
            self._lines.cut()
            for waiting in self._queue:
                waiting.refused("the gateway is stopping")
            if self._alarm is not None:
                self._alarm.cancel()
            self._ended.set()

    async def close(self) -> None:
        """Take no more, write what waits, and end :meth:`run`; after ``deadline_seconds`` the rest is refused."""
        self._closing = True
        self._wake.set()
        if not self._running:
            self._lines.cut()
            return
        try:
            await asyncio.wait_for(self._ended.wait(), self._settings.deadline_seconds)
        except TimeoutError:
            self._cut = True
            self._lines.cut()
            await self._ended.wait()

    def _admit(self, event_id: UUID, body: bytes) -> "asyncio.Future[Written]":
        if self._closing:
            raise _unavailable("the gateway is stopping")
        settings, size = self._settings, self._bytes + len(body)
        if size > settings.queue_bytes or len(self._queue) >= settings.queue_events:
            raise _unavailable("too many records wait to be written")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Written] = loop.create_future()
        self._queue.append(_Waiting(event_id, body, answer, time.perf_counter()))
        self._bytes = size
        if self._alarm is None:
            self._alarm = loop.call_later(settings.deadline_seconds, self._tell_late)
        if not self._wake.is_set():
            self._wake.set()
        return answer

    def _tell_late(self) -> None:
        """One timer for all that waits: callers past their deadline are told so, and the write goes on."""
        seconds, now = self._settings.deadline_seconds, time.perf_counter()
        self._alarm = None
        for waiting in chain(self._flying, self._queue):
            if waiting.answer.done():
                continue
            if (left := waiting.since + seconds - now) > 0:
                self._alarm = asyncio.get_running_loop().call_later(left, self._tell_late)
                return
            waiting.late(seconds)

    async def _anything_waits(self) -> bool:
        while not self._queue and not self._closing:
            self._wake.clear()
            await self._wake.wait()
        return bool(self._queue) and not self._cut

    def _take(self) -> list[_Waiting]:
        most, queue = self._settings.flush_events, self._queue
        taken = [queue.popleft()]
        size = len(taken[0].body)
        while queue and len(taken) < most:
            more = size + len(queue[0].body)
            if more > _FLUSH_BYTES:
                break
            size = more
            taken.append(queue.popleft())
        self._bytes -= size
        self._metrics.audit_queue.set(len(queue))
        return taken

    async def _flush(self, taken: list[_Waiting]) -> None:
        # numbered only now: a batch the database refused leaves no gap in n
        events = [numbered(waiting.body, n) for n, waiting in enumerate(taken, self._n)]
        why, self._flying = "the gateway is stopping", taken
        try:
            why = await self._deliver(Batch(new_id(), self.origin, events))
        finally:
            self._flying = []
            self._metrics.audit_writes.labels("failed" if why else "ok").inc()
            if why:
                for waiting in taken:
                    waiting.refused(why)
        if not why:
            self._n += len(events)
            self._bell.ring()
            for (event_id, _, answer, _), event in zip(taken, events, strict=True):
                if not answer.done():
                    answer.set_result(Written(event_id, hashlib.sha256(event).digest(), event))
            self._metrics.audit_seconds.observe(time.perf_counter() - taken[0].since)

    async def _deliver(self, batch: Batch) -> str:
        """Send the batch until its fate is known; empty when it is stored, else why it never will be."""
        in_doubt, words = False, ""
        for pause in _pauses():
            answer, words = await self._attempt(batch)
            if answer is Answer.STORED:
                return ""
            if answer is Answer.REFUSED and not in_doubt:
                _log.error("audit.batch.refused", events=len(batch.events), why=words)
                return "the database refused it"
            in_doubt = in_doubt or answer is Answer.UNKNOWN
            _log.warning("audit.batch.retried", batch_id=str(batch.id), in_doubt=in_doubt, why=words)
            if self._cut:
                break
            await asyncio.sleep(pause)
        return "the database could not be asked"

    async def _attempt(self, batch: Batch) -> tuple[Answer | None, str]:
        try:
            return await self._lines.put(batch)
        except (AuditUnavailable, BadSettings) as fault:
            return None, fault.detail


async def emit(
    tx: Connection, event: Event, origin: Origin, now: datetime, keys: WritingKeys | None = None
) -> Written:
    """Write one event inside the caller's transaction, or durably at once on a connection in autocommit.

    Args:
        keys: what personal detail is sealed with; none for events without any.

    Raises:
        AuditUnavailable, RecordTooLarge: see :meth:`AuditLog.emit`.
    """
    event_id, body = await _serialised(event, origin, now, keys)
    with store.recording():
        await store.write_batch(tx, Batch(new_id(), origin, [body]))
    note_record(event_id, durable=False)
    return Written(event_id, hashlib.sha256(body).digest())


async def emit_all(
    tx: Connection, events: Sequence[Event], origin: Origin, now: datetime, keys: WritingKeys | None = None
) -> list[Written]:
    """Write many events inside the caller's transaction.

    Raises:
        AuditUnavailable, RecordTooLarge: see :meth:`AuditLog.emit`.
    """
    written: list[Written] = []
    for start in range(0, len(events), _EVENTS_AT_ONCE):
        few = events[start : start + _EVENTS_AT_ONCE]
        some = [await _serialised(event, origin, now, keys) for event in few]
        with store.recording():
            await store.write_batch(tx, Batch(new_id(), origin, [body for _, body in some]))
        written += [Written(event_id, hashlib.sha256(body).digest()) for event_id, body in some]
    for one in written[-1:]:
        note_record(one.event_id, durable=False)
    return written


async def _serialised(
    event: Event, origin: Origin, now: datetime, keys: WritingKeys | None
) -> tuple[UUID, bytes]:
    form, said, event_id = Form(event), Particulars.of(event), new_id()
    personal = await _sealed(form, said, event_id, now, keys) if said.personal else None
    return event_id, _filled(form, said, origin, event_id, now, personal)


async def _sealed(
    form: Form, said: Particulars, event_id: UUID, now: datetime, keys: WritingKeys | None
) -> dict[str, str]:
    if keys is None:
        raise TypeError("personal detail is written with the installation's keys or not at all")
    return await keys.seal(said.personal, (form.provider_org, form.consumer_org), event_id, now)


def _filled(
    form: Form,
    said: Particulars,
    origin: Origin,
    event_id: UUID,
    now: datetime,
    personal: Mapping[str, str] | None,
) -> bytes:
    body = form.filled(
        said, origin, event_id=event_id, occurred_at=now, nonce=fresh_nonce(), personal=personal
    )
    if len(body) > EVENT_BYTES_MAX - _NUMBER_BYTES:
        raise RecordTooLarge(
            f"the audit record would have {len(body)} bytes; at most {EVENT_BYTES_MAX} fit",
            f"审计记录为 {len(body)} 字节，超出上限 {EVENT_BYTES_MAX} 字节",
        )
    return body


def _pauses() -> Iterator[float]:
    return chain(_PAUSES, repeat(_PAUSES[-1]))


def _unavailable(why: str) -> AuditUnavailable:
    return AuditUnavailable(f"the audit record was not written: {why}", f"审计记录未写入：{why}")
