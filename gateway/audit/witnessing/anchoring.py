"""Deposits the newest checkpoint at a provincial 存证 service, and keeps what it answered.

What such services ask for differs from province to province; what is sent is one JSON document, so that a small adapter on
the province's side suffices. Any answer of status 200 counts as received; it is kept as it came.
"""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Final

import orjson

from gateway.audit import store as ledger
from gateway.audit.witnessing import store
from gateway.audit.witnessing.messenger import Messenger
from gateway.audit.witnessing.model import Stage
from gateway.audit.writer import utc_now
from gateway.errors import Upstream
from gateway.proof.checkpoint import read_checkpoint
from gateway.proof.notes import read_note
from gateway.settings import Witnessing
from gateway.storage import Database
from gateway.telemetry import Metrics, get_logger
from gateway.web.posting import Posting

_log = get_logger()
_LARGEST: Final = 65536


class Anchoring(Messenger):
    """One process's messenger to the deposit.

    Args:
        url: the deposit's address.
    """

    def __init__(
        self,
        database: Database,
        posting: Posting,
        settings: Witnessing,
        url: str,
        metrics: Metrics | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(database, posting, settings, settings.anchor_seconds, metrics, clock)
        self._url = url

    async def round(self) -> bool:
        """Deposit the newest checkpoint, if it is not; whether it was now.

        Raises:
            DatabaseDown, AuditUnavailable.
        """
        with ledger.recording():
            async with self._database.connection() as connection:
                found = await store.newest(connection)
                last = await store.newest_anchor(connection)
        if found is None or (last is not None and last[0] >= found[0]):
            return False
        size, note = found
        try:
            async with asyncio.timeout(self._settings.answer_seconds):
                answer = await self._posting.post(
                    self._url, {"Content-Type": "application/json"}, deposit(note), _LARGEST
                )
        except (Upstream, TimeoutError) as fault:
            _log.warning("audit.anchor.silent", why=str(fault) or "no answer in time")
            self._metrics.outward.labels("anchor", "silent").inc()
            return False
        with ledger.recording():
            async with self._database.connection() as connection, connection.transaction():
                await store.add_anchor(connection, size, self._url, answer, self._clock())
                await store.reach(connection, Stage.UNANCHORED, size, self._clock())
        self._metrics.outward.labels("anchor", "ok").inc()
        return True


def deposit(note: bytes) -> bytes:
    """What is deposited: the checkpoint's parts in words, the note, and SHA-256 of the note as what to anchor."""
    point = read_checkpoint(read_note(note).text)
    return orjson.dumps(
        {
            "origin": point.origin,
            "size": point.size,
            "root": base64.b64encode(point.root).decode(),
            "checkpoint": note.decode(),
            "sha256": hashlib.sha256(note).hexdigest(),
        }
    )
