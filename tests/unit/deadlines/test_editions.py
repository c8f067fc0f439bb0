"""Calendars published while cases are open: what moves, what stays, and what is kept of it."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from clockrules import a_rule, at

from gateway.deadlines import (
    Calendar,
    Clock,
    ClockRule,
    ClockState,
    Day,
    DayKind,
    Edition,
    Editions,
    Event,
    Occurred,
    clock_of,
    load_calendar,
)
from gateway.deadlines.calendar import make_calendar

HOLIDAY, MAKE_UP = DayKind.HOLIDAY, DayKind.MAKE_UP
FILED = Occurred(at("2026-12-28T10:00"), Event.FILED)
LONG_AGO = at("2026-01-01T00:00")


def with_2027(calendars: Path, *days: tuple[str, bool]) -> Calendar:
    """The shipped calendar and a notice of 2027: each day and whether it rests."""
    listed = [
        {"date": f"2027-{day}", "name": "元旦", "isOffDay": rests} for day, rests in (("01-01", True), *days)
    ]
    year: dict[str, Any] = {"year": 2027, "source": "test", "days": listed}
    (calendars / "2027.json").write_text(json.dumps(year), encoding="utf-8")
    return load_calendar(calendars)


def clock(
    editions: Editions, now: str, *more: Occurred, rule: ClockRule | None = None, filed: Occurred = FILED
) -> Clock:
    return clock_of(rule or a_rule(5), (filed, *more), at(now), editions)


def due_at(found: Clock) -> datetime:
    assert found.deadline is not None
    return found.deadline.due_at


def test_a_provisional_deadline_becomes_final_and_moves_both_ways(
    calendar: Calendar, calendars: Path
) -> None:
    before = clock(Editions(Edition(calendar, LONG_AGO)), "2026-12-29T10:00")
    assert before.deadline is not None
    assert (due_at(before), before.deadline.provisional) == (at("2027-01-06T00:00"), True)
    published = at("2026-12-30T15:00")
    later = Editions(Edition(calendar, LONG_AGO), Edition(with_2027(calendars, ("01-04", True)), published))
    earlier = Editions(
        Edition(calendar, LONG_AGO), Edition(with_2027(calendars, ("01-02", False)), published)
    )
    assert due_at(clock(later, "2026-12-30T14:59")) == at("2027-01-06T00:00")
    moved = clock(later, "2026-12-30T15:00")
    assert moved.deadline is not None
    assert (due_at(moved), moved.deadline.provisional) == (at("2027-01-07T00:00"), False)
    assert moved.explanation[-1].zh.endswith(
        "到期时间由 2027-01-06 00:00+08:00 调整为 2027-01-07 00:00+08:00"
    )
    assert due_at(clock(earlier, "2026-12-31T10:00")) == at("2027-01-05T00:00")


def test_a_provisional_deadline_is_never_moved_before_the_end_of_the_day_of_publication(
    calendar: Calendar, calendars: Path
) -> None:
    late = Edition(with_2027(calendars, ("01-02", False), ("01-03", False)), at("2027-01-05T09:00"))
    found = clock(Editions(Edition(calendar, LONG_AGO), late), "2027-01-05T10:00", rule=a_rule(6))
    assert (due_at(found), found.state) == (at("2027-01-06T00:00"), ClockState.RUNNING)
    found = clock(Editions(Edition(calendar, LONG_AGO), late), "2027-01-05T10:00", rule=a_rule(4))
    assert (due_at(found), found.state) == (at("2027-01-05T00:00"), ClockState.OVERDUE)


def test_a_correction_in_the_middle_of_a_year_moves_final_deadlines_later_and_never_earlier() -> None:
    """As on 2020-01-27, when the 春节 holiday was prolonged, and on 2019-03-22, when make-up days were added."""
    first = make_calendar(2019, 2020, {}, {}, {})
    rests = {day: Day(day, HOLIDAY, "春节") for day in (date(2020, 1, 31), date(2020, 2, 3))}
    works = {day: Day(day, MAKE_UP, "劳动节") for day in (date(2020, 2, 1), date(2020, 2, 2))}
    filed = Occurred(at("2020-01-22T10:00"), Event.FILED)
    issued = at("2020-01-27T00:00")
    editions = Editions(
        Edition(first, at("2019-11-21T00:00")), Edition(make_calendar(2019, 2020, rests, {}, {}), issued)
    )
    assert due_at(clock(editions, "2020-01-26T10:00", rule=a_rule(10), filed=filed)) == at("2020-02-06T00:00")
    assert due_at(clock(editions, "2020-01-28T10:00", rule=a_rule(10), filed=filed)) == at("2020-02-08T00:00")
    editions = Editions(
        Edition(first, at("2019-11-21T00:00")), Edition(make_calendar(2019, 2020, works, {}, {}), issued)
    )
    kept = clock(editions, "2020-01-28T10:00", rule=a_rule(10), filed=filed)
    assert (due_at(kept), kept.moves[0].due_at) == (at("2020-02-06T00:00"), at("2020-02-06T00:00"))
    assert kept.explanation[-1].en.endswith("published; the deadline stays")


def test_a_clock_that_ended_keeps_the_calendar_it_ended_under(calendar: Calendar, calendars: Path) -> None:
    decided = Occurred(at("2027-01-05T10:00"), Event.DECIDED)
    longer = with_2027(calendars, ("01-04", True), ("01-05", True))
    editions = Editions(Edition(calendar, LONG_AGO), Edition(longer, at("2027-01-05T11:00")))
    done = clock(editions, "2027-02-01T10:00", decided)
    assert (due_at(done), done.state, done.moves) == (at("2027-01-06T00:00"), ClockState.MET, ())


def test_a_case_begun_after_a_publication_knows_only_the_new_calendar(
    calendar: Calendar, calendars: Path
) -> None:
    new = with_2027(calendars, ("01-04", True))
    editions = Editions(Edition(calendar, LONG_AGO), Edition(new, at("2026-12-28T10:00")))
    found = clock(editions, "2026-12-28T10:00")
    assert (due_at(found), found.moves) == (at("2027-01-07T00:00"), ())
    assert editions.newest is new


def test_a_case_begun_before_the_first_publication_uses_the_first_calendar(calendar: Calendar) -> None:
    editions = Editions(Edition(calendar, at("2026-12-29T10:00")))
    assert due_at(clock(editions, "2026-12-29T10:00")) == at("2027-01-06T00:00")


def test_editions_follow_each_other(calendar: Calendar) -> None:
    with pytest.raises(ValueError, match="order of publication"):
        Editions(Edition(calendar, at("2026-12-29T10:00")), Edition(calendar, at("2026-12-28T10:00")))
    with pytest.raises(ValueError, match="no calendar"):
        Editions()
