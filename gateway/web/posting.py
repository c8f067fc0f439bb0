"""Posting to upper platforms and to the webhooks of notices: a session of its own, bounded in time and size, nothing followed, nothing kept open.

Apart from ``outbound.py``, which asks departments on the hot path: here a request carries a body, is rare, and is sent
again by a queue when it failed.
"""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import aiohttp
from yarl import URL

from gateway.settings import Exchange as Limits
from gateway.web.egress import Egress
from gateway.web.peers import peer_tls
from gateway.web.upstream import (
    UpstreamInvalid,
    UpstreamStatus,
    UpstreamTimeout,
    UpstreamTooLarge,
    UpstreamUnreachable,
)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of any status, for protocols in which a refusal tells something."""

    status: int
    content_type: str
    body: bytes


class Posting:
    """No cookies, no proxies, no redirects, no decompression; only to the networks of ``egress``.

    ``tls`` says whose certificates are believed; by default those the machine believes.
    """

    def __init__(self, limits: Limits, egress: Egress, tls: ssl.SSLContext | None = None) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                socket_factory=egress.socket, force_close=True, ssl=tls or peer_tls()
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent",),
            trust_env=False,
            timeout=aiohttp.ClientTimeout(
                total=limits.upstream_total_seconds, sock_connect=limits.upstream_connect_seconds
            ),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self._session.close()

    async def push(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Deliver a body; any 2xx is taken as received, and its answer is not read.

        Raises:
            UpstreamUnreachable, UpstreamTimeout, UpstreamStatus, UpstreamInvalid.
        """
        with _told():
            async with self._session.post(
                URL(url, encoded=True), headers=headers, data=body, allow_redirects=False
            ) as answer:
                if not 200 <= answer.status < 300:
                    raise UpstreamStatus(f"status {answer.status}", f"状态码 {answer.status}")

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, largest: int) -> bytes:
        """The body of a 200 answer to a POST, at most ``largest`` bytes.

        Raises:
            UpstreamUnreachable, UpstreamTimeout, UpstreamStatus, UpstreamTooLarge, UpstreamInvalid.
        """
        with _told():
            async with self._session.post(
                URL(url, encoded=True),
                headers={"Accept-Encoding": "identity", **headers},
                data=body,
                allow_redirects=False,
            ) as answer:
                return await _body(answer, largest)

    async def ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, largest: int
    ) -> Answered:
        """The answer to a request, whatever its status; its body has at most ``largest`` bytes.

        Raises:
            UpstreamUnreachable, UpstreamTimeout, UpstreamTooLarge, UpstreamInvalid.
        """
        with _told():
            async with self._session.request(
                method,
                URL(url, encoded=True),
                headers={"Accept-Encoding": "identity", **headers},
                data=body,
                allow_redirects=False,
            ) as answer:
                return Answered(answer.status, answer.content_type, await _read(answer, largest))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (aiohttp.InvalidURL, aiohttp.ClientConnectorError):
        raise UpstreamUnreachable("no connection", "连接失败") from None
    except TimeoutError:
        raise UpstreamTimeout("no answer in time", "应答超时") from None
    except (aiohttp.ClientError, asyncio.IncompleteReadError, ValueError):
        raise UpstreamInvalid(
            "the connection broke, or the answer is not proper HTTP", "连接中断或应答不符合 HTTP 规范"
        ) from None


async def _body(answer: aiohttp.ClientResponse, largest: int) -> bytes:
    if answer.status != 200:
        raise UpstreamStatus(f"status {answer.status}", f"状态码 {answer.status}")
    return await _read(answer, largest)


async def _read(answer: aiohttp.ClientResponse, largest: int) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > largest:
            answer.close()
            raise UpstreamTooLarge(f"more than {largest} bytes", f"超过 {largest} 字节")
    return bytes(body)
