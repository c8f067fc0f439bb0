"""The ways people sign in, made in one place from what the room has."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.audit import AuditLog
from gateway.identity.directory.attempts import Attempts
from gateway.identity.directory.hashing import Hasher
from gateway.identity.directory.routes import ROUTES as DIRECTORY_ROUTES
from gateway.identity.directory.service import Directory
from gateway.identity.sessions.routes import ROUTES as SESSION_ROUTES
from gateway.identity.sessions.service import Identify, Sessions
from gateway.seals import Vault
from gateway.settings import Settings
from gateway.storage import Database
from gateway.telemetry import Metrics

SIGN_IN_ROUTES: Final = (*SESSION_ROUTES, *DIRECTORY_ROUTES)


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

    @property
    def rooms(self) -> list[tuple[Any, object]]:
        """Each service with its routes."""
        return [(SESSION_ROUTES, self.sessions), (DIRECTORY_ROUTES, self.directory)]


def make(ground: Ground, stack: AsyncExitStack) -> SigningIn:
    """All services; the stack closes what they hold."""
    limits, database, log, now = ground.settings.identity, ground.database, ground.log, ground.now
    sessions = Sessions(database, log, limits, now, ground.otherwise)
    hasher = Hasher(limits)
    stack.callback(hasher.close)
    attempts = Attempts(database, Vault(ground.master_key, "known devices"), limits, now)
    directory = Directory(
        database, log, sessions, hasher, attempts, Vault(ground.master_key, "second factors"), limits,
        ground.settings.platform.org_name, now, ground.metrics,
    )  # fmt: skip
    return SigningIn(sessions, directory)
