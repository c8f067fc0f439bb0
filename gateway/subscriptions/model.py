"""Subscriptions, changes and messages: plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gateway.audit import Cause
from gateway.names import GrantId, OrgCode, ResourceId


class ChangeKind(StrEnum):
    """设立, 变更, 注销."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"


class State(StrEnum):
    """待送达, 已送达, 未送出."""

    PENDING = "pending"
    DELIVERED = "delivered"
    WITHHELD = "withheld"


class Result(StrEnum):
    """What came of a message: 已办理, 无需办理, 数据有误."""

    DONE = "done"
    NOT_CONCERNED = "not_concerned"
    WRONG = "wrong"


class Standing(StrEnum):
    """Which messages to list: all, 待认领, 待反馈, 已逾期."""

    ALL = "all"
    UNCLAIMED = "unclaimed"
    UNANSWERED = "unanswered"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Subscription:
    """订阅 as stored; ``url`` is the webhook of the department's system."""

    id: UUID
    grant_id: GrantId
    resource_id: ResourceId
    resource_code: str
    consumer_org: OrgCode
    provider_org: OrgCode
    url: str
    made_by: str
    made_at: datetime
    ended_at: datetime | None
    cause: Cause


@dataclass(frozen=True, slots=True)
class Change:
    """A published change: to how many subscriptions it goes, and from how many their grants withhold it."""

    id: UUID
    resource_id: ResourceId
    resource_code: str
    provider_org: OrgCode
    kind: ChangeKind
    published_by: str
    published_at: datetime
    messages: int
    withheld: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Message:
    """A change on its way to one subscription, without its content.

    Attributes:
        subject: the pseudonym (16 bytes) of what changed; messages of one subject go in order.
        fields: the items it carries.
        claim_due_at, feedback_due_at: until when it must be claimed and answered.
        last_error: why the last attempt failed, or why it was withheld.
    """

    id: UUID
    change_id: UUID
    subscription_id: UUID
    grant_id: GrantId
    resource_code: str
    consumer_org: OrgCode
    provider_org: OrgCode
    url: str
    kind: ChangeKind
    subject: bytes
    fields: tuple[str, ...]
    published_at: datetime
    claim_due_at: datetime
    feedback_due_at: datetime
    state: State
    attempts: int
    last_error: str | None
    delivered_at: datetime | None
    claimed_by: str | None
    claimed_at: datetime | None
    result: Result | None
    words: str | None
    answered_by: str | None
    answered_at: datetime | None
    cause: Cause

    def is_overdue(self, now: datetime) -> bool:
        """Whether it was, or still is, claimed or answered too late."""
        return (self.claimed_at or now) >= self.claim_due_at or (
            self.answered_at or now
        ) >= self.feedback_due_at
