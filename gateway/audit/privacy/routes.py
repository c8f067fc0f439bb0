"""Addresses of personal detail, for auditors. Asking leaves a record with the reason before the answer leaves."""

from typing import Final

from gateway.audit.errors import AuditUnavailable, NoPersonalDetail, NoSuchRecord, PersonalDetailDestroyed
from gateway.audit.model import Who
from gateway.audit.privacy.service import Privacy
from gateway.audit.privacy.wire import NewOpening, OpeningShown, SubjectQuery, SubjectShown
from gateway.web import Ask, Reply, Route

_AUDITOR: Final = frozenset({"auditor"})


async def open_personal_detail(privacy: Privacy, ask: Ask[NewOpening]) -> Reply:
    who = Who.of(ask.principal, "auditor")
    return Reply(
        OpeningShown.of(await privacy.open(who, ask.uuid("event_id"), ask.given.reason, ask.request_id))
    )


async def find_subject(privacy: Privacy, ask: Ask[SubjectQuery]) -> Reply:
    given, who = ask.given, Who.of(ask.principal, "auditor")
    found = await privacy.subjects(who, given.kind, given.number, given.reason, ask.request_id)
    return Reply(SubjectShown.of(list(found)))


ROUTES: Final = [
    Route("POST", "/v1/audit/events/{event_id}/openings", open_personal_detail, _AUDITOR,
          "Open a record's personal detail", "开启审计记录中的个人信息", "audit", given=NewOpening, returns=OpeningShown,
          problems=(NoSuchRecord, NoPersonalDetail, PersonalDetailDestroyed, AuditUnavailable)),
    Route("POST", "/v1/audit/subjects", find_subject, _AUDITOR, "A subject's pseudonyms, by the real number",
          "按真实证件号查询当事人假名", "audit", given=SubjectQuery, returns=SubjectShown, problems=(AuditUnavailable,)),
]  # fmt: skip
