"""The ladder: which step follows for a clock, and when. Pure; ``ladder_file`` reads ``config/supervision.toml``.

Only the clock that binds a case is reminded of; a breach is recorded of every clock. A clock that is paused or over
moves nothing, but what was overdue before is still put on record.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from math import ceil
from typing import Final

from gateway.deadlines import SHANGHAI, Calendar, local_day

_INSTANT: Final = timedelta(microseconds=1)


class Light(IntEnum):
    """How urgent a case is, the most urgent first: 超期, 红, 黄, 绿."""

    OVERDUE = 0
    RED = 1
    AMBER = 2
    GREEN = 3


class StepKind(StrEnum):
    """催办, 移交, 督办, 超期."""

    REMIND = "remind"
    HAND_OVER = "hand_over"
    ORDER = "order"
    BREACH = "breach"


class Desk(StrEnum):
    """Whom a step addresses: 经办人, 分管负责人, 主要负责人 of the holder; 平台经办人."""

    HANDLER = "handler"
    DEPUTY = "deputy"
    HEAD = "head"
    PLATFORM = "platform"


class CatchUp(StrEnum):
    """What becomes of a step missed while no process ran.

    ``ONCE``: still done, once. ``SKIP``: left out if a later step is due as well.
    """

    ONCE = "once"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Step:
    """One rung. Exactly one of ``share``, ``days_before`` and ``days_after`` places it; none for the breach."""

    id: str
    kind: StepKind
    light: Light
    to: tuple[Desk, ...]
    catch_up: CatchUp = CatchUp.ONCE
    share: float | None = None
    days_before: int | None = None
    days_after: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """When reminders may go out, in Asia/Shanghai: from ``opens`` to before ``closes``."""

    opens: time
    closes: time
    working_days_only: bool

    def fit(self, moment: datetime, calendar: Calendar) -> datetime:
        """``moment`` if it lies in the window, else the next opening.

        Raises:
            OutsideCalendar: the calendar does not reach it.
        """
        local = moment.astimezone(SHANGHAI)
        if self._works(local.date(), calendar):
            if local.time() < self.opens:
                return self.on(local.date())
            if local.time() < self.closes:
                return moment
        day = local.date() + timedelta(1)
        while not self._works(day, calendar):
            day += timedelta(1)
        return self.on(day)

    def on(self, day: date) -> datetime:
        """The opening of that day."""
        return datetime.combine(day, self.opens, SHANGHAI)

    def _works(self, day: date, calendar: Calendar) -> bool:
        return not self.working_days_only or calendar.day(day).working


@dataclass(frozen=True, slots=True)
class Watched:
    """What the ladder must know of a clock.

    Attributes:
        running: open and not paused.
        overdue: its due instant passed while it ran, as of its last step.
    """

    running: bool
    is_binding: bool
    overdue: bool
    started_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps in the order of the file, and the breach."""

    window: Window
    steps: tuple[Step, ...]
    breach: Step

    def next(
        self, clock: Watched, taken: Collection[str], now: datetime, calendar: Calendar
    ) -> tuple[Step, datetime] | None:
        """The step to take next and when, or None if there is nothing more to do for this due date.

        Args:
            taken: ids of the steps taken for this due date already.
            now: an instant at or before it means that the step is due.

        Raises:
            OutsideCalendar: the calendar does not reach a step.
        """
        placed = list(self._placed(clock, calendar))
        latest = max((at for step, at in placed if step.id in taken or at <= now), default=None)
        left = [
            (step, self._not_at_night(step, at, now, clock.due_at, calendar))
            for step, at in placed
            if step.id not in taken
            and not (step.catch_up is CatchUp.SKIP and latest is not None and at < latest)
        ]
        return min(left, key=lambda one: one[1], default=None)

    def _placed(self, clock: Watched, calendar: Calendar) -> Iterator[tuple[Step, datetime]]:
        if clock.running and clock.is_binding:
            for step in self.steps:
                yield step, self._at(step, clock, calendar)
        if clock.running or clock.overdue:
            yield self.breach, clock.due_at

    def _at(self, step: Step, clock: Watched, calendar: Calendar) -> datetime:
        """The planned instant; a step before the due instant never waits past it for the window."""
        start, last = local_day(clock.started_at), local_day(clock.due_at - _INSTANT)
        if step.days_after is not None:
            return self.window.on(_after(last, step.days_after, calendar))
        if step.share is not None:
            day = _after(start, ceil(_working_days(start, last, calendar) * step.share), calendar)
        else:
            day = _before(last, step.days_before or 0, calendar)
        planned = max(self.window.on(day), clock.started_at)
        fitted = self.window.fit(planned, calendar)
        return fitted if fitted < clock.due_at else min(planned, clock.due_at - _INSTANT)

    def _not_at_night(
        self, step: Step, at: datetime, now: datetime, due_at: datetime, calendar: Calendar
    ) -> datetime:
        """A step that is late already waits for the window too, unless the due instant would pass meanwhile."""
        if step.kind is StepKind.BREACH or at > now:
            return at
        fitted = self.window.fit(now, calendar)
        return at if fitted <= now or now < due_at <= fitted else fitted


def _working_days(start: date, last: date, calendar: Calendar) -> int:
    """How many working days lie after ``start`` up to and including ``last``."""
    return bisect_right(calendar.working, last) - bisect_right(calendar.working, start)


def _after(start: date, count: int, calendar: Calendar) -> date:
    """The ``count``-th working day after ``start``, itself for 0; past the calendar's end the last it holds."""
    place = bisect_right(calendar.working, start) + count - 1
    return start if count == 0 else calendar.working[min(place, len(calendar.working) - 1)]


def _before(last: date, count: int, calendar: Calendar) -> date:
    """The ``count``-th working day before ``last``."""
    day = last
    while count:
        day -= timedelta(1)
        count -= calendar.day(day).working
    return day
