"""A list of duties and its lines: plain values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.audit import Cause
from gateway.names import OrgCode
from gateway.web import Model


class Limit(Model):
    """Until when the department has to act: the rule, its provision, and the time in both languages."""

    rule: str
    article: str
    within: str
    within_zh: str


class Line(Model):
    """责任清单 one line, as published."""

    resource_id: UUID
    code: str
    name: str
    items: list[str]
    """共享什么: titles of the items."""
    sharing_class: str
    to_whom: str
    """共享给谁: everybody, or the conditions, or nobody on which law."""
    granted_to: list[str]
    """Departments that had it when the list was published."""
    mode: str
    update_cycle: str
    by_when: list[Limit]
    """何时提供: the clocks of an application for it in which the department acts."""
    answers: list[str]
    """谁负责: the people who answer for the department's data."""


@dataclass(frozen=True, slots=True)
class DutyList:
    """责任清单 of one department and year in one version."""

    id: UUID
    org: OrgCode
    org_name: str
    year: int
    version: int
    lines: tuple[Line, ...]
    published_by: str
    published_at: datetime
    cause: Cause


@dataclass(frozen=True, slots=True)
class Breach:
    """A clock of an application for a line's data that ran out."""

    case_id: UUID
    rule: str
    due_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Live:
    """What became of a line since it was published."""

    state: str
    health: str
    open_cases: int
    breaches: tuple[Breach, ...]
