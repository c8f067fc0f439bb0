"""Reading a file once before it leaves: digests, and the virus scanner's word."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from gateway.exchange.connectors.files.scanning import Scan
from gateway.exchange.connectors.files.source import Source
from gateway.settings import Exchange as Limits
from gateway.web.outbound import UpstreamTimeout, UpstreamTooLarge

_KEPT_MOST: Final = 10000
_AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a file that was read: its size in bytes and its digests."""

    size: int
    sha256: bytes
    sm3: bytes


class Checker:
    """Reads files, two at once, and keeps what it found for ``recheck_seconds``; an unchanged file is not read again."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept: OrderedDict[str, tuple[Facts, float]] = OrderedDict()
        self._reading: dict[str, asyncio.Lock] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def facts(self, source: Source) -> Facts:
        """Digests of the file as it was opened.

        Raises:
            UpstreamTooLarge, UpstreamTimeout, FileInfected, FileNotScanned; Upstream as of reading.
        """
        if source.size > self._limits.download_bytes:
            most = self._limits.download_bytes
            raise UpstreamTooLarge(f"the file has more than {most} bytes", f"文件超过 {most} 字节")
        name = source.identity
        lock = self._reading.setdefault(name, asyncio.Lock())
        try:
            async with lock:
                if (known := self._known(name)) is None:
                    known = await self._read(source)
                    self._keep(name, known)
                return known
        finally:
            if not lock.locked():
                self._reading.pop(name, None)

    async def _read(self, source: Source) -> Facts:
        seconds = self._limits.check_seconds
        try:
            async with self._places, asyncio.timeout(seconds):
                return await self._read_through(source)
        except TimeoutError:
            raise UpstreamTimeout(
                f"the file was not read and scanned within {seconds:g} s",
                f"{seconds:g} 秒内未完成文件读取和扫描",
            ) from None

    async def _read_through(self, source: Source) -> Facts:
        sha256, sm3 = hashlib.sha256(), hashlib.new("sm3")

        def digest(chunk: bytes) -> None:
            sha256.update(chunk)
            sm3.update(chunk)

        async with AsyncExitStack() as stack:
            scan = None
            if self._limits.scanner is not None:
                scan = await stack.enter_async_context(Scan.opened(self._limits.scanner))
            for start in range(0, source.size, self._limits.segment_bytes):
                chunk = await source.read(start, min(self._limits.segment_bytes, source.size - start))
                await asyncio.to_thread(digest, chunk)
                if scan is not None:
                    await scan.add(chunk)
            if scan is not None:
                await scan.verdict()
        return Facts(source.size, sha256.digest(), sm3.digest())

    def _known(self, name: str) -> Facts | None:
        found = self._kept.get(name)
        if found is None or time.monotonic() - found[1] > self._limits.recheck_seconds:
            return None
        self._kept.move_to_end(name)
        return found[0]

    def _keep(self, name: str, facts: Facts) -> None:
        self._kept[name] = facts, time.monotonic()
        if len(self._kept) > _KEPT_MOST:
            self._kept.popitem(last=False)
