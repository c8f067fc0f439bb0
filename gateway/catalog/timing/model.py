"""Changes and submissions as values, their histories, and what is refused about them."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.audit import Cause
from gateway.deadlines import (
    SHANGHAI,
    Clock,
    Clockwork,
    Event,
    Extended,
    History,
    Subject,
    WorkingDays,
    history_of,
)
from gateway.errors import Conflict, NotFound
from gateway.names import ResourceId

UPDATE_RULE: Final = "tl809.cat_update"


class NoSuchBasisChange(NotFound):
    """There is no such change（没有该变化登记）."""


class AlreadyExtended(Conflict):
    """This time limit was extended already（该时限已延长过一次）."""

    remedy = ("Submit the updated entry within the extended limit.", "请在延长后的时限内报送更新后的目录。")


class ChangeKind(StrEnum):
    """What changed (Art. 17): 法律、行政法规, 国务院决定, 部门职责."""

    LAW = "law"
    DECISION = "decision"
    DUTY = "duty"


@dataclass(frozen=True, slots=True)
class Extension:
    """延期: once, in whole working days, with the consent of the platform."""

    days: WorkingDays
    because: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A change that the entry must follow; ``rule_sets`` are those in force on the day of the change."""

    id: UUID
    resource_id: ResourceId
    kind: ChangeKind
    what: str
    basis: str
    changed_on: date
    rule_sets: tuple[str, ...]
    recorded_by: str
    recorded_at: datetime
    extension: Extension | None
    ended_at: datetime | None
    ended_as: Event | None
    cause: Cause

    @property
    def history(self) -> History:
        """The day of the change is day 0, whenever it was recorded."""
        marks = {Event.CHANGED: datetime.combine(self.changed_on, time.min, SHANGHAI)}
        if self.ended_at is not None and self.ended_as is not None:
            marks[self.ended_as] = self.ended_at
        more = self.extension
        return history_of(
            marks, [Extended(more.at, UPDATE_RULE, more.days, more.by, more.because)] if more else []
        )

    def clocks(self, work: Clockwork, now: datetime) -> list[Clock]:
        """What runs from the change.

        Raises:
            OutsideCalendar: the calendar does not hold the days.
        """
        return _started_by(Event.CHANGED, work, self.rule_sets, self.history, now)


@dataclass(frozen=True, slots=True)
class Submission:
    """An entry or revision handed to the platform; ``rule_sets`` are those in force that day."""

    id: UUID
    resource_id: ResourceId
    rule_sets: tuple[str, ...]
    submitted_at: datetime
    ended_at: datetime | None
    ended_as: Event | None

    @property
    def history(self) -> History:
        """From the submission to publication, return, or the end of what was submitted."""
        marks = {Event.SUBMITTED: self.submitted_at}
        if self.ended_at is not None and self.ended_as is not None:
            marks[self.ended_as] = self.ended_at
        return history_of(marks)

    def clocks(self, work: Clockwork, now: datetime) -> list[Clock]:
        """What runs from the submission.

        Raises:
            OutsideCalendar: the calendar does not hold the days.
        """
        return _started_by(Event.SUBMITTED, work, self.rule_sets, self.history, now)


def _started_by(
    event: Event, work: Clockwork, kept: tuple[str, ...], history: History, now: datetime
) -> list[Clock]:
    """Only these: the submission that ends a change is a case of its own, and would be counted twice."""
    clocks = work.of(kept, history, now, subject=Subject.CATALOGUE)
    return [clock for clock in clocks if event in clock.rule.start]
