"""Whom a step of an application concerns beside the one who took it, and what is said to them.

The words name things, days and outcomes; reasons and opinions are read where the application is, by who may see it.
"""

from collections.abc import Iterator
from typing import Final

from gateway.audit import EventType
from gateway.authz.applications.model import Application, Route
from gateway.authz.applications.parties import case_of, holder_of
from gateway.catalog import Resource
from gateway.names import OrgCode
from gateway.supervision import NoticeKind, Told

_DECIDED: Final = {
    EventType.APPLICATION_NOT_ACCEPTED: ("not accepted; see the reasons", "不予受理，请查看理由"),
    EventType.APPLICATION_PROVIDED: (
        "provided by the platform; a grant is in force",
        "平台已直接提供，授权已生效",
    ),
    EventType.APPLICATION_APPROVED: ("approved; a grant is in force", "审批同意，授权已生效"),
    EventType.APPLICATION_REFUSED: ("refused; see the reasons", "审批不同意，请查看理由"),
}
_TO_ACT: Final = {
    EventType.APPLICATION_FILED: ("a new application waits for you", "有新的共享申请待办理"),
    EventType.APPLICATION_AMENDED: ("the application has a new version", "共享申请已修改，请按新版本办理"),
    EventType.APPLICATION_ACCEPTED: ("an application waits for your decision", "有共享申请待审批"),
}
_WITHDRAWN: Final = ("withdrawn by the requester; nothing is to be done", "需求部门已撤回，无需办理")


def informed(kind: EventType, at: Application, resource: Resource, platform: OrgCode) -> Iterator[Told]:
    """What is told of a step, the application being as it is after it."""
    holder = holder_of(at, platform)
    subject = case_of(at, resource, platform).subject

    def told(what: NoticeKind, org: OrgCode, words: tuple[str, str]) -> Told:
        return Told(what, org, "application", at.id, subject, *words)

    if kind in _DECIDED:
        yield told(NoticeKind.DECIDED, at.consumer_org, _DECIDED[kind])
    elif kind is EventType.APPLICATION_ACCEPTED and at.route is Route.DIRECT:
        return  # the platform goes on with it
    elif kind in _TO_ACT:
        yield told(NoticeKind.ARRIVED, holder, _TO_ACT[kind])
    elif kind is EventType.APPLICATION_WITHDRAWN and holder != platform:
        yield told(NoticeKind.DECIDED, holder, _WITHDRAWN)
    elif kind is EventType.APPLICATION_NOTICE_GIVEN:
        yield told(NoticeKind.INCOMPLETE, at.consumer_org, _to_supply(at))
    elif kind is EventType.EXTENSION_ASKED:
        yield told(
            NoticeKind.EXTENSION_ASKED,
            platform,
            ("the provider asks for more time", "提供部门申请延长办理时限"),
        )
    elif kind is EventType.EXTENSION_DECLINED:
        yield told(NoticeKind.DECIDED, at.provider_org, ("the extension is declined", "不同意延长办理时限"))
    elif kind is EventType.EXTENSION_GRANTED:
        for org in (at.consumer_org, at.provider_org):
            yield told(
                NoticeKind.EXTENDED,
                org,
                ("the time limit was extended; see the clocks", "办理时限已延长，请查看时限"),
            )


def _to_supply(at: Application) -> tuple[str, str]:
    notice = at.notices[-1]
    count, day = len(notice.items), notice.supply_by
    return f"supply {count} items by {day}", f"请于 {day} 前一次性补充 {count} 项材料"
