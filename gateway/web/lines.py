"""The kept connections to one origin (scheme, host, port): newest first, few, and none that was ever talkative.

A provider that sends bytes nobody asked for could have them taken for the answer to the next question. Such a line is
cut, and for a while none of that origin's lines serves more than one question.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.web.egress import Egress, EgressRefused
from gateway.web.line import Line, Stale
from gateway.web.upstream import UpstreamTimeout, UpstreamUnreachable

MOST: Final = 50
IDLE_SECONDS: Final = 15.0
_DISTRUST_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an HTTP service is reached."""

    secure: bool
    host: str
    port: int


class Lines:
    """At most ``MOST`` connections to one origin.

    Args:
        connect_seconds: for name, connection and TLS together.
        now: seconds of a clock that never goes back.
    """

    def __init__(
        self,
        origin: Origin,
        egress: Egress,
        tls: ssl.SSLContext,
        connect_seconds: float,
        now: Callable[[], float],
    ) -> None:
        self._origin = origin
        self._egress = egress
        self._tls = tls
        self._connect_seconds = connect_seconds
        self._now = now
        self._idle: list[Line] = []
        self._open: set[Line] = set()
        self._room = asyncio.Semaphore(MOST)
        self._distrusted_until = float("-inf")

    async def ask(self, head: bytes, largest: int) -> bytes:
        """Send a request head; the body of its 200 answer.

        A kept connection that the other side had just closed is replaced once: nothing was answered on it.

        Raises:
            UpstreamUnreachable, UpstreamTimeout: no connection. Others: see :meth:`Line.ask`.
        """
        async with self._room:
            line = self._kept()
            if line is not None:
                try:
                    return await self._asked(line, head, largest)
                except Stale:
                    pass
            return await self._asked(await self._opened(), head, largest)

    async def _asked(self, line: Line, head: bytes, largest: int) -> bytes:
        body = await line.ask(head, largest)
        if line.reusable and self._now() >= self._distrusted_until:
            line.idle_since = self._now()
            self._idle.append(line)
        else:
            line.cut()
        return body

    def _kept(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.reusable and self._now() - line.idle_since < IDLE_SECONDS:
                return line
            line.cut()
        return None

    async def _opened(self) -> Line:
        try:
            async with asyncio.timeout(self._connect_seconds):
                return await self._connect()
        except TimeoutError:
            raise UpstreamTimeout("no connection in time", "连接超时") from None
        except EgressRefused:
            raise UpstreamUnreachable(
                "the mount's address is outside the allowed networks", "挂接地址不在允许的网段内"
            ) from None
        except (OSError, UnicodeError):
            raise UpstreamUnreachable("no connection", "连接失败") from None

    async def _connect(self) -> Line:
        loop, origin = asyncio.get_running_loop(), self._origin
        sock = await self._egress.connected(origin.host, origin.port)
        try:
            _, line = await loop.create_connection(
                lambda: Line(self._open.discard, self._distrust), sock=sock,
                ssl=self._tls if origin.secure else None, server_hostname=origin.host if origin.secure else None,
            )  # fmt: skip
        except BaseException:
            sock.close()
            raise
        self._open.add(line)
        return line

    def _distrust(self) -> None:
        self._distrusted_until = self._now() + _DISTRUST_SECONDS

    def sweep(self) -> None:
        """Close what was idle too long."""
        old = [line for line in self._idle if self._now() - line.idle_since >= IDLE_SECONDS]
        self._idle = [line for line in self._idle if line not in old]
        for line in old:
            line.cut()

    def close(self) -> None:
        """Cut everything."""
        self._idle.clear()
        for line in list(self._open):
            line.cut()
