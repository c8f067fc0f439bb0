"""Rows of breaches and orders as values."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.names import OrgCode
from gateway.storage import Connection, Queries, Row
from gateway.supervision.ladder import Light
from gateway.supervision.model import CaseKind, TimedClock
from gateway.supervision.orders.model import Breach, WorkOrder

_SQL = Queries("gateway.supervision.orders")


async def add_breach(
    tx: Connection, new: UUID, clock: TimedClock, recorded_at: datetime, event_id: UUID
) -> None:
    await tx.execute(
        _SQL["add_breach"], new, clock.kind, clock.id, clock.rule, clock.due_at, clock.subject, clock.holder,
        list(clock.parties), recorded_at, event_id,
    )  # fmt: skip


async def find_breach(tx: Connection, breach: UUID) -> Breach | None:
    row = await tx.fetchrow(_SQL["find_breach"], breach)
    return _breach(row) if row else None


async def lock_breach(tx: Connection, breach: UUID) -> Breach | None:
    row = await tx.fetchrow(_SQL["lock_breach"], breach)
    return _breach(row) if row else None


async def list_breaches(
    tx: Connection, org: str | None, holder: str | None, is_over: bool | None, after: UUID | None, count: int
) -> list[Breach]:
    return [_breach(row) for row in await tx.fetch(_SQL["list_breaches"], org, holder, is_over, after, count)]


async def explain_breach(tx: Connection, after: Breach) -> None:
    await tx.execute(_SQL["explain_breach"], after.id, after.reason, after.reason_by, after.reason_at)


async def add_order(tx: Connection, new: WorkOrder) -> None:
    await tx.execute(
        _SQL["add_order"], new.id, new.kind, new.case_id, new.rule, new.due_at, new.subject, new.holder, new.head,
        new.issued_at, new.issued_with, new.cause.event_id, new.cause.digest,
    )  # fmt: skip


async def find_order(tx: Connection, order: UUID) -> WorkOrder | None:
    row = await tx.fetchrow(_SQL["find_order"], order)
    return _order(row) if row else None


async def lock_order(tx: Connection, order: UUID) -> WorkOrder | None:
    row = await tx.fetchrow(_SQL["lock_order"], order)
    return _order(row) if row else None


async def list_orders(
    tx: Connection, holder: str | None, is_open: bool | None, after: UUID | None, count: int
) -> list[WorkOrder]:
    return [_order(row) for row in await tx.fetch(_SQL["list_orders"], holder, is_open, after, count)]


async def move_order(tx: Connection, after: WorkOrder, written: Written) -> None:
    await tx.execute(
        _SQL["move_order"], after.id, after.answer, after.answered_by, after.answered_at, after.outcome,
        after.closed_by, after.closed_at, after.closed_with, written.event_id, written.digest,
    )  # fmt: skip


async def standing(tx: Connection, kind: CaseKind, case_id: UUID, rule: str) -> dict[str, Any]:
    """Holder, desk, state, due instant and light of a clock, as JSON; an open clock past its instant is overdue."""
    row = await tx.fetchrow(_SQL["standing"], kind, case_id, rule)
    state = row["state"]
    if state == "running" and row["light"] == Light.OVERDUE:
        state = "overdue"
    ended = {"ended_at": row["ended_at"].isoformat()} if row["ended_at"] else {}
    shown = {"light": Light(row["light"]).name.lower()} if not ended else {}
    return {
        "holder": row["holder"], "desk": row["desk"], "state": state, "due_at": row["due_at"].isoformat(), **shown, **ended,
    }  # fmt: skip


def _breach(row: Row) -> Breach:
    return Breach(
        id=row["id"],
        kind=CaseKind(row["case_kind"]),
        case_id=row["case_id"],
        rule=row["rule"],
        due_at=row["due_at"],
        subject=row["subject"],
        holder=OrgCode(row["holder"]),
        parties=tuple(map(OrgCode, row["parties"])),
        recorded_at=row["recorded_at"],
        event_id=row["event_id"],
        reason=row["reason"],
        reason_by=row["reason_by"],
        reason_at=row["reason_at"],
        ended_at=row["ended_at"],
        ended_as=row["ended_as"],
    )


def _order(row: Row) -> WorkOrder:
    return WorkOrder(
        id=row["id"],
        kind=CaseKind(row["case_kind"]),
        case_id=row["case_id"],
        rule=row["rule"],
        due_at=row["due_at"],
        subject=row["subject"],
        holder=OrgCode(row["holder"]),
        head=row["head"],
        issued_at=row["issued_at"],
        issued_with=row["issued_with"],
        answer=row["answer"],
        answered_by=row["answered_by"],
        answered_at=row["answered_at"],
        outcome=row["outcome"],
        closed_by=row["closed_by"],
        closed_at=row["closed_at"],
        closed_with=row["closed_with"],
        version=row["version"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )
