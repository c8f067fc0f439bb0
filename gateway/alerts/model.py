"""Rules, and what becomes of records under them. Pure: records come in order, hits go out."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from gateway.audit import Record

_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_KEYS_MOST: Final = 100_000
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class RuleKind(StrEnum):
    """What a rule looks for; see ``config/alerts.toml``."""

    ANY = "any"
    COUNT = "count"
    OFF_HOURS = "off_hours"
    DORMANT = "dormant"
    GAP = "gap"
    RISE = "rise"


class Severity(StrEnum):
    """严重, 警告, 提示."""

    CRITICAL = "critical"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as its file says it.

    Attributes:
        types, outcomes, actors: which records it looks at; empty means all.
        by: the column whose values are looked at apart, or empty.
        distinct: the column whose different values are counted instead of records, or empty.
        opens, closes: working hours in Asia/Shanghai.
        metric, labels: of ``rise``.
        suspends: whether the grant that is hit is suspended by the authority as well (Decree 809 Art. 27).
    """

    id: str
    title: str
    title_zh: str
    severity: Severity
    kind: RuleKind
    types: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    by: str = ""
    distinct: str = ""
    at_least: int = 1
    within_seconds: int = 0
    opens: time = time.min
    closes: time = time.max
    working_days_only: bool = False
    unused_days: int = 0
    metric: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    suspends: bool = False

    def looks_at(self, record: Record) -> bool:
        """Whether the record is of those the rule is about."""
        columns = record.columns
        return (
            (not self.types or columns.type in self.types)
            and (not self.outcomes or columns.outcome in self.outcomes)
            and (not self.actors or (columns.actor or "").partition(":")[0] in self.actors)
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule was met: for which key, when, and by which record; None where it was no record."""

    rule: Rule
    key: str
    at: datetime
    record: Record | None


@dataclass(frozen=True, slots=True)
class Alert:
    """告警: all hits of one rule on one key since the last acknowledgement.

    Attributes:
        first_event, last_event: the records hit first and last.
    """

    id: UUID
    rule: str
    key: str
    severity: Severity
    first_at: datetime
    last_at: datetime
    times: int
    first_event: UUID | None
    last_event: UUID | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None


class Evaluation:
    """What is remembered between records: windows of counts, last uses, writers' numbers.

    Args:
        works: whether a day is a working day.
    """

    def __init__(self, rules: Sequence[Rule], works: Callable[[date], bool]) -> None:
        self._rules = [rule for rule in rules if rule.kind is not RuleKind.RISE]
        self._dormant = [rule for rule in self._rules if rule.kind is RuleKind.DORMANT]
        self._works = works
        self._windows: OrderedDict[tuple[str, str], deque[tuple[datetime, str]]] = OrderedDict()
        self._used: OrderedDict[UUID, datetime | None] = OrderedDict()
        self._numbers: OrderedDict[str, int] = OrderedDict()

    def asks(self, record: Record) -> UUID | None:
        """The grant whose last use must be learned before the record is taken, if any."""
        grant = record.columns.grant_id
        wanted = grant is not None and any(rule.looks_at(record) for rule in self._dormant)
        return grant if wanted and grant not in self._used else None

    def learn(self, grant: UUID, used_at: datetime | None) -> None:
        """When the grant was last spoken of before."""
        _keep(self._used, grant, used_at)

    def take(self, record: Record) -> list[Hit]:
        """The next record; the rules it meets."""
        hits = [hit for rule in self._rules if rule.looks_at(record) for hit in self._met(rule, record)]
        grant = record.columns.grant_id
        if grant is not None and self._dormant:
            self.learn(grant, record.recorded_at)
        return hits

    def _met(self, rule: Rule, record: Record) -> Iterator[Hit]:
        key, met = _value(record, rule.by), False
        if rule.kind is RuleKind.ANY:
            met = True
        elif rule.kind is RuleKind.COUNT:
            met = self._counted(rule, key, record)
        elif rule.kind is RuleKind.OFF_HOURS:
            met = self._off_hours(rule, record.recorded_at)
        elif rule.kind is RuleKind.DORMANT:
            met = self._dormant_until_now(rule, record)
        elif rule.kind is RuleKind.GAP:
            key, met = self._gap(record)
        if met:
            yield Hit(rule, key, record.recorded_at, record)

    def _counted(self, rule: Rule, key: str, record: Record) -> bool:
        value = _value(record, rule.distinct) if rule.distinct else str(record.idx)
        if (rule.by and not key) or not value:
            return False
        window = self._windows.get((rule.id, key), deque())
        _keep(self._windows, (rule.id, key), window)
        window.append((record.recorded_at, value))
        oldest = record.recorded_at - timedelta(seconds=rule.within_seconds)
        while window[0][0] < oldest:
            window.popleft()
        # no more than enough is remembered of one key, however fast it goes
        enough = len(window) >= rule.at_least
        if enough and rule.distinct:
            enough = len({value for _, value in window}) >= rule.at_least
        if enough or len(window) > 10 * rule.at_least:
            window.clear()
        return enough

    def _off_hours(self, rule: Rule, at: datetime) -> bool:
        local = at.astimezone(_SHANGHAI)
        open_now = rule.opens <= local.time() < rule.closes
        return not open_now or (rule.working_days_only and not self._works(local.date()))

    def _dormant_until_now(self, rule: Rule, record: Record) -> bool:
        used = self._used.get(record.columns.grant_id) if record.columns.grant_id else None
        return used is not None and record.recorded_at - used >= timedelta(days=rule.unused_days)

    def _gap(self, record: Record) -> tuple[str, bool]:
        said = record.content()
        boot, number = said.get("boot"), said.get("n")
        if not isinstance(boot, str) or not isinstance(number, int):
            return "", False  # written inside the transaction of an act, without a number
        expected = self._numbers.get(boot, number)
        _keep(self._numbers, boot, max(number + 1, expected))
        return boot, number > expected


def _value(record: Record, column: str) -> str:
    found = getattr(record.columns, column) if column else None
    return "" if found is None else str(found)


def _keep(kept: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Remember, and forget what was not asked for longest once there is too much."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _KEYS_MOST:
        kept.popitem(last=False)
