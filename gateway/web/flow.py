"""A long answer of a data service, sent piece by piece: in chunks (RFC 9112 section 7.1), or of a length known before."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.web.outgoing import Outgoing

CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


class Flow:
    """An answer that begins with its first piece, and is whole only once it was ended.

    Args:
        head: status and lines of the head; its body is not looked at.
        length: of all pieces together, where it is known.
        start: gives the head as bytes, but for what says how long the answer is.
        drained: waits until the caller took enough.
    """

    def __init__(
        self,
        head: Outgoing,
        length: int | None,
        transport: asyncio.Transport,
        start: Callable[[Outgoing], bytes],
        drained: Callable[[], Awaitable[None]],
    ) -> None:
        self.head = head
        self.begun = False
        self._length = length
        self._left = length or 0
        self._transport = transport
        self._start = start
        self._drained = drained

    async def write(self, piece: bytes) -> None:
        """Send a piece, not empty, once there is room for it.

        Raises:
            ConnectionError: the caller is gone.
            ValueError: it is more than was announced.
        """
        if self._length is None:
            await self._send(b"%x\r\n%b\r\n" % (len(piece), piece))
            return
        if len(piece) > self._left:
            raise ValueError("the answer is longer than its head says")
        self._left -= len(piece)
        await self._send(piece)

    async def end(self) -> Outgoing:
        """Tell that this was all; gives what the handler of the request returns.

        Raises:
            ConnectionError: the caller is gone.
            ValueError: it is less than was announced.
        """
        if self._left:
            raise ValueError("the answer is shorter than its head says")
        if self._length is None or not self.begun:
            await self._send(b"0\r\n\r\n" if self._length is None else b"")
        self.head.sent = True
        return self.head

    async def _send(self, data: bytes) -> None:
        await self._drained()
        if self._transport.is_closing():
            raise ConnectionResetError("the caller is gone")
        if not self.begun:
            self.begun = True
            how_long = CHUNKED if self._length is None else b"Content-Length: %d\r\n\r\n" % self._length
            data = self._start(self.head) + how_long + data
        self._transport.write(data)
        await self._drained()
