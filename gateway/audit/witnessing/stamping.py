"""Has the time of a checkpoint confirmed by authorities (RFC 3161): what is stamped existed then, whoever held the keys.

The imprint is over the note as the log signed it, without cosignatures. A token is kept only if its signature, its path to a
recognised authority (认可的时间戳服务机构), its nonce and its time hold.
"""

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from gateway.audit import store as ledger
from gateway.audit.witnessing import store
from gateway.audit.witnessing.messenger import Messenger
from gateway.audit.witnessing.model import Stage
from gateway.audit.writer import utc_now
from gateway.errors import Upstream
from gateway.seals.paths import PathRefused, path
from gateway.seals.recognition import Recognition
from gateway.seals.sm2 import Sm2, Sm2Unavailable
from gateway.seals.timestamps import (
    TimestampRefused,
    granted_token,
    read_timestamp,
    timestamp_query,
)
from gateway.settings import StampAuthority, Witnessing
from gateway.storage import Database
from gateway.telemetry import Metrics, get_logger
from gateway.web.posting import Posting

_log = get_logger()
_LARGEST: Final = 65536
_SKEW_MOST: Final = timedelta(minutes=5)
_HEADERS: Final = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class Stamping(Messenger):
    """One process's messenger to the authorities.

    Args:
        recognition: whose tokens are believed.
        sm2: the engine for authorities with SM2 keys; None refuses their tokens.
    """

    def __init__(
        self,
        database: Database,
        posting: Posting,
        settings: Witnessing,
        recognition: Recognition,
        sm2: Sm2 | None,
        metrics: Metrics | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(database, posting, settings, settings.stamp_seconds, metrics, clock)
        self._recognition = recognition
        self._sm2 = sm2

    async def round(self) -> int:
        """Ask every authority that has not stamped the newest checkpoint; how many tokens came.

        Raises:
            DatabaseDown, AuditUnavailable.
        """
        with ledger.recording():
            async with self._database.connection() as connection:
                found = await store.newest(connection)
                if found is None:
                    return 0
                last = [await store.newest_stamp(connection, at.name) for at in self._settings.authorities]
        size, note = found
        lacking = [
            at
            for at, known in zip(self._settings.authorities, last, strict=True)
            if known is None or known[0] < size
        ]
        return sum(await asyncio.gather(*(self._ask(at, size, note) for at in lacking)))

    async def _ask(self, at: StampAuthority, size: int, note: bytes) -> int:
        nonce = secrets.randbits(64)
        try:
            async with asyncio.timeout(self._settings.answer_seconds):
                reply = await self._posting.post(at.url, _HEADERS, timestamp_query(note, nonce), _LARGEST)
            token = granted_token(reply)
            time = self._checked(token, note, nonce)
        except (Upstream, TimeoutError) as fault:
            _log.warning("audit.stamp.silent", authority=at.name, why=str(fault) or "no answer in time")
            self._metrics.outward.labels("stamp", "silent").inc()
            return 0
        except (TimestampRefused, PathRefused, Sm2Unavailable) as fault:
            _log.warning("audit.stamp.refused", authority=at.name, why=str(fault))
            self._metrics.outward.labels("stamp", "refused").inc()
            return 0
        with ledger.recording():
            async with self._database.connection() as connection, connection.transaction():
                await store.add_stamp(connection, store.Stamped(size, at.name, token, time))
                await store.reach(connection, Stage.UNSTAMPED, size, self._clock())
        self._metrics.outward.labels("stamp", "ok").inc()
        return 1

    def _checked(self, token: bytes, note: bytes, nonce: int) -> datetime:
        """The token's time.

        Raises:
            TimestampRefused, PathRefused, Sm2Unavailable.
        """
        stamp = read_timestamp(token)
        stamp.check(note, self._sm2)
        now = self._clock()
        if stamp.nonce != nonce:
            raise TimestampRefused("the token answers another request")
        if abs(stamp.time - now) > _SKEW_MOST:
            raise TimestampRefused(
                f"the token's time is {stamp.time.isoformat()}, here it is {now.isoformat()}"
            )
        path(stamp.signer, stamp.others, self._recognition.pool("timestamp", now), stamp.time, "timestamp")
        return stamp.time
