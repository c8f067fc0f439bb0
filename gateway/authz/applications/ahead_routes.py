"""Addresses of what shortens the way: standing authorisations and renewals."""

from functools import partial
from typing import Final

from gateway.authz.applications.desk import Desk, resource_id
from gateway.authz.applications.form import SignOff
from gateway.authz.applications.ground import StandingAuthorisation
from gateway.authz.applications.refusals import (
    GrantOver,
    NoStandingAuthorisation,
    NotForStanding,
    RenewalOpen,
)
from gateway.authz.applications.renewal import Renewal
from gateway.authz.applications.wire import ApplicationShown
from gateway.authz.grants.service import NoSuchGrant
from gateway.catalog import NoSuchResource
from gateway.catalog.acts import ResourceNotInState
from gateway.catalog.wire import Because
from gateway.identity import Role
from gateway.names import GrantId
from gateway.web import Ask, Instant, Model, Note, Reply, Route

_REQUESTER: Final = frozenset({Role.REQUESTER})
_PROVIDER: Final = frozenset({Role.PROVIDER})


class NewAuthorisation(Model):
    """平台授权: what the platform may answer, with the consent of the provider's head."""

    scope: Note
    sign_off: SignOff


class AuthorisationShown(Model):
    """A standing authorisation."""

    id: str
    resource_id: str
    provider_org: str
    scope: str
    sign_off: SignOff
    given_at: Instant

    @classmethod
    def of(cls, one: StandingAuthorisation) -> "AuthorisationShown":
        """As the API shows it."""
        return cls(
            id=str(one.id), resource_id=str(one.resource_id), provider_org=one.provider_org, scope=one.scope,
            sign_off=one.sign_off, given_at=one.given_at,
        )  # fmt: skip


async def give_authorisation(desk: Desk, ask: Ask[NewAuthorisation]) -> Reply:
    given = await desk.applications.authorisations.give(
        ask.principal, resource_id(ask), ask.given.scope, ask.given.sign_off
    )
    return Reply(AuthorisationShown.of(given))


async def end_authorisation(desk: Desk, ask: Ask[Because]) -> Reply:
    ended = await desk.applications.authorisations.end(ask.principal, resource_id(ask), ask.given.reason)
    return Reply(AuthorisationShown.of(ended))


async def renew_grant(desk: Desk, ask: Ask[Renewal]) -> Reply:
    grant = GrantId(ask.uuid("grant_id"))
    return desk.show(
        await desk.applications.renewals.renew(ask.principal, grant, ask.given, ask.once, ask.request_id)
    )


_route = partial(Route, tag="applications")
_AUTHORISATION: Final = "/v1/resources/{resource_id}/standing-authorisation"

ROUTES: Final = [
    _route("PUT", _AUTHORISATION, give_authorisation, _PROVIDER, "Let the platform answer for this resource", "平台授权",
           given=NewAuthorisation, returns=AuthorisationShown, problems=(NoSuchResource, ResourceNotInState, NotForStanding)),
    _route("POST", f"{_AUTHORISATION}/end", end_authorisation, _PROVIDER, "End the standing authorisation", "终止平台授权",
           given=Because, returns=AuthorisationShown, problems=(NoSuchResource, ResourceNotInState, NoStandingAuthorisation)),
    _route("POST", "/v1/grants/{grant_id}/renew", renew_grant, _REQUESTER, "Apply to go on after a grant's end", "申请续期",
           given=Renewal, returns=ApplicationShown, status=201, creates=True,
           problems=(NoSuchGrant, GrantOver, RenewalOpen)),
]  # fmt: skip
