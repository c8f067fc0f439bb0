"""Addresses of disputes."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.authz.disputes.service import (
    DisputeNotAtStage,
    Disputes,
    DisputeStanding,
    NoSuchDispute,
    NothingToDispute,
    OwnProposal,
)
from gateway.authz.disputes.store import DisputeOpen
from gateway.authz.disputes.wire import Decision, DisputeQuery, DisputeShown, Proposal, Raising
from gateway.catalog.wire import Because
from gateway.identity import Role
from gateway.names import ApplicationId, GrantId
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_PARTIES: Final = frozenset({Role.REQUESTER, Role.PROVIDER})
_AUTHORITY: Final = frozenset({Role.PLATFORM_ADMIN})


def _shown(standing: DisputeStanding) -> Reply:
    return Reply(DisputeShown.of(standing))


async def raise_dispute(disputes: Disputes, ask: Ask[Raising]) -> Reply:
    given = ask.given
    application = ApplicationId(given.application_id) if given.application_id else None
    grant = GrantId(given.grant_id) if given.grant_id else None
    return _shown(await disputes.raise_one(ask.principal, application, grant, given.claim, ask.once))


async def list_disputes(disputes: Disputes, ask: Ask[DisputeQuery]) -> Reply:
    after = ask.after()
    found = await disputes.listed(
        ask.principal, ask.given.stage, UUID(after) if after else None, ask.given.limit + 1
    )
    return ask.page(found, lambda one: str(one.dispute.id), DisputeShown.of)


async def show_dispute(disputes: Disputes, ask: Ask[None]) -> Reply:
    return _shown(await disputes.show(ask.principal, ask.uuid("dispute_id")))


async def propose_outcome(disputes: Disputes, ask: Ask[Proposal]) -> Reply:
    given = ask.given
    return _shown(await disputes.propose(ask.principal, ask.uuid("dispute_id"), given.effect, given.text))


async def agree_to_outcome(disputes: Disputes, ask: Ask[None]) -> Reply:
    return _shown(await disputes.agree(ask.principal, ask.uuid("dispute_id")))


async def escalate_dispute(disputes: Disputes, ask: Ask[Because]) -> Reply:
    return _shown(await disputes.escalate(ask.principal, ask.uuid("dispute_id"), ask.given.reason))


async def refer_dispute(disputes: Disputes, ask: Ask[Because]) -> Reply:
    return _shown(await disputes.refer(ask.principal, ask.uuid("dispute_id"), ask.given.reason))


async def decide_dispute(disputes: Disputes, ask: Ask[Decision]) -> Reply:
    given = ask.given
    return _shown(
        await disputes.decide(ask.principal, ask.uuid("dispute_id"), given.effect, given.document, given.text)
    )


async def withdraw_dispute(disputes: Disputes, ask: Ask[Because]) -> Reply:
    return _shown(await disputes.withdraw(ask.principal, ask.uuid("dispute_id"), ask.given.reason))


_route = partial(Route, tag="disputes", returns=DisputeShown)
_ONE: Final = "/v1/disputes/{dispute_id}"
_STEP: Final = (NoSuchDispute, DisputeNotAtStage)

ROUTES: Final = [
    _route("POST", "/v1/disputes", raise_dispute, _PARTIES, "Raise a dispute", "提出争议", given=Raising, status=201,
           creates=True, problems=(NothingToDispute, DisputeOpen)),
    _route("GET", "/v1/disputes", list_disputes, SIGNED_IN, "List disputes", "争议列表", given=DisputeQuery,
           returns=Page[DisputeShown]),
    _route("GET", _ONE, show_dispute, SIGNED_IN, "How a dispute stands, who must act until when", "查看争议",
           problems=(NoSuchDispute,)),
    _route("POST", f"{_ONE}/propose", propose_outcome, _PARTIES, "Propose how to settle it", "提出处理方案",
           given=Proposal, problems=_STEP),
    _route("POST", f"{_ONE}/agree", agree_to_outcome, _PARTIES, "Agree to the other's proposal", "同意处理方案",
           problems=(*_STEP, OwnProposal)),
    _route("POST", f"{_ONE}/escalate", escalate_dispute, _PARTIES, "Apply to the authority", "申请主管部门协调",
           given=Because, problems=_STEP),
    _route("POST", f"{_ONE}/refer", refer_dispute, _AUTHORITY, "Report to the government", "报请政府决定",
           given=Because, problems=_STEP),
    _route("POST", f"{_ONE}/decide", decide_dispute, _AUTHORITY, "Record the government's decision", "登记政府决定",
           given=Decision, problems=_STEP),
    _route("POST", f"{_ONE}/withdraw", withdraw_dispute, _PARTIES, "Take a dispute back", "撤回争议",
           given=Because, problems=_STEP),
]  # fmt: skip
