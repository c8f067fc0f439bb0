"""Notices and announced ends (Decree 809 Art. 27): what holders are told before something they use changes or ends."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from gateway.errors import FieldFault
from gateway.web import Day, Line, Model, Note


class Notice(Model):
    """What holders are told before something they use changes: when, why, and 协商 and 备案 by their references (Art. 27)."""

    takes_effect_on: Day
    reason: Note
    negotiation: Line
    """协商记录编号."""
    filing: Line
    """主管部门备案编号."""


class Ground(StrEnum):
    """Why an entry is withdrawn."""

    SECURITY = "security"
    """数据安全风险: at once."""
    LAW = "law_changed"
    """法律、行政法规或国务院决定调整."""
    DUTY = "duty_changed"
    """部门职责变化."""
    REPLACED = "replaced"
    """由其他资源替代."""
    OTHER = "other"
    """其他正当理由."""


class Withdrawal(Model):
    """How an entry is to end.

    Without ``ends_on`` at once: on security grounds, when nobody uses it, or when the end was consulted on and filed for
    every grant. With a day, 协商 and 备案 are named here by their references.
    """

    reason: Note
    ground: Ground = Ground.OTHER
    ends_on: Day | None = None
    """The first day without it."""
    negotiation: Line | None = None
    filing: Line | None = None


class Ending(Model):
    """An announced end."""

    given: Withdrawal
    announced_by: str
    announced_at: datetime


def too_early(pointer: str, day: date, today: date, notice_days: int) -> FieldFault | None:
    """The fault of a day before the notice has run."""
    first = today + timedelta(days=notice_days)
    if day >= first:
        return None
    return FieldFault(
        pointer,
        f"those who use it are told {notice_days} days ahead: not before {first}",
        f"须提前 {notice_days} 天告知使用部门，不得早于 {first}",
    )
