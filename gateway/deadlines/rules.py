"""Rule sets: the legal clocks as data, and which of them apply. Pure; ``rule_files`` reads them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.deadlines.calendar import Line
from gateway.deadlines.model import WorkingDays


class Event(StrEnum):
    """What starts or stops a clock in the life of an application (共享申请).

    ``CLOSED`` is the end of the case for any reason: refused at review or by the provider, withdrawn, shared.
    """

    FILED = "filed"
    REVIEWED = "reviewed"
    ACCEPTED = "accepted"
    PROVIDED = "provided"
    DECIDED = "decided"
    SHARED = "shared"
    CLOSED = "closed"


class Actor(StrEnum):
    """Who has to act before the clock runs out."""

    PLATFORM = "platform"
    PROVIDER = "provider"


class Level(StrEnum):
    """Whose rule it is, by the number of significant digits of its region (GB/T 2260): 0, 2, 4 or 6."""

    NATIONAL = "national"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One statutory time limit.

    Attributes:
        id: rule set and clock, e.g. ``qy132.review``.
        start: the clock starts at the earliest of these events.
        stop: it stops at the earliest of these.
        routes, classes: only for these routes and sharing classes; empty means for all.
        article: the provision it comes from.
    """

    id: str
    title: Line
    start: frozenset[Event]
    stop: frozenset[Event]
    actor: Actor
    limit: WorkingDays
    routes: frozenset[str]
    classes: frozenset[str]
    article: str

    def applies(self, route: str, sharing_class: str) -> bool:
        """Whether applications on this route for data of this sharing class are under the clock."""
        on_route = not self.routes or route in self.routes
        return on_route and (not self.classes or sharing_class in self.classes)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The clocks of one legal source; both effective dates are days on which it is in force."""

    id: str
    level: Level
    region: str
    effective_from: date
    effective_to: date | None
    title: Line
    source: str
    clocks: tuple[ClockRule, ...]

    def is_in_force(self, on: date, region: str) -> bool:
        """Whether the set binds an application filed on ``on`` in ``region``, a six-digit 行政区划 code."""
        begun = self.effective_from <= on
        ended = self.effective_to is not None and on > self.effective_to
        return begun and not ended and region.startswith(significant(self.region))


def significant(region: str) -> str:
    """What the code of a region and those of its subordinates begin with: ``6210`` of ``621000`` (GB/T 2260)."""
    while region.endswith("00") and len(region) % 2 == 0:
        region = region[:-2]
    return region


def rule_sets_in_force(rule_sets: Iterable[RuleSet], on: date, region: str) -> tuple[RuleSet, ...]:
    """The sets an application filed on ``on`` in ``region`` keeps to its end, all levels together."""
    return tuple(each for each in rule_sets if each.is_in_force(on, region))


def clocks_for(rule_sets: Iterable[RuleSet], route: str, sharing_class: str) -> tuple[ClockRule, ...]:
    """The clocks of these sets for one route (``direct``, ``department``) and sharing class.

    All of them run side by side; see :func:`gateway.deadlines.clocks.binding` for the one that counts.
    """
    return tuple(rule for each in rule_sets for rule in each.clocks if rule.applies(route, sharing_class))
