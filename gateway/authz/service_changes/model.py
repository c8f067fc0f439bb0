"""A planned ending or change of a service under one grant: consultation, answer, filing."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from gateway.audit import Cause
from gateway.names import GrantId, OrgCode


class ChangeKind(StrEnum):
    """终止 or 变更."""

    END = "end"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """As stored; ``answer_until`` is the last day the requester was given, ``planned_on`` the day it shall happen."""

    id: UUID
    grant_id: GrantId
    consumer_org: OrgCode
    provider_org: OrgCode
    kind: ChangeKind
    reason: str
    planned_on: date
    answer_until: date
    opened_by: str
    opened_at: datetime
    agrees: bool | None
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    filing: str | None
    filed_by: str | None
    filed_at: datetime | None
    cause: Cause

    def may_be_filed(self, today: date) -> bool:
        """Whether the requester had its say: it answered, or its day is over."""
        return self.answered_at is not None or today > self.answer_until
