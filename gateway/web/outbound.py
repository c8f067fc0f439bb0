"""Questions to other departments' HTTP services: bounded in time and size, nothing followed, nothing remembered.

No cookies, proxies, redirects or decompression. Connections are kept between questions (see ``lines``); what came of a
question is known before its connection serves another.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self
from urllib.parse import urlsplit

from gateway.settings import Exchange as Limits
from gateway.web.egress import Egress
from gateway.web.line import Held
from gateway.web.lines import Lines, Origin
from gateway.web.peers import Peers, peer_tls
from gateway.web.upstream import (
    UpstreamBusy,
    UpstreamInvalid,
    UpstreamResting,
    UpstreamStatus,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)

__all__ = [
    "Outbound",
    "UpstreamBusy",
    "UpstreamInvalid",
    "UpstreamResting",
    "UpstreamStatus",
    "UpstreamTimeout",
    "UpstreamTooLarge",
    "UpstreamUnreachable",
    "target_of",
]

_URL: Final = re.compile(r"(https?://[!\"$-.0->@-~]+)([/?][!-\"$-~]*|)(?:#[!-~]*)?")
_SWEEP_SECONDS: Final = 0.25
_MOST_ORIGINS: Final = 1000
_PLACES_KEPT: Final = 4096


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is asked, and ``rest``: what stands behind the target of every request there."""

    origin: Origin
    rest: bytes


class Outbound:
    """The connections of one process to all departments; use it as a context manager.

    ``peers`` says whose certificates are believed, and which the gateway shows; by default those the machine believes, and
    none. Where they change, new connections take them and old ones end with their question.
    """

    def __init__(self, limits: Limits, egress: Egress, peers: Peers | None = None) -> None:
        self._limits = limits
        self._egress = egress
        self._peers = peers or Peers(peer_tls())
        self._held = Held(limits.buffered_bytes)
        self._origins: dict[Origin, Lines] = {}
        self._retired: list[Lines] = []
        self._sweeping: asyncio.TimerHandle | None = None
        self._now: Callable[[], float] = _not_running

    async def __aenter__(self) -> Self:
        self._now = asyncio.get_running_loop().time
        return self

    async def __aexit__(self, *_raised: object) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
        for lines in (*self._origins.values(), *self._retired):
            lines.close()

    async def get(self, url: str, headers: Mapping[str, str], largest: int, error_bytes: int = 0) -> bytes:
        """The body of a 200 answer.

        Args:
            url: encoded; sent as it is.
            headers: added to ``Host`` and ``Accept-Encoding``.
            largest: bytes; the connection is cut at the first byte beyond.
            error_bytes: most bytes of a failure's body that UpstreamStatus keeps.

        Raises:
            UpstreamUnreachable, UpstreamTimeout, UpstreamStatus, UpstreamTooLarge, UpstreamInvalid, UpstreamBusy,
            UpstreamResting.
        """
        place, target = place_of(url)
        return await self.ask(place, f"GET {target}".encode("ascii"), said_of(headers), largest, error_bytes)

    def ask(
        self, place: Place, line: bytes, said: bytes, largest: int, error_bytes: int = 0
    ) -> Awaitable[bytes]:
        """:meth:`get` for whoever keeps what does not change between questions.

        Args:
            line: method and target, as :func:`place_of` gives it.
            said: header lines, as :func:`said_of` gives them.
        """
        lines = self._lines(place.origin)
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)
        deadline = self._now() + self._limits.upstream_total_seconds
        return lines.ask(b"%b%b%b\r\n" % (line, place.rest, said), largest, deadline, error_bytes)

    def _lines(self, origin: Origin) -> Lines:
        found = self._origins.get(origin)
        tls = self._peers.tls(origin.host, origin.port) if origin.secure else self._peers.common
        if found is not None and found.tls is tls:
            return found
        if found is not None:
            found.retire()
            self._retired.append(self._origins.pop(origin))
        elif len(self._origins) >= _MOST_ORIGINS:
            self._origins.pop(next(iter(self._origins))).close()
        found = Lines(origin, self._egress, tls, self._limits, self._held, self._now)
        self._origins[origin] = found
        return found

    def _sweep(self) -> None:
        self._sweeping = None
        self._retired = [lines for lines in self._retired if lines.sweep()]
        if sum(lines.sweep() for lines in self._origins.values()) or self._retired:
            self._sweeping = asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)


def said_of(headers: Mapping[str, str]) -> bytes:
    """Headers of the gateway's own as lines. Raises ValueError: one of them would end its line, or is no plain text."""
    said = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if not said.isascii() or not said.replace("\r\n", "").isprintable() or said.count("\n") != len(headers):
        raise ValueError("a header of the gateway's own holds a sign that cannot be sent")
    return said.encode("ascii")


def target_of(url: str) -> str:
    """Path and query of an address as they are sent. Raises UpstreamUnreachable: it cannot be used."""
    return place_of(url)[1]


def place_of(url: str) -> tuple[Place, str]:
    """An address as its host and what is asked for there. Raises UpstreamUnreachable: it cannot be used."""
    found = _URL.fullmatch(url)
    if found is None:
        raise _unusable()
    base, target = found.groups()
    return _place(base), target if target[:1] == "/" else f"/{target}"


@lru_cache(_PLACES_KEPT)
def _place(base: str) -> Place:
    try:
        parts = urlsplit(base)
        secure, host = parts.scheme == "https", parts.hostname
        port = parts.port or (443 if secure else 80)
        if not host or parts.username is not None:
            raise ValueError(base)
    except ValueError:
        raise _unusable() from None
    rest = f" HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: identity\r\n"
    return Place(Origin(secure, host, port), rest.encode("ascii"))


def _unusable() -> UpstreamUnreachable:
    return UpstreamUnreachable("the mount's address is not a usable one", "挂接地址不可用")


def _not_running() -> float:
    raise RuntimeError("use it as a context manager")
