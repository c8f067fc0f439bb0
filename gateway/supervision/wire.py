"""JSON shapes of supervision."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from gateway.supervision.model import CaseKind, OpenCase
from gateway.web import Model, PageQuery

OrgText = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]


class WatchQuery(PageQuery):
    """Which open cases; all given must hold."""

    kind: CaseKind | None = None
    holder: OrgText | None = None


class OpenCaseShown(Model):
    """An open case: who must act, under which clock, until when."""

    kind: CaseKind
    id: UUID
    subject: str
    holder: str
    rule: str
    state: str
    due_at: datetime
    provisional: bool
    overdue: bool

    @classmethod
    def of(cls, one: OpenCase, now: datetime) -> "OpenCaseShown":
        return cls(
            kind=one.kind,
            id=one.id,
            subject=one.subject,
            holder=one.holder,
            rule=one.rule,
            state=one.state,
            due_at=one.due_at,
            provisional=one.provisional,
            overdue=now >= one.due_at,
        )
