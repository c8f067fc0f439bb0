"""Notices: to whom, by which channel, in what words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gateway.deadlines import SHANGHAI
from gateway.names import OrgCode
from gateway.supervision.contacts import Contact
from gateway.supervision.ladder import Desk, StepKind
from gateway.supervision.model import TimedClock


class Channel(StrEnum):
    """How a notice goes."""

    WEBHOOK = "webhook"
    EMAIL = "email"
    NONE = "none"
    """The desk has no address."""


class NoticeState(StrEnum):
    """待发送, 已送达, 无法送达."""

    PENDING = "pending"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"


_WORDS: Final = {
    StepKind.REMIND: ("Reminder", "催办"),
    StepKind.HAND_OVER: ("Handed over to you", "移交办理"),
    StepKind.ORDER: ("Order of supervision", "督办单"),
    StepKind.BREACH: ("Deadline missed", "超期"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice. ``content`` is what the receiver gets: names of things and instants, nothing personal."""

    id: UUID
    org: OrgCode
    desk: Desk
    name: str
    channel: Channel
    target: str
    step: StepKind
    content: dict[str, Any]
    created_at: datetime
    next_at: datetime
    attempts: int
    state: NoticeState
    last_error: str | None
    sent_at: datetime | None

    @property
    def title(self) -> str:
        """One line, for the subject of a mail."""
        return f"【{self.content['what_zh']}】{self.content['subject']}（{self.content['rule']}）"

    @property
    def text(self) -> str:
        """The words of a mail, 中文 first."""
        told = self.content
        return (
            f"{told['what_zh']}：{told['subject']}\n时限：{told['rule']}，截止 {told['due_local']}（北京时间）。\n"
            f"承办部门：{told['holder']}。办件编号：{told['case_id']}。\n\n"
            f"{told['what']}: {told['subject']}\nClock: {told['rule']}, due {told['due_local']} (Asia/Shanghai).\n"
            f"Held by: {told['holder']}. Case: {told['case_id']}.\n\nId of this notice 通知编号: {self.id}\n"
        )


def content_of(clock: TimedClock, kind: StepKind, step: str, taken_at: datetime) -> dict[str, Any]:
    """What a notice of a step says."""
    what, what_zh = _WORDS[kind]
    return {
        "what": what, "what_zh": what_zh, "step": step, "case_kind": clock.kind, "case_id": str(clock.id),
        "subject": clock.subject, "rule": clock.rule, "holder": clock.holder, "due_at": clock.due_at.isoformat(),
        "due_local": f"{clock.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}", "taken_at": taken_at.isoformat(),
    }  # fmt: skip


def addresses(contact: Contact | None) -> list[tuple[Channel, str]]:
    """By which channels somebody is reached: every address given, or none."""
    given = [] if contact is None else [(Channel.WEBHOOK, contact.webhook), (Channel.EMAIL, contact.email)]
    return [(channel, address) for channel, address in given if address] or [(Channel.NONE, "")]
