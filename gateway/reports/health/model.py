"""The checks on one entry, its colour, and a department's score. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.names import OrgCode


class Check(StrEnum):
    """What is checked."""

    LINKED = "linked"
    """已挂接: a mount says where the data is."""
    LIVE = "live"
    """可访问: the mounted resource answered when last probed."""
    CONDITIONS = "conditions"
    """条件与依据: conditions of 有条件共享, basis of 不予共享 (Decree 809 Art. 15)."""
    REFRESHED = "refreshed"
    """按期更新: the last real refresh lies within the update cycle."""
    OWNED = "owned"
    """有责任人: the department has an active person who answers for data."""
    CLEARED = "cleared"
    """评估有效: assessed, and the head agreed, within three years (Decree 809 Art. 13)."""
    USED = "used"
    """有使用: a call within the days asked for."""
    SINGLE_SOURCE = "single_source"
    """数源明确: no open conflict over an item (Decree 809 Art. 19)."""


class Colour(StrEnum):
    """红, 黄, 绿."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"


RED: Final = frozenset({Check.LINKED, Check.LIVE, Check.REFRESHED, Check.OWNED})
"""Checks without which nobody gets the data as promised."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One published entry; ``checks`` holds the applicable ones: True passed, False failed or unknown."""

    id: UUID
    code: str
    name: str
    provider_org: OrgCode
    refreshed_at: datetime | None
    calls: int
    checks: dict[Check, bool]

    @property
    def colour(self) -> Colour:
        """The worst of its checks."""
        failed = {check for check, passed in self.checks.items() if not passed}
        if failed & RED:
            return Colour.RED
        return Colour.AMBER if failed else Colour.GREEN


@dataclass(frozen=True, slots=True)
class Score:
    """A department's entries together: percent of applicable checks passed, and how often each failed."""

    provider_org: OrgCode
    entries: int
    red: int
    amber: int
    score: float
    failed: dict[Check, int]


def scores(examined: Iterable[Examined]) -> list[Score]:
    """One score per department, the worst first."""
    held: dict[OrgCode, list[Examined]] = {}
    for one in examined:
        held.setdefault(one.provider_org, []).append(one)
    found = [_score(org, entries) for org, entries in held.items()]
    return sorted(found, key=lambda one: (one.score, one.provider_org))


def _score(org: OrgCode, entries: list[Examined]) -> Score:
    outcomes = [(check, passed) for one in entries for check, passed in one.checks.items()]
    colours = [one.colour for one in entries]
    failed = {check: sum(1 for c, passed in outcomes if c is check and not passed) for check in Check}
    return Score(
        org, len(entries), colours.count(Colour.RED), colours.count(Colour.AMBER),
        round(100 * sum(passed for _, passed in outcomes) / len(outcomes), 1),
        {check: count for check, count in failed.items() if count},
    )  # fmt: skip
