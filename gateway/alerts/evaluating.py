"""What becomes of records under rules. Pure: records come in order, hits go out.

Every record of the log passes here, so that each costs a few microseconds: it is shown only to the rules for its type, and
what a rule remembers changes by the one record, however much of it there is.
"""

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from gateway.alerts.model import Hit, Rule, RuleKind
from gateway.audit import Glance
from gateway.proof.event import id_text

_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_KEYS_MOST: Final = 100_000
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
Works = Callable[[date], bool]
Uses = OrderedDict[UUID, datetime | None]


class Evaluation:
    """What is remembered between records: windows of counts, last uses, writers' numbers.

    Args:
        works: whether a day is a working day.
    """

    def __init__(self, rules: Sequence[Rule], works: Works) -> None:
        self._used: Uses = OrderedDict()
        makes: dict[RuleKind, Callable[[Rule], _Looking]] = {
            RuleKind.ANY: _Any, RuleKind.COUNT: _Count, RuleKind.OFF_HOURS: lambda rule: _OffHours(rule, works),
            RuleKind.DORMANT: lambda rule: _Dormant(rule, self._used), RuleKind.GAP: _Gap,
        }  # fmt: skip
        self._all = [makes[rule.kind](rule) for rule in rules if rule.kind is not RuleKind.RISE]
        self._of_any_type = [one for one in self._all if not one.rule.types]
        named = {kind for rule in rules for kind in rule.types}
        self._of_type = {
            kind: [one for one in self._all if not one.rule.types or kind in one.rule.types] for kind in named
        }
        self._dormant = [one.rule for one in self._all if one.rule.kind is RuleKind.DORMANT]

    def asks(self, glance: Glance) -> UUID | None:
        """The grant whose last use must be learned before the record is taken, if any."""
        grant = glance.columns.grant_id
        if grant is None or grant in self._used:
            return None
        return grant if any(rule.looks_at(glance) for rule in self._dormant) else None

    def learn(self, grant: UUID, used_at: datetime | None) -> None:
        """When the grant was last spoken of before."""
        _keep(self._used, grant, used_at)

    def take(self, glance: Glance) -> list[Hit]:
        """The next record; the rules it meets."""
        hits: list[Hit] = []
        columns = glance.columns
        for one in self._of_type.get(columns.type, self._of_any_type):
            if one.picky and not one.rule.looks_at(glance):
                continue
            key = one.met(glance)
            if key is not None:
                hits.append(Hit(one.rule, key, glance.recorded_at, glance))
        if self._dormant and columns.grant_id is not None:
            _keep(self._used, columns.grant_id, glance.recorded_at)
        return hits


class _Looking(ABC):
    """A rule with what it remembers.

    Attributes:
        picky: whether not every record of its types concerns it.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.picky = bool(rule.outcomes or rule.actors)

    @abstractmethod
    def met(self, glance: Glance) -> str | None:
        """For which key the next record meets the rule; None if it does not."""

    def _key(self, glance: Glance) -> str:
        return _value(glance, self.rule.by)


class _Any(_Looking):
    def met(self, glance: Glance) -> str | None:
        return self._key(glance)


class _OffHours(_Looking):
    def __init__(self, rule: Rule, works: Works) -> None:
        super().__init__(rule)
        self._works = works

    def met(self, glance: Glance) -> str | None:
        rule, local = self.rule, glance.recorded_at.astimezone(_SHANGHAI)
        open_now = rule.opens <= local.time() < rule.closes
        if open_now and not (rule.working_days_only and not self._works(local.date())):
            return None
        return self._key(glance)


class _Count(_Looking):
    """Of every key the values counted, each with the time it was last seen, the one seen longest ago first: what is too old goes
    from the front, and there are never more than are enough."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._within = timedelta(seconds=rule.within_seconds)
        self._windows: OrderedDict[str, OrderedDict[str | int, datetime]] = OrderedDict()

    def met(self, glance: Glance) -> str | None:
        rule = self.rule
        value: str | int = _value(glance, rule.distinct) if rule.distinct else glance.idx
        key = self._key(glance)
        if (rule.by and not key) or value == "":
            return None
        window = self._windows.get(key)
        _keep(self._windows, key, window := OrderedDict() if window is None else window)
        window[value] = glance.recorded_at
        window.move_to_end(value)
        oldest = glance.recorded_at - self._within
        while window[next(iter(window))] < oldest:
            window.popitem(last=False)
        if len(window) < rule.at_least:
            return None
        window.clear()
        return key


class _Dormant(_Looking):
    def __init__(self, rule: Rule, used: Uses) -> None:
        super().__init__(rule)
        self._used = used
        self._unused = timedelta(days=rule.unused_days)

    def met(self, glance: Glance) -> str | None:
        grant = glance.columns.grant_id
        used = self._used.get(grant) if grant else None
        if used is None or glance.recorded_at - used < self._unused:
            return None
        return self._key(glance)


class _Gap(_Looking):
    """The number each writer will give next; its records may come to order in another order."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule)
        self._next: OrderedDict[str, int] = OrderedDict()

    def met(self, glance: Glance) -> str | None:
        written = glance.number()
        if written is None:
            return None
        boot, number = written
        expected = self._next.get(boot, number)
        _keep(self._next, boot, max(number + 1, expected))
        return _named(boot) if number > expected else None


def _named(boot: str) -> str:
    try:
        return id_text(boot)
    except ValueError:
        return boot


def _value(glance: Glance, column: str) -> str:
    found = getattr(glance.columns, column) if column else None
    return "" if found is None else str(found)


def _keep(kept: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Remember, and forget what was not asked for longest once there is too much."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _KEYS_MOST:
        kept.popitem(last=False)
