"""JSON shapes of supervision."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import StringConstraints

from gateway.supervision.model import CaseKind, OpenCase
from gateway.web import Model, Note, PageQuery

OrgText = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]


class WatchQuery(PageQuery):
    """Which open cases; all given must hold."""

    kind: CaseKind | None = None
    holder: OrgText | None = None
    light: Literal["overdue", "red", "amber", "green"] | None = None


class HandOver(Model):
    """To which desk of the department a case goes, and why."""

    desk: Literal["handler", "deputy", "head"]
    reason: Note


class OpenCaseShown(Model):
    """An open case: who must act and at which desk, under which clock, until when, how urgent.

    ``overdue`` goes by the clock, ``light`` by the last step that was taken.
    """

    kind: CaseKind
    id: UUID
    subject: str
    holder: str
    rule: str
    state: str
    due_at: datetime
    provisional: bool
    overdue: bool
    light: Literal["overdue", "red", "amber", "green"]
    desk: Literal["handler", "deputy", "head"]

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
            overdue=now >= one.due_at and one.state != "paused",
            light=one.light.name.lower(),
            desk=one.desk.value,
        )
