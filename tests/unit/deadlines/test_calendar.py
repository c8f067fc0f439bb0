"""The days of the shipped calendar, and days of a year that is not published."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.deadlines import Calendar, DayKind, OutsideCalendar, RestDay, WorkingDays, due
from gateway.deadlines.calendar import make_calendar

YEARS = {
    2016: (24, 6, 250),
    2017: (24, 5, 249),
    2018: (25, 7, 250),
    2019: (28, 6, 250),
    2020: (30, 6, 249),
    2021: (31, 7, 250),
    2022: (32, 7, 249),
    2023: (28, 7, 249),
    2024: (28, 8, 251),
    2025: (28, 5, 248),
    2026: (33, 6, 248),
}


def days_of(calendar: Calendar, year: int) -> list[DayKind]:
    first = date(year, 1, 1)
    every = (first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days))
    return [calendar.day(on).kind for on in every]


@pytest.mark.parametrize("year", YEARS)
def test_a_published_year_has_its_known_numbers_of_days(calendar: Calendar, year: int) -> None:
    kinds = days_of(calendar, year)
    holidays, make_ups = kinds.count(DayKind.HOLIDAY), kinds.count(DayKind.MAKE_UP)
    assert (holidays, make_ups, kinds.count(DayKind.WORKDAY) + make_ups) == YEARS[year]
    assert len([on for on in calendar.working if on.year == year]) == YEARS[year][2]


def test_a_published_day_that_deadlines_used_never_changes_silently(calendar: Calendar) -> None:
    assert calendar.version == "cn-2026.11-5acb6a1f"
    assert (calendar.first, calendar.covered_until) == (date(2016, 1, 1), date(2026, 12, 31))


def test_a_day_says_what_it_is_and_why(calendar: Calendar) -> None:
    make_up = calendar.day(date(2026, 10, 10))
    assert (make_up.working, make_up.name, make_up.certain) == (True, "国庆节", True)
    assert make_up.why == ("make-up working day (国庆节)", "调休上班（国庆节）")
    assert not calendar.day(date(2026, 10, 11)).working
    assert calendar.day(date(2026, 12, 31)).certain
    assert not calendar.day(date(2027, 1, 4)).certain


@pytest.mark.parametrize(("limit", "first"), [(20, 4), (10, 18), (3, 29), (1, 31)])
def test_the_first_receipt_of_2026_whose_deadline_is_provisional(
    calendar: Calendar, limit: int, first: int
) -> None:
    receipts = (date(2026, 1, 1) + timedelta(n) for n in range(365))
    provisional = [on for on in receipts if due(on, WorkingDays(limit), calendar).provisional]
    assert provisional == [date(2026, 12, day) for day in range(first, 32)]


def test_a_provisional_deadline_says_why(calendar: Calendar) -> None:
    found = due(date(2026, 12, 31), WorkingDays(1), calendar)
    assert found.due_date == date(2027, 1, 4)
    assert found.calendar_version == calendar.version
    assert found.explanation[1].en == (
        "2027-01-01 Fri: not counted, public holiday or swapped rest day (元旦), expected"
    )
    assert found.explanation[-1] == (
        "provisional: the 2027 calendar is not published; weekends and statutory holidays are assumed",
        "暂定：2027年放假安排尚未公布，按周末和法定节假日推算",
    )


def test_a_final_deadline_has_no_doubt(calendar: Calendar) -> None:
    found = due(date(2026, 12, 30), WorkingDays(1), calendar)
    assert not any("provisional" in line.en for line in found.explanation)


def test_an_unpublished_year_rests_on_the_holidays_fixed_by_law(calendar: Calendar) -> None:
    holidays = [
        (on.month, on.day)
        for on in (date(2027, 1, 1) + timedelta(n) for n in range(365))
        if calendar.day(on).kind is DayKind.HOLIDAY
    ]
    spring, other = [(2, 5), (2, 6), (2, 7), (2, 8)], [(4, 5), (5, 1), (5, 2), (6, 9), (9, 15)]
    assert holidays == [(1, 1), *spring, *other, (10, 1), (10, 2), (10, 3)]
    assert not any(calendar.day(date(2027, month, day)).certain for month, day in holidays)


def test_a_year_without_known_lunar_holidays_says_so(calendar: Calendar) -> None:
    assert calendar.day(date(2031, 1, 23)).kind is DayKind.WORKDAY
    doubt = due(date(2031, 1, 20), WorkingDays(5), calendar).explanation[-1]
    assert doubt.en.endswith("without 春节, 清明, 端午 and 中秋 after 2030")
    assert doubt.zh.endswith("未计2030年之后的春节、清明、端午、中秋")
    assert due(date(2030, 12, 2), WorkingDays(5), calendar).explanation[-1].en.endswith("are assumed")


@pytest.mark.parametrize("year", range(2027, 2031))
def test_the_expected_lunar_holidays_follow_a_new_moon(calendar: Calendar, year: int) -> None:
    """Mean lunation of Meeus, Astronomical Algorithms, ch. 49: within a day of the true new moon."""
    named = {
        name: [on for on, day in calendar.days.items() if day.name == name and on.year == year]
        for name in ("春节", "清明", "端午", "中秋")
    }
    assert [len(days) for days in named.values()] == [4, 1, 1, 1]
    firsts = [named["春节"][1], named["端午"][0] - timedelta(4), named["中秋"][0] - timedelta(14)]
    for first in firsts:
        noon = datetime(first.year, first.month, first.day, 4, tzinfo=UTC)
        julian = noon.timestamp() / 86400 + 2440587.5
        lunations = (julian - 2451550.09766) / 29.530588861
        assert abs(lunations - round(lunations)) * 29.53 < 1.2
    assert named["清明"][0] in (date(year, 4, 4), date(year, 4, 5))


def test_a_correction_of_one_day_makes_another_version() -> None:
    before = make_calendar(2026, 2026, {}, {}, {})
    after = make_calendar(2026, 2026, {}, {}, {date(2027, 2, 6): "春节"})
    assert before.version != after.version
    assert before.version == make_calendar(2026, 2026, {}, {}, {}).version
    earlier, later = (due(date(2026, 1, 5), WorkingDays(1), held) for held in (before, after))
    assert (earlier.due_date, earlier == later) == (later.due_date, False)
    assert len({earlier, later}) == 2


@pytest.mark.usefixtures("process_zone")
def test_midnight_is_right_in_the_years_of_chinese_summer_time() -> None:
    old = make_calendar(1986, 1991, {}, {}, {})
    summer = due(datetime(1988, 7, 1, 15, 30, tzinfo=UTC), WorkingDays(1), old)
    assert (summer.received, summer.due_date) == (date(1988, 7, 2), date(1988, 7, 4))
    assert summer.due_at == datetime(1988, 7, 4, 15, tzinfo=UTC)
    winter = due(datetime(1988, 12, 1, 15, 30, tzinfo=UTC), WorkingDays(1), old)
    assert winter.due_at == datetime(1988, 12, 2, 16, tzinfo=UTC)


@pytest.mark.parametrize("on", [date(2015, 12, 31), date(2037, 1, 1)])
def test_a_day_outside_the_calendar_is_unknown(calendar: Calendar, on: date) -> None:
    with pytest.raises(OutsideCalendar):
        calendar.day(on)


def test_a_receipt_after_the_last_working_day_has_no_next_one() -> None:
    held = make_calendar(2012, 2012, {}, {}, {})
    with pytest.raises(OutsideCalendar, match="next working day after 2022-12-31"):
        due(date(2022, 12, 31), WorkingDays(0), held, RestDay.NEXT)
