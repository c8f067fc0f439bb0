"""Addresses of corrections."""

from functools import partial
from typing import Any, Final
from uuid import UUID

from gateway.authz.grants.service import NoSuchGrant
from gateway.catalog import SelfApproval
from gateway.catalog.wire import Because
from gateway.identity import Role
from gateway.names import GrantId
from gateway.quality.comparisons.service import NoSuchComparison
from gateway.quality.corrections.model import State
from gateway.quality.corrections.service import (
    CorrectionClosed,
    Corrections,
    NoSuchCorrection,
    NoSuchCorrectionNotice,
    Opened,
)
from gateway.quality.corrections.store import AlreadyDoubted
from gateway.quality.corrections.wire import (
    CorrectionQuery,
    CorrectionShown,
    DoubtsShown,
    MatchShown,
    NewAnswer,
    NewCorrection,
    NewFinding,
    NoticeShown,
    RecordKey,
)
from gateway.web import SIGNED_IN, Ask, Page, PageQuery, Reply, Route

_PROVIDER: Final = frozenset({Role.PROVIDER})
_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})
_REQUESTER: Final = frozenset({Role.REQUESTER})


def _shown(corrections: Corrections, opened: Opened) -> Reply:
    return Reply(CorrectionShown.opened(opened, corrections.now()))


def _after(ask: Ask[Any]) -> UUID | None:
    after = ask.after()
    return UUID(after) if after else None


async def file_correction(corrections: Corrections, ask: Ask[NewCorrection]) -> Reply:
    given, grant = ask.given, GrantId(ask.uuid("grant_id"))
    filed = await corrections.file(ask.principal, grant, given.item, given.doubt, given.content(), ask.once)
    return _shown(corrections, filed)


async def show_doubts(corrections: Corrections, ask: Ask[None]) -> Reply:
    return Reply(DoubtsShown.of(*await corrections.doubts(ask.principal, GrantId(ask.uuid("grant_id")))))


async def list_corrections(corrections: Corrections, ask: Ask[CorrectionQuery]) -> Reply:
    given, now = ask.given, corrections.now()
    found = await corrections.listed(ask.principal, given.state, _after(ask), given.limit + 1)
    return ask.page(
        found,
        lambda one: str(one.id),
        lambda one: CorrectionShown.of(one, now).model_copy(update={"report": None}),
    )


async def show_correction(corrections: Corrections, ask: Ask[None]) -> Reply:
    return _shown(corrections, await corrections.show(ask.principal, ask.uuid("correction_id")))


async def doubt_sample(corrections: Corrections, ask: Ask[NewFinding]) -> Reply:
    given, comparison = ask.given, ask.uuid("comparison_id")
    filed = await corrections.file_found(
        ask.principal, comparison, given.sample, given.side, given.item, given.note
    )
    return _shown(corrections, filed)


async def answer_correction(corrections: Corrections, ask: Ask[NewAnswer]) -> Reply:
    given, one = ask.given, ask.uuid("correction_id")
    return _shown(
        corrections, await corrections.answer(ask.principal, one, State(given.outcome), given.report)
    )


async def withdraw_correction(corrections: Corrections, ask: Ask[Because]) -> Reply:
    one = ask.uuid("correction_id")
    return _shown(corrections, await corrections.withdraw(ask.principal, one, ask.given.reason))


async def list_correction_notices(corrections: Corrections, ask: Ask[PageQuery]) -> Reply:
    found = await corrections.notices(ask.principal, _after(ask), ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), NoticeShown.of)


async def acknowledge_correction(corrections: Corrections, ask: Ask[None]) -> Reply:
    return Reply(NoticeShown.of(await corrections.acknowledge(ask.principal, ask.uuid("notice_id"))))


async def match_correction(corrections: Corrections, ask: Ask[RecordKey]) -> Reply:
    same = await corrections.matches(ask.principal, ask.uuid("notice_id"), ask.given.key)
    return Reply(MatchShown(same=same))


_route = partial(Route, tag="corrections", returns=CorrectionShown)
_ONE: Final = "/v1/corrections/{correction_id}"
_NOTICE: Final = "/v1/correction-notices/{notice_id}"

ROUTES: Final = [
    _route("POST", "/v1/grants/{grant_id}/corrections", file_correction, _REQUESTER, "Doubt a record received",
           "提出校核申请", given=NewCorrection, status=201, creates=True, problems=(NoSuchGrant, AlreadyDoubted)),
    _route("POST", "/v1/comparisons/{comparison_id}/corrections", doubt_sample, _PLATFORM,
           "Have a side verify a sampled record", "就比对样例提出校核", given=NewFinding, status=201,
           problems=(NoSuchComparison, AlreadyDoubted)),
    _route("GET", "/v1/grants/{grant_id}/corrections", show_doubts, SIGNED_IN,
           "Whether records of the resource are being verified", "资源是否有在办校核（业务照常办理提示）",
           returns=DoubtsShown, problems=(NoSuchGrant,)),
    _route("GET", "/v1/corrections", list_corrections, SIGNED_IN, "List corrections", "校核申请列表",
           given=CorrectionQuery, returns=Page[CorrectionShown]),
    _route("GET", _ONE, show_correction, SIGNED_IN, "Show a correction", "查看校核申请", problems=(NoSuchCorrection,)),
    _route("POST", f"{_ONE}/answer", answer_correction, _PROVIDER, "Report back on a correction", "反馈校核结果",
           given=NewAnswer, problems=(NoSuchCorrection, CorrectionClosed, SelfApproval)),
    _route("POST", f"{_ONE}/withdraw", withdraw_correction, _REQUESTER, "Take a correction back", "撤回校核申请",
           given=Because, problems=(NoSuchCorrection, CorrectionClosed)),
    _route("GET", "/v1/correction-notices", list_correction_notices, SIGNED_IN, "List notices of corrected records",
           "数据更正告知列表", given=PageQuery, returns=Page[NoticeShown]),
    _route("POST", f"{_NOTICE}/acknowledge", acknowledge_correction, _REQUESTER, "Say that copies were looked after",
           "确认已处理更正告知", returns=NoticeShown, problems=(NoSuchCorrectionNotice,)),
    _route("POST", f"{_NOTICE}/match", match_correction, _REQUESTER, "Ask whether a record held is the corrected one",
           "核对是否为被更正记录", given=RecordKey, returns=MatchShown, problems=(NoSuchCorrectionNotice,)),
]  # fmt: skip
