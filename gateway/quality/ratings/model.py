"""A rating and its answer: plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from gateway.audit import Cause
from gateway.names import GrantId, OrgCode

BAD: Final = 2
"""差评: this score and below must be answered."""


class Aspect(StrEnum):
    """What the rating is about."""

    ACCURACY = "accuracy"
    """数据质量."""
    TIMELINESS = "timeliness"
    """更新及时性."""
    STABILITY = "stability"
    """接口稳定性."""
    USEFULNESS = "usefulness"
    """实用性."""
    SERVICE = "service"
    """服务配合."""


@dataclass(frozen=True, slots=True)
class Rating:
    """评价 as stored; ``answer_due_at`` for bad ones only."""

    id: UUID
    grant_id: GrantId
    month: str
    service: str
    consumer_org: OrgCode
    provider_org: OrgCode
    score: int
    about: Aspect
    words: str
    rated_by: str
    rated_at: datetime
    answer_due_at: datetime | None
    answer: str | None
    measures: str | None
    answered_by: str | None
    answered_at: datetime | None
    cause: Cause

    @property
    def is_bad(self) -> bool:
        """Whether it must be answered."""
        return self.score <= BAD

    def is_overdue(self, now: datetime) -> bool:
        """Whether the answer was, or still is, too late."""
        return self.answer_due_at is not None and (self.answered_at or now) >= self.answer_due_at
