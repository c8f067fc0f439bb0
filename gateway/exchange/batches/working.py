"""Going on with batches: any number of processes, each batch with one of them at a time, a stretch of rows a turn.

What a stretch answered is written together with the record of it; a process that dies in between has asked those rows in
vain, and they are asked again: counted twice, answered once.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn
from uuid import UUID

from gateway.audit import AuditLog, EventType, Outcome
from gateway.authz.grants.denials import OutsideHours, QuotaUsedUp, RateExceeded
from gateway.errors import GatewayError, Unavailable
from gateway.exchange.batches import evidence, store
from gateway.exchange.batches.answering import Asking, Permitted, unanswered
from gateway.exchange.batches.keeping import Keeping
from gateway.exchange.batches.model import Batch, Row, State, Tally
from gateway.exchange.batches.refusals import BatchOverdue, BatchTooLarge
from gateway.exchange.places import DepartmentBusy, GatewayBusy
from gateway.names import new_id
from gateway.sections import Batches as Settings
from gateway.storage import Database
from gateway.storage.turns import Turns
from gateway.telemetry import Metrics, get_logger
from gateway.web.outbound import UpstreamTimeout, UpstreamUnreachable
from gateway.web.problems import InternalFault
from gateway.web.ranges import Piece

_log = get_logger()
_ROWS_A_TURN: Final = 200
_LATER_SECONDS: Final = 300
_SOON_SECONDS: Final = 2
_PATIENCE_SECONDS: Final = (1, 5, 30, 120)
_BUSY: Final = (DepartmentBusy, GatewayBusy)
_TAKES_TIME: Final = (QuotaUsedUp, RateExceeded, OutsideHours, *_BUSY)
_MAY_PASS: Final = (UpstreamUnreachable, UpstreamTimeout, Unavailable)


@dataclass(slots=True)
class _Turn:
    """What a stretch came to: the rows answered, in order, and what stopped it before its end."""

    rows: list[Row]
    stopped: GatewayError | None = None


class Working:
    """One process's worker. ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        asking: Asking,
        keeping: Keeping,
        settings: Settings,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self._asking = asking
        self._keeping = keeping
        self._settings = settings
        self._metrics = metrics
        self._now = now
        self._turns = Turns(self._swept_turn, settings.poll_seconds, "batches")

    def call(self) -> None:
        """There is something to do."""
        self._turns.call()

    async def run(self) -> NoReturn:
        """Go on with whatever there is until cancelled."""
        await self._turns.run()

    async def _swept_turn(self) -> bool:
        await self.sweep()
        return await self.turn()

    async def turn(self) -> bool:
        """One stretch of one batch; whether there was one to go on with.

        Raises:
            DatabaseDown, AuditUnavailable: the turn is lost; the batch is gone on with when its lease is over.
        """
        now, lease = self._now(), new_id()
        async with self._database.connection() as connection:
            until = now + timedelta(seconds=self._settings.lease_seconds)
            batch = await store.claim(connection, now, until, lease)
            sealed = await store.wanted(connection, batch.id) if batch else None
        if batch is None:
            return False
        assert sealed is not None  # kept as long as the batch is open
        done = await self._stretch(batch, self._keeping.open_wanted(batch, sealed))
        await self._keep(batch, lease, done)
        return True

    async def _stretch(self, batch: Batch, wanted: dict[str, Any]) -> _Turn:
        """Rows in groups: a group is permitted row by row and asked together; what stops it comes after its last row."""
        turn, began = _Turn([]), time.monotonic()
        first, rows, operator = batch.tally.done, wanted["rows"], wanted["operator"]
        last, size = min(first + _ROWS_A_TURN, len(rows)), self._settings.parallel_max
        for start in range(first, last, size):
            group: list[Permitted] = []
            for number in range(start, min(start + size, last)):
                try:
                    permitted = await self._asking.permit(
                        batch, number + 1, rows[number], operator, self._now()
                    )
                except GatewayError as why:
                    turn.stopped = why
                    break
                group.append(permitted)
            answers = await asyncio.gather(*(self._answer(batch, row) for row in group))
            for answer in answers:
                if isinstance(answer, GatewayError):
                    turn.stopped = answer
                    return turn
                turn.rows.append(answer)
            if turn.stopped is not None or time.monotonic() - began > self._settings.lease_seconds / 3:
                break
        return turn

    async def _answer(self, batch: Batch, row: Permitted) -> Row | GatewayError:
        """The row's answer; or what may pass, so that it is worth asking again."""
        try:
            return await self._asking.answer(batch, row, self._now())
        except _MAY_PASS as why:
            return why
        except GatewayError as why:
            return unanswered(row.number, why)
        except Exception:
            _log.exception("batches.row_broke", batch=str(batch.id), row=row.number)
            return unanswered(
                row.number, InternalFault("the row failed inside the gateway", "该行在网关内部失败")
            )
        finally:
            self._asking.done(row)

    async def _keep(self, batch: Batch, lease: UUID, turn: _Turn) -> None:
        """What was answered, and what becomes of the batch, in one transaction; nothing if the lease was lost."""
        now = self._now()
        async with self._database.transaction() as tx:
            held = await store.lock_leased(tx, batch.id, lease)
            if held is None:
                _log.warning("batches.lease_lost", batch=str(batch.id), rows=len(turn.rows))
                return
            held = await self._add(tx, held, turn.rows)
            if held.tally.bytes > self._settings.result_bytes:
                await self._fail(tx, held, BatchTooLarge("the result is too large", "结果过大"), now)
            elif turn.stopped is None or held.tally.done == held.tally.rows:
                state = State.SEALING if held.tally.done == held.tally.rows else State.RUNNING
                await store.go_on(tx, replace(held, state=state, reason="", attempts=0, next_at=now))
            else:
                await self._stopped(tx, held, turn, turn.stopped, now)

    async def _add(self, tx: Any, batch: Batch, rows: Sequence[Row]) -> Batch:
        """The batch with a further segment, and the record of it."""
        if not rows:
            return batch
        added = Tally(0)
        for row in rows:
            added = added.plus(row.tally)
        content, number = b"".join(row.line for row in rows), batch.segments
        piece = Piece(number, batch.tally.bytes, len(content))
        await store.add_segment(tx, batch.id, piece, self._keeping.seal_segment(batch, number, content))
        detail = {
            "segment": number, "rows": added.done, "unanswered": added.unanswered, "records": added.records,
            "bytes": added.bytes,
        }  # fmt: skip
        written = await self._log.emit(tx, evidence.of(batch, EventType.BATCH_HELD, evidence.SYSTEM, detail))
        self._metrics.batch_rows.labels("answered").inc(added.done - added.unanswered)
        self._metrics.batch_rows.labels("unanswered").inc(added.unanswered)
        return replace(batch, tally=batch.tally.plus(added), segments=number + 1, cause=written.cause)

    async def _stopped(self, tx: Any, batch: Batch, turn: _Turn, why: GatewayError, now: datetime) -> None:
        if isinstance(why, _TAKES_TIME):
            later_seconds = _SOON_SECONDS if isinstance(why, _BUSY) else _LATER_SECONDS
            seconds = float(why.extra.get("retry_after_seconds", later_seconds))
            attempts = 0
        elif isinstance(why, _MAY_PASS):
            attempts = 1 if turn.rows else batch.attempts + 1
            if attempts > self._settings.attempts_max:
                await self._fail(tx, batch, why, now)
                return
            seconds = _PATIENCE_SECONDS[min(attempts, len(_PATIENCE_SECONDS)) - 1]
        else:
            await self._fail(tx, batch, why, now)
            return
        later = now + timedelta(seconds=seconds)
        going_on = replace(batch, state=State.RUNNING, reason=why.slug(), attempts=attempts, next_at=later)
        await store.go_on(tx, going_on)

    async def _fail(self, tx: Any, batch: Batch, why: GatewayError, now: datetime) -> None:
        detail = {"rows": batch.tally.rows, "rows_done": batch.tally.done, "bytes": 0}
        failed = evidence.of(
            batch, EventType.BATCH_FAILED, evidence.SYSTEM, detail, outcome=Outcome.ERROR, reason=why.slug()
        )
        written = await self._log.emit(tx, failed)
        await store.stop(tx, batch.id, State.FAILED, why.slug(), now, written)

    async def sweep(self) -> int:
        """Destroy results whose time is over and give up batches that did not end in theirs; how many."""
        now = self._now()
        too_old = now - timedelta(days=self._settings.deadline_days)
        async with self._database.connection() as connection:
            due = await store.expired(connection, now, too_old)
        for one in due:
            async with self._database.transaction() as tx:
                batch = await store.lock(tx, one)
                if batch is None:
                    continue
                if batch.state is State.DONE:
                    await destroy(tx, self._log, batch, evidence.SYSTEM, "expired", now)
                elif batch.state in (State.QUEUED, State.RUNNING):
                    await self._fail(tx, batch, BatchOverdue("not done in time", "未在时限内完成"), now)
        return len(due)


async def destroy(tx: Any, log: AuditLog, batch: Batch, who: Any, reason: str, now: datetime) -> None:
    """Destroy the result of a batch that is done, and record it."""
    detail = {"bytes": batch.tally.bytes, "sha256": batch.sha256.hex() if batch.sha256 else ""}
    written = await log.emit(tx, evidence.of(batch, EventType.BATCH_DESTROYED, who, detail, reason=reason))
    await store.stop(tx, batch.id, State.DESTROYED, reason, now, written)
