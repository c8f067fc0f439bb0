"""Clocks: one rule applied to one case, as a function of what happened and of the present instant.

Apart from ``model`` because counting days knows nothing of events, actors or rule sets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.deadlines.calendar import Calendar, Line
from gateway.deadlines.model import Deadline, RestDay, due, local_day
from gateway.deadlines.rules import ClockRule, Event


class ClockState(StrEnum):
    """``WAITING``: not started. ``RUNNING``, ``OVERDUE``: open, before or after the due instant.

    ``MET``, ``LATE``: done in time or after it. ``STOPPED``: the case ended before the act was due or done.
    """

    WAITING = "waiting"
    RUNNING = "running"
    OVERDUE = "overdue"
    MET = "met"
    LATE = "late"
    STOPPED = "stopped"


_STATES = {
    ClockState.WAITING: Line("not started", "未开始"),
    ClockState.RUNNING: Line("running", "计时中"),
    ClockState.OVERDUE: Line("overdue", "已超期"),
    ClockState.MET: Line("met", "按时办结"),
    ClockState.LATE: Line("done late", "逾期办结"),
    ClockState.STOPPED: Line("stopped, the case ended", "已终止，办件结束"),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as it stands at one instant.

    Attributes:
        deadline: None until the clock has started.
        started_at, ended_at: the instants of the events that started and ended it, if they happened.
        consumed: working days begun after day 0, the present (or last) day included.
    """

    rule: ClockRule
    state: ClockState
    deadline: Deadline | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    consumed: int = 0

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to act."""
        return self.state in (ClockState.RUNNING, ClockState.OVERDUE)

    @property
    def remaining(self) -> int:
        """Working days left after the present one: 0 on the last day, negative after it."""
        return self.rule.limit.count - self.consumed

    @property
    def explanation(self) -> tuple[Line, ...]:
        """What the clock is, how it stands, and one line per day."""
        rule, state = self.rule, _STATES[self.state]
        head = Line(
            f"{rule.id} ({rule.article}): {rule.title.en}, {rule.limit}, {rule.actor}: {state.en}",
            f"{rule.id}（{rule.article}）：{rule.title.zh}，{rule.limit.count}个工作日：{state.zh}",
        )
        return (head, *(self.deadline.explanation if self.deadline else ()))


def clock_at(
    rule: ClockRule,
    events: Mapping[Event, datetime],
    now: datetime,
    calendar: Calendar,
    rest_day: RestDay = RestDay.SAME,
) -> Clock:
    """How the clock of ``rule`` stands at ``now``.

    A refusal is ``decided`` and ``closed`` at one instant: clocks that wait for the decision are then met,
    clocks that it would start are stopped.

    Args:
        events: when each thing happened, with zone.

    Raises:
        OutsideCalendar: the calendar does not hold the start or the due date.
        ValueError: a time without a zone.
    """
    started = _earliest(rule.start, events)
    ended, state = _end(rule, events)
    if started is None:
        return Clock(rule, ClockState.WAITING if ended is None else ClockState.STOPPED, ended_at=ended)
    deadline = due(started, rule.limit, calendar, rest_day)
    if (ended or now) >= deadline.due_at:
        state = ClockState.OVERDUE if ended is None else ClockState.LATE
    consumed = calendar.elapsed(deadline.zero, local_day(ended or now))
    return Clock(rule, state, deadline, started, ended, consumed)


def binding(clocks: Iterable[Clock]) -> Clock | None:
    """The clock that counts: the open one that is due first, or None if nobody has to act."""
    by_due = {(each.deadline.due_at, each.rule.id): each for each in clocks if each.is_open and each.deadline}
    return by_due[min(by_due)] if by_due else None


def _end(rule: ClockRule, events: Mapping[Event, datetime]) -> tuple[datetime | None, ClockState]:
    done, closed = _earliest(rule.stop, events), events.get(Event.CLOSED)
    if done is not None and (closed is None or done <= closed):
        return done, ClockState.MET
    return closed, ClockState.RUNNING if closed is None else ClockState.STOPPED


def _earliest(kinds: frozenset[Event], events: Mapping[Event, datetime]) -> datetime | None:
    return min((events[kind] for kind in kinds if kind in events), default=None)
