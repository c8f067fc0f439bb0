"""Somebody who counts days on fingers, with the published files in hand: no index, no slots, only walking."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from gateway.deadlines import SHANGHAI
from gateway.settings import config_dir

ONE = timedelta(days=1)
NOON, MIDNIGHT = time(12), time(0)


def listed(year: int) -> dict[date, bool]:
    """The days of a year's notice, and whether each works."""
    content = json.loads((config_dir() / "calendars" / f"{year}.json").read_text(encoding="utf-8"))
    return {date.fromisoformat(day["date"]): not day["isOffDay"] for day in content["days"]}


WORKS = {day: works for year in range(2016, 2027) for day, works in listed(year).items()}


def works(day: date) -> bool:
    """Whether a day up to 2026 works."""
    return WORKS.get(day, day.weekday() < 5)


def walked_due(
    started: datetime, halves: int, pauses: Sequence[tuple[datetime, datetime]], *, by_halves: bool
) -> datetime:
    """The end of the last half day: one counts if no pause lasts in its last instant; whole days go by their end."""
    day, left = started.astimezone(SHANGHAI).date(), halves
    while True:
        day += ONE
        if not works(day):
            continue
        noon = datetime.combine(day, NOON, SHANGHAI)
        night = datetime.combine(day + ONE, MIDNIGHT, SHANGHAI)
        for end, worth in ((noon, 1), (night, 1)) if by_halves else ((night, 2),):
            if not any(begin < end <= over for begin, over in pauses):
                left -= worth
                if left <= 0:
                    return end
