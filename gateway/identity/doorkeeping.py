"""Keeps the gateway's own TLS up to date: its certificate's files, and whose certificates it lets in."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Final, NoReturn

from gateway.errors import GatewayError
from gateway.identity.certificates import store
from gateway.seals.recognition import Recognition
from gateway.seals.recognition_files import recognised
from gateway.settings import Settings
from gateway.storage import Database
from gateway.telemetry import get_logger
from gateway.web.door import Door

_log = get_logger()
_SECONDS: Final = 1.0


class Doorkeeping:
    """The worker of one process. ``database`` is that of any zone that may read who signed the own certificate."""

    def __init__(
        self, door: Door, recognition: Recognition, database: Database, now: Callable[[], datetime]
    ) -> None:
        self._door = door
        self._recognition = recognition
        self._database = database
        self._now = now

    async def once(self) -> bool:
        """Take up what changed; whether anything did."""
        async with self._database.connection() as connection:
            own = await store.self_signed(connection)
        pool = self._recognition.pool("client", self._now()).certificates
        # standard TLS knows no SM2: such callers come through a terminator that speaks GB/T 38636 (TLCP)
        anchors = [each.der for each in pool if each.key_kind != "SM2"]
        changed = self._door.follow([*anchors, *own])
        if changed:
            _log.info("tls.renewed", authorities=len(anchors), self_signed=len(own))
        return changed

    async def run(self) -> NoReturn:
        """Look every second until cancelled; what cannot be taken up is said, and the earlier stays in use."""
        while True:
            try:
                await self.once()
            except GatewayError as fault:
                _log.error("tls.not_renewed", why=fault.detail)
            await asyncio.sleep(_SECONDS)


async def kept(
    door: Door, settings: Settings, database: Database, now: Callable[[], datetime]
) -> Coroutine[Any, Any, NoReturn]:
    """The worker that keeps ``door``, once it is up to date.

    Raises:
        BadAuthority: a recognised authority is wrongly described.
    """
    keeping = Doorkeeping(door, recognised(settings.certificates), database, now)
    await keeping.once()
    return keeping.run()
