"""Addresses of grants."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from gateway.authz.grants.model import Grant
from gateway.authz.grants.service import Grants, NoSuchGrant
from gateway.authz.grants.wire import GrantQuery, GrantShown
from gateway.names import GrantId
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route


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


_route = partial(Route, tag="grants", returns=GrantShown)
_ONE: Final = "/v1/grants/{grant_id}"

ROUTES: Final = [
    _route("GET", "/v1/grants", list_grants, SIGNED_IN, "List grants", "授权列表",
           given=GrantQuery, returns=Page[GrantShown]),
    _route("GET", _ONE, show_grant, SIGNED_IN, "Show a grant", "查看授权", problems=(NoSuchGrant,)),
]  # fmt: skip
