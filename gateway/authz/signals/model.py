"""The list of signals: one query each, with the breach it points to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.names import OrgCode

USE_RECORD_DAYS: Final = 90
"""Days after a call within which its use must be on record. This platform's own: the law names no interval."""


@dataclass(frozen=True, slots=True)
class SignalRule:
    """One item of Art. 39–41: ``query`` is the block of ``queries.sql`` that finds it, ``arguments`` what it is given."""

    id: str
    query: str
    article: str
    en: str
    zh: str
    arguments: tuple[str, ...] = ("now",)


RULES: Final = (
    SignalRule("P39-1", "catalogue_overdue", "第三十九条（一）", "the catalogue was not updated in time", "未按要求更新目录"),
    SignalRule("P39-4", "answer_late", "第三十九条（四）", "an application was answered or served late", "未按时答复或共享"),
    SignalRule("P39-6", "correction_late", "第三十九条（六）", "a correction was late", "未按时校核更正"),
    SignalRule("P39-7", "ended_unfiled", "第三十九条（七）", "a service was ended without consultation and filing", "擅自终止共享服务"),
    SignalRule("R40-2", "beyond_scope", "第四十条（二）", "suspended for use beyond scope or purpose", "超出范围、目的使用被暂停"),
    SignalRule("R40-3", "third_party", "第四十条（三）", "suspended for passing data on", "擅自提供给第三方被暂停"),
    SignalRule("R40-4", "not_disposed", "第四十条（四）", "a used grant is over without a disposal record", "授权结束未记录处置"),
    SignalRule("R40-5", "use_unrecorded", "第四十条（五）", "calls without a use record", "调用后未记录使用情况",
               ("now", "use_days")),
    SignalRule("R40-6", "unsafe", "第四十条（六）", "suspended for want of security", "未履行安全责任被暂停"),
    SignalRule("A41-1", "source_unnamed", "第四十一条（一）", "several sources for one item and none named", "多个来源未明确数源部门",
               ("now", "platform")),
    SignalRule("A41-2", "dispute_idle", "第四十一条（二）", "a dispute lies beyond its time", "争议未及时处理"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that points to a breach."""

    rule: SignalRule
    org: OrgCode
    kind: str
    subject: str
    since: datetime

    @property
    def key(self) -> str:
        """Its place in the list."""
        return f"{self.rule.id} {self.kind} {self.subject}"
