"""Reading the signals: for the authority and the auditors all, for a department its own."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from gateway.authz.signals import store
from gateway.authz.signals.model import RULES, Signal
from gateway.identity import Role
from gateway.names import OrgCode
from gateway.storage import Database
from gateway.web import Principal

_EVERYWHERE: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class Signals:
    """The list. ``now`` gives the present instant with its zone; ``platform`` answers for Art. 41."""

    def __init__(self, database: Database, platform: OrgCode, now: Callable[[], datetime]) -> None:
        self._database = database
        self._platform = platform
        self._now = now

    async def listed(self, actor: Principal, rule: str | None, after: str | None, count: int) -> list[Signal]:
        """By rule and subject, computed at this moment."""
        found: list[Signal] = []
        async with self._database.connection() as connection:
            for each in RULES:
                if rule in (None, each.id):
                    found += await store.found_by(connection, each, self._now(), self._platform)
        seen = [
            signal
            for signal in found
            if (actor.roles & _EVERYWHERE or signal.org == actor.org)
            and (after is None or signal.key > after)
        ]
        return sorted(seen, key=lambda signal: signal.key)[:count]
