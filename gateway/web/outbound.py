"""Requests to other departments' HTTP services: bounded in time and size, nothing followed, nothing kept."""

import asyncio
from collections.abc import Mapping
from typing import Self

import aiohttp
from yarl import URL

from gateway.errors import Upstream
from gateway.settings import Exchange as Limits
from gateway.web.egress import Egress, EgressRefused


class UpstreamUnreachable(Upstream):
    """The providing department's system cannot be reached（无法连接提供部门系统）."""

    result = "unreachable"


class UpstreamTimeout(Upstream):
    """The providing department's system did not answer in time（提供部门系统应答超时）."""

    result = "timeout"
    status = 504


class UpstreamStatus(Upstream):
    """The providing department's system answered with a failure（提供部门系统返回失败）."""

    result = "status"


class UpstreamTooLarge(Upstream):
    """The providing department's answer is too large（提供部门应答数据过大）."""

    result = "too_large"


class UpstreamInvalid(Upstream):
    """The providing department's answer is not what the catalogue says（提供部门应答与目录描述不符）."""

    result = "invalid"


class Outbound:
    """One session for all departments: no cookies, no proxies, no redirects, no decompression.

    A connection serves one request: on one kept open, an answer sent twice would be given to the next caller.
    """

    def __init__(self, limits: Limits, egress: Egress) -> None:
        self._limits = limits
        connector = aiohttp.TCPConnector(
            limit=200, limit_per_host=50, socket_factory=egress.socket, force_close=True
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            middlewares=(_asked_once,),
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

    async def get(self, url: str, headers: Mapping[str, str], largest: int) -> bytes:
        """The body of a 200 answer.

        Args:
            url: encoded; sent as it is.
            largest: bytes; the connection is dropped at the first byte beyond.

        Raises:
            UpstreamUnreachable, UpstreamTimeout, UpstreamStatus, UpstreamTooLarge, UpstreamInvalid.
        """
        try:
            async with self._session.get(
                URL(url, encoded=True),
                headers={"Accept-Encoding": "identity", **headers},
                allow_redirects=False,
            ) as answer:
                return await _body(answer, largest)
        except aiohttp.InvalidURL:
            raise UpstreamUnreachable("the mount's address is not a usable one", "挂接地址不可用") from None
        except aiohttp.ConnectionTimeoutError:
            raise UpstreamTimeout("no connection in time", "连接超时") from None
        except TimeoutError:
            raise UpstreamTimeout(
                f"no answer within {self._limits.upstream_total_seconds:g} s",
                f"{self._limits.upstream_total_seconds:g} 秒内未应答",
            ) from None
        except (aiohttp.ClientError, asyncio.IncompleteReadError, ValueError):
            raise UpstreamInvalid("the answer is not proper HTTP", "应答不符合 HTTP 规范") from None


async def _asked_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """One recorded intent is one request: aiohttp alone would repeat a GET whose connection broke."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError as fault:
        if isinstance(fault.os_error, EgressRefused):
            raise UpstreamUnreachable(
                "the mount's address is outside the allowed networks", "挂接地址不在允许的网段内"
            ) from None
        raise UpstreamUnreachable("no connection", "连接失败") from None
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        raise UpstreamInvalid("the connection broke before the answer", "应答前连接中断") from None


async def _body(answer: aiohttp.ClientResponse, largest: int) -> bytes:
    if answer.status != 200:
        raise UpstreamStatus(f"status {answer.status}", f"状态码 {answer.status}")
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise UpstreamInvalid("the answer is compressed", "应答被压缩")
    chunked = answer.headers.get("Transfer-Encoding", "").lower() == "chunked"
    if answer.content_length is None and not chunked:
        # a connection cut in the middle would look like the end of the answer (RFC 9112 section 6.3)
        raise UpstreamInvalid("the answer does not say where it ends", "应答未标明长度")
    if (answer.content_length or 0) > largest:
        raise UpstreamTooLarge(f"more than {largest} bytes", f"超过 {largest} 字节")
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > largest:
            answer.close()
            raise UpstreamTooLarge(f"more than {largest} bytes", f"超过 {largest} 字节")
    return bytes(body)
