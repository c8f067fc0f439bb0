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


class NoticeKind(StrEnum):
    """What a notice tells: a step of the ladder (催办, 移交, 督办, 超期), or that something was done."""

    REMIND = "remind"
    HAND_OVER = "hand_over"
    ORDER = "order"
    BREACH = "breach"
    ARRIVED = "arrived"
    INCOMPLETE = "incomplete"
    EXTENSION_ASKED = "extension_asked"
    EXTENDED = "extended"
    DECIDED = "decided"
    GRANT_CHANGED = "grant_changed"
    DOUBTED = "doubted"
    CORRECTED = "corrected"
    ALARM = "alarm"


_WORDS: Final = {
    NoticeKind.REMIND: ("Reminder", "催办"),
    NoticeKind.HAND_OVER: ("Handed over to you", "移交办理"),
    NoticeKind.ORDER: ("Order of supervision", "督办单"),
    NoticeKind.BREACH: ("Deadline missed", "超期"),
    NoticeKind.ARRIVED: ("A case for you", "待办"),
    NoticeKind.INCOMPLETE: ("To be supplied, told once and completely", "一次性告知"),
    NoticeKind.EXTENSION_ASKED: ("An extension is asked for", "延期待批"),
    NoticeKind.EXTENDED: ("A time limit is longer", "延期告知"),
    NoticeKind.DECIDED: ("Decided", "办结"),
    NoticeKind.GRANT_CHANGED: ("A grant has changed", "授权变更"),
    NoticeKind.DOUBTED: ("Data to be verified", "数据校核"),
    NoticeKind.CORRECTED: ("Data was corrected", "数据更正告知"),
    NoticeKind.ALARM: ("Alarm", "运行告警"),
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
    kind: NoticeKind
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
        told = self.content
        rule = f"（{told['rule']}）" if "rule" in told else ""
        return f"【{told['what_zh']}】{told['subject']}{rule}"

    @property
    def text(self) -> str:
        """The words of a mail, 中文 first."""
        told = self.content
        if "text" in told:
            return (
                f"{told['what_zh']}：{told['subject']}\n{told['text_zh']}\n编号：{told['case_id']}。\n\n"
                f"{told['what']}: {told['subject']}\n{told['text']}\nNumber: {told['case_id']}.\n\n"
                f"Id of this notice 通知编号: {self.id}\n"
            )
        return (
            f"{told['what_zh']}：{told['subject']}\n时限：{told['rule']}，截止 {told['due_local']}（北京时间）。\n"
            f"承办部门：{told['holder']}。办件编号：{told['case_id']}。\n\n"
            f"{told['what']}: {told['subject']}\nClock: {told['rule']}, due {told['due_local']} (Asia/Shanghai).\n"
            f"Held by: {told['holder']}. Case: {told['case_id']}.\n\nId of this notice 通知编号: {self.id}\n"
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What a department is told of an act that is done and on record.

    Attributes:
        about, about_id: the kind and id of what it is about, e.g. an application.
        subject: its name as a clerk knows it.
        text, text_zh: what is to be known or done; no free text of anybody, which may be personal.
    """

    kind: NoticeKind
    org: OrgCode
    about: str
    about_id: UUID
    subject: str
    text: str
    text_zh: str

    def content(self, at: datetime) -> dict[str, Any]:
        """What its notice says."""
        what, what_zh = _WORDS[self.kind]
        return {
            "what": what, "what_zh": what_zh, "case_kind": self.about, "case_id": str(self.about_id),
            "subject": self.subject, "text": self.text, "text_zh": self.text_zh, "taken_at": at.isoformat(),
        }  # fmt: skip


def content_of(clock: TimedClock, kind: StepKind, step: str, taken_at: datetime) -> dict[str, Any]:
    """What a notice of a step says."""
    what, what_zh = _WORDS[NoticeKind(kind)]
    return {
        "what": what, "what_zh": what_zh, "step": step, "case_kind": clock.kind, "case_id": str(clock.id),
        "subject": clock.subject, "rule": clock.rule, "holder": clock.holder, "due_at": clock.due_at.isoformat(),
        "due_local": f"{clock.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}", "taken_at": taken_at.isoformat(),
    }  # fmt: skip


def addresses(contact: Contact | None) -> list[tuple[Channel, str]]:
    """By which channels somebody is reached: every address given, or none."""
    given = [] if contact is None else [(Channel.WEBHOOK, contact.webhook), (Channel.EMAIL, contact.email)]
    return [(channel, address) for channel, address in given if address] or [(Channel.NONE, "")]
