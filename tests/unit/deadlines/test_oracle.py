"""The index agrees with somebody who walks the days with the published files in hand."""

from datetime import date

import pytest
from daywalk import ONE, works

from gateway.deadlines import Calendar, RestDay, WorkingDays, due

LIMITS = (0, 1, 3, 5, 10, 15, 20)
NEW_YEAR_2027 = date(2027, 1, 1)


def at_work(day: date) -> bool:
    """The first day of 2027 rests by law, whatever its notice will say."""
    return day != NEW_YEAR_2027 and works(day)


def walked(received: date, rest_day: RestDay) -> list[date]:
    """Day 0 and the working days after it, as many as the longest limit."""
    day = received
    while rest_day is RestDay.NEXT and not at_work(day):
        day += ONE
    days = [day]
    while len(days) <= max(LIMITS):
        day += ONE
        if at_work(day):
            days.append(day)
    return days


@pytest.mark.parametrize("rest_day", RestDay)
@pytest.mark.parametrize("year", range(2016, 2027))
def test_every_start_day_of_a_year_is_due_where_walking_the_days_ends(
    calendar: Calendar, year: int, rest_day: RestDay
) -> None:
    received = date(year, 1, 1)
    while received.year == year:
        days = walked(received, rest_day)
        for limit in LIMITS:
            found = due(received, WorkingDays(limit), calendar, rest_day)
            assert (found.zero, found.due_date) == (days[0], days[limit])
            assert found.provisional == (days[limit].year > 2026)
        assert [day.day.date for day in found.counted] == days[1:]
        assert [day.number for day in found.counted] == list(range(1, len(days)))
        received += ONE
