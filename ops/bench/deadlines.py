"""Computations of clocks per second on one core, as an application asks for them: three rules, one with a history.

    .venv/bin/python ops/bench/deadlines.py [--json]

Method: one process, one thread. 2,000 applications filed over the held years are computed again and again for three
seconds each: without acts; with a pause and an extension; and with two editions of the calendar. CPU time of the process
is counted, not wall time, so that other work on the machine matters less; the median of five rounds is printed. The
explanation is computed apart: it is only made for whoever looks at a case.
"""

import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.deadlines import (
    Actor,
    ClockRule,
    Edition,
    Editions,
    Event,
    Extended,
    Extension,
    Happening,
    Line,
    Occurred,
    Paused,
    PauseReason,
    Resumed,
    WorkingDays,
    clock_of,
    clocks_for,
    load_calendar,
    load_rule_sets,
)
from gateway.settings import config_dir

ROUNDS, SECONDS, CASES = 5, 0.6, 2000
START = datetime(2016, 1, 4, 2, tzinfo=UTC)
Case = tuple[ClockRule, tuple[Happening, ...], datetime]


def main() -> None:
    """Measure and print."""
    calendar = load_calendar(config_dir() / "calendars")
    sole = Editions.sole(calendar)
    two = Editions(Edition(calendar, START), Edition(calendar, START + timedelta(days=2000)))
    measured = {
        "clock": rate(plain(), lambda rule, history, now: clock_of(rule, history, now, sole)),
        "clock_paused_and_extended": rate(
            acted(), lambda rule, history, now: clock_of(rule, history, now, sole)
        ),
        "clock_two_editions": rate(plain(), lambda rule, history, now: clock_of(rule, history, now, two)),
        "clock_explained": rate(
            plain(), lambda rule, history, now: clock_of(rule, history, now, sole).explanation
        ),
    }
    if "--json" in sys.argv[1:]:
        sys.stdout.write(json.dumps({"machine": machine(), "per_second_per_core": measured}) + "\n")
        return
    sys.stdout.write(f"{machine()}\n")
    for name, each in measured.items():
        sys.stdout.write(f"{name:28} {each:>10,} per second and core\n")


def plain() -> list[Case]:
    """Filed, and accepted three days later; asked for a week after that."""
    rules = clocks_for(load_rule_sets(config_dir() / "rules"), "department", "conditional")
    started = [rule for rule in rules if rule.id != "tl809.share"]
    return [
        (
            started[n % len(started)],
            (Occurred(at, Event.FILED), Occurred(at + timedelta(days=3), Event.ACCEPTED)),
            at + timedelta(days=10),
        )
        for n, at in enumerate(filings())
    ]


def acted() -> list[Case]:
    """The same with a pause of a week and an extension, under a rule that allows both."""
    rule = ClockRule(
        "test.clock", Line("Test", "测试"), frozenset({Event.FILED}), frozenset({Event.DECIDED}), Actor.PROVIDER,
        WorkingDays(10), frozenset(), frozenset(), "", extension=Extension(WorkingDays(10), None, tells_requester=False),
        pauses=frozenset({PauseReason.MEETING}),
    )  # fmt: skip
    return [
        (
            rule,
            (
                Occurred(at, Event.FILED),
                Paused(at + timedelta(days=2), PauseReason.MEETING, "会议"),
                Resumed(at + timedelta(days=9)),
                Extended(at + timedelta(days=10), rule.id, WorkingDays(5), "a", "b"),
            ),
            at + timedelta(days=12),
        )
        for at in filings()
    ]


def filings() -> list[datetime]:
    """Instants over ten years, each at another hour."""
    return [START + timedelta(hours=43 * n % (24 * 3600)) for n in range(CASES)]


def rate(cases: list[Case], compute: Callable[[ClockRule, tuple[Happening, ...], datetime], Any]) -> int:
    """Median computations per second of CPU time."""
    rates = []
    for _ in range(ROUNDS):
        done, began = 0, time.process_time()
        while (spent := time.process_time() - began) < SECONDS:
            for case in cases:
                compute(*case)
            done += len(cases)
        rates.append(done / spent)
    return round(statistics.median(rates))


def machine() -> str:
    """What it was measured on."""
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        if line.startswith("model name")
    ]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
