"""Addresses of recipients outside government."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.catalog import NoSuchResource
from gateway.catalog.wire import Because
from gateway.identity import Role
from gateway.names import ResourceId
from gateway.reports.openings.service import NoSuchRecipient, Openings, RecipientEnded
from gateway.reports.openings.store import RecipientKnown
from gateway.reports.openings.wire import (
    EqualTermsShown,
    NewEqualTerms,
    NewRecipient,
    OpeningShown,
    RecipientShown,
)
from gateway.web import SIGNED_IN, Ask, Page, PageQuery, Reply, Route


async def register_recipient(openings: Openings, ask: Ask[NewRecipient]) -> Reply:
    given, resource = ask.given, ResourceId(ask.uuid("resource_id"))
    made = await openings.register(
        ask.principal, resource, given.recipient_org, given.recipient_name, given.agreed(), ask.once
    )
    return Reply(RecipientShown.of(made))


async def end_recipient(openings: Openings, ask: Ask[Because]) -> Reply:
    one = ask.uuid("recipient_id")
    return Reply(RecipientShown.of(await openings.end(ask.principal, one, ask.given.reason)))


async def list_recipients(openings: Openings, ask: Ask[PageQuery]) -> Reply:
    after = ask.after()
    found = await openings.recipients(ask.principal, UUID(after) if after else None, ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), RecipientShown.of)


async def declare_equal_terms(openings: Openings, ask: Ask[NewEqualTerms]) -> Reply:
    resource = ResourceId(ask.uuid("resource_id"))
    notice, at = await openings.declare_equal_terms(ask.principal, resource, ask.given.notice)
    return Reply(EqualTermsShown(resource_id=resource, notice=notice, declared_at=at))


async def report_exclusive_openings(openings: Openings, ask: Ask[PageQuery]) -> Reply:
    found = await openings.report(ask.principal, ask.after(), ask.given.limit + 1)
    return ask.page(found, lambda one: one.code, OpeningShown.of)


_route = partial(Route, tag="reports", returns=RecipientShown)
_PROVIDER: Final = frozenset({Role.PROVIDER})

ROUTES: Final = [
    _route("POST", "/v1/resources/{resource_id}/recipients", register_recipient, _PROVIDER,
           "Register a recipient outside government", "登记政府以外接收方", given=NewRecipient, status=201, creates=True,
           problems=(NoSuchResource, RecipientKnown)),
    _route("PUT", "/v1/resources/{resource_id}/equal-terms", declare_equal_terms, _PROVIDER,
           "Declare equal terms for everybody alike", "公布同等开放条件", given=NewEqualTerms, returns=EqualTermsShown,
           problems=(NoSuchResource,)),
    _route("GET", "/v1/recipients", list_recipients, SIGNED_IN, "List recipients outside government",
           "政府以外接收方列表", given=PageQuery, returns=Page[RecipientShown]),
    _route("POST", "/v1/recipients/{recipient_id}/end", end_recipient, _PROVIDER, "End a recipient's entry",
           "终止接收方登记", given=Because, problems=(NoSuchRecipient, RecipientEnded)),
    _route("GET", "/v1/exclusive-openings", report_exclusive_openings, SIGNED_IN,
           "Resources opened to recipients outside government, and what is wrong", "特定开放情况报告",
           given=PageQuery, returns=Page[OpeningShown]),
]  # fmt: skip
