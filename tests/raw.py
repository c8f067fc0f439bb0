"""HTTP as bytes on a socket: what no client library would send, and exactly what comes back."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

HOST = b"Host: gateway.example\r\n"


@dataclass(frozen=True)
class Said:
    """One answer as it stood on the wire; header names in lower case, each once."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> Any:
        """The problem document; its type, status and languages were checked."""
        assert self.headers["content-type"] == "application/problem+json", self
        found = json.loads(self.body)
        assert found["status"] == self.status, self
        assert found["detail"], self
        assert found["detail_zh"], self
        return found

    @property
    def slug(self) -> str:
        return str(self.problem["type"]).rpartition("/")[2]


@dataclass
class Wire:
    """An open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def drip(self, data: bytes, seconds: float) -> None:
        """Byte by byte, ``seconds`` apart."""
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(seconds)

    async def answer(self, seconds: float = 20, *, head_only: bool = False) -> Said:
        """The next answer."""
        async with asyncio.timeout(seconds):
            head = await self.reader.readuntil(b"\r\n\r\n")
            status_line, *lines = head.decode("latin-1").strip().split("\r\n")
            pairs = [line.split(": ", 1) for line in lines]
            headers = {name.lower(): value for name, value in pairs}
            assert len(headers) == len(pairs), "a header stands twice"
            length = 0 if head_only else int(headers["content-length"])
            body = await self.reader.readexactly(length)
        return Said(int(status_line.split(" ")[1]), headers, body)

    async def is_closed(self, seconds: float = 20) -> bool:
        """Whether the other side ends the connection within ``seconds``, saying nothing more."""
        try:
            async with asyncio.timeout(seconds):
                return await self.reader.read(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False


@asynccontextmanager
async def wire(port: int) -> AsyncIterator[Wire]:
    """A connection to a listener of the gateway."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):  # it may have been cut from the other side, as the test wanted
            await writer.wait_closed()


async def say(port: int, data: bytes, *, head_only: bool = False) -> Said:
    """Send bytes on a connection of their own; the first answer."""
    async with wire(port) as open_:
        await open_.send(data)
        return await open_.answer(head_only=head_only)


def request(method: str, target: str, *headers: str, body: bytes = b"") -> bytes:
    """A proper request with ``headers`` added; Content-Length only where there is a body."""
    lines = [f"{method} {target} HTTP/1.1", "Host: gateway.example", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
