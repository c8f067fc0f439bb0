"""Bugs that other deadline engines had, one test each, so that this one does not have them.

D1 osTicket looked 72 hours ahead and stopped at a long holiday. D2 biz and Zammad lost the minute before midnight.
D3 jmix took a day for 24 business hours. D4 ERPNext added the wall time of a hold. D5 GLPI forgot pauses when a limit
changed. D6 Frappe let overdue time grow while paused. D7 Camunda fired on resumption, or twice. D8 today's offset was
used for history. D9 jBPM failed on starts outside hours. D10 Jira moved past deadlines by a calendar edit. D11 GLPI
escalated when the server's zone changed. D12 Zammad reminded at midnight. D13 Zammad trusted any calendar feed.
D14 negative and zero durations. D15 pausing twice, resuming what runs, backdating. D16 osTicket dropped the second shift
of a day. D17 the host's clock jumps.

The timers' part of D7, D12 and D17 (each reminder once after three days down, in its own window, by the database's
clock) stands in tests/unit/supervision and tests/integration/supervision; the random walks in ``test_machine`` and
``test_oracle`` cover D1, D4, D6 and D15 over all years held.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from clockrules import MEETING, a_rule, at
from daywalk import walked_due
from hypothesis import given
from hypothesis import strategies as st

from gateway.deadlines import (
    AlreadyPaused,
    Backdated,
    Clock,
    ClockState,
    Edition,
    Editions,
    Ends,
    Event,
    Extended,
    Happening,
    Hours,
    NotPaused,
    Occurred,
    OutsideCalendar,
    Paused,
    Reckoning,
    Resumed,
    WorkingDays,
    clock_of,
    due,
    load_calendar,
    then,
)
from gateway.deadlines.calendar import make_calendar
from gateway.settings import config_dir

HELD = load_calendar(config_dir() / "calendars")
SOLE = Editions.sole(HELD)
MICROSECOND = timedelta(microseconds=1)
HOLD = Paused(at("2026-11-26T09:00"), MEETING, "会议通知")

pytestmark = pytest.mark.usefixtures("process_zone")


def clock(
    *acts: Happening, days: float = 10, filed: str = "2026-11-20T10:00", now: str = "2026-12-01T10:00"
) -> Clock:
    return clock_of(a_rule(days, 10), (Occurred(at(filed), Event.FILED), *acts), at(now), SOLE)


def due_at(found: Clock) -> datetime:
    assert found.deadline is not None
    return found.deadline.due_at


@pytest.mark.parametrize(
    ("filed", "expected"),
    [
        ("2026-09-30T17:30", "2026-10-20"),  # 7 days of rest, Saturday 10 October works
        ("2026-02-13T17:30", "2026-03-05"),  # 9 days of rest between two make-up Saturdays
        ("2023-09-28T10:00", "2023-10-18"),  # 8 days of rest, two make-up days after
        ("2020-01-23T10:00", "2020-02-14"),  # prolonged by the notice of 27 January 2020
    ],
)
def test_d1_ten_working_days_reach_over_the_longest_holidays(filed: str, expected: str) -> None:
    found = clock(filed=filed)
    assert due_at(found) - timedelta(1) == at(f"{expected}T00:00")
    assert due_at(found) == walked_due(at(filed), 20, [], by_halves=False)


def test_d2_the_last_minute_of_the_day_counts_and_the_next_instant_does_not() -> None:
    end = due_at(clock())
    filed = Occurred(at("2026-11-20T00:00"), Event.FILED)
    for moment, state in (
        (end - MICROSECOND, ClockState.MET),
        (end, ClockState.LATE),
        (end + MICROSECOND, ClockState.LATE),
    ):
        done = (filed, Occurred(moment, Event.DECIDED))
        assert clock_of(a_rule(), done, at("2026-12-31T10:00"), SOLE).state is state
    assert end == at("2026-12-05T00:00")


def test_d3_a_working_day_is_no_number_of_hours() -> None:
    filed = Occurred(at("2026-11-20T10:00"), Event.FILED)
    by_hours = clock_of(a_rule(limit=Hours(24)), (filed,), filed.at, SOLE)
    assert (due_at(by_hours), due_at(clock(days=1))) == (at("2026-11-21T10:00"), at("2026-11-24T00:00"))
    assert WorkingDays(1) != Hours(24)


def test_d4_a_pause_in_rest_time_changes_nothing_and_the_time_used_is_the_time_allowed() -> None:
    weekend = (Paused(at("2026-11-20T19:00"), MEETING, "会议"), Resumed(at("2026-11-23T08:00")))
    assert due_at(clock(*weekend)) == due_at(clock())
    held = clock(HOLD, Resumed(at("2026-12-10T15:00")), now="2026-12-18T23:00")
    assert held.deadline is not None
    assert (len(held.deadline.counted), held.consumed, held.remaining) == (10, 10, 0)


def test_d5_a_longer_limit_keeps_the_pauses() -> None:
    more = Extended(at("2026-12-11T10:00"), "test.clock", WorkingDays(5), "platform-admin", "第二十一条")
    hold = (HOLD, Resumed(at("2026-12-10T15:00")))
    assert due_at(clock(*hold)) == at("2026-12-19T00:00")
    assert due_at(clock(*hold, more, now="2026-12-12T10:00")) == at("2026-12-26T00:00")


def test_d6_a_paused_overdue_clock_is_both_and_its_delay_does_not_grow() -> None:
    hold = Paused(at("2026-12-08T09:00"), MEETING, "会议")
    seen = [clock(hold, now=now) for now in ("2026-12-08T09:00", "2027-02-01T09:00")]
    assert {(each.state, each.overdue, each.remaining) for each in seen} == {(ClockState.PAUSED, True, -1)}


def test_d7_what_remained_at_the_pause_is_there_on_resumption() -> None:
    before, during = clock(HOLD, now="2026-11-26T09:00"), clock(HOLD, now="2026-12-10T14:59")
    after = clock(HOLD, Resumed(at("2026-12-10T15:00")), now="2026-12-10T15:00")
    assert before.remaining == during.remaining == after.remaining + 1 == 7  # the day of resumption has begun
    assert after.state is ClockState.RUNNING
    assert due_at(after) > at("2026-12-10T15:00")


@pytest.mark.parametrize(
    ("moment", "received"),
    [
        (
            datetime(1988, 7, 1, 15, 30, tzinfo=UTC),
            date(1988, 7, 2),
        ),  # Shanghai was at UTC+9 in summer, 1986 to 1991
        (datetime(1988, 12, 1, 15, 30, tzinfo=UTC), date(1988, 12, 1)),
        (datetime(1991, 4, 14, 1, 59, tzinfo=ZoneInfo("Asia/Shanghai")), date(1991, 4, 14)),
        (datetime(1988, 3, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")), date(1988, 3, 27)),
    ],
)
def test_d8_the_offset_of_the_date_counts_not_that_of_today(moment: datetime, received: date) -> None:
    old = make_calendar(1986, 1991, {}, {}, {})
    found = due(moment, WorkingDays(1), old)
    assert found.received == received
    assert found.due_at.astimezone(ZoneInfo("Asia/Shanghai")).time() == time(0)


@pytest.mark.parametrize("hour", ["00:00", "03:00", "12:30", "23:59"])
@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-11-20", "2026-11-24"), ("2026-10-05", "2026-10-09"), ("2026-10-10", "2026-10-13")],
)
def test_d9_a_start_at_any_hour_of_a_working_day_holiday_or_make_up_saturday(
    hour: str, day: str, expected: str
) -> None:
    assert due_at(clock(days=1, filed=f"{day}T{hour}")) == at(f"{expected}T00:00")


def test_d10_a_corrected_calendar_makes_no_final_deadline_earlier_and_touches_nothing_that_ended() -> None:
    wider = make_calendar(2026, 2026, {}, {}, {})
    editions = Editions(Edition(HELD, at("2026-01-01T00:00")), Edition(wider, at("2026-10-08T00:00")))
    filed = Occurred(at("2026-09-30T10:00"), Event.FILED)
    opened = clock_of(a_rule(3), (filed,), at("2026-10-08T10:00"), editions)
    assert (due_at(opened), opened.state) == (at("2026-10-11T00:00"), ClockState.RUNNING)
    assert opened.moves[0].calendar_version == wider.version
    done = (filed, Occurred(at("2026-10-07T10:00"), Event.DECIDED))
    assert clock_of(a_rule(3), done, at("2026-12-01T10:00"), editions).moves == ()


def test_d11_the_process_s_zone_changes_nothing() -> None:
    """The whole module runs in three zones; this instant is another day in each of them."""
    found = clock_of(
        a_rule(1),
        (Occurred(datetime(2026, 11, 19, 17, tzinfo=UTC), Event.FILED),),
        at("2026-11-20T10:00"),
        SOLE,
    )
    assert due_at(found) == at("2026-11-24T00:00")


def test_d12_a_deadline_at_midnight_belongs_to_the_day_before() -> None:
    found = clock()
    assert found.deadline is not None
    assert (found.deadline.due_date, due_at(found)) == (date(2026, 12, 4), at("2026-12-05T00:00"))


def test_d13_an_unknown_year_is_never_taken_as_known() -> None:
    found = clock(filed="2026-12-30T10:00", now="2026-12-30T10:00").deadline
    assert found is not None
    assert found.provisional
    assert "暂定" in found.explanation[-1].zh
    with pytest.raises(OutsideCalendar):
        clock(filed="2037-01-04T10:00")


def test_d14_negative_limits_are_refused_and_zero_ends_with_the_day_of_receipt() -> None:
    for kind in (WorkingDays, Hours):
        with pytest.raises(ValueError, match="negative"):
            kind(-1)
    assert due_at(clock(days=0)) == at("2026-11-21T00:00")


def test_d15_pausing_twice_resuming_what_runs_and_backdating_are_refused() -> None:
    filed = (Occurred(at("2026-11-20T10:00"), Event.FILED),)
    with pytest.raises(AlreadyPaused):
        then((*filed, HOLD), Paused(at("2026-11-27T09:00"), MEETING, "会议"))
    with pytest.raises(NotPaused):
        then(filed, Resumed(at("2026-11-27T09:00")))
    with pytest.raises(Backdated):
        then((*filed, HOLD), Resumed(at("2026-11-26T08:59")))


@pytest.mark.parametrize(
    ("days", "expected"), [(0.5, "2026-11-23T12:00"), (1, "2026-11-23T17:30"), (1.5, "2026-11-24T12:00")]
)
def test_d16_both_shifts_of_an_office_day_count(days: float, expected: str) -> None:
    """08:30–12:00 and 14:30–17:30: a half day each; a receipt between and after them changes nothing."""
    office = Reckoning(ends=Ends(half=time(12), day=time(17, 30)))
    for hour in ("08:30", "12:30", "14:30", "18:00"):
        filed = Occurred(at(f"2026-11-20T{hour}"), Event.FILED)
        assert due_at(clock_of(a_rule(days, 0.5), (filed,), filed.at, SOLE, office)) == at(expected)


def test_d16_after_the_office_closed_a_day_is_over_for_a_pause_too() -> None:
    office = Reckoning(ends=Ends(day=time(17, 30)))
    filed = Occurred(at("2026-11-20T10:00"), Event.FILED)
    acts = (filed, Paused(at("2026-11-23T17:30"), MEETING, "会议"), Resumed(at("2026-11-24T17:29")))
    assert due_at(clock_of(a_rule(2), acts, at("2026-11-24T18:00"), SOLE, office)) == at("2026-11-24T17:30")
    with pytest.raises(ValueError, match="after its first half"):
        Ends(half=time(12), day=time(12))


@given(st.datetimes(datetime(2016, 1, 2), datetime(2036, 1, 1)))
def test_d17_whatever_the_host_s_clock_says_what_is_recorded_decides_the_deadline(now: datetime) -> None:
    filed = Occurred(at("2026-11-20T10:00"), Event.FILED)
    found = clock_of(a_rule(), (filed, HOLD, Resumed(at("2026-11-27T10:00"))), now.replace(tzinfo=UTC), SOLE)
    assert due_at(found) == at("2026-12-08T00:00")
    assert found.consumed >= 0
