"""Addresses of documents to be stamped and of the stamps on them."""

from functools import partial
from typing import Final

from gateway.authz.applications.answer import Approval, Refusal
from gateway.authz.applications.desk import Desk, application_id
from gateway.authz.applications.documents import Kept
from gateway.authz.applications.refusals import (
    Amended,
    ApplicationNotInState,
    ConditionNotInCatalogue,
    NoDecisionDocument,
    NoSuchApplication,
    NoSuchStamp,
    NotToldYet,
    WrongRoute,
)
from gateway.authz.applications.stamping_wire import DraftShown, Stamped, StampShown
from gateway.catalog import SelfApproval
from gateway.identity import Role
from gateway.sealing.refusals import StampKnown, StampOver, StampRefused, TooManyStamps
from gateway.sealing.rules import Kind
from gateway.web import SIGNED_IN, Ask, Document, Reply, Route

_REQUESTER: Final = frozenset({Role.REQUESTER})
_PROVIDER: Final = frozenset({Role.PROVIDER})
_EXAMINERS: Final = frozenset({Role.PLATFORM_ADMIN, Role.REQUESTER, Role.PROVIDER})
_BYTES: Final = "application/octet-stream"


def _file(kept: Kept, name: str) -> Reply:
    return Reply(Document(kept.content, _BYTES, f"{name}-{kept.sm3.hex()[:16]}.json"))


async def fetch_application_document(desk: Desk, ask: Ask[None]) -> Reply:
    one = application_id(ask)
    return _file(await desk.applications.stamping.document(ask.principal, one, Kind.APPLICATION), "共享申请")


async def fetch_decision_document(desk: Desk, ask: Ask[None]) -> Reply:
    one = application_id(ask)
    return _file(await desk.applications.stamping.document(ask.principal, one, Kind.DECISION), "审批决定")


async def draft_approval(desk: Desk, ask: Ask[Approval]) -> Reply:
    kept = await desk.applications.stamping.draft(ask.principal, application_id(ask), ask.given)
    return Reply(DraftShown.of(kept))


async def draft_refusal(desk: Desk, ask: Ask[Refusal]) -> Reply:
    kept = await desk.applications.stamping.draft(ask.principal, application_id(ask), ask.given)
    return Reply(DraftShown.of(kept))


async def stamp_application(desk: Desk, ask: Ask[None]) -> Reply:
    filed = desk.applications.stamping.stamp(
        ask.principal, application_id(ask), Kind.APPLICATION, ask.upload().content
    )
    return Reply(StampShown.of(await filed))


async def stamp_decision(desk: Desk, ask: Ask[None]) -> Reply:
    filed = desk.applications.stamping.stamp(
        ask.principal, application_id(ask), Kind.DECISION, ask.upload().content
    )
    return Reply(StampShown.of(await filed))


async def list_stamps(desk: Desk, ask: Ask[None]) -> Reply:
    found = await desk.applications.stamping.listed(ask.principal, application_id(ask))
    return Reply(Stamped(items=[StampShown.of(each) for each in found]))


async def fetch_stamp(desk: Desk, ask: Ask[None]) -> Reply:
    stamp = ask.uuid("stamp_id")
    content = await desk.applications.stamping.content(ask.principal, application_id(ask), stamp)
    return Reply(Document(content, _BYTES, f"签章-{stamp}.dat"))


async def fetch_stamp_evidence(desk: Desk, ask: Ask[None]) -> Reply:
    stamp, digest = ask.uuid("stamp_id"), ask.path["sha256"]
    kept = await desk.applications.stamping.evidence(ask.principal, application_id(ask), stamp, digest)
    return Reply(Document(kept, _BYTES, f"evidence-{digest[:16]}.der"))


async def examine_stamp(desk: Desk, ask: Ask[None]) -> Reply:
    found = await desk.applications.stamping.again(ask.principal, application_id(ask), ask.uuid("stamp_id"))
    return Reply(StampShown.of(found))


_route = partial(Route, tag="seals", returns=StampShown)
_ONE: Final = "/v1/applications/{application_id}"
_STAMPED: Final = (
    NoSuchApplication, ApplicationNotInState, SelfApproval, Amended, StampRefused, StampKnown, TooManyStamps,
)  # fmt: skip
_DRAFTED: Final = (NoSuchApplication, ApplicationNotInState, SelfApproval, WrongRoute, Amended)

ROUTES: Final = [
    _route("GET", f"{_ONE}/document", fetch_application_document, SIGNED_IN, "The application's bytes to be stamped",
           "下载待用印的申请文件", returns=None, gives=(_BYTES,), problems=(NoSuchApplication,)),
    _route("POST", f"{_ONE}/stamps", stamp_application, _REQUESTER, "File the stamp on an application", "提交申请签章",
           takes=(_BYTES,), status=201, problems=_STAMPED),
    _route("GET", f"{_ONE}/stamps", list_stamps, SIGNED_IN, "Stamps on an application, with every step", "查看签章及核验结果",
           returns=Stamped, problems=(NoSuchApplication,)),
    _route("GET", f"{_ONE}/stamps/{{stamp_id}}/file", fetch_stamp, SIGNED_IN, "A stamp's bytes, to verify them oneself",
           "下载签章文件", returns=None, gives=(_BYTES,), problems=(NoSuchApplication, NoSuchStamp)),
    _route("GET", f"{_ONE}/stamps/{{stamp_id}}/evidence/{{sha256}}", fetch_stamp_evidence, SIGNED_IN,
           "A revocation list or answer the examination rests on", "下载核验所依据的吊销信息", returns=None, gives=(_BYTES,),
           problems=(NoSuchApplication, NoSuchStamp)),
    _route("POST", f"{_ONE}/stamps/{{stamp_id}}/examine", examine_stamp, _EXAMINERS, "Examine a stamp again", "重新核验签章",
           problems=(NoSuchApplication, NoSuchStamp, StampOver)),
    _route("POST", f"{_ONE}/approve/draft", draft_approval, _PROVIDER, "Draft an approval to be stamped", "拟定同意共享的决定",
           given=Approval, returns=DraftShown, problems=_DRAFTED),
    _route("POST", f"{_ONE}/refuse/draft", draft_refusal, _PROVIDER, "Draft a refusal to be stamped", "拟定不同意共享的决定",
           given=Refusal, returns=DraftShown, problems=(*_DRAFTED, NotToldYet, ConditionNotInCatalogue)),
    _route("GET", f"{_ONE}/decision-document", fetch_decision_document, SIGNED_IN, "The decision's bytes, to be stamped or checked",
           "下载审批决定文件", returns=None, gives=(_BYTES,), problems=(NoSuchApplication, NoDecisionDocument)),
    _route("POST", f"{_ONE}/decision-stamps", stamp_decision, _PROVIDER, "File the stamp on a drafted decision", "提交审批决定签章",
           takes=(_BYTES,), status=201, problems=(*_STAMPED, NoDecisionDocument)),
]  # fmt: skip
