"""Whom a change of a grant concerns beside the department that made it."""

from collections.abc import Iterator
from typing import Final

from gateway.audit import EventType
from gateway.authz.grants.model import Grant
from gateway.supervision import NoticeKind, Told

_WORDS: Final = {
    EventType.GRANT_SUSPENDED: (
        "suspended; calls are refused until it is resumed",
        "授权已暂停，恢复前调用将被拒绝",
    ),
    EventType.GRANT_SUSPENSION_ANSWERED: ("the order to rectify was answered", "整改要求已答复"),
    EventType.GRANT_SUSPENSION_LIFTED: (
        "one suspension was lifted, another stands",
        "一项暂停已解除，另一项仍有效",
    ),
    EventType.GRANT_RESUMED: ("resumed; calls are served again", "授权已恢复，可继续调用"),
    EventType.GRANT_REVOKED: ("revoked; calls are refused", "授权已撤销，调用将被拒绝"),
    EventType.GRANT_ENDED: ("ended by the requesting department", "需求部门已结束使用"),
}


def informed(kind: EventType, by: str, at: Grant) -> Iterator[Told]:
    """The parties of the grant except the department that acted."""
    words = _WORDS.get(kind)
    if words is None:
        return
    for org in dict.fromkeys((at.consumer_org, at.provider_org)):
        if org != by:
            yield Told(NoticeKind.GRANT_CHANGED, org, "grant", at.id, str(at.service), *words)
