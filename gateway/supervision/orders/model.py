"""Breaches and orders: what stays of a clock that ran out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.audit import Cause
from gateway.names import OrgCode
from gateway.supervision.model import CaseKind


@dataclass(frozen=True, slots=True)
class Breach:
    """A clock that ran out (超期记录). It stays; ``ended_at`` and ``ended_as`` say when and how it was over at last."""

    id: UUID
    kind: CaseKind
    case_id: UUID
    rule: str
    due_at: datetime
    subject: str
    holder: OrgCode
    parties: tuple[OrgCode, ...]
    recorded_at: datetime
    event_id: UUID
    reason: str | None
    reason_by: str | None
    reason_at: datetime | None
    ended_at: datetime | None
    ended_as: str | None


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """督办单: to the head of the department that holds an overdue case; closed by saying what changed.

    ``issued_with`` and ``closed_with`` are how the case stood then: holder, desk, state, due instant, light.
    """

    id: UUID
    kind: CaseKind
    case_id: UUID
    rule: str
    due_at: datetime
    subject: str
    holder: OrgCode
    head: str
    issued_at: datetime
    issued_with: dict[str, Any]
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    outcome: str | None
    closed_by: str | None
    closed_at: datetime | None
    closed_with: dict[str, Any] | None
    version: int
    cause: Cause

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """What differs between issue and close: name, then, now; empty while it is open."""
        if self.closed_with is None:
            return []
        names = sorted(self.issued_with.keys() | self.closed_with.keys())
        return [
            (name, self.issued_with.get(name), self.closed_with.get(name))
            for name in names
            if self.issued_with.get(name) != self.closed_with.get(name)
        ]
