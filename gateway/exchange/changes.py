"""Hearing of changes: what keeps the plans of a process true without asking on every call.

Each change of a grant, an application system or a published resource is told by the transaction that makes it: at once by
NOTIFY, and by a row that is asked for every second, so that nothing depends on the message arriving.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from gateway.errors import GatewayError, Unavailable
from gateway.exchange import store
from gateway.storage import Connection, Database
from gateway.storage.listening import listening
from gateway.telemetry import get_logger

_log = get_logger()
_CHANNEL: Final = "exchange_change"
_ASK_SECONDS: Final = 1.0
_AGAIN_SECONDS: Final = 0.25
_SWEEP_SECONDS: Final = 600
STALE_SECONDS: Final = 30.0
"""So old may the knowledge of changes be; after that nothing is admitted by it."""
_DEAF_SECONDS: Final = 1800.0


class SnapshotStale(Unavailable):
    """What is known of the grants is too old to admit a call by（授权快照已过期，暂不受理调用）."""

    remedy = (
        "Try again shortly; the gateway cannot hear of revocations at present and admits nothing until it can.",
        "请稍后重试；网关暂时无法获知授权变更，恢复之前不受理任何调用。",
    )


class Changes:
    """What this process has heard.

    Args:
        changed: called with a kind (``grant``, ``client``, ``resource``) and an id for each change.
        forget: called when changes may have been missed for good.
        seconds: a clock that only runs forward.
    """

    def __init__(
        self,
        database: Database,
        changed: Callable[[str, str], None],
        forget: Callable[[], None],
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._changed = changed
        self._forget = forget
        self._seconds = seconds
        self._since = ""
        self._told: frozenset[int] = frozenset()
        self._known_at = float("-inf")
        self._sweep_at = seconds() + _SWEEP_SECONDS

    def check(self) -> None:
        """Raises SnapshotStale: no question about changes was answered for thirty seconds."""
        if self._seconds() - self._known_at > STALE_SECONDS:
            raise SnapshotStale("no word of changes for too long", "长时间未能获知授权变更")

    async def begin(self) -> None:
        """Know from here on; plans loaded later are true until a change is told. Raises DatabaseDown, DatabaseBusy."""
        async with self._database.connection() as connection:
            await self._begin(connection)

    async def run(self) -> None:
        """Hear and ask until cancelled; a database that is away is tried again, and asked what was missed."""
        while True:
            try:
                async with listening(self._database, _CHANNEL, self._heard) as connection:
                    while True:
                        await self._ask(connection)
                        await asyncio.sleep(_ASK_SECONDS)
            except GatewayError as fault:
                _log.warning("changes.not_heard", said=fault.detail)
                await asyncio.sleep(_AGAIN_SECONDS)

    def _heard(self, payload: str) -> None:
        kind, _, key = payload.partition(" ")
        self._changed(kind, key)

    async def _begin(self, connection: Connection) -> None:
        asked_at = self._seconds()
        self._since = await store.seen_now(connection)
        self._told = frozenset()
        self._forget()
        self._known_at = asked_at

    async def _ask(self, connection: Connection) -> None:
        asked_at = self._seconds()
        if asked_at - self._known_at > _DEAF_SECONDS:
            await self._begin(connection)
            return
        seen, changes = await store.changes(connection, self._since)
        for change in changes:
            if change.n not in self._told:
                self._changed(change.kind, change.key)
        self._since, self._told = seen, frozenset(change.n for change in changes)
        self._known_at = asked_at
        if asked_at > self._sweep_at:
            self._sweep_at = asked_at + _SWEEP_SECONDS
            await store.sweep_changes(connection)
