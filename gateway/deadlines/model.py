"""Counting working days from a day of receipt to a due date. Pure: no I/O, and time is always an argument.

The rule: zone Asia/Shanghai; the day of receipt is day 0 and does not count (民法典 Art. 201); working days
after it count, make-up weekends included (行政许可法 Art. 82); the deadline ends at 24:00 of the last one (民法典
Art. 203).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from gateway.deadlines.calendar import Calendar, Day, Line

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS_ZH: Final = "一二三四五六日"


class RestDay(StrEnum):
    """What a receipt on a rest day means: the law does not say, so the platform sets it.

    ``SAME``: that rest day is day 0 (stricter, the default). ``NEXT``: received on the next working day.
    """

    SAME = "same"
    NEXT = "next"


@dataclass(frozen=True, slots=True, order=True)
class WorkingDays:
    """A length in whole working days (工作日). Not a duration: it has no hours and adds to no ``timedelta``.

    Raises:
        TypeError: ``count`` is not a whole number.
        ValueError: ``count`` is negative.
    """

    count: int

    def __post_init__(self) -> None:
        if type(self.count) is not int:
            raise TypeError(f"working days are a whole number, not {self.count!r}")
        if self.count < 0:
            raise ValueError(f"working days cannot be negative: {self.count}")

    def __str__(self) -> str:
        return f"{self.count} working day{'' if self.count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class CountedDay:
    """One day between receipt and due date: its number if it counts, else None, and the reason in words."""

    day: Day
    number: int | None
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
        due_date: the last day.
        due_at: 24:00 of ``due_date``, that is the first instant that is too late, in Asia/Shanghai.
        provisional: the due date lies in a year whose calendar is not published (暂定).
    """

    received: date
    zero: date
    limit: WorkingDays
    rest_day: RestDay
    due_date: date
    due_at: datetime
    provisional: bool
    calendar: Calendar = field(repr=False)

    @property
    def calendar_version(self) -> str:
        """The version of the calendar used."""
        return self.calendar.version

    @property
    def days(self) -> tuple[CountedDay, ...]:
        """Every day from receipt to due date, counted or not."""
        return tuple(_walk(self))

    @property
    def counted(self) -> tuple[CountedDay, ...]:
        """The days that count, numbered from 1 to the limit."""
        return tuple(day for day in _walk(self) if day.number is not None)

    @property
    def explanation(self) -> tuple[Line, ...]:
        """One line per day and, for a provisional deadline, one on why it may move."""
        doubt = (self.calendar.doubt(self.due_date),) if self.provisional else ()
        return (*(day.line for day in _walk(self)), *doubt)


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
    received: date | datetime, limit: WorkingDays, calendar: Calendar, rest_day: RestDay = RestDay.SAME
) -> Deadline:
    """When something received then must be done.

    A limit of zero ends at 24:00 of day 0, whether or not that day works.

    Args:
        received: the day of receipt in Asia/Shanghai, or an instant with its zone.
        rest_day: what a receipt on a rest day means.

    Raises:
        OutsideCalendar: the calendar does not hold the receipt or the due date.
        ValueError: a time without a zone.
    """
    start = local_day(received)
    zero = calendar.working_day_from(start) if rest_day is RestDay.NEXT else start
    last = calendar.add(zero, limit.count)
    due_at = datetime.combine(last + timedelta(1), time.min, SHANGHAI)
    return Deadline(start, zero, limit, rest_day, last, due_at, last > calendar.covered_until, calendar)


def _walk(deadline: Deadline) -> Iterator[CountedDay]:
    number = 0
    for offset in range((deadline.due_date - deadline.received).days + 1):
        day = deadline.calendar.day(deadline.received + timedelta(offset))
        if day.date > deadline.zero and day.working:
            number += 1
            yield CountedDay(day, number, _joined(Line(f"day {number}", f"第{number}个工作日"), day))
        else:
            yield CountedDay(day, None, _joined(_uncounted(day.date, deadline.zero), day))


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
