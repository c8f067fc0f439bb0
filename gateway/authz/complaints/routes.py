"""Addresses of complaints."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.authz.complaints.service import About, ComplaintAnswered, Complaints, NoSuchComplaint, Said
from gateway.authz.complaints.wire import (
    Complaining,
    ComplaintAnswer,
    ComplaintQuery,
    ComplaintShown,
    Forwarding,
)
from gateway.identity import Role
from gateway.names import ApplicationId, GrantId, OrgCode
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_CLERKS: Final = frozenset({Role.REQUESTER, Role.PROVIDER, Role.PLATFORM_ADMIN})
_AUTHORITY: Final = frozenset({Role.PLATFORM_ADMIN})


async def receive_complaint(complaints: Complaints, ask: Ask[Complaining]) -> Reply:
    given = ask.given
    about = About(
        ApplicationId(given.application_id) if given.application_id else None,
        GrantId(given.grant_id) if given.grant_id else None,
        given.call_id,
        OrgCode(given.holder) if given.holder else None,
    )
    said = Said(given.name, given.contact, given.text)
    made = await complaints.receive(ask.principal, given.complainant_kind, about, said, ask.once)
    return Reply(ComplaintShown.of(made))


async def list_complaints(complaints: Complaints, ask: Ask[ComplaintQuery]) -> Reply:
    after = ask.after()
    found = await complaints.listed(
        ask.principal, ask.given.number, UUID(after) if after else None, ask.given.limit + 1
    )
    return ask.page(found, lambda one: str(one.complaint.id), ComplaintShown.of)


async def show_complaint(complaints: Complaints, ask: Ask[None]) -> Reply:
    return Reply(ComplaintShown.of(await complaints.show(ask.principal, ask.uuid("complaint_id"))))


async def forward_complaint(complaints: Complaints, ask: Ask[Forwarding]) -> Reply:
    given = ask.given
    moved = await complaints.forward(
        ask.principal, ask.uuid("complaint_id"), OrgCode(given.holder), given.reason
    )
    return Reply(ComplaintShown.of(moved))


async def answer_complaint(complaints: Complaints, ask: Ask[ComplaintAnswer]) -> Reply:
    given = ask.given
    moved = await complaints.answer(ask.principal, ask.uuid("complaint_id"), given.redress, given.text)
    return Reply(ComplaintShown.of(moved))


_route = partial(Route, tag="complaints", returns=ComplaintShown)
_ONE: Final = "/v1/complaints/{complaint_id}"
_STEP: Final = (NoSuchComplaint, ComplaintAnswered)

ROUTES: Final = [
    _route("POST", "/v1/complaints", receive_complaint, _CLERKS, "Take a complaint in", "受理投诉", given=Complaining,
           status=201, creates=True),
    _route("GET", "/v1/complaints", list_complaints, SIGNED_IN, "List complaints, or find one by number", "投诉列表",
           given=ComplaintQuery, returns=Page[ComplaintShown]),
    _route("GET", _ONE, show_complaint, SIGNED_IN, "How a complaint stands", "查看投诉", problems=(NoSuchComplaint,)),
    _route("POST", f"{_ONE}/forward", forward_complaint, _AUTHORITY, "Give it to another department", "转办投诉",
           given=Forwarding, problems=_STEP),
    _route("POST", f"{_ONE}/answer", answer_complaint, _CLERKS, "Answer a complaint", "答复投诉",
           given=ComplaintAnswer, problems=_STEP),
]  # fmt: skip
