"""Asking whether an address answers, for monitoring: one HEAD or one TCP connection, with no data of anybody in it.

Apart from ``outbound.py``, which makes calls: here the way in which an address does *not* answer is the finding, told
as one word of a closed set, because it says on whose side the fault lies.
"""

import asyncio
import errno
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Self

import aiohttp
from yarl import URL

from gateway.web.egress import Egress, EgressRefused
from gateway.web.peers import Peers, peer_tls

_LOCAL: Final = frozenset(
    {errno.ENETUNREACH, errno.ENETDOWN, errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL}
)


class Unanswered(Exception):
    """No answer; the text is one of ``egress``, ``local``, ``resolver``, ``unknown_host``, ``refused``,
    ``unreachable``, ``timeout``, ``broken``.
    """  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back to a HEAD: status, time taken in seconds, and Last-Modified (RFC 9110 section 8.8.2) if given."""

    status: int
    seconds: float
    last_modified: datetime | None


class Probing:
    """One session for all probes: no cookies, no proxies, no redirects, each connection used once.

    Args:
        seconds: for one probe, name resolution included.
        peers: whose certificates are believed, and which are shown; by default those the machine believes, and none.
    """

    def __init__(self, egress: Egress, seconds: float, peers: Peers | None = None) -> None:
        self._egress = egress
        self._seconds = seconds
        self._peers = peers or Peers(peer_tls())
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100, socket_factory=egress.socket, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent",),
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=seconds),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self._session.close()

    async def head(self, url: str, headers: Mapping[str, str]) -> Answered:
        """Send a HEAD to ``url``, encoded as it is; redirects are answers.

        Raises:
            Unanswered.
        """
        began = time.perf_counter()
        try:
            target = URL(url, encoded=True)
            tls = self._peers.tls(target.host or "", target.port or 443)
            async with self._session.head(target, headers=headers, allow_redirects=False, ssl=tls) as answer:
                seconds = time.perf_counter() - began
                return Answered(answer.status, seconds, _instant(answer.headers.get("Last-Modified")))
        except aiohttp.ClientConnectorDNSError as fault:
            raise Unanswered(_name_fault(fault.os_error)) from None
        except aiohttp.ClientConnectorError as fault:
            raise Unanswered(_way_fault(fault.os_error)) from None
        except aiohttp.InvalidURL:
            raise Unanswered("unknown_host") from None
        except TimeoutError:
            raise Unanswered("timeout") from None
        except (aiohttp.ClientError, ValueError):
            raise Unanswered("broken") from None

    async def connect(self, host: str, port: int) -> float:
        """Open a TCP connection and close it; the seconds it took.

        Raises:
            Unanswered.
        """
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self._seconds):
                ip = await self._egress.resolve(host, port)
                _, writer = await asyncio.open_connection(ip, port)
        except TimeoutError:
            raise Unanswered("timeout") from None
        except socket.gaierror as fault:
            raise Unanswered(_name_fault(fault)) from None
        except OSError as fault:
            raise Unanswered(_way_fault(fault)) from None
        writer.transport.abort()
        return time.perf_counter() - began


def _name_fault(fault: OSError) -> str:
    """A name server that is silent is our fault; a name it does not know is that of whoever gave it."""
    return "resolver" if fault.errno == socket.EAI_AGAIN else "unknown_host"


def _way_fault(fault: OSError) -> str:
    if isinstance(fault, EgressRefused):
        return "egress"
    if fault.errno in _LOCAL:
        return "local"
    return "refused" if fault.errno == errno.ECONNREFUSED else "unreachable"


def _instant(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
