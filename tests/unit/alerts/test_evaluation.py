"""What rules find in records, as tables: each rule fires, and does not fire just short of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import event_bytes

from gateway.alerts.evaluating import Evaluation
from gateway.alerts.making import working
from gateway.alerts.model import Rule, RuleKind, Severity
from gateway.alerts.rules_file import BadAlertRules, load_rules
from gateway.audit import EventType, Glance, Record, Who
from gateway.audit.record import columns_of
from gateway.deadlines import Almanac, Day, DayKind, Edition, Editions
from gateway.deadlines.calendar_files import load_calendar

CONFIG = Path(__file__).resolve().parents[3] / "config"
MONDAY = datetime(2026, 9, 21, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai
GRANT = UUID(int=99)


def a_record(idx: int, at: datetime = MONDAY, **fields: Any) -> Glance:
    event = event_bytes(idx, **fields)
    return Glance.at(Record(idx, at, 0, 0, columns_of(event), event, bytes(32)))


def a_rule(kind: RuleKind, **fields: Any) -> Rule:
    return Rule(
        **{"id": "r", "title": "r", "title_zh": "规则", "severity": Severity.NOTICE, "kind": kind, **fields}
    )


def hits(rule: Rule, records: Iterable[Glance], works: Any = lambda _: True) -> list[tuple[int, str]]:
    evaluation = Evaluation([rule], works)
    found = [hit for record in records for hit in evaluation.take(record)]
    return [(hit.record.idx, hit.key) for hit in found if hit.record]


def test_any_fires_for_its_types_and_outcomes_only() -> None:
    rule = a_rule(RuleKind.ANY, types=frozenset({"audit.late"}), outcomes=frozenset({"allow"}))
    records = [a_record(0), a_record(1, type=EventType.AUDIT_LATE), a_record(2, type=EventType.AUDIT_LATE)]
    records[2] = records[2]._replace(columns=records[2].columns._replace(outcome="done"))
    assert hits(rule, records) == [(1, "")]


def test_a_count_fires_when_one_key_reaches_it_within_the_time_and_starts_anew() -> None:
    rule = a_rule(RuleKind.COUNT, by="actor", at_least=3, within_seconds=60)
    other = Who("client", "tax")
    told = [(0, {}), (20, {}), (25, {"who": other}), (40, {}), (50, {}), (55, {}), (60, {})]
    records = [
        a_record(idx, MONDAY + timedelta(seconds=after), **fields) for idx, (after, fields) in enumerate(told)
    ]
    assert hits(rule, records) == [(3, "client:realty"), (6, "client:realty")]


def test_a_count_does_not_fire_for_what_is_spread_out() -> None:
    rule = a_rule(RuleKind.COUNT, by="actor", at_least=3, within_seconds=60)
    assert hits(rule, [a_record(idx, MONDAY + timedelta(seconds=31 * idx)) for idx in range(20)]) == []


def test_distinct_counts_values_and_not_records() -> None:
    rule = a_rule(RuleKind.COUNT, by="actor", distinct="subject", at_least=3, within_seconds=60)
    asked = ["a" * 32, "a" * 32, "b" * 32, "a" * 32, "b" * 32, "c" * 32]
    assert hits(rule, [a_record(idx, subject=subject) for idx, subject in enumerate(asked)]) == [
        (5, "client:realty")
    ]
    assert hits(rule, [a_record(idx) for idx in range(9)]) == []


SUBJECT = st.sampled_from(["", *(sign * 32 for sign in "abcd")])
CAME = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["tax", "realty"]), SUBJECT), max_size=60)


@given(CAME, st.integers(1, 5), st.integers(0, 90), st.booleans())
def test_counting_record_by_record_finds_what_counting_the_whole_window_anew_finds(
    came: list[tuple[int, str, str]], at_least: int, within: int, distinct: bool
) -> None:
    rule = a_rule(
        RuleKind.COUNT, by="actor", distinct="subject" if distinct else "", at_least=at_least, within_seconds=within
    )  # fmt: skip
    at, records = MONDAY, []
    for idx, (later, client, subject) in enumerate(came):
        at += timedelta(seconds=later)
        records.append(a_record(idx, at, who=Who("client", client), subject=subject))
    assert hits(rule, records) == list(counted_anew(rule, records))


def counted_anew(rule: Rule, records: Iterable[Glance]) -> Iterable[tuple[int, str]]:
    """What the rule says, as simply as it can be said: since the last hit of the key, and no longer ago than the time."""
    windows: dict[str, list[tuple[datetime, str]]] = {}
    for record in records:
        key = str(record.columns.actor)
        value = record.columns.subject if rule.distinct else str(record.idx)
        if not value:
            continue
        oldest = record.recorded_at - timedelta(seconds=rule.within_seconds)
        window = [*windows.get(key, []), (record.recorded_at, value)]
        windows[key] = [one for one in window if one[0] >= oldest]
        if len({value for _, value in windows[key]}) >= rule.at_least:
            windows[key] = []
            yield record.idx, key


def test_a_few_asked_about_again_and_again_do_not_hide_the_many() -> None:
    rule = a_rule(RuleKind.COUNT, by="actor", distinct="subject", at_least=4, within_seconds=3600)
    asked = [sign * 32 for sign in "abc" for _ in range(50)] + ["d" * 32]
    assert [idx for idx, _ in hits(rule, [a_record(idx, subject=one) for idx, one in enumerate(asked)])] == [
        150
    ]


@pytest.mark.parametrize(
    ("at", "fires"),
    [
        (MONDAY, False),
        (MONDAY.replace(hour=0, minute=29), False),
        (MONDAY.replace(hour=0, minute=0) - timedelta(minutes=31), True),
        (MONDAY.replace(hour=11, minute=30), True),
        (datetime(2026, 10, 1, 2, 0, tzinfo=UTC), True),
        (datetime(2026, 9, 26, 2, 0, tzinfo=UTC), True),
        (datetime(2026, 9, 20, 2, 0, tzinfo=UTC), False),
    ],
    ids=["morning", "early", "night", "evening", "national-day", "saturday", "make-up-sunday"],
)
def test_off_hours_keeps_the_working_calendar(at: datetime, fires: bool) -> None:
    rule = a_rule(RuleKind.OFF_HOURS, opens=time(7, 30), closes=time(19, 30), working_days_only=True)
    works = working(Almanac(Editions.sole(load_calendar(CONFIG / "calendars"))))
    assert bool(hits(rule, [a_record(0, at)], works)) is fires


def test_a_calendar_that_is_published_counts_from_then_on() -> None:
    before, day = load_calendar(CONFIG / "calendars"), date(2026, 11, 23)
    almanac = Almanac(Editions.sole(before))
    works = working(almanac)
    assert works(day)
    named = Day(DayKind.HOLIDAY, "州庆", "州庆")
    after = replace(before, days={**before.days, day: named})
    almanac.editions = Editions(*almanac.editions.items, Edition(after, MONDAY))
    assert not works(day)


def test_beyond_the_calendar_the_week_decides() -> None:
    works = working(Almanac(Editions.sole(load_calendar(CONFIG / "calendars"))))
    assert works(date(2099, 6, 1))
    assert not works(date(2099, 6, 6))


@pytest.mark.parametrize(
    ("days", "fires"), [(89, False), (90, True), (None, False)], ids=["lately", "long-ago", "never"]
)
def test_a_grant_unused_for_long_is_noticed_once(days: int | None, fires: bool) -> None:
    rule = a_rule(RuleKind.DORMANT, by="grant_id", unused_days=90)
    evaluation = Evaluation([rule], lambda _: True)
    first, second = a_record(7), a_record(8, MONDAY + timedelta(minutes=1))
    assert evaluation.asks(first) == GRANT
    evaluation.learn(GRANT, None if days is None else MONDAY - timedelta(days=days))
    assert [hit.key for hit in evaluation.take(first)] == ([str(GRANT)] if fires else [])
    assert evaluation.asks(second) is None
    assert evaluation.take(second) == []


def test_a_missing_number_of_a_writer_is_a_gap() -> None:
    records = [a_record(number) for number in (4, 5, 7, 8, 6, 9)]  # numbered by their place
    records = [record._replace(idx=idx) for idx, record in enumerate(records)]
    assert [idx for idx, _ in hits(a_rule(RuleKind.GAP), records)] == [2]


def test_what_has_no_number_is_no_gap() -> None:
    numbered = a_record(4)
    in_an_act = numbered._replace(idx=1, rest=b",".join(numbered.rest.split(b",")[:-1]) + b"]")  # type: ignore[union-attr]
    damaged = numbered._replace(idx=2, rest=None, event=b"{", columns=columns_of(b"{"))
    assert hits(a_rule(RuleKind.GAP), [numbered, in_an_act, damaged, a_record(6)]) == [(6, str(UUID(int=7)))]


def test_a_rule_of_one_type_beside_one_of_all_types_each_sees_its_own_in_the_order_of_the_rules() -> None:
    late = a_rule(RuleKind.ANY, types=frozenset({"audit.late"}))
    gap, hers = a_rule(RuleKind.GAP), a_rule(RuleKind.ANY, by="actor", actors=frozenset({"client"}))
    evaluation = Evaluation([late, gap, hers], lambda _: True)
    assert evaluation.take(a_record(1))[0].key == "client:realty"
    assert [hit.rule for hit in evaluation.take(a_record(3, type=EventType.AUDIT_LATE))] == [late, gap, hers]
    assert [hit.rule for hit in evaluation.take(a_record(4, who=Who("person", "li")))] == []


def test_the_installation_s_rules_are_read_and_each_says_its_name_in_both_languages() -> None:
    rules = load_rules(CONFIG / "alerts.toml")
    assert len(rules) >= 9
    assert all(rule.title and rule.title_zh for rule in rules)


@pytest.mark.parametrize(
    "wrong",
    [
        'kind = "any"',
        'kind = "any"\ntypes = ["call.never"]',
        'kind = "any"\ntypes = ["alert.raised"]',
        'kind = "count"\ntypes = ["call.refused"]',
        'kind = "count"\ntypes = ["call.refused"]\nby = "name"\nat_least = 3\nwithin_seconds = 9',
        'kind = "dormant"\ntypes = ["call.intended"]\nby = "actor"\nunused_days = 3',
        'kind = "rise"',
        'kind = "some"',
        'kind = "gap"\nunknown = 1',
    ],
    ids=[
        "no-types",
        "no-such-type",
        "of-alerts",
        "no-bounds",
        "no-such-column",
        "by-actor",
        "no-metric",
        "kind",
        "name",
    ],
)
def test_a_wrong_rule_stops_the_start(wrong: str, tmp_path: Path) -> None:
    head = '[[rule]]\nid = "a"\ntitle = "a"\ntitle_zh = "甲"\nseverity = "notice"\n'
    file = tmp_path / "alerts.toml"
    file.write_text(head + wrong, "utf-8")
    with pytest.raises(BadAlertRules):
        load_rules(file)
    file.write_text(head + 'kind = "gap"\n', "utf-8")
    assert len(load_rules(file)) == 1
