"""Questions to other departments' HTTP services: bounded in time and size, nothing followed, nothing remembered.

No cookies, proxies, redirects or decompression. Connections are kept between questions (see ``lines``); what came of a
question is known before its connection serves another.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from typing import Final, Self
from urllib.parse import urlsplit

from gateway.settings import Exchange as Limits
from gateway.web.egress import Egress
from gateway.web.lines import IDLE_SECONDS, Lines, Origin
from gateway.web.peers import peer_tls
from gateway.web.upstream import (
    UpstreamInvalid,
    UpstreamStatus,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)

__all__ = [
    "Outbound",
    "UpstreamInvalid",
    "UpstreamStatus",
    "UpstreamTimeout",
    "UpstreamTooLarge",
    "UpstreamUnreachable",
]

_SENDABLE: Final = re.compile(r"[!-~]+")
_FIELD: Final = re.compile(r"[ -~]*")
_MOST_ORIGINS: Final = 1000


class Outbound:
    """The connections of one process to all departments; use it as a context manager.

    ``tls`` says whose certificates are believed; by default those the machine believes.
    """

    def __init__(self, limits: Limits, egress: Egress, tls: ssl.SSLContext | None = None) -> None:
        self._limits = limits
        self._egress = egress
        self._tls = tls or peer_tls()
        self._origins: dict[Origin, Lines] = {}
        self._sweeping: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_raised: object) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
        for lines in self._origins.values():
            lines.close()

    async def get(self, url: str, headers: Mapping[str, str], largest: int) -> bytes:
        """The body of a 200 answer.

        Args:
            url: encoded; sent as it is.
            headers: added to ``Host`` and ``Accept-Encoding``.
            largest: bytes; the connection is cut at the first byte beyond.

        Raises:
            UpstreamUnreachable, UpstreamTimeout, UpstreamStatus, UpstreamTooLarge, UpstreamInvalid.
        """
        origin, head = _question(url, headers)
        total = self._limits.upstream_total_seconds
        try:
            async with asyncio.timeout(total):
                return await self._lines(origin).ask(head, largest)
        except TimeoutError:
            raise UpstreamTimeout(f"no answer within {total:g} s", f"{total:g} 秒内未应答") from None

    def _lines(self, origin: Origin) -> Lines:
        found = self._origins.get(origin)
        if found is None:
            loop = asyncio.get_running_loop()
            if len(self._origins) >= _MOST_ORIGINS:
                self._origins.pop(next(iter(self._origins))).close()
            connect = self._limits.upstream_connect_seconds
            found = self._origins[origin] = Lines(origin, self._egress, self._tls, connect, loop.time)
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._sweep)
        return found

    def _sweep(self) -> None:
        for lines in self._origins.values():
            lines.sweep()
        self._sweeping = None


def _question(url: str, headers: Mapping[str, str]) -> tuple[Origin, bytes]:
    try:
        if not _SENDABLE.fullmatch(url):
            raise ValueError(url)
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        host, port = parts.hostname, parts.port or (443 if secure else 80)
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            raise ValueError(url)
    except ValueError:
        raise UpstreamUnreachable("the mount's address is not a usable one", "挂接地址不可用") from None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc}", "Accept-Encoding: identity"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if not all(_FIELD.fullmatch(line) for line in lines):
        raise ValueError("a header of the gateway's own holds a sign that cannot be sent")
    return Origin(secure, host, port), "\r\n".join([*lines, "", ""]).encode("ascii")
