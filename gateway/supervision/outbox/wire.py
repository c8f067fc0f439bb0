"""JSON shapes of notices."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.supervision.ladder import Desk
from gateway.supervision.outbox.model import Channel, Notice, NoticeKind, NoticeState
from gateway.web import Model, PageQuery


class NoticeQuery(PageQuery):
    """Which notices."""

    state: NoticeState | None = None


class NoticeShown(Model):
    """A notice and how far it got; ``next_at`` is the next attempt of a pending one."""

    id: UUID
    org: str
    desk: Desk
    name: str
    channel: Channel
    target: str
    kind: NoticeKind
    content: dict[str, Any]
    created_at: datetime
    next_at: datetime
    attempts: int
    state: NoticeState
    last_error: str | None = None
    sent_at: datetime | None = None

    @classmethod
    def of(cls, one: Notice) -> "NoticeShown":
        return cls(
            id=one.id, org=one.org, desk=one.desk, name=one.name, channel=one.channel, target=one.target, kind=one.kind,
            content=one.content, created_at=one.created_at, next_at=one.next_at, attempts=one.attempts, state=one.state,
            last_error=one.last_error, sent_at=one.sent_at,
        )  # fmt: skip
