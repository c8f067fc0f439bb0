"""Editions as stored, stored clocks as their deadlines are checked, and what differs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.deadlines import (
    ClockRule,
    Clockwork,
    Deadline,
    Edition,
    Editions,
    History,
    Source,
    calendar_of,
    clock_of,
)


@dataclass(frozen=True, slots=True)
class StoredEdition:
    """An edition: numbered from 1, with the files it was made of."""

    number: int
    version: str
    covered_until: str
    published_at: datetime
    published_by: str
    source: Source


@dataclass(frozen=True, slots=True)
class StoredClock:
    """An open clock with its stored due instant and the history that led to it."""

    kind: str
    id: UUID
    rule: str
    holder: str
    due_at: datetime
    provisional: bool
    history: History

    @property
    def key(self) -> tuple[str, UUID, str]:
        """Its place in the order of all stored clocks."""
        return self.kind, self.id, self.rule


@dataclass(frozen=True, slots=True)
class Shift:
    """A stored deadline and what it should be; ``deadline`` is None if its rule is no longer in the files."""

    clock: StoredClock
    deadline: Deadline | None


def editions_of(stored: Iterable[StoredEdition], region: str) -> Editions:
    """The editions as they count in a region."""
    return Editions(*(Edition(calendar_of(each.source, region), each.published_at) for each in stored))


def shifts(
    stored: Iterable[StoredClock], work: Clockwork, editions: Editions, now: datetime
) -> Iterator[Shift]:
    """The clocks whose deadline is not, or would not be, what is stored.

    Args:
        editions: those to count with; the platform's own, or these and one that is to be published.
    """
    rules: dict[str, ClockRule] = {rule.id: rule for each in work.rule_sets for rule in each.clocks}
    for each in stored:
        rule = rules.get(each.rule)
        if rule is None:
            yield Shift(each, None)
            continue
        deadline = clock_of(rule, each.history, now, editions, work.reckoning).deadline
        if deadline is None or (deadline.due_at, deadline.provisional) != (each.due_at, each.provisional):
            yield Shift(each, deadline)
