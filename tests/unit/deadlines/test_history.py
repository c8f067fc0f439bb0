"""Pauses, extensions and hand-overs: what they do to a clock, and what cannot have happened."""

import json
from datetime import datetime, timedelta

import pytest
from clockrules import LAND, MEETING, a_rule, at

from gateway.deadlines import (
    AlreadyPaused,
    Backdated,
    Calendar,
    Clock,
    ClockRule,
    ClockState,
    Editions,
    Event,
    Extended,
    Happening,
    Hours,
    NotExtendable,
    NotPaused,
    Occurred,
    Paused,
    Resumed,
    Transferred,
    WorkingDays,
    binding,
    check_extension,
    clock_of,
    retold,
    then,
    told,
)

pytestmark = pytest.mark.usefixtures("process_zone")
FILED = Occurred(at("2026-11-20T10:00"), Event.FILED)


def paused(text: str) -> Paused:
    return Paused(at(text), MEETING, "会议通知〔2026〕1号")


def resumed(text: str) -> Resumed:
    return Resumed(at(text))


def extended(text: str, days: float, rule: str = "test.clock") -> Extended:
    return Extended(at(text), rule, WorkingDays(days), "platform-admin", "第二十一条")


@pytest.fixture
def editions(calendar: Calendar) -> Editions:
    return Editions.sole(calendar)


def due_date(rule: ClockRule, editions: Editions, *acts: Happening, now: str = "2026-11-20T10:00") -> str:
    return due_of(clock_of(rule, (FILED, *acts), at(now), editions))


def due_of(clock: Clock) -> str:
    assert clock.deadline is not None
    return clock.deadline.due_date.isoformat()


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [
        ("2026-11-24T09:00", "2026-11-24T17:00", "2026-12-04"),  # within one day
        ("2026-11-21T00:00", "2026-11-22T23:59", "2026-12-04"),  # within a weekend
        ("2026-11-20T18:00", "2026-11-23T08:00", "2026-12-04"),  # over a weekend
        ("2026-11-20T18:00", "2026-11-24T08:00", "2026-12-07"),  # over a weekend and Monday's end
        ("2026-11-24T09:00", "2026-11-25T09:00", "2026-12-07"),
        ("2026-11-24T09:00", "2026-12-08T09:00", "2026-12-18"),
        ("2026-11-25T00:00", "2026-11-26T00:00", "2026-12-07"),  # exactly one day
        ("2026-11-19T09:00", "2026-11-24T09:00", "2026-12-07"),  # from before the start
        ("2026-12-04T23:59", "2026-12-08T00:01", "2026-12-08"),  # on the last day
        ("2026-12-05T00:00", "2026-12-08T00:01", "2026-12-04"),  # after it
    ],
)
def test_a_pause_takes_out_the_days_in_whose_end_it_lasts(
    editions: Editions, begins: str, ends: str, expected: str
) -> None:
    acts = sorted([FILED, paused(begins), resumed(ends)], key=lambda each: each.at)
    assert due_of(clock_of(a_rule(), acts, at("2026-12-20T10:00"), editions)) == expected


def test_a_paused_clock_stands_still_and_nobody_has_to_act(editions: Editions) -> None:
    history = (FILED, paused("2026-11-26T09:00"))
    seen = [
        clock_of(a_rule(), history, at(now), editions) for now in ("2026-11-26T10:00", "2027-03-01T10:00")
    ]
    for clock in seen:
        assert (clock.state, clock.consumed, clock.remaining) == (ClockState.PAUSED, 3, 7)
        assert (clock.overdue, clock.is_open, binding([clock])) == (False, False, None)
    assert seen[0] == seen[1]
    assert seen[0].explanation[-1] == (
        "2026-11-26: paused: a meeting of the government considers it (会议通知〔2026〕1号); on resumption 7 remain",
        "2026-11-26：暂停计时：政府会议研究（会议通知〔2026〕1号）；恢复计时后剩余 7",
    )


def test_what_remained_at_the_pause_remains_after_it(editions: Editions) -> None:
    history = (FILED, paused("2026-11-26T09:00"), resumed("2026-12-10T15:00"))
    clock = clock_of(a_rule(), history, at("2026-12-10T15:00"), editions)
    assert (clock.state, clock.consumed, clock.remaining) == (ClockState.RUNNING, 4, 6)
    assert due_of(clock) == "2026-12-18"
    lines = [line.zh for line in clock.explanation]
    assert "2026-11-26 周四：不计，工作日；暂停计时：政府会议研究（会议通知〔2026〕1号）" in lines
    assert "2026-12-10 周四：第4个工作日，工作日" in lines


def test_an_overdue_clock_that_is_paused_says_both(editions: Editions) -> None:
    history = (FILED, paused("2026-12-08T09:00"))
    clock = clock_of(a_rule(), history, at("2026-12-31T09:00"), editions)
    assert (clock.state, clock.overdue, clock.remaining) == (ClockState.PAUSED, True, -1)
    assert clock.explanation[0].en.endswith("provider: paused, overdue")
    assert clock.explanation[0].zh.endswith("暂停计时，已超期")


def test_a_decision_during_a_pause_is_in_time(editions: Editions) -> None:
    history = (FILED, paused("2026-12-04T09:00"), Occurred(at("2026-12-30T10:00"), Event.DECIDED))
    clock = clock_of(a_rule(), history, at("2027-01-20T10:00"), editions)
    assert (clock.state, clock.paused, clock.consumed) == (ClockState.MET, None, 9)


def test_a_reason_the_rule_does_not_know_pauses_nothing(editions: Editions) -> None:
    acts = (Paused(at("2026-11-24T09:00"), LAND, "公告"), resumed("2026-12-01T09:00"))
    assert due_date(a_rule(), editions, *acts) == "2026-12-04"
    assert due_date(a_rule(pauses=frozenset({MEETING, LAND})), editions, *acts) == "2026-12-11"


@pytest.mark.parametrize(
    ("history", "error"),
    [
        ((FILED, paused("2026-11-24T09:00"), paused("2026-11-25T09:00")), AlreadyPaused),
        ((FILED, resumed("2026-11-24T09:00")), NotPaused),
        ((FILED, paused("2026-11-24T09:00"), resumed("2026-11-23T09:00")), Backdated),
        ((FILED, paused("2026-11-19T09:00")), Backdated),
        ((FILED, extended("2026-11-24T09:00", 6)), NotExtendable),
        ((FILED, extended("2026-11-24T09:00", 3), extended("2026-11-25T09:00", 3)), NotExtendable),
    ],
)
def test_a_history_that_cannot_have_happened_is_refused(
    editions: Editions, history: tuple[Happening, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        clock_of(a_rule(most=5), history, at("2026-12-01T09:00"), editions)


def test_nothing_is_added_to_a_history_before_its_last_entry() -> None:
    history = then((FILED,), paused("2026-11-24T09:00"))
    assert len(history) == 2
    with pytest.raises(Backdated):
        then(history, resumed("2026-11-24T08:59"))
    with pytest.raises(AlreadyPaused):
        then(history, paused("2026-11-25T09:00"))
    with pytest.raises(NotPaused):
        then((FILED,), resumed("2026-11-24T09:00"))


def test_an_extension_counts_from_the_old_due_date_and_moves_its_own_rule_only(editions: Editions) -> None:
    act = extended("2026-12-01T09:00", 10)
    assert due_date(a_rule(most=10), editions, act) == "2026-12-18"
    assert due_date(a_rule(most=10, id="other.clock"), editions, act) == "2026-12-04"
    clock = clock_of(a_rule(most=10), (FILED, act), at("2026-12-02T09:00"), editions)
    assert (clock.allowed, clock.remaining, clock.extended_days) == (WorkingDays(20), 12, 10)
    assert clock.explanation[1].zh == "2026-12-01：延长10个工作日，自原到期日起算（第二十一条）"


@pytest.mark.parametrize(
    ("rule", "acts", "days", "now", "said"),
    [
        (a_rule(), (), 1, "2026-11-24T09:00", "cannot be extended"),
        (a_rule(most=5), (), 6, "2026-11-24T09:00", "by 5 working days in all"),
        (a_rule(most=5), (extended("2026-11-23T09:00", 3),), 3, "2026-11-24T09:00", "it has had 3"),
        (a_rule(most=5), (), 0.5, "2026-11-24T09:00", "in all"),
        (a_rule(most=5), (), 0, "2026-11-24T09:00", "in all"),
        (a_rule(most=5), (), 5, "2026-12-05T00:00", "was due on 2026-12-04"),
        (
            a_rule(most=5),
            (Occurred(at("2026-11-23T09:00"), Event.DECIDED),),
            5,
            "2026-11-24T09:00",
            "not run",
        ),
        (a_rule(most=5, start=frozenset({Event.ACCEPTED})), (), 5, "2026-11-24T09:00", "not run"),
    ],
)
def test_an_extension_beyond_the_rule_is_refused(
    editions: Editions, rule: ClockRule, acts: tuple[Happening, ...], days: float, now: str, said: str
) -> None:
    clock = clock_of(rule, (FILED, *acts), at(now), editions)
    with pytest.raises(NotExtendable, match=said):
        check_extension(clock, WorkingDays(days))


def test_an_extension_may_be_asked_for_until_the_last_moment_and_while_paused(editions: Editions) -> None:
    last = clock_of(a_rule(most=5), (FILED,), at("2026-12-05T00:00") - timedelta(microseconds=1), editions)
    check_extension(last, WorkingDays(5))
    halted = clock_of(a_rule(most=5), (FILED, paused("2026-12-04T09:00")), at("2026-12-30T09:00"), editions)
    check_extension(halted, WorkingDays(5))


def test_a_hand_over_is_shown_and_moves_nothing(editions: Editions) -> None:
    act = Transferred(at("2026-11-24T09:00"), "provider", "second-handler", "岗位调整")
    clock = clock_of(a_rule(), (FILED, act), at("2026-11-25T09:00"), editions)
    assert (clock.handler, due_of(clock)) == ("second-handler", "2026-12-04")
    assert clock.explanation[-1].zh == "已移交 second-handler"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0.5, "2026-11-23T12:00"),
        (1, "2026-11-24T00:00"),
        (3.5, "2026-11-26T12:00"),
        (15, "2026-12-12T00:00"),
        (60, "2027-02-18T00:00"),
        (120, "2027-05-14T00:00"),
    ],
)
def test_half_days_end_at_noon_and_long_limits_at_midnight(
    editions: Editions, days: float, expected: str
) -> None:
    deadline = clock_of(a_rule(days), (FILED,), FILED.at, editions).deadline
    assert deadline is not None
    assert deadline.due_at == at(expected)


def test_a_half_day_is_explained(editions: Editions) -> None:
    clock = clock_of(
        a_rule(1.5), (FILED, paused("2026-11-23T11:00"), resumed("2026-11-23T13:00")), FILED.at, editions
    )
    assert [line.en for line in clock.explanation[4:]] == [
        "2026-11-23 Mon: 0.5 days counted, ordinary working day; "
        "paused: a meeting of the government considers it (会议通知〔2026〕1号)",
        "2026-11-24 Tue: 1.5 days counted, ordinary working day",
    ]
    assert clock.deadline is not None
    assert clock.deadline.due_at == at("2026-11-25T00:00")


@pytest.mark.parametrize(
    ("acts", "now", "expected", "consumed"),
    [
        ((), "2026-11-21T09:59", "2026-11-21T10:00", 23.98),
        (
            (paused("2026-11-20T12:00"), resumed("2026-11-21T12:00")),
            "2026-11-21T13:00",
            "2026-11-22T10:00",
            3,
        ),
    ],
)
def test_hours_run_through_nights_and_rest_days(
    editions: Editions, acts: tuple[Happening, ...], now: str, expected: str, consumed: float
) -> None:
    clock = clock_of(a_rule(limit=Hours(24)), (FILED, *acts), at(now), editions)
    assert clock.deadline is not None
    assert (clock.deadline.due_at, clock.consumed, clock.state) == (
        at(expected),
        consumed,
        ClockState.RUNNING,
    )
    assert clock.explanation[0].zh.startswith("test.clock（第一条）：测试，24小时：")


@pytest.mark.parametrize("count", [0.5, True, "3", None])
def test_hours_are_whole_numbers(count: object) -> None:
    with pytest.raises(TypeError, match="whole number"):
        Hours(count)  # type: ignore[arg-type]


def test_days_and_hours_do_not_mix() -> None:
    with pytest.raises(TypeError):
        WorkingDays(1) + Hours(24)  # type: ignore[operator]
    with pytest.raises(TypeError):
        WorkingDays(1) < Hours(24)  # type: ignore[operator]  # noqa: B015
    assert WorkingDays(1) != Hours(1)
    with pytest.raises(ValueError, match="negative"):
        Hours(-1)


def test_a_history_survives_being_written_down(editions: Editions) -> None:
    acts = (
        paused("2026-11-24T09:00"), resumed("2026-11-25T09:00"), extended("2026-11-26T09:00", 2.5),
        Transferred(at("2026-11-26T10:00"), "provider", "second-handler", "岗位调整"),
    )  # fmt: skip
    assert retold(json.loads(json.dumps(told((FILED, *acts))))) == (FILED, *acts)


def test_the_least_history_of_a_clock_gives_the_same_deadline(editions: Editions) -> None:
    acts = (
        Occurred(at("2026-11-20T11:00"), Event.REVIEWED), paused("2026-11-24T09:00"), resumed("2026-11-25T09:00"),
        extended("2026-11-25T10:00", 2.5), paused("2026-11-26T09:00"),
    )  # fmt: skip
    clock = clock_of(a_rule(most=5), (FILED, *acts), at("2026-12-01T09:00"), editions)
    again = clock_of(a_rule(most=5), clock.history, at("2026-12-01T09:00"), editions)
    assert (again.deadline, again.paused, again.extended) == (clock.deadline, clock.paused, clock.extended)
    assert len(clock.history) == 5
    assert clock_of(a_rule(start=frozenset({Event.ACCEPTED})), (FILED,), FILED.at, editions).history == ()


def test_no_zone_no_clock(editions: Editions) -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        clock_of(a_rule(), (Occurred(datetime(2026, 11, 20, 10), Event.FILED),), FILED.at, editions)
