"""JSON shapes of alerts and their rules."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.alerts.model import Alert, Rule, RuleKind, Severity
from gateway.web import Model, PageQuery


class AlertQuery(PageQuery):
    """A page of alerts; ``open`` leaves out those that were acknowledged."""

    status: Annotated[str, Field(pattern=r"^(open|all)$")] = "open"


class AlertShown(Model):
    """告警: which rule, on whom or what, since when, how often, by which records, and what somebody found."""

    id: UUID
    rule: str
    key: str
    severity: Severity
    first_at: datetime
    last_at: datetime
    times: int
    first_event: UUID | None = None
    last_event: UUID | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    note: str | None = None

    @classmethod
    def of(cls, alert: Alert) -> "AlertShown":
        return cls(**{name: getattr(alert, name) for name in cls.model_fields})


class Acknowledgement(Model):
    """What it was, in a sentence."""

    note: Annotated[str, Field(min_length=1, max_length=500)]


class RuleShown(Model):
    """A rule as the installation's file says it; names that do not apply to its kind are left empty."""

    id: str
    title: str
    title_zh: str
    severity: Severity
    kind: RuleKind
    types: list[str]
    by: str
    distinct: str
    at_least: int
    within_seconds: int
    unused_days: int
    suspends: bool
    hours: str

    @classmethod
    def of(cls, rule: Rule) -> "RuleShown":
        hours = f"{rule.opens:%H:%M}-{rule.closes:%H:%M}" if rule.kind is RuleKind.OFF_HOURS else ""
        told = {name: getattr(rule, name) for name in cls.model_fields if name not in {"types", "hours"}}
        return cls(**told, types=sorted(rule.types), hours=hours)


class RuleList(Model):
    """All rules in the order of the file."""

    items: list[RuleShown]
