"""Addresses of grants."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from gateway.authz.grants.model import Grant
from gateway.authz.grants.service import GrantNotInState, Grants, NoSuchGrant, NotYourGrant
from gateway.authz.grants.wire import GrantQuery, GrantShown
from gateway.catalog.wire import Because
from gateway.identity import Role
from gateway.names import GrantId
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_KEEPERS: Final = frozenset({Role.PROVIDER, Role.SECURITY_ADMIN})


class GrantDesk:
    """What the handlers need: the acts, and how a service is named in tokens."""

    def __init__(self, grants: Grants, audience: Callable[[str], str]) -> None:
        self.grants = grants
        self.audience = audience

    def show(self, grant: Grant) -> GrantShown:
        """A grant as JSON."""
        return GrantShown.of(grant, self.audience(grant.service))


def _id(ask: Ask[Any]) -> GrantId:
    return GrantId(ask.uuid("grant_id"))


async def list_grants(desk: GrantDesk, ask: Ask[GrantQuery]) -> Reply:
    after = ask.after()
    found = await desk.grants.listed(
        ask.principal, ask.given.state, UUID(after) if after else None, ask.given.limit + 1
    )
    return ask.page(found, lambda grant: str(grant.id), desk.show)


async def show_grant(desk: GrantDesk, ask: Ask[None]) -> Reply:
    return Reply(desk.show(await desk.grants.show(ask.principal, _id(ask))))


async def suspend_grant(desk: GrantDesk, ask: Ask[Because]) -> Reply:
    return Reply(desk.show(await desk.grants.suspend(ask.principal, _id(ask), ask.given.reason)))


async def resume_grant(desk: GrantDesk, ask: Ask[Because]) -> Reply:
    return Reply(desk.show(await desk.grants.resume(ask.principal, _id(ask), ask.given.reason)))


async def revoke_grant(desk: GrantDesk, ask: Ask[Because]) -> Reply:
    return Reply(desk.show(await desk.grants.revoke(ask.principal, _id(ask), ask.given.reason)))


_route = partial(Route, tag="grants", returns=GrantShown)
_ONE: Final = "/v1/grants/{grant_id}"
_STEP: Final = (NoSuchGrant, GrantNotInState, NotYourGrant)

ROUTES: Final = [
    _route("GET", "/v1/grants", list_grants, SIGNED_IN, "List grants", "授权列表",
           given=GrantQuery, returns=Page[GrantShown]),
    _route("GET", _ONE, show_grant, SIGNED_IN, "Show a grant", "查看授权", problems=(NoSuchGrant,)),
    _route("POST", f"{_ONE}/suspend", suspend_grant, _KEEPERS, "Suspend a grant", "暂停授权",
           given=Because, problems=_STEP),
    _route("POST", f"{_ONE}/resume", resume_grant, _KEEPERS, "Resume a grant", "恢复授权",
           given=Because, problems=_STEP),
    _route("POST", f"{_ONE}/revoke", revoke_grant, _KEEPERS, "Revoke a grant for good", "撤销授权",
           given=Because, problems=_STEP),
]  # fmt: skip
