"""Clocks of an application, as the control API shows them, in lines for a clerk and facts for a program."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from gateway.deadlines import Line

Clock = dict[str, Any]

_BINDING: Final = Line("  ← binding, due first", "  ← 约束时限，最先到期")
_DUE: Final = Line(", due {} 24:00 Asia/Shanghai", "，截止 {} 24:00")
_DOUBT: Final = Line(" (provisional)", "（暂定）")
_FACTS: Final = ("rule", "actor", "state", "binding", "due_date", "due_at", "provisional")


def clock_lines(clocks: Iterable[Clock]) -> Iterator[Line]:
    """One line per clock that has started: rule, article, length, state, due date; the one that binds is marked."""
    for clock in clocks:
        if not clock.get("due_date"):
            continue
        head = clock["explanation"][0]
        doubt = _DOUBT if clock["provisional"] else Line("", "")
        mark = _BINDING if clock["binding"] else Line("", "")
        yield Line(
            f"clock {head['en']}{_DUE.en.format(clock['due_date'])}{doubt.en}{mark.en}",
            f"时限 {head['zh']}{_DUE.zh.format(clock['due_date'])}{doubt.zh}{mark.zh}",
        )


def day_lines(clocks: Iterable[Clock]) -> Iterator[Line]:
    """How the days of the binding clock were counted, one line each."""
    for clock in clocks:
        if clock["binding"]:
            yield Line(f"how {clock['rule']} was counted:", f"{clock['rule']} 逐日计算：")
            for day in clock["explanation"][1:]:
                yield Line("", f"  {day['zh']}  ·  {day['en'].partition(': ')[2]}")


def clock_facts(clocks: Iterable[Clock]) -> list[dict[str, Any]]:
    """The same for programs; the days of the binding clock only."""
    return [
        {name: clock.get(name) for name in _FACTS}
        | ({"explanation": clock["explanation"]} if clock["binding"] else {})
        for clock in clocks
    ]


def rule_sets_of(clocks: Iterable[Clock]) -> str:
    """The rule sets whose clocks these are."""
    return " and ".join(sorted({clock["rule"].partition(".")[0] for clock in clocks}))
