"""Addresses of one source per datum."""

from functools import partial
from typing import Any, Final

from gateway.catalog.acts import NoSuchResource, ResourceNotInState
from gateway.catalog.sources.model import Element
from gateway.catalog.sources.refusals import NoSuchElement
from gateway.catalog.sources.service import Sources
from gateway.catalog.sources.wire import ElementQuery, ElementShown, NewClaim, NewLead
from gateway.identity import Role
from gateway.names import ResourceId
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_PROVIDER: Final = frozenset({Role.PROVIDER})
_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})


def _shown(ask: Ask[Any], element: Element) -> Reply:
    return Reply(ElementShown.of(element, ask.principal.org))


async def claim_item(sources: Sources, ask: Ask[NewClaim]) -> Reply:
    given, resource = ask.given, ResourceId(ask.uuid("resource_id"))
    return _shown(
        ask,
        await sources.claim(
            ask.principal, resource, given.item, given.meaning(), given.position, given.basis
        ),
    )


async def list_elements(sources: Sources, ask: Ask[ElementQuery]) -> Reply:
    given = ask.given
    found = await sources.listed(ask.principal, given.standing, ask.after(), given.limit + 1)
    return ask.page(found, lambda one: one.code, lambda one: ElementShown.of(one, ask.principal.org))


async def show_element(sources: Sources, ask: Ask[None]) -> Reply:
    return _shown(ask, await sources.show(ask.principal, ask.uuid("element_id")))


async def name_lead_source(sources: Sources, ask: Ask[NewLead]) -> Reply:
    given = ask.given
    return _shown(
        ask, await sources.name_lead(ask.principal, ask.uuid("element_id"), given.org, given.reason)
    )


_route = partial(Route, tag="catalog", returns=ElementShown)

ROUTES: Final = [
    _route("POST", "/v1/resources/{resource_id}/claims", claim_item, _PROVIDER,
           "Say what an item is: the source of an element, or a copy", "认领数据项（数源或副本）",
           given=NewClaim, problems=(NoSuchResource, ResourceNotInState)),
    _route("GET", "/v1/elements", list_elements, SIGNED_IN, "List elements; open ones are conflicts to settle",
           "数据元列表（含待明确数源的冲突）", given=ElementQuery, returns=Page[ElementShown]),
    _route("GET", "/v1/elements/{element_id}", show_element, SIGNED_IN, "Show an element", "查看数据元",
           problems=(NoSuchElement,)),
    _route("PUT", "/v1/elements/{element_id}/lead", name_lead_source, _PLATFORM, "Name the lead source", "明确数源部门",
           given=NewLead, problems=(NoSuchElement,)),
]  # fmt: skip
