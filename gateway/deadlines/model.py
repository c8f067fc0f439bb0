"""Counting working days from a day of receipt to a due date. Pure: no I/O, and time is always an argument.

The rule: zone Asia/Shanghai; the day of receipt is day 0 and does not count (民法典 Art. 201); working days
after it count, make-up weekends included (行政许可法 Art. 82); the deadline ends at 24:00 of the last one (民法典
Art. 203), or at the office's closing where the platform sets it. Half a day ends at noon. A day, or half, counts if
the clock runs in its last instant: so the time used always equals the time allowed, a pause within one day changes
nothing, and no deadline falls into a pause.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from gateway.deadlines.amounts import Hours, WorkingDays, tidy
from gateway.deadlines.calendar import Calendar, Day, Line
from gateway.deadlines.slots import MIDNIGHT, SHANGHAI, Ends, Pause, Slots, last_counted

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS_ZH: Final = "一二三四五六日"


class RestDay(StrEnum):
    """What a receipt on a rest day means: the law does not say, so the platform sets it.

    ``SAME``: that rest day is day 0 (stricter, the default). ``NEXT``: received on the next working day.
    """

    SAME = "same"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day between receipt and due date, and the reason in words.

    ``number`` is how many working days have counted when it ends, or None if nothing of it counts.
    """

    day: Day
    number: int | float | None
    verdict: Line

    @property
    def line(self) -> Line:
        """The day for an explanation, e.g. ``2026-10-10 Sat: day 3, make-up working day (国庆节)``."""
        on = self.day.date
        weekday = on.weekday()
        return Line(
            f"{on} {_WEEKDAYS[weekday]}: {self.verdict.en}",
            f"{on} 周{_WEEKDAYS_ZH[weekday]}：{self.verdict.zh}",
        )


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date and how it was found.

    Attributes:
        received: the day of receipt in Asia/Shanghai.
        zero: day 0; later than ``received`` only for a rest day under ``RestDay.NEXT``.
        due_date: the last day; the day of ``due_at`` for a limit in hours.
        due_at: the first instant that is too late, in Asia/Shanghai: 24:00 of ``due_date`` unless set otherwise.
        provisional: the due date lies in a year whose calendar is not published (暂定).
        pauses: those that were taken into account; one that lasts is not, until it ends.
        halves: whether half days were counted.
    """

    received: date
    zero: date
    limit: WorkingDays | Hours
    rest_day: RestDay
    due_date: date
    due_at: datetime
    provisional: bool
    calendar: Calendar = field(repr=False)
    pauses: tuple[Pause, ...] = ()
    halves: bool = False
    ends: Ends = MIDNIGHT

    @property
    def calendar_version(self) -> str:
        """The version of the calendar used."""
        return self.calendar.version

    @property
    def days(self) -> tuple[CountedDay, ...]:
        """Every day from receipt to due date, counted or not; none for a limit in hours."""
        return tuple(_walk(self)) if isinstance(self.limit, WorkingDays) else ()

    @property
    def counted(self) -> tuple[CountedDay, ...]:
        """The days that count, numbered up to the limit."""
        return tuple(day for day in self.days if day.number is not None)

    @property
    def explanation(self) -> tuple[Line, ...]:
        """One line per day and, for a provisional deadline, one on why it may move."""
        doubt = (self.calendar.doubt(self.due_date),) if self.provisional else ()
        return (*(day.line for day in self.days), *doubt)


def local_day(moment: date | datetime) -> date:
    """The day of ``moment`` in Asia/Shanghai, whatever zone the process runs in.

    Raises:
        ValueError: a time without a zone, which could mean two different days.
    """
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError(f"a time needs its zone: {moment.isoformat()}")
    return moment.astimezone(SHANGHAI).date()


def due(
    received: date | datetime,
    limit: WorkingDays,
    calendar: Calendar,
    rest_day: RestDay = RestDay.SAME,
    *,
    pauses: Sequence[Pause] = (),
    ends: Ends = MIDNIGHT,
    halves: bool | None = None,
) -> Deadline:
    """When something received then must be done.

    A limit of zero ends with day 0, whether or not that day works.

    Args:
        received: the day of receipt in Asia/Shanghai, or an instant with its zone.
        rest_day: what a receipt on a rest day means.
        pauses: in order of time, none overlapping another; one that lasts is left out of account.
        halves: whether a pause can take half a day; default: whether the limit has a half in it.

    Raises:
        OutsideCalendar: the calendar does not hold the receipt or the due date.
        ValueError: a time without a zone.
    """
    start = local_day(received)
    zero = calendar.working_day_from(start) if rest_day is RestDay.NEXT else start
    by_halves = not limit.is_whole if halves is None else halves
    slots = Slots(calendar, halves=by_halves, ends=ends)
    last, due_at = _last(zero, limit, calendar, slots, pauses)
    provisional = last > calendar.covered_until
    return Deadline(
        start, zero, limit, rest_day, last, due_at, provisional, calendar, tuple(pauses), by_halves, ends
    )


def due_in_hours(
    received: datetime, limit: Hours, calendar: Calendar, *, pauses: Sequence[Pause] = ()
) -> Deadline:
    """The same for a limit in hours, which run from the instant of receipt through nights and rest days.

    Raises:
        ValueError: a time without a zone.
    """
    start = local_day(received)
    left, at = timedelta(hours=limit.count), received.astimezone(UTC)
    for pause in pauses:
        if pause.end is None or pause.end <= at:
            continue
        begins = max(pause.start.astimezone(UTC), at)
        if begins - at >= left:
            break
        left -= begins - at
        at = pause.end.astimezone(UTC)
    due_at = (at + left).astimezone(SHANGHAI)
    return Deadline(start, start, limit, RestDay.SAME, due_at.date(), due_at, False, calendar, tuple(pauses))


def _last(
    zero: date, limit: WorkingDays, calendar: Calendar, slots: Slots, pauses: Sequence[Pause]
) -> tuple[date, datetime]:
    calendar.check(zero)
    if not limit.count:
        return zero, slots.end_of(zero)
    gaps = [slots.gap(pause) for pause in pauses if pause.end is not None] if pauses else ()
    slot = last_counted(slots.after(zero), int(limit.count * slots.per_day), gaps)
    if slot >= slots.stop:
        raise calendar.beyond(zero, limit)
    day = slots.day(slot)
    return day, slots.end_of(day, half=slots.per_day == 2 and slot % 2 == 0)


def _walk(deadline: Deadline) -> Iterator[CountedDay]:
    slots = Slots(deadline.calendar, halves=deadline.halves, ends=deadline.ends)
    gaps = [(slots.gap(pause), pause) for pause in deadline.pauses if pause.end is not None]
    frozen = next((slots.unfinished(pause.start) for pause in deadline.pauses if pause.end is None), None)
    total, counted = deadline.limit.count * slots.per_day, 0
    for offset in range((deadline.due_date - deadline.received).days + 1):
        day = deadline.calendar.day(deadline.received + timedelta(offset))
        own = slots.of(day.date) if day.date > deadline.zero else range(0)
        if frozen is not None and own and own.start >= frozen:
            return
        paused = [next((pause for gap, pause in gaps if slot in gap), None) for slot in own]
        before = counted
        counted = min(counted + paused.count(None), int(total))
        number = tidy(counted / slots.per_day) if counted > before else None
        verdict = (
            _counted(number, slots.per_day) if number is not None else _uncounted(day.date, deadline.zero)
        )
        words = [
            _joined(verdict, day),
            *(pause.words for pause in dict.fromkeys(paused) if pause is not None),
        ]
        yield CountedDay(day, number, Line("; ".join(w.en for w in words), "；".join(w.zh for w in words)))


def _counted(number: int | float, per_day: int) -> Line:
    if per_day == 1:
        return Line(f"day {number}", f"第{number}个工作日")
    return Line(f"{number} days counted", f"累计{number}个工作日")


def _uncounted(on: date, zero: date) -> Line:
    if on < zero:
        return Line(
            "a receipt on a rest day counts as made on the next working day", "休息日收到，视为下一工作日收到"
        )
    if on == zero:
        return Line("day 0, the day of receipt", "第0日，收到当日不计")
    return Line("not counted", "不计")


def _joined(verdict: Line, day: Day) -> Line:
    return Line(f"{verdict.en}, {day.why.en}", f"{verdict.zh}，{day.why.zh}")
