"""Which departments may see an application, act on it and hold it. Roles are checked at the door; this checks the
department."""

from typing import Final

from gateway.authz.applications import moves
from gateway.authz.applications.model import Application, Route
from gateway.authz.applications.moves import MOVES
from gateway.catalog import Resource
from gateway.deadlines import Actor
from gateway.identity import Role
from gateway.names import OrgCode
from gateway.supervision import Case, CaseKind
from gateway.web import Principal

SEE_ALL: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
"""Roles that see every department's applications."""


def may_see(actor: Principal, application: Application) -> bool:
    """Whether the actor's department is a party to it; the provider is one once it was accepted."""
    is_provider = actor.org == application.provider_org and application.was_accepted
    return actor.org == application.consumer_org or is_provider or bool(actor.roles & SEE_ALL)


def may_act(actor: Principal, application: Application, act: str) -> bool:
    """Whether the act belongs to the actor's department."""
    match MOVES[act].by:
        case moves.PLATFORM:
            return Role.PLATFORM_ADMIN in actor.roles
        case moves.REQUESTER:
            return actor.org == application.consumer_org
    return actor.org == application.provider_org and application.was_accepted


def holder_of(application: Application, platform: OrgCode) -> OrgCode:
    """Who has it: the provider once it was accepted and goes to the department, else the platform."""
    with_provider = application.was_accepted and application.route is Route.DEPARTMENT
    return application.provider_org if with_provider else platform


def case_of(application: Application, resource: Resource, platform: OrgCode) -> Case:
    """An application as supervision sees it; the provider is a party once it was accepted."""
    parties = [application.consumer_org]
    if application.was_accepted:
        parties.append(application.provider_org)
    described = resource.description
    return Case(
        kind=CaseKind.APPLICATION,
        id=application.id,
        subject=f"{described.code} {described.name}",
        holder=holder_of(application, platform),
        parties=tuple(parties),
        holders={Actor.PLATFORM: platform},  # its review stays its own after the case went on
    )
