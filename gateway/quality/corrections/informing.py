"""Who is told of a step of a correction."""

from typing import Final

from gateway.deadlines import local_day
from gateway.names import OrgCode
from gateway.quality.corrections.clock import case_of
from gateway.quality.corrections.model import Correction, State
from gateway.supervision import NoticeKind, Told

_OUTCOMES: Final = {
    State.CORRECTED: ("the provider corrected the record", "提供部门已更正该数据"),
    State.UPHELD: ("the provider found the record right", "提供部门核实该数据无误"),
}


def doubted(one: Correction) -> Told:
    """The provider has a record to verify."""
    text, text_zh = "verify it and report back", "请核实并反馈"
    if one.due_at is not None:
        day = local_day(one.due_at)
        text, text_zh = f"{text} by {day}", f"{text_zh}，期限至 {day}"
    return _told(NoticeKind.DOUBTED, one.provider_org, one, text, text_zh)


def answered(one: Correction) -> Told:
    """Whoever doubted it learns of the answer."""
    return _told(NoticeKind.DECIDED, one.consumer_org, one, *_OUTCOMES[one.state])


def corrected(one: Correction, org: OrgCode) -> Told:
    """Another recipient of the data is to look after its copies (Decree 809 Art. 26)."""
    return _told(
        NoticeKind.CORRECTED, org, one, "look after your copies; see GET /v1/correction-notices",
        "请核对并更新本部门已获取的数据，详见更正告知列表",
    )  # fmt: skip


def _told(kind: NoticeKind, org: OrgCode, one: Correction, text: str, text_zh: str) -> Told:
    return Told(kind, org, "correction", one.id, case_of(one).subject, text, text_zh)
