"""Rules, hits and alerts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from uuid import UUID

from gateway.audit import Glance


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

    def looks_at(self, glance: Glance) -> bool:
        """Whether the record is of those the rule is about."""
        columns = glance.columns
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
    record: Glance | None


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
