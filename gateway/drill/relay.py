"""A line between a gateway and its database that breaks at the n-th message, seen from outside."""

import asyncio
from contextlib import suppress
from typing import Final

_CHUNK: Final = 65536


class Relay:
    """Listens on a TCP port and passes everything to a unix socket; ``break_at`` arms it.

    Attributes:
        passed: messages from the gateway since it was armed.
    """

    def __init__(self, socket_path: str) -> None:
        self._target = socket_path
        self._break_at = 0
        self.port = 0
        self.passed = 0
        self.broke = False

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=256)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def break_at(self, number: int) -> None:
        """Cut the connection that carries the n-th message from now on, before it is passed; 0 never."""
        self._break_at, self.passed, self.broke = number, 0, False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, back = await asyncio.open_unix_connection(self._target)
            try:
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._forth(reader, back))
                    group.create_task(_copy(there, writer))
            finally:
                back.close()
        writer.close()

    async def _forth(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                self.passed += 1
                if self.passed == self._break_at:
                    self.broke = True
                    break
                writer.write(chunk)
                await writer.drain()
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()
