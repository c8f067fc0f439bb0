"""Which days work, which rest, and how sure that is. Pure; ``calendar_files`` reads the data.

A listed day is what the State Council's notice says (放假 or 调休上班); an unlisted one follows the week. A
year whose notice is not out is *expected*: weekends and the holidays fixed by law rest, nothing else is guessed.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate, compress
from typing import Final, NamedTuple

from gateway.deadlines.amounts import WorkingDays
from gateway.deadlines.errors import OutsideCalendar

EXPECTED_YEARS: Final = 10
"""Years after the last published one for which a provisional deadline is still given."""
_WEEKEND: Final = 5  # of date.weekday(): Saturday


class Line(NamedTuple):
    """One line of an explanation, in English and Chinese."""

    en: str
    zh: str


class DayKind(StrEnum):
    """Why a day works or rests."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"


_WHY: Final = {
    DayKind.WORKDAY: Line("ordinary working day", "工作日"),
    DayKind.WEEKEND: Line("weekend", "周末"),
    DayKind.HOLIDAY: Line("public holiday or swapped rest day", "放假或调休"),
    DayKind.MAKE_UP: Line("make-up working day", "调休上班"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """One day in Asia/Shanghai.

    ``name`` is the holiday it belongs to, for display only; ``certain`` is false in a year not yet published.
    """

    date: date
    kind: DayKind
    name: str = ""
    certain: bool = True

    @property
    def working(self) -> bool:
        """Whether the day counts (工作日)."""
        return self.kind in (DayKind.WORKDAY, DayKind.MAKE_UP)

    @property
    def why(self) -> Line:
        """The reason in words, e.g. ``make-up working day (国庆节)``."""
        en, zh = _WHY[self.kind]
        if self.name:
            en, zh = f"{en} ({self.name})", f"{zh}（{self.name}）"
        return Line(en, zh) if self.certain else Line(f"{en}, expected", f"{zh}，暂定")


@dataclass(frozen=True)
class Calendar:
    """The days of several consecutive years; build it with :func:`make_calendar`.

    Attributes:
        version: ``cn-{last published year}.{years}-{digest of the days}``: changes whenever a day does; ``cn+621000-…``
            where a region has days of its own.
        first: the earliest day held.
        covered_until: the last day of the last published year.
        last: the last day for which an expectation is given.
        days: every day that does not simply follow the week.
        lunar_until: the last year whose 春节, 清明, 端午 and 中秋 are known by date.
        working: all working days from ``first`` to ``last`` in order.
        upto: how many of them lie up to and including each day from ``first`` to ``last``.
    """

    version: str
    first: date
    covered_until: date
    last: date
    lunar_until: int
    days: Mapping[date, Day] = field(repr=False, compare=False)
    working: tuple[date, ...] = field(repr=False, compare=False)
    upto: Mapping[date, int] = field(repr=False, compare=False)

    def day(self, on: date) -> Day:
        """What ``on`` is.

        Raises:
            OutsideCalendar: before ``first`` or after ``last``.
        """
        self.check(on)
        return self.days.get(on) or _ordinary(on, certain=on <= self.covered_until)

    def working_day_from(self, on: date) -> date:
        """``on`` if it works, else the next working day."""
        self.check(on)
        place = bisect_left(self.working, on)
        if place == len(self.working):
            raise self._outside(f"the next working day after {on}", f"{on} 之后的工作日")
        return self.working[place]

    def doubt(self, on: date) -> Line:
        """Why a deadline on ``on``, after ``covered_until``, is only provisional (暂定)."""
        year = self.covered_until.year + 1
        en = f"provisional: the {year} calendar is not published; weekends and statutory holidays are assumed"
        zh = f"暂定：{year}年放假安排尚未公布，按周末和法定节假日推算"
        if on.year > self.lunar_until:
            en += f", without 春节, 清明, 端午 and 中秋 after {self.lunar_until}"
            zh += f"，未计{self.lunar_until}年之后的春节、清明、端午、中秋"
        return Line(en, zh)

    def check(self, on: date) -> None:
        """Raises OutsideCalendar: before ``first`` or after ``last``."""
        if not self.first <= on <= self.last:
            raise self._outside(str(on), str(on))

    def worked(self, until: date) -> int:
        """How many working days of the calendar lie up to and including ``until``, whatever day that is."""
        found = self.upto.get(until)
        if found is None:
            return 0 if until < self.first else len(self.working)
        return found

    def beyond(self, zero: date, limit: WorkingDays) -> OutsideCalendar:
        """The refusal of a limit that ends after ``last``."""
        return self._outside(f"{limit} after {zero}", f"{zero} 之后{limit.zh}")

    def _outside(self, what: str, what_zh: str) -> OutsideCalendar:
        return OutsideCalendar(
            f"{what}: the calendar begins on {self.first} and is not expected beyond {self.last}",
            f"{what_zh}：工作日历自 {self.first} 起，推算不超过 {self.last}",
        )


def make_calendar(
    first_year: int,
    last_year: int,
    published: Mapping[date, Day],
    fixed: Mapping[tuple[int, int], str],
    movable: Mapping[date, str],
    name: str = "cn",
) -> Calendar:
    """Put the published years and the expectation for the years after them together.

    Args:
        first_year, last_year: the published years, all years between them included.
        published: the listed days of those years.
        fixed: statutory holidays with the same month and day every year, by (month, day).
        movable: dates of the statutory holidays that follow the moon or the sun.
        name: what the version begins with: whose days these are.
    """
    first, covered = date(first_year, 1, 1), date(last_year, 12, 31)
    last = date(last_year + EXPECTED_YEARS, 12, 31)
    coming = range(last_year + 1, last.year + 1)
    names = {date(year, *day): name for year in coming for day, name in fixed.items()}
    names |= {on: name for on, name in movable.items() if covered < on <= last}
    expected = {on: Day(on, DayKind.HOLIDAY, name, certain=False) for on, name in names.items()}
    days = {**published, **expected}
    every = [first + timedelta(n) for n in range((last - first).days + 1)]
    works = [days[on].working if on in days else on.weekday() < _WEEKEND for on in every]
    working = tuple(compress(every, works))
    upto = dict(zip(every, accumulate(works), strict=True))
    lunar_until = max((on.year for on in movable), default=last_year)
    version = f"{name}-{last_year}.{last_year - first_year + 1}-{_digest(days)}"
    return Calendar(version, first, covered, last, max(lunar_until, last_year), days, working, upto)


def _ordinary(on: date, *, certain: bool) -> Day:
    return Day(on, DayKind.WORKDAY if on.weekday() < _WEEKEND else DayKind.WEEKEND, certain=certain)


def _digest(days: Mapping[date, Day]) -> str:
    rows = sorted((on.isoformat(), day.kind, day.name, day.certain) for on, day in days.items())
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:8]
