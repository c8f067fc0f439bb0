"""Clocks on whole cases: the worked examples of two rule sets at once, the states, and which clock binds."""

from datetime import date, datetime, timedelta

import pytest

from gateway.deadlines import (
    SHANGHAI,
    Calendar,
    Clock,
    ClockRule,
    ClockState,
    Editions,
    Event,
    Reckoning,
    RestDay,
    RuleSet,
    WorkingDays,
    binding,
    clock_of,
    clocks_for,
    due,
    history_of,
    rule_sets_in_force,
)

FILED, ACCEPTED, DECIDED = Event.FILED, Event.ACCEPTED, Event.DECIDED
MICROSECOND = timedelta(microseconds=1)

pytestmark = pytest.mark.usefixtures("process_zone")


def at(day: str, clock: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"2026-{day}T{clock}").replace(tzinfo=SHANGHAI)


def clock_at(
    rule: ClockRule,
    events: dict[Event, datetime],
    now: datetime,
    calendar: Calendar,
    rest_day: RestDay = RestDay.SAME,
) -> Clock:
    return clock_of(rule, history_of(events), now, Editions.sole(calendar), Reckoning(rest_day))


class Case:
    """An application filed in Qingyang on 2026-11-20."""

    def __init__(self, calendar: Calendar, rule_sets: tuple[RuleSet, ...]) -> None:
        self.calendar = calendar
        self.rule_sets = rule_sets_in_force(rule_sets, date(2026, 11, 20), "621000")

    def clocks(
        self, route: str, sharing_class: str, events: dict[Event, datetime], now: datetime
    ) -> dict[str, Clock]:
        rules = clocks_for(self.rule_sets, route, sharing_class)
        return {rule.id: clock_at(rule, events, now, self.calendar) for rule in rules}


@pytest.fixture
def case(calendar: Calendar, rule_sets: tuple[RuleSet, ...]) -> Case:
    return Case(calendar, rule_sets)


def due_dates(clocks: dict[str, Clock]) -> dict[str, str]:
    return {name: f"{clock.deadline.due_date:%m-%d}" for name, clock in clocks.items() if clock.deadline}


def states(clocks: dict[str, Clock]) -> dict[str, str]:
    return {name.split(".")[1]: clock.state.value for name, clock in clocks.items()}


def test_unconditional_data_are_answered_in_one_day_and_provided_before_the_sharing_limit(case: Case) -> None:
    events = {FILED: at("11-20"), DECIDED: at("11-23"), ACCEPTED: at("11-25"), Event.REVIEWED: at("11-25")}
    clocks = case.clocks("direct", "unconditional", events, at("11-25", "11:00"))
    assert due_dates(clocks) == {
        "qy132.review": "11-25",
        "qy132.provide": "11-30",
        "tl809.reply_uncond": "11-23",
        "tl809.share": "12-21",
    }
    first = binding(clocks.values())
    assert first is clocks["qy132.provide"]


def test_conditional_data_are_bound_by_the_national_clock(case: Case) -> None:
    events = {FILED: at("11-20"), Event.REVIEWED: at("11-25"), ACCEPTED: at("11-25")}
    clocks = case.clocks("department", "conditional", events, at("11-25", "11:00"))
    assert due_dates(clocks) == {
        "qy132.review": "11-25",
        "qy132.approve": "12-09",
        "tl809.reply_cond": "12-04",
    }
    assert binding(clocks.values()) is clocks["tl809.reply_cond"]


def test_a_full_extension_counts_from_the_old_due_date(calendar: Calendar) -> None:
    assert due(date(2026, 12, 4), WorkingDays(10), calendar).due_date == date(2026, 12, 18)


def test_the_review_binds_until_it_is_done(case: Case) -> None:
    clocks = case.clocks("department", "conditional", {FILED: at("11-20")}, at("11-20", "11:00"))
    assert states(clocks) == {
        "review": "running",
        "approve": "waiting",
        "reply_cond": "running",
        "share": "waiting",
    }
    assert binding(clocks.values()) is clocks["qy132.review"]


def test_the_platforms_providing_answers_and_shares_at_once(case: Case) -> None:
    events = {
        FILED: at("11-20"),
        Event.REVIEWED: at("11-20"),
        ACCEPTED: at("11-20"),
        Event.PROVIDED: at("11-20"),
    }
    clocks = case.clocks("direct", "unconditional", events, at("12-01"))
    assert set(states(clocks).values()) == {"met"}
    assert binding(clocks.values()) is None


def test_an_answer_in_time_stays_so_when_the_data_come_late(case: Case) -> None:
    events = {FILED: at("11-20"), Event.REVIEWED: at("11-25"), DECIDED: at("11-23"), ACCEPTED: at("11-25")}
    clocks = case.clocks("direct", "unconditional", {**events, Event.PROVIDED: at("12-07")}, at("12-31"))
    assert states(clocks) == {"review": "met", "provide": "late", "reply_uncond": "met", "share": "met"}


def test_a_refused_application_has_nothing_left_to_share(case: Case) -> None:
    events = {FILED: at("11-20"), Event.REVIEWED: at("11-23"), ACCEPTED: at("11-23")}
    events |= {DECIDED: at("11-27"), Event.CLOSED: at("11-27")}
    clocks = case.clocks("department", "conditional", events, at("12-31"))
    assert states(clocks) == {"review": "met", "approve": "met", "reply_cond": "met", "share": "stopped"}
    assert binding(clocks.values()) is None


def test_an_application_refused_at_review_stops_the_other_clocks(case: Case) -> None:
    events = {FILED: at("11-20"), Event.REVIEWED: at("11-24"), Event.CLOSED: at("11-24")}
    clocks = case.clocks("department", "conditional", events, at("12-31"))
    assert states(clocks) == {
        "review": "met",
        "approve": "stopped",
        "reply_cond": "stopped",
        "share": "stopped",
    }
    assert clocks["tl809.reply_cond"].ended_at == at("11-24")


def test_closing_an_overdue_case_does_not_hide_the_breach(case: Case) -> None:
    events = {FILED: at("11-20"), Event.CLOSED: at("12-07")}
    clocks = case.clocks("department", "conditional", events, at("12-31"))
    assert states(clocks)["reply_cond"] == "late"


@pytest.mark.parametrize(
    ("moment", "still_open", "done"),
    [
        (at("12-05", "00:00") - MICROSECOND, ClockState.RUNNING, ClockState.MET),
        (at("12-05", "00:00"), ClockState.OVERDUE, ClockState.LATE),
        (at("12-05", "00:00") + MICROSECOND, ClockState.OVERDUE, ClockState.LATE),
    ],
)
def test_the_last_moment_of_the_due_date_is_in_time_and_midnight_is_not(
    case: Case, moment: datetime, still_open: ClockState, done: ClockState
) -> None:
    events = {FILED: at("11-20")}
    waiting = case.clocks("department", "conditional", events, moment)["tl809.reply_cond"]
    decided = case.clocks("department", "conditional", {**events, DECIDED: moment}, at("12-31"))
    assert (waiting.state, waiting.is_open) == (still_open, True)
    assert (decided["tl809.reply_cond"].state, decided["tl809.reply_cond"].is_open) == (done, False)


@pytest.mark.parametrize(
    ("now", "consumed", "remaining"),
    [
        (at("11-20", "23:59"), 0, 10),
        (at("11-22", "12:00"), 0, 10),
        (at("11-23", "00:00"), 1, 9),
        (at("12-04", "23:59"), 10, 0),
        (at("12-05", "12:00"), 10, 0),
        (at("12-08", "09:00"), 12, -2),
    ],
)
def test_working_days_are_consumed_as_they_begin(
    case: Case, now: datetime, consumed: int, remaining: int
) -> None:
    clock = case.clocks("department", "conditional", {FILED: at("11-20")}, now)["tl809.reply_cond"]
    assert (clock.consumed, clock.remaining) == (consumed, remaining)


def test_a_stopped_clock_consumes_no_more(case: Case) -> None:
    events = {FILED: at("11-20"), DECIDED: at("11-24")}
    clock = case.clocks("department", "conditional", events, at("12-31"))["tl809.reply_cond"]
    assert (clock.consumed, clock.remaining, clock.ended_at) == (2, 8, at("11-24"))


def test_a_filing_on_a_rest_day_follows_the_platforms_setting(
    calendar: Calendar, rule_sets: tuple[RuleSet, ...]
) -> None:
    review = next(rule for each in rule_sets for rule in each.clocks if rule.id == "qy132.review")
    filed = {FILED: at("10-03")}
    same = clock_at(review, filed, at("10-05"), calendar)
    following = clock_at(review, filed, at("10-05"), calendar, RestDay.NEXT)
    assert same.deadline is not None
    assert following.deadline is not None
    assert (same.deadline.due_date, following.deadline.due_date) == (date(2026, 10, 10), date(2026, 10, 12))
    assert (following.consumed, following.remaining) == (0, 3)


def test_a_decision_before_acceptance_meets_the_clock_that_starts_later(case: Case) -> None:
    events = {FILED: at("11-20"), DECIDED: at("11-23"), ACCEPTED: at("11-25")}
    clock = case.clocks("department", "unconditional", events, at("12-31"))["qy132.approve"]
    assert (clock.state, clock.consumed) == (ClockState.MET, 0)


def test_of_clocks_due_at_once_the_first_by_name_binds(case: Case) -> None:
    events = {FILED: at("11-20"), ACCEPTED: at("11-20")}
    clocks = case.clocks("department", "conditional", events, at("11-24"))
    del clocks["qy132.review"]
    assert binding(reversed(clocks.values())) is clocks["qy132.approve"]


def test_an_overdue_clock_still_binds(case: Case) -> None:
    events = {FILED: at("11-20"), ACCEPTED: at("11-25"), Event.REVIEWED: at("11-25")}
    clocks = case.clocks("department", "unconditional", events, at("11-30"))
    first = binding(clocks.values())
    assert first is clocks["tl809.reply_uncond"]
    assert first.state is ClockState.OVERDUE


def test_a_clock_explains_itself_day_by_day(case: Case) -> None:
    clocks = case.clocks("department", "unconditional", {FILED: at("11-20")}, at("11-20", "11:00"))
    assert [line.en for line in clocks["tl809.reply_uncond"].explanation] == [
        "tl809.reply_uncond (第二十一条): Reply to an application for unconditionally shared data, "
        "1 working day, provider: running",
        "2026-11-20 Fri: day 0, the day of receipt, ordinary working day",
        "2026-11-21 Sat: not counted, weekend",
        "2026-11-22 Sun: not counted, weekend",
        "2026-11-23 Mon: day 1, ordinary working day",
    ]
    assert [line.zh for line in clocks["tl809.share"].explanation] == [
        "tl809.share（第二十二条）：同意共享后提供政务数据，20个工作日：未开始",
    ]
