"""A load of its own kind, run as a process: calls that come when they are due, whether or not earlier ones are answered.

An open loop (``rate`` calls a second) shows what callers wait; a call sent late counts from when it was due. With ``rate`` 0
every connection asks again as soon as it is answered: the closed loop, where wrk is not installed. One JSON order on
standard input, one JSON answer on standard output.
"""

import asyncio
import json
import sys
import time
from collections import deque
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

import uvloop

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
_LATE_SECONDS: Final = 0.001
_DRAIN_SECONDS: Final = 5.0


class Load:
    """One order in work.

    Attributes:
        took: seconds from when each answered call was due.
        faults: answers that were not 200, and lines that broke.
        late: calls sent more than a millisecond after they were due, because no connection was free or this process slow.
    """

    def __init__(self, order: dict[str, Any]) -> None:
        parts = urlsplit(order["url"])
        self.host, self.port = str(parts.hostname), int(parts.port or 80)
        lines = [f"{name}: {value}\r\n" for name, value in order["headers"].items()]
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self.question = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n{''.join(lines)}\r\n".encode()
        self.rate, self.seconds = float(order["rate"]), float(order["seconds"])
        self.connections = int(order["connections"])
        self.took: list[float] = []
        self.faults = self.late = 0
        self.free: deque[Line] = deque()
        self.waiting: deque[float] = deque()
        self.ends = 0.0
        self._open = 0
        self._over = False
        self._quiet = asyncio.Event()

    async def run(self) -> dict[str, Any]:
        """The figures: calls, faults, late, seconds, and quantiles of the waiting time in seconds."""
        loop = asyncio.get_running_loop()
        lines = [
            (await loop.create_connection(lambda: Line(self), self.host, self.port))[1]
            for _ in range(self.connections)
        ]
        began = time.perf_counter()
        self.ends = began + self.seconds
        if self.rate:
            self.free.extend(lines)
            await self._pace(began)
        else:
            for line in lines:
                self.send(line, time.perf_counter())
            await asyncio.sleep(self.seconds)
        took = time.perf_counter() - began
        answered = len(self.took)
        await self._drain()
        for line in lines:
            line.close()
        return {
            "calls": len(self.took),
            "faults": self.faults,
            "late": self.late,
            "rps": answered / took,
            **quantiles(self.took),
        }

    async def _pace(self, began: float) -> None:
        number, total = 0, int(self.rate * self.seconds)
        while number < total:
            now = time.perf_counter()
            while number < total and (due := began + number / self.rate) <= now:
                self.waiting.append(due)
                number += 1
            self.serve()
            await asyncio.sleep(max(0.0, began + number / self.rate - time.perf_counter()))

    async def _drain(self) -> None:
        """What is still open gets a few seconds; what then has no answer counts as a fault."""
        self._over = True
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS if self._open or self.waiting else 0):
                await self._quiet.wait()
        self.faults += self._open + len(self.waiting)

    def serve(self) -> None:
        """Send what is due over lines that are free."""
        while self.waiting and self.free:
            due = self.waiting.popleft()
            self.late += time.perf_counter() - due > _LATE_SECONDS
            self.send(self.free.popleft(), due)

    def send(self, line: "Line", due: float) -> None:
        """Ask on a free line."""
        self._open += 1
        line.ask(due)

    def lost(self) -> None:
        """A line broke with a call on it."""
        self._open -= 1
        self.faults += 1

    def done(self, line: "Line", due: float, ok: bool) -> None:
        """A line has its answer."""
        now = time.perf_counter()
        self._open -= 1
        if ok:
            self.took.append(now - due)
        else:
            self.faults += 1
        if self.rate:
            self.free.append(line)
            self.serve()
        elif now < self.ends:
            self.send(line, now)
        if self._over and not self._open and not self.waiting:
            self._quiet.set()


class Line(asyncio.Protocol):
    """One kept connection with at most one call on it."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._seen = b""
        self._whole = 0
        self.due: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def ask(self, due: float) -> None:
        """Send a call that was due then."""
        self.due = due
        self._transport.write(self._load.question)  # type: ignore[attr-defined]  # a TCP transport

    def close(self) -> None:
        """No more calls."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._seen += data
        if not self._whole:
            end = self._seen.find(_HEAD_END)
            if end < 0:
                return
            head = self._seen[:end].lower()
            _, _, after = head.partition(_LENGTH)
            if not after:
                self._chunked(end)
                return
            self._whole = end + len(_HEAD_END) + int(after.partition(b"\r")[0])
        if len(self._seen) >= self._whole:
            self._answered()

    def _chunked(self, end: int) -> None:
        if self._seen.endswith(b"\r\n0\r\n\r\n") or self._seen[end + 4 :] == b"0\r\n\r\n":
            self._answered()

    def _answered(self) -> None:
        due, self.due = self.due, None
        ok = self._seen.startswith(b"HTTP/1.1 200")
        self._seen, self._whole = b"", 0
        if due is not None:
            self._load.done(self, due, ok)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.due is not None:
            self.due = None
            self._load.lost()


def quantiles(took: list[float]) -> dict[str, float]:
    """p50, p99 and the longest in milliseconds; empty without a call."""
    if not took:
        return {}
    ordered = sorted(took)
    at = {"p50_ms": 0.5, "p99_ms": 0.99}
    found = {
        name: ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1e3 for name, part in at.items()
    }
    return {**found, "max_ms": ordered[-1] * 1e3}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(uvloop.run(Load(json.load(sys.stdin)).run())))
