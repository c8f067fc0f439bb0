"""A department's socket that answers with whatever bytes a test gives it, and keeps what it was sent."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawProvider:
    """Listening at ``base``; ``behave`` runs once per request, after its head was read into ``heads``."""

    base: str
    behave: Behaviour
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection until it ends."""
        self.connections += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                await self.behave(reader, writer)
        writer.transport.abort()


@asynccontextmanager
async def raw_provider(behave: Behaviour) -> AsyncIterator[RawProvider]:
    """Listen on a free port."""
    made = RawProvider("", behave)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()


def saying(*parts: bytes | float) -> Behaviour:
    """Send each part; a number is a pause in seconds."""

    async def behave(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            if isinstance(part, bytes):
                writer.write(part)
                await writer.drain()
            else:
                await asyncio.sleep(part)

    return behave


def ending(*parts: bytes | float) -> Behaviour:
    """Like :func:`saying`, then close in order."""
    say = saying(*parts)

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await say(reader, writer)
        writer.close()
        raise ConnectionResetError

    return behave


def resetting(*parts: bytes | float) -> Behaviour:
    """Like :func:`saying`, then reset the connection."""
    say = saying(*parts)

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await say(reader, writer)
        await asyncio.sleep(0.01)
        writer.transport.abort()
        raise ConnectionResetError

    return behave


def dripping(answer: bytes, seconds: float) -> Behaviour:
    """One byte at a time."""
    return saying(*(part for byte in answer for part in (bytes([byte]), seconds)))


def http(body: bytes, status: str = "200 OK", *fields: str) -> bytes:
    """An answer with its length; further header ``fields`` as whole lines."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(lines).encode() + body
