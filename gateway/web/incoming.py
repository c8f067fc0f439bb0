"""A request of a data service, as plain as it is on the wire.

Apart from aiohttp's objects, whose making costs more than all checks of a call together. What reads a request for the
rules (the front, the caller's certificate) reads either kind, by the names of :class:`Asking`.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from multidict import CIMultiDict

from gateway.errors import Malformed
from gateway.web.flow import Flow
from gateway.web.outgoing import Outgoing
from gateway.web.problems import too_large, too_slow

_UNREAD_BYTES: Final = 1 << 18


class Asking(Protocol):
    """What the front needs to know of a request, whoever parsed it."""

    @property
    def method(self) -> str:
        """As sent; known to the parser."""

    @property
    def version(self) -> tuple[int, int]:
        """Of HTTP."""

    @property
    def raw_path(self) -> str:
        """The target as sent."""

    @property
    def raw_headers(self) -> Iterable[tuple[bytes, bytes]]:
        """Names and values as sent, in order."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The same, to look up by name in any letter case."""

    @property
    def body_exists(self) -> bool:
        """Whether a body follows, or was announced."""

    @property
    def remote(self) -> str | None:
        """The peer's address."""

    @property
    def transport(self) -> asyncio.BaseTransport | None:
        """The connection."""


class Owner(Protocol):
    """The connection a request came by."""

    def read_on(self) -> None:
        """The body is wanted: reading goes on where it was paused."""

    def hold(self) -> None:
        """More came than anybody asked for yet."""

    def allow(self, seconds: float) -> None:
        """The request that is being answered may take so much longer than others."""

    def flow(self, request: "Incoming", head: Outgoing, length: int | None) -> Flow:
        """A long answer to ``request``."""


class Incoming:
    """A request whose head is here; its body is taken by :meth:`body`, if at all."""

    __slots__ = (
        "_body", "_owner", "_waiting", "broken", "complete", "keep", "method", "raw_headers", "raw_path", "remote",
        "transport", "version",
    )  # fmt: skip

    def __init__(
        self,
        method: str,
        raw_path: str,
        version: tuple[int, int],
        raw_headers: list[tuple[bytes, bytes]],
        remote: str,
        transport: asyncio.Transport | None,
        owner: Owner,
    ) -> None:
        self.method = method
        self.raw_path = raw_path
        self.version = version
        self.raw_headers = raw_headers
        self.remote = remote
        self.transport = transport
        self.complete = self.keep = self.broken = False
        self._owner = owner
        self._body: bytearray | None = None
        self._waiting: asyncio.Future[None] | None = None

    @property
    def headers(self) -> CIMultiDict[str]:
        """Values by name; made when it is asked for, because most calls never do."""
        return CIMultiDict(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in self.raw_headers
        )

    @property
    def body_exists(self) -> bool:
        """Whether a body was announced."""
        for name, value in self.raw_headers:
            kind = name.lower()
            if kind == b"transfer-encoding" or (kind == b"content-length" and value.strip(b"0")):
                return True
        return False

    @property
    def content_type(self) -> str:
        """The media type without its parameters; that of bytes in general where none is said (RFC 9110 section 8.3)."""
        said = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return said or "application/octet-stream"

    def allow(self, seconds: float) -> None:
        """What the answer needs may take so much longer than ``handler_seconds``."""
        self._owner.allow(seconds)

    def flow(self, head: Outgoing, length: int | None = None) -> Flow:
        """A long answer to this request, piece by piece; ``length`` where it is known before."""
        return self._owner.flow(self, head, length)

    async def body(self, most_bytes: int, within_seconds: float) -> bytes:
        """The whole body.

        Raises:
            TooLarge: more than ``most_bytes``; nothing beyond the limit is read.
            TooSlow: not complete within ``within_seconds``.
            Malformed: its framing is broken, or the caller went away.
        """
        announced = self.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > most_bytes:
            raise too_large(most_bytes)
        if not self.complete:
            self._owner.read_on()
        try:
            async with asyncio.timeout(within_seconds):
                while not self.complete and not self.broken and len(self._body or b"") <= most_bytes:
                    self._waiting = asyncio.get_running_loop().create_future()
                    await self._waiting
        except TimeoutError:
            raise too_slow(within_seconds) from None
        finally:
            self._waiting = None
        if len(self._body or b"") > most_bytes:
            raise too_large(most_bytes)
        if self.broken:
            raise Malformed("the body is not proper HTTP/1.1", "请求体不符合 HTTP/1.1")
        return bytes(self._body or b"")

    # What the connection tells.

    def beyond(self, received: int) -> bool:
        """Whether so many bytes after the head are far more than the body in them: chunks and trailers without end."""
        return received > _UNREAD_BYTES + 8 * len(self._body or b"")

    def came(self, piece: bytes) -> None:
        """A piece of the body."""
        if self._body is None:
            self._body = bytearray()
        self._body += piece
        if self._waiting is not None:
            self._wake()
        elif len(self._body) > _UNREAD_BYTES:
            self._owner.hold()

    def ended(self, *, broken: bool = False) -> None:
        """The body is whole, or never will be."""
        self.broken, self.complete = broken, not broken
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
