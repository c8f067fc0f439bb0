"""Clocks driven at random: paused, resumed, extended, left alone, over all held years, against a walk of the days."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from clockrules import MEETING, a_rule
from daywalk import walked_due
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.deadlines import (
    SHANGHAI,
    AlreadyPaused,
    Backdated,
    Clock,
    ClockState,
    Editions,
    Event,
    Extended,
    Happening,
    NotExtendable,
    NotPaused,
    Occurred,
    Paused,
    Resumed,
    WorkingDays,
    check_extension,
    clock_of,
    load_calendar,
    then,
)
from gateway.settings import config_dir

EDITIONS = Editions.sole(load_calendar(config_dir() / "calendars"))
STEPS = st.one_of(
    st.timedeltas(timedelta(0), timedelta(hours=30)), st.timedeltas(timedelta(0), timedelta(days=25))
)


class ClockMachine(RuleBasedStateMachine):
    """One clock from its start; the model is a list of pauses and a sum of half days."""

    @initialize(
        start=st.datetimes(datetime(2016, 1, 4), datetime(2025, 6, 1)),
        halves=st.integers(1, 60),
        most=st.integers(1, 20),
    )
    def begin(self, start: datetime, halves: int, most: int) -> None:
        self.rule = a_rule(halves / 2, most / 2)
        self.halves, self.most, self.extended = halves, most, 0
        self.by_halves = bool(halves % 2 or most % 2)
        self.now = start.replace(tzinfo=SHANGHAI)
        self.started = self.now
        self.history: tuple[Happening, ...] = (Occurred(self.now, Event.FILED),)
        self.pauses: list[tuple[datetime, datetime]] = []
        self.paused_at: datetime | None = None
        self.last_due = self.clock().deadline.due_at  # type: ignore[union-attr]

    def clock(self) -> Clock:
        return clock_of(self.rule, self.history, self.now, EDITIONS)

    def walked(self) -> datetime:
        return walked_due(self.started, self.halves + self.extended, self.pauses, by_halves=self.by_halves)

    @rule(by=STEPS)
    def wait(self, by: timedelta) -> None:
        if (self.now + by).year < 2026:
            self.now += by

    @rule()
    def pause(self) -> None:
        act = Paused(self.now, MEETING, "会议通知")
        if self.paused_at is not None:
            with pytest.raises(AlreadyPaused):
                then(self.history, act)
            return
        before = self.clock()
        self.history, self.paused_at = then(self.history, act), self.now
        assert self.clock().deadline.due_at == before.deadline.due_at  # type: ignore[union-attr]

    @rule()
    def resume(self) -> None:
        act = Resumed(self.now)
        if self.paused_at is None:
            with pytest.raises(NotPaused):
                then(self.history, act)
            return
        self.history = then(self.history, act)
        self.pauses.append((self.paused_at, self.now))
        self.paused_at = None

    @rule(days=st.sampled_from([0.5, 1, 1.5, 3]))
    def extend(self, days: float) -> None:
        act = Extended(self.now, self.rule.id, WorkingDays(days), "platform-admin", "第二十一条")
        clock, more = self.clock(), int(days * 2)
        fits = self.extended + more <= self.most and (self.by_halves or more % 2 == 0)
        try:
            check_extension(clock, act.days)
        except NotExtendable:
            assert clock.overdue or not fits
            return
        assert fits
        self.history, self.extended = then(self.history, act), self.extended + more

    @rule(by=st.timedeltas(timedelta(microseconds=1), timedelta(days=3)))
    def backdate(self, by: timedelta) -> None:
        act: Any = Resumed if self.paused_at is not None else lambda at: Paused(at, MEETING, "会议通知")
        with pytest.raises(Backdated):
            then(self.history, act(self.history[-1].at - by))

    @invariant()
    def the_due_instant_is_where_walking_the_days_ends(self) -> None:
        deadline = self.clock().deadline
        assert deadline is not None
        assert deadline.due_at == self.walked()

    @invariant()
    def nothing_makes_a_deadline_earlier(self) -> None:
        due_at = self.clock().deadline.due_at  # type: ignore[union-attr]
        assert due_at >= self.last_due
        self.last_due = due_at

    @invariant()
    def what_is_consumed_and_what_remains_is_what_is_allowed(self) -> None:
        clock = self.clock()
        assert clock.consumed + clock.remaining == clock.allowed.count == (self.halves + self.extended) / 2

    @precondition(lambda self: self.paused_at is not None)
    @invariant()
    def a_paused_clock_stands_still(self) -> None:
        clock = self.clock()
        then_ = clock_of(self.rule, self.history, self.paused_at, EDITIONS)  # type: ignore[arg-type]
        assert (clock.state, clock.remaining, clock.overdue) == (
            ClockState.PAUSED,
            then_.remaining,
            then_.overdue,
        )

    @precondition(lambda self: self.paused_at is None)
    @invariant()
    def a_running_clock_is_overdue_exactly_from_the_due_instant_on(self) -> None:
        clock = self.clock()
        assert clock.overdue == (self.now >= self.walked()) == (clock.state is ClockState.OVERDUE)

    @invariant()
    def every_counted_day_is_explained_and_they_add_up(self) -> None:
        deadline = self.clock().deadline
        assert deadline is not None
        if self.paused_at is None:
            assert deadline.counted[-1].number == (self.halves + self.extended) / 2
        assert all(day.day.working for day in deadline.counted)


TestClock = ClockMachine.TestCase
TestClock.settings = settings(
    max_examples=60, stateful_step_count=25, suppress_health_check=[HealthCheck.too_slow]
)


def test_the_walk_itself_knows_a_known_case() -> None:
    filed = datetime(2026, 9, 30, 10, tzinfo=SHANGHAI)
    assert walked_due(filed, 6, [], by_halves=False).date() == date(2026, 10, 11)
