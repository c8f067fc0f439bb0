"""JSON shapes of the clocks of an entry."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.catalog.timing.model import Change, ChangeKind, Submission
from gateway.catalog.timing.service import Timed, Told
from gateway.deadlines import Clock
from gateway.web import Day, Line, Model, Note


class NewChange(Model):
    """What changed in law, State Council decision or duty, by which document, and since when."""

    kind: ChangeKind
    what: Note
    basis: Line
    changed_on: Day

    def told(self) -> Told:
        """As the service takes it."""
        return Told(self.kind, self.what, self.basis, self.changed_on)


class NewUpdateExtension(Model):
    """More working days for the update, and why."""

    days: Annotated[int, Field(strict=True, ge=1, le=1000)]
    reason: Note


class EntryClockShown(Model):
    """A clock of an entry: whose rule, who must act, how it stands, and how its days were counted."""

    rule: str
    title: str
    title_zh: str
    article: str
    actor: str
    state: str
    overdue: bool
    due_date: date | None = None
    due_at: datetime | None = None
    provisional: bool = False
    extended_days: float | int = 0
    working_days_remaining: float | int
    explanation: list[str]
    explanation_zh: list[str]

    @classmethod
    def of(cls, clock: Clock) -> "EntryClockShown":
        due = clock.deadline
        return cls(
            rule=clock.rule.id, title=clock.rule.title.en, title_zh=clock.rule.title.zh, article=clock.rule.article,
            actor=clock.rule.actor, state=clock.state, overdue=clock.overdue, due_date=due.due_date if due else None,
            due_at=due.due_at if due else None, provisional=bool(due and due.provisional),
            extended_days=clock.extended_days, working_days_remaining=clock.remaining,
            explanation=[line.en for line in clock.explanation], explanation_zh=[line.zh for line in clock.explanation],
        )  # fmt: skip


class SubmissionShown(Model):
    """An entry or revision handed to the platform, and how its review ended."""

    id: UUID
    submitted_at: datetime
    ended_at: datetime | None = None
    ended_as: str | None = None
    clocks: list[EntryClockShown]

    @classmethod
    def of(cls, one: Submission, clocks: list[Clock]) -> "SubmissionShown":
        return cls(
            id=one.id, submitted_at=one.submitted_at, ended_at=one.ended_at, ended_as=one.ended_as,
            clocks=[EntryClockShown.of(clock) for clock in clocks],
        )  # fmt: skip


class ChangeShown(Model):
    """A change that the entry must follow."""

    id: UUID
    kind: ChangeKind
    what: str
    basis: str
    changed_on: date
    recorded_by: str
    recorded_at: datetime
    extended_because: str | None = None
    extended_by: str | None = None
    ended_at: datetime | None = None
    ended_as: str | None = None
    clocks: list[EntryClockShown]

    @classmethod
    def of(cls, one: Change, clocks: list[Clock]) -> "ChangeShown":
        more = one.extension
        return cls(
            id=one.id, kind=one.kind, what=one.what, basis=one.basis, changed_on=one.changed_on,
            recorded_by=one.recorded_by, recorded_at=one.recorded_at, extended_because=more.because if more else None,
            extended_by=more.by if more else None, ended_at=one.ended_at, ended_as=one.ended_as,
            clocks=[EntryClockShown.of(clock) for clock in clocks],
        )  # fmt: skip


class EntryClocks(Model):
    """The statutory clocks of an entry (Decree 809 Art. 17), newest first; at most 100 of either."""

    resource_id: UUID
    submissions: list[SubmissionShown]
    changes: list[ChangeShown]

    @classmethod
    def of(cls, timed: Timed) -> "EntryClocks":
        return cls(
            resource_id=timed.resource,
            submissions=[SubmissionShown.of(one, clocks) for one, clocks in timed.submissions],
            changes=[ChangeShown.of(one, clocks) for one, clocks in timed.changes],
        )
