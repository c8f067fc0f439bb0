"""A suspension: whose, on what ground and evidence, with which order to rectify, and what became of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.authz.grants.model import Side
from gateway.names import GrantId
from gateway.web import Day, Model, Note


class Ground(StrEnum):
    """What is held against the requester (Decree 809 Art. 25, 27)."""

    SCOPE = "beyond_scope"
    """擅自超出使用范围."""
    PURPOSE = "beyond_purpose"
    """超出共享目的使用."""
    THIRD_PARTY = "third_party"
    """擅自提供给第三方."""
    SECURITY = "security"
    """未履行安全管理责任 (Art. 40(6)), or a risk of aggregation (Art. 25)."""


class Evidence(Model):
    """What shows it: words, and the audit records they rest on."""

    text: Note
    event_ids: Annotated[list[UUID], Field(max_length=50)] = []


class Order(Model):
    """限期整改: what must be put right, until the end of which day."""

    text: Note
    until: Day


@dataclass(frozen=True, slots=True)
class Suspension:
    """暂停 as stored; open until ``lifted_at``."""

    id: UUID
    grant_id: GrantId
    side: Side
    ground: Ground
    reason: str
    evidence: Evidence
    order: Order | None
    suspended_by: str
    suspended_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    lifted_because: str | None
    lifted_by: str | None
    lifted_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still holds the grant."""
        return self.lifted_at is None

    def has_run_out(self, today: date) -> bool:
        """Whether its order to rectify was answered, or its last day is over: then termination is possible."""
        return self.order is not None and (self.answered_at is not None or today > self.order.until)
