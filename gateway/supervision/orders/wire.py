"""JSON shapes of breaches and orders."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import StringConstraints

from gateway.supervision.model import CaseKind
from gateway.supervision.orders.model import Breach, WorkOrder
from gateway.web import Model, Note, PageQuery


class BreachQuery(PageQuery):
    """Which breaches; all given must hold. ``state``: the act is still missing, or was done or dropped at last."""

    state: Literal["open", "over"] | None = None
    holder: Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")] | None = None


class OrderQuery(PageQuery):
    """Which orders."""

    state: Literal["open", "closed"] | None = None


class Explanation(Model):
    """Why a clock ran out."""

    reason: Note


class OrderAnswer(Model):
    """What the department has done."""

    answer: Note


class OrderClose(Model):
    """What changed, in the words of whoever closes the order."""

    outcome: Note


class BreachShown(Model):
    """A clock that ran out: on record for good."""

    id: UUID
    kind: CaseKind
    case_id: UUID
    subject: str
    rule: str
    due_at: datetime
    holder: str
    recorded_at: datetime
    reason: str | None = None
    reason_by: str | None = None
    reason_at: datetime | None = None
    ended_at: datetime | None = None
    ended_as: str | None = None
    audit_id: UUID

    @classmethod
    def of(cls, one: Breach) -> "BreachShown":
        return cls(
            id=one.id, kind=one.kind, case_id=one.case_id, subject=one.subject, rule=one.rule, due_at=one.due_at,
            holder=one.holder, recorded_at=one.recorded_at, reason=one.reason, reason_by=one.reason_by,
            reason_at=one.reason_at, ended_at=one.ended_at, ended_as=one.ended_as, audit_id=one.event_id,
        )  # fmt: skip


class Change(Model):
    """One thing that differs between the issue of an order and its close."""

    what: str
    before: Any = None
    after: Any = None


class OrderShown(Model):
    """An order to the head of a department; ``changed`` once it is closed."""

    id: UUID
    kind: CaseKind
    case_id: UUID
    subject: str
    rule: str
    due_at: datetime
    holder: str
    head: str
    state: Literal["open", "closed"]
    issued_at: datetime
    issued_with: dict[str, Any]
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    outcome: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    changed: list[Change]
    audit_id: UUID

    @classmethod
    def of(cls, one: WorkOrder) -> "OrderShown":
        return cls(
            id=one.id, kind=one.kind, case_id=one.case_id, subject=one.subject, rule=one.rule, due_at=one.due_at,
            holder=one.holder, head=one.head, state="closed" if one.closed_at else "open", issued_at=one.issued_at,
            issued_with=one.issued_with, answer=one.answer, answered_by=one.answered_by, answered_at=one.answered_at,
            outcome=one.outcome, closed_by=one.closed_by, closed_at=one.closed_at,
            changed=[Change(what=what, before=before, after=after) for what, before, after in one.changes],
            audit_id=one.cause.event_id,
        )  # fmt: skip
