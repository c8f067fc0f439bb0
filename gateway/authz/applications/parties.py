"""Which departments may see an application and act on it. Roles are checked at the door; this checks the department."""

from typing import Final

from gateway.authz.applications.model import Application
from gateway.identity import Role
from gateway.web import Principal

SEE_ALL: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
"""Roles that see every department's applications."""


def may_see(actor: Principal, application: Application) -> bool:
    """Whether the actor's department is a party to it; the provider is one once it was accepted."""
    is_provider = actor.org == application.provider_org and application.was_accepted
    return actor.org == application.consumer_org or is_provider or bool(actor.roles & SEE_ALL)


def may_act(actor: Principal, application: Application, act: str) -> bool:
    """Whether the act belongs to the actor's department."""
    if act in ("accept", "not_accept", "provide"):
        return True
    if act == "withdraw":
        return actor.org == application.consumer_org
    return actor.org == application.provider_org and application.was_accepted
