"""Listening sockets on aiohttp's low-level server, with the deadlines it does not have itself.

aiohttp waits for ever for a request head, echoes what it could not parse and names its version in every answer;
all three are mended here by subclassing its protocol. The private names used are checked at import, so an upgrade
cannot disarm the guard unseen.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp.http_parser
import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from gateway.errors import BadSettings, GatewayError, Malformed
from gateway.names import new_id
from gateway.settings import Web
from gateway.web.crowd import Crowd
from gateway.web.problems import InternalFault, problem_response

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
_SERVER: Final = "gateway"
_log = structlog.get_logger()

if aiohttp.http_parser.HttpRequestParser.__module__ != "aiohttp._http_parser":
    raise BadSettings(
        "aiohttp runs without its C parser; unset AIOHTTP_NO_EXTENSIONS", "aiohttp 未启用 C 解析器"
    )
_NEEDED: Final = ("_messages", "_request_in_progress", "_current_request")
for _name in _NEEDED:
    if _name not in RequestHandler.__slots__:
        raise BadSettings(f"this aiohttp has no RequestHandler.{_name}", "aiohttp 版本不受支持")


class Guarded(RequestHandler):
    """A connection that is cut when a request head does not arrive in time, and whose answers tell no versions."""

    __slots__ = ("_address", "_crowd", "_head_seconds", "_timer")

    def __init__(self, *args: Any, head_seconds: float, crowd: Crowd, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_seconds = head_seconds
        self._crowd = crowd
        self._address: str | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if isinstance(peer, tuple) else ""
        if not self._crowd.enter(address):
            self._cut()
            return
        self._address = address
        self._arm()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._messages or self._request_in_progress or self._current_request:
            self._disarm()
        else:
            self._arm()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._disarm()
        if self._address is not None:
            self._crowd.leave(self._address)
            self._address = None
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """A fixed problem document: what could not be parsed is never echoed, what broke is never shown."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was already begun")
        request_id = str(new_id())
        fault: GatewayError
        if status >= 500:
            _log.error("request.broke", request_id=request_id, exc_info=exc)
            fault = InternalFault("the request failed inside the gateway", "请求在网关内部失败")
        else:
            _log.info("request.unparsable", request_id=request_id, error=type(exc).__name__)
            fault = Malformed("the request is not HTTP/1.1", "请求不符合 HTTP/1.1")
        answer = problem_response(fault, request_id)
        answer.force_close()
        return answer

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Send an answer; versions of libraries help attackers only (ASVS 5.0 13.4)."""
        resp.headers["Server"] = _SERVER
        resp.headers.setdefault("Request-Id", str(new_id()))
        resp.headers.setdefault("X-Content-Type-Options", "nosniff")
        return await super().finish_response(request, resp, start_time)

    def _arm(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._head_seconds, self._cut)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _cut(self) -> None:
        self._timer = None
        if self.transport is not None:
            self.transport.abort()


class _Server(web.Server):
    def __call__(self) -> RequestHandler:
        return Guarded(self, loop=self._loop, **self._kwargs)


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket in use; ``secure`` where TLS is spoken on it."""

    host: str
    port: int
    secure: bool = False

    @property
    def url(self) -> str:
        """Its base address; ``0.0.0.0`` is shown as the loopback."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "") else self.host
        scheme = "https" if self.secure else "http"
        return f"{scheme}://[{host}]:{self.port}" if ":" in host else f"{scheme}://{host}:{self.port}"


def bound(host: str, port: int) -> socket.socket:
    """A socket on an address, so that its port is known before anybody is served there.

    Raises:
        BadSettings: the address is taken or not ours.
    """
    try:
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(info[0], info[1])
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(info[4])
    except OSError as fault:
        raise BadSettings(
            f"cannot listen on {host}:{port}: {fault.strerror}; choose another port in [listen]",
            f"无法监听 {host}:{port}，请在 [listen] 中更换端口",
        ) from None
    return made


def listener_of(opened: socket.socket, *, secure: bool = False) -> Listener:
    """The address of a bound socket."""
    address = opened.getsockname()
    return Listener(address[0], address[1], secure)


class _Site(web.SockSite):
    """A site whose TLS handshake has the same deadline as a request's head."""

    def __init__(
        self, runner: web.ServerRunner, opened: socket.socket, tls: ssl.SSLContext | None, seconds: float
    ) -> None:
        super().__init__(runner, opened, ssl_context=tls)
        self._handshake_seconds = seconds if tls else None

    async def start(self) -> None:
        """What the site it is made of does, and the deadline."""
        await web.BaseSite.start(self)
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner is not set up")
        self._server = await asyncio.get_running_loop().create_server(
            server, sock=self._sock, ssl=self._ssl_context, backlog=self._backlog,
            ssl_handshake_timeout=self._handshake_seconds,
        )  # fmt: skip


@asynccontextmanager
async def listening(
    handle: Handler,
    opened: socket.socket,
    limits: Web,
    *,
    cancel_on_disconnect: bool = True,
    tls: ssl.SSLContext | None = None,
    crowd: Crowd | None = None,
) -> AsyncIterator[None]:
    """Serve ``handle`` on a bound socket until the block ends; running requests get ``drain_seconds`` to finish.

    Args:
        cancel_on_disconnect: stop working for a caller who went away; not where an ending must be recorded.
        tls: TLS is spoken on the socket, with this context.
        crowd: counts the connections; without it they are bounded all the same.
    """
    server = _Server(
        handle,
        handler_cancellation=cancel_on_disconnect,
        access_log=None,
        keepalive_timeout=limits.keepalive_seconds,
        auto_decompress=False,
        max_line_size=limits.head_bytes,
        max_field_size=limits.head_bytes,
        head_seconds=limits.head_seconds,
        crowd=crowd or Crowd(limits),
    )
    runner = web.ServerRunner(server, shutdown_timeout=limits.drain_seconds)
    await runner.setup()
    try:
        await _Site(runner, opened, tls, limits.head_seconds).start()
        yield
    finally:
        await runner.cleanup()
