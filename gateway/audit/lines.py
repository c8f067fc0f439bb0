"""The writer's connections to the inbox: one in use and a spare, so that a lost answer can be asked for again at once.

Nothing here sets a client-side timeout around a statement: cancelling a commit that waits for a synchronous standby
reports success although nothing was replicated. A connection that hangs is cut instead, which leaves it unknown.
"""

import asyncio
from collections import deque
from typing import Any, Final, Self

from gateway.audit import store
from gateway.audit.errors import AuditUnavailable
from gateway.audit.store import Answer, Batch
from gateway.errors import BadSettings
from gateway.settings import Audit
from gateway.storage import Connection
from gateway.telemetry import get_logger

_log = get_logger()
_STATEMENT_SECONDS: Final = 5
_CUT_SECONDS: Final = 15
_SPARE_SECONDS: Final = 1


class Line:
    """One connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._warned = False
        connection.add_log_listener(self._heard)

    @classmethod
    async def open(cls, dsn: str, settings: Audit) -> Self:
        """Connect.

        Raises:
            AuditUnavailable: no connection.
            BadSettings: the database could lose what it acknowledges.
        """
        return cls(
            await store.connect(
                dsn, settings, name="gateway-audit-writer", statement_seconds=_STATEMENT_SECONDS
            )
        )

    @property
    def is_open(self) -> bool:
        """Whether it can still be spoken to."""
        return not self._connection.is_closed()

    async def put(self, batch: Batch) -> tuple[Answer, str]:
        """Write a batch; a warning beside success means that the commit may not have been replicated."""
        self._warned = False
        fuse = asyncio.get_running_loop().call_later(_CUT_SECONDS, self.cut)
        try:
            answer, words = await store.put_batch(self._connection, batch)
        finally:
            fuse.cancel()
        if answer is Answer.STORED and self._warned:
            return Answer.UNKNOWN, "the database committed with a warning"
        return answer, words

    async def confirm(self) -> bool:
        """Whether everything committed so far is as durable as the database promises."""
        self._warned = False
        fuse = asyncio.get_running_loop().call_later(_CUT_SECONDS, self.cut)
        try:
            await store.heartbeat(self._connection)
        except AuditUnavailable:
            return False
        finally:
            fuse.cancel()
        return not self._warned

    def cut(self) -> None:
        """Drop the connection without a word."""
        self._connection.terminate()

    def _heard(self, _connection: Any, message: Any) -> None:
        # asyncpg calls this before the statement's own result wakes its task
        self._warned = self._warned or message.severity_en == "WARNING"


class Lines:
    """The line in use and the spare."""

    def __init__(self, dsn: str, settings: Audit) -> None:
        self._dsn = dsn
        self._settings = settings
        self._open: deque[Line] = deque()
        self._connecting = asyncio.Lock()
        self._short = asyncio.Event()

    async def fill(self, wanted: int = 2) -> None:
        """Open lines until so many are.

        Raises:
            AuditUnavailable, BadSettings: see :meth:`Line.open`.
        """
        while True:
            async with self._connecting:
                self._open = deque(line for line in self._open if line.is_open)
                if len(self._open) >= wanted:
                    return
                self._open.append(await Line.open(self._dsn, self._settings))

    async def keep_spare(self) -> None:
        """Replace lost lines, for ever; beside the flushes, which need not wait for it."""
        while True:
            await self._short.wait()
            try:
                await self.fill()
                self._short.clear()
            except (AuditUnavailable, BadSettings) as fault:
                _log.warning("audit.spare.missing", why=fault.detail)
                await asyncio.sleep(_SPARE_SECONDS)

    async def put(self, batch: Batch) -> tuple[Answer, str]:
        """Write a batch over the first line; after an unknown answer the other one is first.

        Raises:
            AuditUnavailable, BadSettings: no line could be opened, and nothing was sent.
        """
        await self.fill(1)
        line = self._open[0]
        answer, words = await line.put(batch)
        if answer is Answer.PRESENT and await line.confirm():
            return Answer.STORED, words
        if answer in (Answer.PRESENT, Answer.UNKNOWN):
            self._open.rotate(-1)
            self._short.set()
            return Answer.UNKNOWN, words
        return answer, words

    def cut(self) -> None:
        """Drop all lines."""
        for line in self._open:
            line.cut()
