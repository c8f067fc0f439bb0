"""Calendars as they were published one after the other: a deadline is a matter of what was known when.

A correction in the middle of a year (as in 2019 and 2020) is a new edition, not a change of the old one.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.deadlines.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Edition:
    """A calendar and the instant from which it counts."""

    calendar: Calendar
    published_at: datetime


class Editions:
    """At least one edition, in the order of publication. The first also counts for what began before it."""

    __slots__ = ("_instants", "items")

    def __init__(self, *items: Edition) -> None:
        if not items:
            raise ValueError("there is no calendar at all")
        self.items = items
        self._instants = [each.published_at for each in items]
        if sorted(self._instants) != self._instants:
            raise ValueError("editions are given in the order of publication")

    @classmethod
    def sole(cls, calendar: Calendar) -> "Editions":
        """One calendar that has always counted."""
        return cls(Edition(calendar, datetime.min.replace(tzinfo=UTC)))

    @property
    def newest(self) -> Calendar:
        """The calendar published last."""
        return self.items[-1].calendar

    def known_at(self, moment: datetime) -> Calendar:
        """The calendar that counted at ``moment``."""
        if len(self.items) == 1:
            return self.items[0].calendar
        return self.items[max(0, bisect_right(self._instants, moment) - 1)].calendar

    def between(self, after: datetime, until: datetime) -> tuple[Edition, ...]:
        """The editions published later than ``after``, up to ``until``; never the first."""
        if len(self.items) == 1:
            return ()
        first = max(1, bisect_right(self._instants, after))
        return self.items[first : bisect_right(self._instants, until)]


@dataclass(slots=True)
class Almanac:
    """The editions a process knows; replaced as a whole when one is published."""

    editions: Editions
