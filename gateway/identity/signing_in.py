"""The ways people sign in, and the roster they stand in, made in one place from what the room has."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.audit import AuditLog
from gateway.identity.directory.attempts import Attempts
from gateway.identity.directory.hashing import Hasher
from gateway.identity.directory.invitations import Invitations
from gateway.identity.directory.routes import INVITATION_ROUTES
from gateway.identity.directory.routes import ROUTES as DIRECTORY_ROUTES
from gateway.identity.directory.second_factor import Factors
from gateway.identity.directory.service import Directory
from gateway.identity.roster.routes import ROUTES as ROSTER_ROUTES
from gateway.identity.roster.service import Roster
from gateway.identity.sessions.routes import ROUTES as SESSION_ROUTES
from gateway.identity.sessions.service import Identify, Sessions
from gateway.identity.upstream.conversation import Conversation
from gateway.identity.upstream.routes import ROUTES as UPSTREAM_ROUTES
from gateway.identity.upstream.service import Upstream
from gateway.identity.upstream.tickets import Tickets
from gateway.seals import Vault
from gateway.settings import Settings
from gateway.storage import Database
from gateway.telemetry import Metrics
from gateway.web.egress import Egress
from gateway.web.outbound import Outbound
from gateway.web.posting import Posting

SIGN_IN_ROUTES: Final = (
    *SESSION_ROUTES,
    *DIRECTORY_ROUTES,
    *INVITATION_ROUTES,
    *UPSTREAM_ROUTES,
    *ROSTER_ROUTES,
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the ways of signing in are made from; ``otherwise`` identifies bearer tokens that are no session's."""

    database: Database
    log: AuditLog
    settings: Settings
    master_key: bytes
    metrics: Metrics
    now: Callable[[], datetime]
    otherwise: Identify


@dataclass(frozen=True, slots=True)
class SigningIn:
    """The services of people's sign-in."""

    sessions: Sessions
    directory: Directory
    invitations: Invitations
    upstream: Upstream
    roster: Roster

    @property
    def rooms(self) -> list[tuple[Any, object]]:
        """Each service with its routes."""
        return [
            (SESSION_ROUTES, self.sessions),
            (DIRECTORY_ROUTES, self.directory),
            (INVITATION_ROUTES, self.invitations),
            (UPSTREAM_ROUTES, self.upstream),
            (ROSTER_ROUTES, self.roster),
        ]


async def make(ground: Ground, stack: AsyncExitStack) -> SigningIn:
    """All services; the stack closes what they hold.

    Raises:
        BadSettings: a provider's secret or key file cannot be read.
    """
    limits, database, log, now = ground.settings.identity, ground.database, ground.log, ground.now
    sessions = Sessions(database, log, limits, now, ground.otherwise)
    hasher = Hasher(limits)
    stack.callback(hasher.close)
    attempts = Attempts(database, Vault(ground.master_key, "known devices"), limits, now)
    factors = Factors(Vault(ground.master_key, "second factors"))
    directory = Directory(database, log, sessions, hasher, attempts, factors, now, ground.metrics)
    issuer = ground.settings.platform.org_name
    invitations = Invitations(database, log, hasher, attempts, factors, limits, issuer, now)
    tickets = Tickets(Vault(ground.master_key, "sign-in tickets"))
    upstream = Upstream(
        database, log, sessions, directory, attempts, await _conversations(ground.settings, stack), tickets, limits, now,
        ground.metrics,
    )  # fmt: skip
    return SigningIn(
        sessions, directory, invitations, upstream, Roster(database, log, ground.settings.sheets)
    )


async def _conversations(settings: Settings, stack: AsyncExitStack) -> dict[str, Conversation]:
    egress = Egress(settings.identity.provider_networks)
    outbound = await stack.enter_async_context(Outbound(settings.exchange, egress))
    posting = await stack.enter_async_context(Posting(settings.exchange, egress))
    return {one.name: Conversation(one, outbound, posting) for one in settings.identity.providers}
