"""Due dates: known vectors, edges of the day, and what is refused."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deadlines import SHANGHAI, Calendar, OutsideCalendar, RestDay, WorkingDays, due, load_calendar
from gateway.settings import config_dir

SAME, NEXT = RestDay.SAME, RestDay.NEXT
HELD = load_calendar(config_dir() / "calendars")

VECTORS = [
    ("2026-11-20", 3, SAME, "2026-11-25"),
    ("2026-11-20", 10, SAME, "2026-12-04"),
    ("2026-09-30", 3, SAME, "2026-10-10"),
    ("2026-02-13", 1, SAME, "2026-02-14"),
    ("2026-02-13", 3, SAME, "2026-02-25"),
    ("2026-02-13", 10, SAME, "2026-03-05"),
    ("2026-02-14", 1, SAME, "2026-02-24"),
    ("2026-04-30", 3, SAME, "2026-05-08"),
    ("2026-09-18", 3, SAME, "2026-09-22"),
    ("2026-10-03", 3, SAME, "2026-10-10"),
    ("2026-10-03", 3, NEXT, "2026-10-12"),
    ("2025-09-30", 10, SAME, "2025-10-21"),
    ("2025-12-31", 1, SAME, "2026-01-04"),
    ("2024-02-08", 3, SAME, "2024-02-19"),
    ("2020-01-23", 3, SAME, "2020-02-05"),
    ("2026-11-23", 20, SAME, "2026-12-21"),
]


@pytest.mark.parametrize(("received", "days", "rest_day", "expected"), VECTORS)
@pytest.mark.usefixtures("process_zone")
def test_known_receipts_have_their_known_due_dates(
    calendar: Calendar, received: str, days: int, rest_day: RestDay, expected: str
) -> None:
    found = due(date.fromisoformat(received), WorkingDays(days), calendar, rest_day)
    assert found.due_date == date.fromisoformat(expected)
    assert not found.provisional


def test_a_deadline_over_national_day_counts_the_make_up_saturday(calendar: Calendar) -> None:
    found = due(date(2026, 9, 30), WorkingDays(3), calendar)
    assert [day.day.date for day in found.counted] == [date(2026, 10, day) for day in (8, 9, 10)]


def test_a_deadline_ends_at_midnight_after_the_due_date_in_shanghai(calendar: Calendar) -> None:
    found = due(date(2026, 11, 20), WorkingDays(3), calendar)
    assert found.due_at == datetime(2026, 11, 25, 16, tzinfo=UTC)
    assert found.due_at.tzinfo is SHANGHAI


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-20T00:00:00+08:00", "2026-11-23"),
        ("2026-11-20T03:00:00+08:00", "2026-11-23"),
        ("2026-11-20T12:30:00+08:00", "2026-11-23"),
        ("2026-11-20T23:59:59.999999+08:00", "2026-11-23"),
        ("2026-11-21T00:00:00+08:00", "2026-11-23"),
        ("2026-11-22T23:59:59.999999+08:00", "2026-11-23"),
        ("2026-11-23T00:00:00+08:00", "2026-11-24"),
        ("2026-11-22T16:00:00+00:00", "2026-11-24"),
        ("2026-11-22T11:00:00-05:00", "2026-11-24"),
        ("2026-10-05T12:30:00+08:00", "2026-10-08"),
        ("2026-10-10T23:59:00+08:00", "2026-10-12"),
    ],
)
@pytest.mark.usefixtures("process_zone")
def test_the_day_of_receipt_is_the_day_in_shanghai_at_any_hour(
    calendar: Calendar, moment: str, expected: str
) -> None:
    found = due(datetime.fromisoformat(moment), WorkingDays(1), calendar)
    assert found.due_date == date.fromisoformat(expected)


@pytest.mark.usefixtures("process_zone")
def test_a_receipt_before_the_first_hour_of_a_working_day_is_deemed_made_that_day(calendar: Calendar) -> None:
    found = due(datetime(2026, 10, 8, 0, 0, tzinfo=SHANGHAI), WorkingDays(1), calendar, NEXT)
    assert (found.zero, found.due_date) == (date(2026, 10, 8), date(2026, 10, 9))


@given(
    moment=st.datetimes(datetime(2016, 1, 2), datetime(2026, 12, 30)),
    offset=st.integers(-12 * 60, 14 * 60),
    days=st.integers(0, 130),
    rest_day=st.sampled_from(RestDay),
)
def test_an_instant_and_its_day_in_shanghai_have_the_same_deadline(
    moment: datetime, offset: int, days: int, rest_day: RestDay
) -> None:
    instant = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    day = (instant.astimezone(UTC) + timedelta(hours=8)).date()
    assert due(instant, WorkingDays(days), HELD, rest_day) == due(day, WorkingDays(days), HELD, rest_day)


def test_a_limit_of_zero_ends_on_day_zero_even_if_it_rests(calendar: Calendar) -> None:
    for day in (date(2026, 11, 20), date(2026, 10, 3)):
        found = due(day, WorkingDays(0), calendar)
        assert (found.due_date, found.counted) == (day, ())
    assert due(date(2026, 10, 3), WorkingDays(0), calendar, NEXT).due_date == date(2026, 10, 8)


@pytest.mark.parametrize("count", [-1, -10])
def test_a_negative_limit_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        WorkingDays(count)


@pytest.mark.parametrize("count", [0.25, 1.1, float("nan"), float("inf"), True, "3", timedelta(days=1), None])
def test_working_days_are_whole_or_half_numbers_and_nothing_else(count: object) -> None:
    with pytest.raises(TypeError, match="whole or half"):
        WorkingDays(count)  # type: ignore[arg-type]


def test_working_days_do_not_mix_with_hours(calendar: Calendar) -> None:
    with pytest.raises(TypeError):
        datetime(2026, 11, 20, tzinfo=UTC) + WorkingDays(1)  # type: ignore[operator]
    with pytest.raises(TypeError):
        timedelta(hours=24) < WorkingDays(2)  # type: ignore[operator]  # noqa: B015
    with pytest.raises(AttributeError):
        due(date(2026, 11, 20), timedelta(days=1), calendar)  # type: ignore[arg-type]


def test_a_time_without_a_zone_is_refused(calendar: Calendar) -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        due(datetime(2026, 11, 20, 9), WorkingDays(1), calendar)


@pytest.mark.parametrize(
    "received", [date(2015, 12, 31), date(1988, 7, 1), date(2037, 1, 1), date(9999, 12, 31)]
)
@pytest.mark.parametrize("rest_day", RestDay)
def test_a_receipt_outside_the_calendar_is_refused(
    calendar: Calendar, received: date, rest_day: RestDay
) -> None:
    with pytest.raises(OutsideCalendar, match=str(received)):
        due(received, WorkingDays(0), calendar, rest_day)


def test_a_due_date_outside_the_calendar_is_refused(calendar: Calendar) -> None:
    with pytest.raises(OutsideCalendar, match="10 working days after 2036-12-30"):
        due(date(2036, 12, 30), WorkingDays(10), calendar)


def test_every_day_from_receipt_to_due_date_is_explained(calendar: Calendar) -> None:
    lines = due(date(2026, 10, 7), WorkingDays(3), calendar, NEXT).explanation
    assert [line.en for line in lines] == [
        "2026-10-07 Wed: a receipt on a rest day counts as made on the next working day, "
        "public holiday or swapped rest day (国庆节)",
        "2026-10-08 Thu: day 0, the day of receipt, ordinary working day",
        "2026-10-09 Fri: day 1, ordinary working day",
        "2026-10-10 Sat: day 2, make-up working day (国庆节)",
        "2026-10-11 Sun: not counted, weekend",
        "2026-10-12 Mon: day 3, ordinary working day",
    ]
    assert [line.zh for line in lines][3:5] == [
        "2026-10-10 周六：第2个工作日，调休上班（国庆节）",
        "2026-10-11 周日：不计，周末",
    ]
