"""Rule sets: the legal clocks as data, and which of them apply. Pure; ``rule_files`` reads them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gateway.deadlines.amounts import Hours, WorkingDays
from gateway.deadlines.calendar import Line
from gateway.deadlines.history import Event, Subject
from gateway.deadlines.regions import significant
from gateway.deadlines.slots import PauseReason


class Actor(StrEnum):
    """Who has to act before the clock runs out."""

    PLATFORM = "platform"
    PROVIDER = "provider"
    REQUESTER = "requester"
    GOVERNMENT = "government"


class Level(StrEnum):
    """Whose rule it is, by the number of significant digits of its region (GB/T 2260): 0, 2, 4 or 6.

    ``LOCAL`` is no law but a setting of this installation, where the law leaves a time open.
    """

    NATIONAL = "national"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Extension:
    """How far a clock may be extended: ``most`` days in all, with the consent of ``consents``.

    ``tells_requester``: the requester must be told for it to hold (Decree 809 Art. 21).
    """

    most: WorkingDays
    consents: Actor | None
    tells_requester: bool


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One time limit.

    Attributes:
        id: rule set and clock, e.g. ``qy132.review``.
        start: the clock starts at the earliest of these events.
        stop: it stops at the earliest of these.
        routes, classes: only for these routes and sharing classes of applications; empty means for all.
        traits: only for cases with one of these traits, words the case's room gives; empty means for all.
        article: the provision it comes from.
        extension: None if it cannot be extended.
        pauses: the reasons for which it may be paused; mostly none.
        halves: whether the clock counts half days; follows from limit and extension.
    """

    id: str
    title: Line
    start: frozenset[Event]
    stop: frozenset[Event]
    actor: Actor
    limit: WorkingDays | Hours
    routes: frozenset[str]
    classes: frozenset[str]
    article: str
    subject: Subject = Subject.APPLICATION
    traits: frozenset[str] = frozenset()
    extension: Extension | None = None
    pauses: frozenset[PauseReason] = frozenset()
    halves: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        days = (self.limit, self.extension.most if self.extension else None)
        halves = any(isinstance(each, WorkingDays) and not each.is_whole for each in days)
        object.__setattr__(self, "halves", halves)

    def applies(self, subject: Subject, route: str, sharing_class: str, traits: Collection[str]) -> bool:
        """Whether a case of this kind is under the clock."""
        return (
            subject is self.subject
            and (not self.routes or route in self.routes)
            and (not self.classes or sharing_class in self.classes)
            and (not self.traits or not self.traits.isdisjoint(traits))
        )


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


def rule_sets_in_force(
    rule_sets: Iterable[RuleSet], on: date, region: str, subject: Subject = Subject.APPLICATION
) -> tuple[RuleSet, ...]:
    """The sets with clocks for a case begun on ``on`` in ``region``, which it keeps to its end, of all levels."""
    return tuple(
        each
        for each in rule_sets
        if each.is_in_force(on, region) and any(rule.subject is subject for rule in each.clocks)
    )


def clocks_for(
    rule_sets: Iterable[RuleSet],
    route: str = "",
    sharing_class: str = "",
    *,
    subject: Subject = Subject.APPLICATION,
    traits: Collection[str] = (),
) -> tuple[ClockRule, ...]:
    """The clocks of these sets for a case of one subject.

    All of them run side by side; see :func:`gateway.deadlines.clocks.binding` for the one that counts.

    Args:
        route, sharing_class: of an application (``direct``, ``department``); empty for other subjects.
        traits: further words of the case that a rule may ask for, e.g. ``published``.
    """
    return tuple(
        rule
        for each in rule_sets
        for rule in each.clocks
        if rule.applies(subject, route, sharing_class, traits)
    )
