"""Asking object stores: a method, signed headers, the answer's status and headers, and at most so many bytes.

Apart from ``outbound.py``, whose answers are a provider's records: here statuses other than 200 and the answer's headers
count. No cookies, proxies, redirects or decompression; only allowed networks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import aiohttp
from yarl import URL

from gateway.settings import Exchange as Limits
from gateway.web.egress import Egress
from gateway.web.peers import Peers, peer_tls
from gateway.web.upstream import UpstreamInvalid, UpstreamTimeout, UpstreamTooLarge, UpstreamUnreachable


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: its status, its headers by any case of letters, and its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Fetching:
    """One session for all stores; use it as a context manager. ``peers`` says whose certificates are believed."""

    def __init__(self, limits: Limits, egress: Egress, peers: Peers | None = None) -> None:
        self._limits = limits
        self._egress = egress
        self._peers = peers or Peers(peer_tls())
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        limits = self._limits
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100, limit_per_host=20, socket_factory=self._egress.socket),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            trust_env=False,
            timeout=aiohttp.ClientTimeout(
                total=limits.upstream_total_seconds, sock_connect=limits.upstream_connect_seconds
            ),
        )
        return self

    async def __aexit__(self, *_raised: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, method: str, url: str, headers: Mapping[str, str], largest: int) -> Fetched:
        """Send a request without a body to ``url``, encoded as it is.

        Raises:
            UpstreamTooLarge: a 2xx answer has more than ``largest`` bytes; other answers are cut off there.
            UpstreamUnreachable, UpstreamTimeout, UpstreamInvalid.
        """
        if self._session is None:
            raise RuntimeError("the session is not open")
        sent = {"Accept-Encoding": "identity", **headers}
        try:
            place = URL(url, encoded=True)
            tls = self._peers.tls(place.host or "", place.port or 443)
            async with self._session.request(
                method, place, headers=sent, allow_redirects=False, ssl=tls
            ) as answer:
                body = await _at_most(answer, largest) if answer.status < 300 else b""
                return Fetched(answer.status, answer.headers.copy(), body)
        except TimeoutError:
            raise UpstreamTimeout("the store did not answer in time", "对象存储应答超时") from None
        except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError):
            raise UpstreamInvalid(
                "the store's answer is no whole HTTP answer", "对象存储应答不完整"
            ) from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise UpstreamUnreachable("the store cannot be reached", "无法连接对象存储") from None


async def _at_most(answer: aiohttp.ClientResponse, largest: int) -> bytes:
    made = bytearray()
    async for chunk in answer.content.iter_any():
        made += chunk
        if len(made) > largest:
            raise UpstreamTooLarge("the store sent more than was asked for", "对象存储返回的内容超出请求范围")
    return bytes(made)
