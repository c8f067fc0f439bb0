"""What administrators decide about records: holds, and disposals one proposes and another approves."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from gateway.audit.model import JSON, Event, Outcome, Who
from gateway.audit.retention import store
from gateway.audit.retention.due import Due
from gateway.audit.retention.errors import (
    DisposalDecided,
    HoldOver,
    NoSuchDisposal,
    NoSuchHold,
    SecondPersonNeeded,
)
from gateway.audit.retention.model import (
    Disposal,
    Hold,
    Keep,
    Kind,
    Month,
    Stage,
)
from gateway.audit.types import EventType
from gateway.audit.writer import AuditLog
from gateway.names import new_id
from gateway.storage import Connection, Database, Once, claim


class Retention:
    """Holds and disposals.

    Args:
        database: the retention zone's.
    """

    def __init__(self, database: Database, log: AuditLog, due: Due) -> None:
        self._database = database
        self._log = log
        self._due = due
        self._now = due.now

    @property
    def keep(self) -> Keep:
        """How long what is kept."""
        return self._due.keep

    async def months(self) -> list[Month]:
        """The months that are over and still in the ledger, oldest first."""
        async with self._database.connection() as connection:
            return await store.months(connection, self._now())

    async def propose(self, who: Who, kind: Kind, month: date, reason: str, once: Once | None) -> Disposal:
        """Propose that a month's records, or the keys of its personal detail, go.

        Raises:
            NoSuchMonth: the ledger has no such month. MustBeKept: its time is not over. UnderHold: a hold is on it.
            NotTheOldestMonth: an older one is there. NoArchivePlace: there is nowhere to archive it to.
            DisposalUnderWay: it was proposed before.
        """
        new, at = new_id(), self._now()
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._found(tx, earlier)
            await self._due.check(tx, kind, month)
            event = _event(EventType.RETENTION_PROPOSED, who, new, kind, month, reason=reason)
            written = await self._log.emit(tx, event)
            made = Disposal(new, kind, month, reason, who.id, at, written.cause)
            await store.add_disposal(tx, made)
            return made

    async def approve(self, who: Who, disposal: UUID) -> Disposal:
        """Agree to a disposal; from now on it is carried out without further asking.

        Raises:
            NoSuchDisposal, DisposalDecided. SecondPersonNeeded: the one who proposed it.
            MustBeKept, UnderHold, NotTheOldestMonth: meanwhile.
        """
        async with self._database.transaction() as tx:
            before = await self._waiting(tx, disposal, Stage.PROPOSED)
            if before.proposed_by == who.id:
                raise SecondPersonNeeded("you proposed this disposal yourself", "不得批准本人提出的处置")
            await self._due.check(tx, before.kind, before.month)
            event = _event(EventType.RETENTION_APPROVED, who, before.id, before.kind, before.month)
            written = await self._log.emit(tx, replace(event, cause=(before.cause,)))
            await store.approve(tx, before.id, who.id, self._now(), written)
            return await self._found(tx, before.id)

    async def withdraw(self, who: Who, disposal: UUID, reason: str) -> Disposal:
        """Give a disposal up, as long as nothing is recorded as gone.

        Raises:
            NoSuchDisposal, DisposalDecided.
        """
        async with self._database.transaction() as tx:
            before = await self._waiting(tx, disposal, Stage.PROPOSED, Stage.APPROVED)
            event = _event(
                EventType.RETENTION_WITHDRAWN, who, before.id, before.kind, before.month, reason=reason
            )
            written = await self._log.emit(tx, replace(event, cause=(before.cause,)))
            await store.withdraw(tx, before.id, who.id, self._now(), written)
            return await self._found(tx, before.id)

    async def show(self, disposal: UUID) -> Disposal:
        """Raises NoSuchDisposal."""
        async with self._database.connection() as connection:
            return await self._found(connection, disposal)

    async def listed(self, after: UUID | None, count: int) -> list[Disposal]:
        """Disposals, newest first."""
        async with self._database.connection() as connection:
            return await store.disposals(connection, after, count)

    async def hold(self, who: Who, first: date, last: date, reason: str, once: Once | None) -> Hold:
        """Keep months beyond their time, e.g. for a case in court; also such as are still to come."""
        new, at = new_id(), self._now()
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._found_hold(tx, earlier)
            made = Hold(new, first, last, reason, who.id, at)
            await self._log.emit(tx, _about_hold(EventType.HOLD_PLACED, who, made, reason))
            await store.add_hold(tx, made)
            return made

    async def lift(self, who: Who, hold: UUID, reason: str) -> Hold:
        """End a hold.

        Raises:
            NoSuchHold, HoldOver. SecondPersonNeeded: the one who placed it.
        """
        async with self._database.transaction() as tx:
            before = await self._found_hold(tx, hold)
            if before.lifted_at is not None:
                raise HoldOver(
                    f"the hold was lifted by {before.lifted_by}", f"已由 {before.lifted_by} 解除保全"
                )
            if before.placed_by == who.id:
                raise SecondPersonNeeded("you placed this hold yourself", "不得解除本人设置的保全")
            await self._log.emit(tx, _about_hold(EventType.HOLD_LIFTED, who, before, reason))
            await store.lift_hold(tx, hold, who.id, self._now(), reason)
            return await self._found_hold(tx, hold)

    async def holds(self, after: UUID | None, count: int) -> list[Hold]:
        """Holds, newest first."""
        async with self._database.connection() as connection:
            return [*await store.holds(connection, after, count)]

    async def _waiting(self, tx: Connection, disposal: UUID, *stages: Stage) -> Disposal:
        found = await store.lock(tx, disposal)
        if found is None:
            raise _unknown(disposal)
        if found.stage not in stages:
            raise DisposalDecided(f"the disposal is {found.stage}", f"处置状态为 {found.stage}")
        return found

    async def _found(self, tx: Connection, disposal: UUID) -> Disposal:
        if (found := await store.find(tx, disposal)) is None:
            raise _unknown(disposal)
        return found

    async def _found_hold(self, tx: Connection, hold: UUID) -> Hold:
        if (found := await store.lock_hold(tx, hold)) is None:
            raise NoSuchHold(f"no hold {hold}", f"没有保全 {hold}")
        return found


def _unknown(disposal: UUID) -> NoSuchDisposal:
    return NoSuchDisposal(f"no disposal {disposal}", f"没有处置 {disposal}")


def _event(act: EventType, who: Who, disposal: UUID, kind: Kind, month: date, **detail: JSON) -> Event:
    return Event(
        act, Outcome.DONE, who, object_kind="disposal", object_id=str(disposal),
        detail={"kind": kind.value, "month": f"{month:%Y-%m}", **detail},
    )  # fmt: skip


def _about_hold(act: EventType, who: Who, hold: Hold, reason: str) -> Event:
    spans = {"first_month": f"{hold.first_month:%Y-%m}", "last_month": f"{hold.last_month:%Y-%m}"}
    return Event(
        act, Outcome.DONE, who, object_kind="hold", object_id=str(hold.id), detail={**spans, "reason": reason}
    )
