"""Callers that go on asking whatever happens, and note what they were given."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

_ANSWER_SECONDS: Final = 20
_PAUSE_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call came to.

    Attributes:
        status: 0 when no whole answer arrived.
        body: the bytes of data that arrived, of a broken answer too.
    """

    status: int
    request_id: str = ""
    receipt_id: str = ""
    body: bytes = b""
    whole: bool = False


@dataclass(slots=True)
class Load:
    """Callers at one or several addresses until told to stop, or until so many calls were made."""

    urls: list[str]
    headers: Mapping[str, str]
    callers: int = 16
    calls: int | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    over: bool = False
    _sent: int = 0

    async def run(self) -> None:
        """All callers, each on a kept connection of its own."""
        async with asyncio.TaskGroup() as group:
            for number in range(self.callers):
                group.create_task(self._ask_on(self.urls[number % len(self.urls)]))

    def _wants_more(self) -> bool:
        return not self.over and (self.calls is None or self._sent < self.calls)

    async def _ask_on(self, url: str) -> None:
        while self._wants_more():
            with suppress(OSError):
                await self._connected(url)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _connected(self, url: str) -> None:
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            while self._wants_more():
                self._sent += 1
                outcome = await once(reader, writer, url, self.headers)
                self.outcomes.append(outcome)
                if not outcome.whole:
                    return
                if outcome.status != 200:
                    await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            writer.close()


async def once(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, url: str, headers: Mapping[str, str]
) -> Outcome:
    """One call on a connection; a broken one has status 0 unless its head arrived."""
    parts = urlsplit(url)
    lines = [f"GET {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head, body = b"", b""
    length = 0
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            writer.write("\r\n".join([*lines, "", ""]).encode())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(_header(head, b"content-length") or 0)
            while len(body) < length and (more := await reader.read(length - len(body))):
                body += more
    except (OSError, asyncio.IncompleteReadError, TimeoutError):
        if not head:
            return Outcome(0)
    whole = len(body) == length and not head.lower().count(b"connection: close")
    return Outcome(
        int(head[9:12]),
        _header(head, b"request-id"),
        _header(head, b"receipt-id"),
        body,
        whole or (len(body) == length and int(head[9:12]) != 200),
    )


def _header(head: bytes, name: bytes) -> str:
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip().decode()
    return ""


def records_of(outcome: Outcome) -> list[dict[str, Any]]:
    """The records of a whole answer; none otherwise."""
    try:
        said = json.loads(outcome.body)
    except ValueError:
        return []
    found = said.get("records", []) if isinstance(said, dict) else []
    return [one for one in found if isinstance(one, dict)]
