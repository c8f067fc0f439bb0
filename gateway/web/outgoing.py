"""An answer of a data service as it goes on the wire."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Final

_VALUE: Final = re.compile(r"[\x20-\x7e]*")


@dataclass(slots=True)
class Outgoing:
    """An answer: status, its header lines as bytes, each with its end, and the whole body.

    ``close`` ends the connection after it; ``sent`` says that it is on its way already. Server, Date, Connection and
    Content-Length or Transfer-Encoding are added when it is sent.
    """

    status: int
    lines: bytes
    body: bytes
    close: bool = False
    sent: bool = False


def header_lines(headers: Mapping[str, str]) -> bytes:
    """Headers as lines.

    Raises:
        ValueError: a value that would end its line or is no ASCII (response splitting, CVE-2026-34520 and its kind).
    """
    for name, value in headers.items():
        if not _VALUE.fullmatch(value):
            raise ValueError(f"the header {name} cannot be sent")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


@lru_cache(maxsize=64)
def status_line(status: int) -> bytes:
    """The first line of an answer."""
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode("ascii")
