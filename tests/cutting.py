"""A PostgreSQL proxy that loses answers: between a commit and the word of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import Enum, auto
from typing import Self
from urllib.parse import parse_qs, urlsplit, urlunsplit


class Cut(Enum):
    """Where the connection breaks: before the statement reaches the server, or after it was carried out."""

    BEFORE = auto()
    AFTER = auto()


async def _nothing() -> None:
    return None


class CuttingProxy:
    """Stands between a client and the server of ``dsn``; :meth:`arm` cuts one connection at the next ``marker``.

    Args:
        marker: bytes of the client's message that identify the statement.
    """

    def __init__(self, dsn: str, marker: bytes) -> None:
        self._parts = urlsplit(dsn)
        self._marker = marker
        self._armed: Cut | None = None
        self._meanwhile: Callable[[], Awaitable[None]] = _nothing
        self.port = 0
        self.cuts = 0

    @property
    def dsn(self) -> str:
        """The server's DSN by way of this proxy."""
        login = self._parts.netloc.rpartition("@")[0]
        return urlunsplit(
            self._parts._replace(netloc=f"{login}@127.0.0.1:{self.port}", query="sslmode=disable")
        )

    def arm(self, cut: Cut, meanwhile: Callable[[], Awaitable[None]] = _nothing) -> None:
        """Cut the next marked statement; ``meanwhile`` runs before the client learns that it lost its connection."""
        self._armed, self._meanwhile = cut, meanwhile

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Self]:
        """Serve."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        asked = parse_qs(self._parts.query)
        host = asked.get("host", [self._parts.hostname or "127.0.0.1"])[0]
        port = int(asked.get("port", [str(self._parts.port or 5432)])[0])
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await self._upstream()
        cut = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as pumps:
                there = pumps.create_task(self._forward(reader, up_writer, cut))
                back = pumps.create_task(self._backward(up_reader, writer, cut))
                await asyncio.wait((there, back), return_when=asyncio.FIRST_COMPLETED)
                there.cancel()
                back.cancel()
        finally:
            writer.transport.abort()
            up_writer.transport.abort()

    async def _forward(
        self, reader: asyncio.StreamReader, up: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await reader.read(1 << 20):
            if self._armed and self._marker in data:
                armed, self._armed = self._armed, None
                self.cuts += 1
                if armed is Cut.BEFORE:
                    return
                cut.set()
            up.write(data)
            await up.drain()

    async def _backward(
        self, up: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await up.read(1 << 20):
            if cut.is_set():
                await self._meanwhile()
                return
            writer.write(data)
            await writer.drain()
