"""Rules and instants for tests of clocks."""

from datetime import datetime
from typing import Any

from gateway.deadlines import SHANGHAI, Actor, ClockRule, Event, Extension, Line, PauseReason, WorkingDays

MEETING, LAND = PauseReason.MEETING, PauseReason.LAND


def at(text: str) -> datetime:
    """An instant in Asia/Shanghai, e.g. ``2026-11-20T10:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def a_rule(days: float = 10, most: float | None = None, **changes: Any) -> ClockRule:
    """From filing to decision; pausable for a meeting of the government."""
    return ClockRule(
        **{
            "id": "test.clock",
            "title": Line("A test", "测试"),
            "start": frozenset({Event.FILED}),
            "stop": frozenset({Event.DECIDED}),
            "actor": Actor.PROVIDER,
            "limit": WorkingDays(days),
            "routes": frozenset(),
            "classes": frozenset(),
            "article": "第一条",
            "extension": Extension(WorkingDays(most), Actor.PLATFORM, tells_requester=True) if most else None,
            "pauses": frozenset({MEETING}),
            **changes,
        }
    )
