"""Taking a step of the ladder: one transaction of its own, one audit record, and what the step is about."""

from typing import Final

from gateway.audit import AuditLog, Event, EventType, Outcome, Who, Written
from gateway.names import OrgCode, new_id
from gateway.storage import Connection
from gateway.supervision import store
from gateway.supervision.contacts import store as contacts
from gateway.supervision.ladder import Desk, Step, StepKind
from gateway.supervision.model import TimedClock
from gateway.supervision.orders import WorkOrder
from gateway.supervision.orders import store as orders
from gateway.supervision.orders.service import application_of
from gateway.supervision.outbox.writing import announce
from gateway.supervision.timing import Moment

_EVENTS: Final = {
    StepKind.REMIND: EventType.CASE_REMINDED,
    StepKind.HAND_OVER: EventType.CASE_HANDED_OVER,
    StepKind.ORDER: EventType.ORDER_ISSUED,
    StepKind.BREACH: EventType.CASE_BREACHED,
}
_DESKS: Final = {StepKind.HAND_OVER: Desk.DEPUTY, StepKind.ORDER: Desk.HEAD}


class Steps:
    """What is done when a step is due. ``node`` names this process in the records."""

    def __init__(self, log: AuditLog, node: str, platform: OrgCode) -> None:
        self._log = log
        self._node = node
        self._platform = platform

    async def take(self, tx: Connection, clock: TimedClock, step: Step, moment: Moment) -> None:
        """Take the step for the clock's present due instant; the row of the clock is locked."""
        desk = _DESKS.get(step.kind, clock.desk)
        written = await self._log.emit(tx, self._event(clock, step, moment, desk))
        await store.take_step(tx, clock, step.id, moment.planned, moment.now, written.event_id)
        await store.shine(tx, clock, step.light, desk)
        if step.kind is StepKind.BREACH:
            await orders.add_breach(tx, new_id(), clock, moment.now, written.event_id)
        if step.kind is StepKind.ORDER:
            await self._order(tx, clock, moment, written)
        # before the due instant a reminder does not wait for a window that opens only after it
        tell_at = moment.now if moment.now < clock.due_at <= moment.tell_at else moment.tell_at
        await announce(tx, clock, step, self._platform, moment.now, tell_at)

    async def _order(self, tx: Connection, clock: TimedClock, moment: Moment, written: Written) -> None:
        head = await contacts.contact_at(tx, clock.holder, Desk.HEAD)
        order = WorkOrder(
            id=new_id(), kind=clock.kind, case_id=clock.id, rule=clock.rule, due_at=clock.due_at,
            subject=clock.subject, holder=clock.holder, head=head.name if head else "", issued_at=moment.now,
            issued_with=await orders.standing(tx, clock.kind, clock.id, clock.rule), answer=None, answered_by=None,
            answered_at=None, outcome=None, closed_by=None, closed_at=None, closed_with=None, version=1,
            cause=written.cause,
        )  # fmt: skip
        await orders.add_order(tx, order)

    def _event(self, clock: TimedClock, step: Step, moment: Moment, desk: Desk) -> Event:
        detail = {
            "step": step.id, "rule": clock.rule, "due": clock.due_at.isoformat(), "planned": moment.planned.isoformat(),
            "desk": desk, "to": list(step.to), "state": clock.state,
        }  # fmt: skip
        return Event(
            _EVENTS[step.kind], Outcome.DONE, Who(kind="system", id=self._node), object_kind=clock.kind,
            object_id=str(clock.id), case=str(clock.id), application_id=application_of(clock.kind, clock.id),
            provider_org=clock.holder, detail=detail,
        )  # fmt: skip
