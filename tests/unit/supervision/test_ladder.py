"""The ladder as shipped: which step follows when, by the working days of the real calendars."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from handclock import at

from gateway.deadlines import SHANGHAI, load_calendar
from gateway.supervision.ladder import CatchUp, Ladder, Step, Watched
from gateway.supervision.ladder_file import BadLadder, edition_of, load_ladder

CONFIG = Path(__file__).resolve().parents[3] / "config"
CALENDAR = load_calendar(CONFIG / "calendars")
SHIPPED = load_ladder(CONFIG / "supervision.toml")
# ten working days from Fri 2026-11-20, to the end of Fri 2026-12-04
TEN = Watched(True, True, False, at("2026-11-20T10:00"), at("2026-12-05T00:00"))


def climb(clock: Watched, ladder: Ladder = SHIPPED, until: str = "2027-06-01T00:00") -> list[tuple[str, str]]:
    """Every step with its instant, each taken when it is due."""
    taken: list[tuple[str, str]] = []
    now = clock.started_at
    while (coming := ladder.next(clock, {one for one, _ in taken}, now, CALENDAR)) and coming[1] < at(until):
        now = max(now, coming[1])
        taken.append((coming[0].id, f"{coming[1].astimezone(SHANGHAI):%m-%d %H:%M}"))
    return taken


def clock(start: str, due: str, **changes: bool) -> Watched:
    return Watched(
        changes.get("running", True), changes.get("binding", True), changes.get("overdue", False), at(start), at(due)
    )  # fmt: skip


def test_ten_days_are_reminded_of_at_half_and_at_four_fifths_and_on_the_last_day() -> None:
    assert climb(TEN) == [
        ("amber", "11-27 08:30"),
        ("red", "12-02 08:30"),
        ("deputy", "12-04 08:30"),
        ("breach", "12-05 00:00"),
        ("order", "12-07 08:30"),
    ]


def test_a_make_up_saturday_is_a_working_day_and_the_holiday_is_none() -> None:
    """Three working days over National Day end with Saturday 2026-10-10."""
    assert climb(clock("2026-09-30T17:00", "2026-10-11T00:00")) == [
        ("amber", "10-09 08:30"),
        ("red", "10-10 08:30"),
        ("deputy", "10-10 08:30"),
        ("breach", "10-11 00:00"),
        ("order", "10-12 08:30"),
    ]


def test_one_day_filed_on_a_friday_night_is_reminded_of_on_monday_morning() -> None:
    steps = climb(clock("2026-11-20T22:00", "2026-11-24T00:00"))
    assert [step for step, when in steps if when == "11-23 08:30"] == ["amber", "red", "deputy"]


def test_a_step_never_waits_past_the_due_instant_for_the_window() -> None:
    steps = dict(climb(clock("2026-11-20T22:00", "2026-11-21T00:00")))
    assert steps["amber"] == "11-20 22:00"
    assert steps["breach"] == "11-21 00:00"


def test_a_clock_that_does_not_bind_is_only_put_on_record() -> None:
    assert [step for step, _ in climb(clock("2026-11-20T10:00", "2026-12-05T00:00", binding=False))] == [
        "breach"
    ]


def test_a_paused_clock_or_one_that_was_met_moves_nothing() -> None:
    assert climb(clock("2026-11-20T10:00", "2026-12-05T00:00", running=False)) == []


def test_what_was_overdue_when_it_was_paused_or_done_is_put_on_record_all_the_same() -> None:
    over = clock("2026-11-20T10:00", "2026-12-05T00:00", running=False, overdue=True)
    assert climb(over) == [("breach", "12-05 00:00")]


def after_three_days_down(ladder: Ladder, now: str) -> list[str]:
    taken: list[str] = []
    while (coming := ladder.next(TEN, taken, at(now), CALENDAR)) and coming[1] <= at(now):
        taken.append(coming[0].id)
    return taken


def test_after_days_down_each_step_is_due_once_in_its_order() -> None:
    assert after_three_days_down(SHIPPED, "2026-12-07T09:00") == [
        "amber",
        "red",
        "deputy",
        "breach",
        "order",
    ]


def test_steps_that_catch_up_by_skipping_are_left_out_when_a_later_one_is_due_too() -> None:
    skipping = Ladder(
        SHIPPED.window,
        tuple(Step(s.id, s.kind, s.light, s.to, CatchUp.SKIP, s.share, s.days_before, s.days_after) for s in SHIPPED.steps),
        SHIPPED.breach,
    )  # fmt: skip
    assert after_three_days_down(skipping, "2026-12-02T09:00") == ["red"]
    assert after_three_days_down(skipping, "2026-12-07T09:00") == ["breach", "order"]
    assert climb(TEN, skipping) == climb(TEN)


@pytest.mark.parametrize("night", ["2026-11-29T03:00", "2026-12-01T23:59", "2026-12-02T08:29"])
def test_a_gateway_that_comes_back_at_night_or_on_a_sunday_waits_for_the_window(night: str) -> None:
    coming = SHIPPED.next(TEN, {"amber"} if "12-0" in night else (), at(night), CALENDAR)
    assert coming is not None
    assert coming[1] > at(night)
    assert f"{coming[1]:%H:%M}" == "08:30"
    assert CALENDAR.day(coming[1].date()).working


def test_but_a_breach_does_not_wait() -> None:
    coming = SHIPPED.next(TEN, {"amber", "red", "deputy"}, at("2026-12-05T03:00"), CALENDAR)
    assert coming == (SHIPPED.breach, at("2026-12-05T00:00"))


def test_nor_does_a_reminder_that_would_come_after_the_due_instant() -> None:
    coming = SHIPPED.next(TEN, {"amber", "red"}, at("2026-12-04T18:00"), CALENDAR)
    assert coming is not None
    assert (coming[0].id, coming[1] <= at("2026-12-04T18:00")) == ("deputy", True)


def test_the_same_instant_in_any_zone_gives_the_same_step() -> None:
    for hours in (-11, 0, 8, 14):
        zone = timezone(timedelta(hours=hours))
        moved = Watched(
            True, True, False, TEN.started_at.astimezone(zone), TEN.due_at.astimezone(zone)
        )  # fmt: skip
        assert climb(moved) == climb(TEN)


def test_the_edition_is_another_when_ladder_or_calendar_is() -> None:
    other = Ladder(SHIPPED.window, SHIPPED.steps[1:], SHIPPED.breach)
    words = {edition_of(SHIPPED, "cn-1"), edition_of(SHIPPED, "cn-2"), edition_of(other, "cn-1")}
    assert len(words) == 3
    assert edition_of(load_ladder(CONFIG / "supervision.toml"), "cn-1") == edition_of(SHIPPED, "cn-1")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("share = 0.5", ""),
        ("share = 0.5", "share = 0.5\nworking_days_before = 1"),
        ("share = 0.5", "share = 1.5"),
        ("share = 0.5", "working_days_before = -1"),
        ('id = "red"', 'id = "amber"'),
        ('id = "red"', 'id = "breach"'),
        ('kind = "order"', 'kind = "breach"'),
        ('to = ["handler"]', "to = []"),
        ('to = ["handler"]', 'to = ["minister"]'),
        ("opens = 08:30:00", "opens = 18:00:00"),
        ("[window]", "[windows]"),
        ("[window]", "["),
    ],
    ids=str,
)
def test_a_file_that_is_no_ladder_is_refused_by_name(tmp_path: Path, was: str, becomes: str) -> None:
    file, text = tmp_path / "supervision.toml", (CONFIG / "supervision.toml").read_text("utf-8")
    assert was in text
    file.write_text(text.replace(was, becomes, 1), "utf-8")
    with pytest.raises(BadLadder, match=r"supervision\.toml"):
        load_ladder(file)


def test_a_ladder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLadder):
        load_ladder(tmp_path / "none.toml")


def test_every_instant_is_in_the_window_for_a_year_of_starts() -> None:
    for day in range(0, 365, 3):
        start: datetime = at("2026-01-05T15:00") + timedelta(days=day)
        last = CALENDAR.working[CALENDAR.working.index(CALENDAR.working_day_from(start.date())) + 10]
        due = datetime.combine(last + timedelta(1), datetime.min.time(), start.tzinfo)
        for step, when in climb(Watched(True, True, False, start, due)):
            assert step == "breach" or "08:30" <= when[-5:] < "17:30"
