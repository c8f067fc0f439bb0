"""Acts on breaches and orders: each method is one act, one transaction, one audit record."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.errors import Conflict, NotFound
from gateway.identity import Role, who
from gateway.storage import Database
from gateway.supervision.model import CaseKind
from gateway.supervision.orders import store
from gateway.supervision.orders.model import Breach, WorkOrder
from gateway.supervision.service import SEE_ALL
from gateway.web import Principal

_ANSWERING: Final = (Role.PROVIDER, Role.REQUESTER, Role.PLATFORM_ADMIN)


class NoSuchBreach(NotFound):
    """There is no such breach（没有该超期记录）."""


class NoSuchOrder(NotFound):
    """There is no such order（没有该督办单）."""


class AlreadyExplained(Conflict):
    """The breach has been explained（该超期记录已说明原因）."""

    remedy = ("The first explanation stays.", "首次说明保留，不得更改。")


class OrderClosed(Conflict):
    """The order is closed（督办单已办结销号）."""


class Orders:
    """Breaches and orders. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._now = now

    async def breaches(
        self, actor: Principal, holder: str | None, is_over: bool | None, after: UUID | None, count: int
    ) -> list[Breach]:
        """Newest first; ``is_over`` says whether the act was done, or the case ended, at last."""
        org = None if actor.roles & SEE_ALL else actor.org
        async with self._database.connection() as connection:
            return await store.list_breaches(connection, org, holder, is_over, after, count)

    async def breach(self, actor: Principal, breach: UUID) -> Breach:
        """Raises NoSuchBreach, also for departments that are no party to the case."""
        async with self._database.connection() as connection:
            found = await store.find_breach(connection, breach)
        if found is None or not (actor.org in found.parties or actor.roles & SEE_ALL):
            raise _no_breach(breach)
        return found

    async def explain(self, actor: Principal, breach: UUID, reason: str) -> Breach:
        """The department that held the case says why the clock ran out; once, and for good.

        Raises:
            NoSuchBreach: also for other departments.
            AlreadyExplained.
        """
        async with self._database.transaction() as tx:
            before = await store.lock_breach(tx, breach)
            if before is None or actor.org != before.holder:
                raise _no_breach(breach)
            if before.reason is not None:
                raise AlreadyExplained("the breach has its reason", "该超期记录已有原因说明")
            after = replace(before, reason=reason, reason_by=actor.id, reason_at=self._now())
            await self._log.emit(tx, _about_breach(actor, after))
            await store.explain_breach(tx, after)
        return after

    async def listed(
        self, actor: Principal, is_open: bool | None, after: UUID | None, count: int
    ) -> list[WorkOrder]:
        """Newest first: those to the own department; all for platform administrators and auditors."""
        holder = None if actor.roles & SEE_ALL else actor.org
        async with self._database.connection() as connection:
            return await store.list_orders(connection, holder, is_open, after, count)

    async def show(self, actor: Principal, order: UUID) -> WorkOrder:
        """Raises NoSuchOrder, also for other departments."""
        async with self._database.connection() as connection:
            found = await store.find_order(connection, order)
        if found is None or not (actor.org == found.holder or actor.roles & SEE_ALL):
            raise _no_order(order)
        return found

    async def answer(self, actor: Principal, order: UUID, answer: str) -> WorkOrder:
        """The department says what it has done; a later answer replaces an earlier one while the order is open.

        Raises:
            NoSuchOrder: also for other departments.
            OrderClosed.
        """
        role = next(role for role in _ANSWERING if role in actor.roles)
        return await self._move(
            actor, role, order, EventType.ORDER_ANSWERED, {"answer": answer, "answered_by": actor.id}
        )

    async def close(self, actor: Principal, order: UUID, outcome: str) -> WorkOrder:
        """销号: the platform closes an order, saying what changed; how the case stands now is kept beside it.

        Raises:
            NoSuchOrder, OrderClosed.
        """
        given = {"outcome": outcome, "closed_by": actor.id}
        return await self._move(actor, Role.PLATFORM_ADMIN, order, EventType.ORDER_CLOSED, given)

    async def _move(
        self, actor: Principal, role: Role, order: UUID, kind: EventType, given: dict[str, Any]
    ) -> WorkOrder:
        closing = kind is EventType.ORDER_CLOSED
        async with self._database.transaction() as tx:
            before = await store.lock_order(tx, order)
            if before is None or not (closing or actor.org == before.holder):
                raise _no_order(order)
            if before.closed_at is not None:
                raise OrderClosed("the order is closed", "督办单已销号")
            now = self._now()
            after = replace(before, version=before.version + 1, **given)
            if closing:
                standing = await store.standing(tx, before.kind, before.case_id, before.rule)
                after = replace(after, closed_at=now, closed_with=standing)
            else:
                after = replace(after, answered_at=now)
            written = await self._log.emit(tx, _about_order(kind, actor, role, after, given))
            await store.move_order(tx, after, written)
        return replace(after, cause=written.cause)


def application_of(kind: CaseKind, case_id: UUID) -> str:
    """What an audit record is found by where the case is an application."""
    return str(case_id) if kind is CaseKind.APPLICATION else ""


def _about_breach(actor: Principal, breach: Breach) -> Event:
    role = next((role for role in _ANSWERING if role in actor.roles), None)
    return Event(
        EventType.BREACH_EXPLAINED, Outcome.DONE, who(actor, role), object_kind="breach", object_id=str(breach.id),
        case=str(breach.case_id), application_id=application_of(breach.kind, breach.case_id),
        provider_org=breach.holder, detail={"rule": breach.rule, "reason": breach.reason},
    )  # fmt: skip


def _about_order(
    kind: EventType, actor: Principal, role: Role, order: WorkOrder, given: dict[str, Any]
) -> Event:
    detail = {"rule": order.rule, "changes": [list(change) for change in order.changes], **given}
    return Event(
        kind, Outcome.DONE, who(actor, role), object_kind="order", object_id=str(order.id),
        object_version=str(order.version), case=str(order.case_id),
        application_id=application_of(order.kind, order.case_id), provider_org=order.holder, detail=detail,
        cause=(order.cause,),
    )  # fmt: skip


def _no_breach(breach: UUID) -> NoSuchBreach:
    return NoSuchBreach(f"no breach {breach}", f"没有超期记录 {breach}")


def _no_order(order: UUID) -> NoSuchOrder:
    return NoSuchOrder(f"no order {order}", f"没有督办单 {order}")
