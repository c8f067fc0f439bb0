"""Addresses of consultations and filings."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.authz.grants.service import GrantNotInState, NoSuchGrant, NotYourGrant
from gateway.authz.service_changes.service import ChangeNotInState, NoSuchConsultation, ServiceChanges
from gateway.authz.service_changes.store import ConsultationOpen
from gateway.authz.service_changes.wire import (
    ChangeQuery,
    ChangeShown,
    Consultation,
    ConsultationAnswer,
    Filing,
)
from gateway.identity import Role
from gateway.names import GrantId
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_PROVIDER: Final = frozenset({Role.PROVIDER})
_REQUESTER: Final = frozenset({Role.REQUESTER})


async def open_service_change(changes: ServiceChanges, ask: Ask[Consultation]) -> Reply:
    given = ask.given
    made = await changes.open(
        ask.principal,
        GrantId(ask.uuid("grant_id")),
        given.kind,
        given.reason,
        given.planned_on,
        given.answer_until,
    )
    return Reply(ChangeShown.of(made))


async def answer_service_change(changes: ServiceChanges, ask: Ask[ConsultationAnswer]) -> Reply:
    moved = await changes.answer(ask.principal, ask.uuid("change_id"), ask.given.agrees, ask.given.text)
    return Reply(ChangeShown.of(moved))


async def file_service_change(changes: ServiceChanges, ask: Ask[Filing]) -> Reply:
    return Reply(ChangeShown.of(await changes.file(ask.principal, ask.uuid("change_id"), ask.given.filing)))


async def list_service_changes(changes: ServiceChanges, ask: Ask[ChangeQuery]) -> Reply:
    after = ask.after()
    found = await changes.listed(ask.principal, UUID(after) if after else None, ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), ChangeShown.of)


_route = partial(Route, tag="grants", returns=ChangeShown)
_ONE: Final = "/v1/service-changes/{change_id}"

ROUTES: Final = [
    _route("POST", "/v1/grants/{grant_id}/service-changes", open_service_change, _PROVIDER,
           "Consult on ending or changing a service", "就终止或变更服务发起协商", given=Consultation, status=201,
           problems=(NoSuchGrant, NotYourGrant, GrantNotInState, ConsultationOpen)),
    _route("POST", f"{_ONE}/answer", answer_service_change, _REQUESTER, "Agree or object", "答复协商",
           given=ConsultationAnswer, problems=(NoSuchConsultation, ChangeNotInState)),
    _route("POST", f"{_ONE}/file", file_service_change, _PROVIDER, "File it with the authority", "报主管部门备案",
           given=Filing, problems=(NoSuchConsultation, ChangeNotInState)),
    _route("GET", "/v1/service-changes", list_service_changes, SIGNED_IN, "Consultations and filings", "协商与备案台账",
           given=ChangeQuery, returns=Page[ChangeShown]),
]  # fmt: skip
