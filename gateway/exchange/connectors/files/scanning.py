"""Asking clamd whether a file holds malware, by its ``INSTREAM`` command (clamd(8)): chunks with their length in front.

Anything but a clear "OK" keeps the file back: found, too large for the scanner, or no answer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Self

from gateway.errors import Unavailable
from gateway.web.outbound import UpstreamInvalid

_CONNECT_SECONDS: Final = 5
_ANSWER_BYTES: Final = 4096


class FileInfected(UpstreamInvalid):
    """The virus scanner found malware in the file（病毒扫描发现恶意代码）."""

    remedy = (
        "Nothing was given. The providing department cleans the file and puts it there anew.",
        "未放行任何内容。请提供部门清除后重新提供文件。",
    )


class FileNotScanned(Unavailable):
    """The virus scanner did not say that the file is clean（病毒扫描未能完成）."""


class Scan:
    """One file on its way through the scanner."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    @asynccontextmanager
    async def opened(cls, address: str) -> AsyncIterator[Self]:
        """A scan at ``host:port`` or at the socket of that path.

        Raises:
            FileNotScanned: nobody answers there, or the line breaks within the block.
        """
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                reader, writer = await _connected(address)
            writer.write(b"zINSTREAM\0")
            yield cls(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            raise FileNotScanned("the virus scanner does not answer", "病毒扫描服务无应答") from None
        finally:
            if writer is not None:
                writer.transport.abort()

    async def add(self, chunk: bytes) -> None:
        """Let the scanner see the next bytes."""
        self._writer.write(len(chunk).to_bytes(4, "big") + chunk)
        await self._writer.drain()

    async def verdict(self) -> None:
        """After the last byte. Raises FileInfected, FileNotScanned."""
        self._writer.write(bytes(4))
        answer = (
            (await self._reader.readuntil(b"\0"))[:_ANSWER_BYTES].rstrip(b"\0").decode("ascii", "replace")
        )
        if answer.endswith(" FOUND"):
            name = answer.removeprefix("stream: ").removesuffix(" FOUND")[:100]
            raise FileInfected(f"found: {name}", f"发现：{name}")
        if answer != "stream: OK":
            raise FileNotScanned(
                f"the virus scanner says: {answer[:100]}", f"病毒扫描服务返回：{answer[:100]}"
            )


async def _connected(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.startswith("/"):
        return await asyncio.open_unix_connection(address)
    host, _, port = address.rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port))
