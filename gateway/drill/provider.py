"""A department's service that does as it is told, well or badly, and notes which questions reached it."""

import asyncio
import gzip
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import Final

from gateway.bench.exchange.departments import USCC

RECORD: Final = {
    "uscc": USCC,
    "name": "示例企业有限公司",
    "legal_person": "张三",
    "id_number": "11010519491231002X",
    "phone": "13812348000",
    "address": "甘肃省庆阳市西峰区示例路一号",
    "filler": "x" * 1650,
}
SECRETS: Final = ("11010519491231002X", "西峰区示例路一号", "张三", "13812348000")
"""What the provider sends and no grant names, or names masked only: must never be seen in an answer."""

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]
_REQUEST: Final = re.compile(rb"\r\nrequest-id: *([^\r]+)", re.I)
_HANG_SECONDS: Final = 30
_LINGER_NONE: Final = struct.pack("ii", 1, 0)


def whole(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """An answer with its length, or with another one."""
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(body) if length is None else length}",
    ]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


GOOD: Final = whole(json.dumps({"data": [RECORD]}, ensure_ascii=False).encode())


class Provider:
    """Listens on a port of this machine; ``behave`` answers each question.

    Attributes:
        asked: request ids of the questions that arrived, oldest first.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.behave: Behaviour = well
        self.port = 0

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Listen no more."""
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if (named := _REQUEST.search(head)) is not None:
                    self.asked.append(named[1].decode())
                await self.behave(writer)
                await writer.drain()
        writer.close()


async def well(writer: asyncio.StreamWriter) -> None:
    """One record."""
    writer.write(GOOD)


async def hanging(writer: asyncio.StreamWriter) -> None:
    """Half an answer, then nothing."""
    writer.write(GOOD[: len(GOOD) // 2])
    await asyncio.sleep(_HANG_SECONDS)


async def dripping(writer: asyncio.StreamWriter) -> None:
    """A byte now and then."""
    for at in range(len(GOOD)):
        if writer.transport.is_closing():
            raise ConnectionResetError
        writer.write(GOOD[at : at + 1])
        await asyncio.sleep(0.1)


def resetting() -> Behaviour:
    """Cut after a byte more each time, over the whole answer."""
    numbers = count()

    async def cut(writer: asyncio.StreamWriter) -> None:
        at = next(numbers) * 7 % (len(GOOD) + 1)
        writer.write(GOOD[:at])
        await writer.drain()
        plug: socket.socket = writer.get_extra_info("socket")
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NONE)
        writer.transport.abort()
        raise ConnectionResetError

    return cut


def sending(*answers: bytes, close: bool = False) -> Behaviour:
    """One of the answers after the other, over and over; ``close`` ends the connection after each."""
    numbers = count()

    async def send(writer: asyncio.StreamWriter) -> None:
        writer.write(answers[next(numbers) % len(answers)])
        if close:
            await writer.drain()
            raise ConnectionResetError

    return send


def _data(**changes: object) -> bytes:
    return json.dumps({"data": [{**RECORD, **changes}]}, ensure_ascii=False).encode()


_BODY: Final = _data()
LIES: Final = (whole(_BODY, length=len(_BODY) + 100), whole(_BODY, length=20), whole(_BODY, f"Content-Length: {len(_BODY) + 1}"))  # fmt: skip
BOMBS: Final = (
    whole(gzip.compress(bytes(50_000_000), 9), "Content-Encoding: gzip"),
    whole(b" " * 3_000_000),
    whole(b'{"data":' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
)
REDIRECTS: Final = (whole(b"", "Location: /elsewhere", status="302 Found"), whole(b"", "Location: http://127.0.0.1:1/", status="307 Temporary Redirect"))  # fmt: skip
WRONG: Final = (
    whole(_data(name={"first": "x"})),
    whole(_data(name=7)),
    whole(_BODY.replace(b'"name"', b'"uscc"')),
    whole(b'{"data":[{"uscc":NaN}]}'),
    whole("企业".encode("gbk")),
)
