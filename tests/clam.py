"""A virus scanner's TCP service: clamd's INSTREAM (clamd(8)), which finds the EICAR test file and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Clam:
    """Where it listens, and the sizes of what it has seen; files larger than ``most`` bytes it does not take."""

    port: int = 0
    seen: list[int] = field(default_factory=list)
    most: int = 10_000_000

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await self._verdict(reader))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _verdict(self, reader: asyncio.StreamReader) -> bytes:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(size)
            if len(content) > self.most:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.seen.append(len(content))
        return b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


@asynccontextmanager
async def scanning() -> AsyncIterator[Clam]:
    """The service on a free port."""
    clam = Clam()
    server = await asyncio.start_server(clam.answer, "127.0.0.1", 0)
    clam.port = server.sockets[0].getsockname()[1]
    async with server:
        yield clam
