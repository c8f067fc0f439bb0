"""The connections of callers of data services, on llhttp (httptools): one request after the other, each bounded.

Apart from the listeners of people (``listener``), which have aiohttp's server: its objects for each request cost a quarter
of a call. What its parser refuses is refused here by the same llhttp; what llhttp lets pass is left to the front, which
sees every request of either server; the tests on raw sockets run against both.

Deadlines are looked at by one sweeper, not by a timer per request: a head has ``head_seconds`` from its first byte, an
idle connection ``keepalive_seconds``, an answer that the caller does not take ``write_seconds``. A handler has
``handler_seconds`` until its answer begins; the sweeper counts them from when it first sees it at work, so that calls, which
are over long before, pay nothing for it.
"""

import asyncio
import socket
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from email.utils import formatdate
from typing import Any, Final, cast

import httptools
import structlog

from gateway.errors import GatewayError, Malformed
from gateway.names import new_id
from gateway.settings import Web
from gateway.web.crowd import Crowd
from gateway.web.flow import Flow
from gateway.web.incoming import Incoming
from gateway.web.outgoing import Outgoing, status_line
from gateway.web.problems import OVERDUE, InternalFault, overdue, problem_outgoing

Answer = Callable[[Incoming], Awaitable[Outgoing]]

_FIELDS_MOST: Final = 128
_PIPELINED_MOST: Final = 100
_PIPELINED_HELD: Final = 8
_LINGER_SECONDS: Final = 2.0
_PARTING_SECONDS: Final = 1.0
_NEVER: Final = float("inf")
_VERSIONS: Final = {"1.1": (1, 1), "1.0": (1, 0)}
_NO_WORD: Final = Malformed("", "")
_log = structlog.get_logger()


class Conversations:
    """All connections of one listener.

    Args:
        answer: gives the answer to a request; it is not cancelled when the caller goes away.
        group: holds one task for each connection.
    """

    def __init__(
        self, answer: Answer, limits: Web, group: asyncio.TaskGroup, crowd: Crowd | None = None
    ) -> None:
        self.answer = answer
        self.crowd = crowd or Crowd(limits)
        self.group = group
        self.limits = limits
        self.open: set[Conversation] = set()
        self.at_work: set[Conversation] = set()
        self.stopping = False
        self._gone = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._every = min(0.25, limits.head_seconds / 4, limits.keepalive_seconds / 4)
        self._sweeping = self._loop.call_later(self._every, self._sweep)
        self._second = 0
        self._ending = b""

    def ending(self) -> bytes:
        """The header lines every answer has, the date among them; made once a second."""
        second = int(time.time())
        if second != self._second:
            date = formatdate(second, usegmt=True)
            self._second, self._ending = second, f"Server: gateway\r\nDate: {date}\r\n".encode("ascii")
        return self._ending

    def _sweep(self) -> None:
        now = self._loop.time()
        for each in [one for one in self.open if one.deadline <= now]:
            each.cut()
        for each in [one for one in self.at_work if one.is_overdue(now)]:
            each.expire()
        self._sweeping = self._loop.call_later(self._every, self._sweep)

    async def stop(self) -> None:
        """Let requests in work finish for ``drain_seconds``; then cancel them and wait for their endings."""
        self.stopping = True
        for each in list(self.open):
            each.finish()
        at_work = {each.task: each for each in self.at_work}
        if at_work:
            _, late = await asyncio.wait(at_work, timeout=self.limits.drain_seconds)
            for task in late:
                task.cancel()
                at_work[task].cut()  # the caller need not wait for the record of its call's end
            await asyncio.gather(*late, return_exceptions=True)
        self._sweeping.cancel()
        for each in list(self.open):
            each.finish()
        with suppress(TimeoutError):  # what was written is sent before the lines are cut
            await asyncio.wait_for(self._parted(), _PARTING_SECONDS)
        for each in list(self.open):
            each.cut()

    async def _parted(self) -> None:
        self._gone.clear()
        while self.open:
            await self._gone.wait()
            self._gone.clear()

    def left(self, one: "Conversation") -> None:
        """A connection is gone."""
        if one in self.open:
            self.open.discard(one)
            self.crowd.leave(one.remote)
        self._gone.set()


class Conversation(asyncio.Protocol):
    """One caller's connection: read, answer, read the next."""

    def __init__(self, all_of_them: Conversations) -> None:
        self._all = all_of_them
        self._limits = all_of_them.limits
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[Incoming | GatewayError] = deque()
        self._reading: Incoming | None = None
        self._fault: GatewayError | None = None
        self._drained: asyncio.Future[None] | None = None
        self._target = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._received = 0
        self._begun = self._fresh = self._idle = self._deaf = self._left = self._paused = False
        self._wake: asyncio.Future[None] | None = None
        self._flow: Flow | None = None
        self._gone = False
        self._answering = self._expired = False
        self._turn = self._watched = 0
        self._ends = _NEVER
        self._allowed = 0.0
        self.deadline = self._loop.time() + self._limits.head_seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The event loop's word that a caller is there."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self.remote = str(peer[0]) if isinstance(peer, tuple) else ""
        if not self._all.crowd.enter(self.remote):
            self.cut()
            return
        self._all.open.add(self)
        self.task = self._all.group.create_task(self._converse())
        if self._all.stopping:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller is gone; what is being answered is answered to the end, for its record."""
        self._all.left(self)
        self._deaf = self._gone = True
        self._waiting.clear()  # what was not begun is nobody's any more
        self.deadline = _NEVER
        if self._reading is not None:
            self._reading.ended(broken=True)
            self._reading = None
        self.resume_writing()
        self._awake()

    def eof_received(self) -> bool:
        """The caller sends no more; it may still wait for its answer."""
        if self._reading is not None:
            self._reading.ended(broken=True)
            self._reading = None
        self._deaf = self._left = True
        at_work = self in self._all.at_work or bool(self._waiting)
        return at_work and self._transport.can_write_eof()

    def data_received(self, data: bytes) -> None:
        """Bytes of requests."""
        if self._deaf:
            return
        self._feed(data)
        if self._begun or self._reading is not None:
            self._bound(len(data))
        if self._waiting:
            self._idle = False
            if self._drained is None:  # else the time runs in which an answer must be taken
                self.deadline = _NEVER
            self._awake()
        elif self._begun and self._idle:
            self._idle, self.deadline = False, self._loop.time() + self._limits.head_seconds

    def _awake(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _bound(self, received: int) -> None:
        """What belongs to one head, or to one body beside itself, does not grow without end; nor does one field."""
        self._received = 0 if self._fresh else self._received + received
        self._fresh = False
        if self._begun:
            if self._received > 2 * self._limits.head_bytes:
                self._break(_not_http())
        elif self._reading is not None and self._reading.beyond(self._received):
            self._break(_not_http())

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._break(_NO_WORD)  # the front refuses it; what follows is nobody's
        except httptools.HttpParserError:
            self._break(self._fault or _not_http())

    def _break(self, fault: GatewayError) -> None:
        """Nothing that follows can be read. A request whose body broke answers for itself."""
        if self._deaf:
            return
        self._deaf = True
        if self._reading is not None:
            self._reading.ended(broken=True)
            self._reading = None
        elif fault is not _NO_WORD:
            self._waiting.append(fault)

    # What the parser calls. A fault is kept and raised: the parser stops, and wraps what it was stopped by.

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._target, self._fields, self._begun, self._fresh = b"", [], True, True

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._target += url
        if len(self._target) > self._limits.head_bytes:
            self._stop(_not_http())

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field of the head, or of the trailer, which is not looked at."""
        if self._begun:
            self._fields.append((name, value))
            if len(self._fields) > _FIELDS_MOST or len(name) + len(value) > self._limits.head_bytes:
                self._stop(_not_http())

    def on_headers_complete(self) -> None:
        """A request can be answered, though its body may still come."""
        if len(self._waiting) >= _PIPELINED_MOST:
            self._stop(_NO_WORD)
        self._begun, self._fresh = False, True
        parser = self._parser
        self._reading = Incoming(
            parser.get_method().decode("ascii"), self._target.decode("latin-1"),
            _VERSIONS.get(parser.get_http_version(), (0, 0)), self._fields, self.remote, self._transport,
            self,
        )  # fmt: skip
        self._waiting.append(self._reading)
        if len(self._waiting) > _PIPELINED_HELD:
            self.hold()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._reading is not None:
            self._reading.came(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        if self._reading is not None:
            self._reading.keep = self._parser.should_keep_alive()
            self._reading.ended()
            self._reading = None

    def _stop(self, fault: GatewayError) -> Any:
        self._fault = fault
        raise fault

    def hold(self) -> None:
        """Read no more for now."""
        if not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()

    def read_on(self) -> None:
        """Read on where reading was held."""
        if self._paused and not self._transport.is_closing():
            self._paused = False
            self._transport.resume_reading()

    # Answering.

    async def _converse(self) -> None:
        try:
            while not self._gone:
                if not self._waiting:
                    self._wake = self._loop.create_future()
                    await self._wake
                elif not await self._answered_all():
                    self._end()
                    return
        except Exception as broken:  # one connection's fault is not the others'
            _log.error("conversation.broke", exc_info=broken)
            self.cut()

    async def _answered_all(self) -> bool:
        """Answer what waits; whether the connection serves more."""
        keep = True
        self._all.at_work.add(self)
        try:
            while keep and self._waiting:
                keep = await self._answered(self._waiting.popleft())
        finally:
            self._all.at_work.discard(self)
        if not keep or self._deaf or self._all.stopping:
            return False
        self.read_on()
        self._idle = not self._begun
        limits = self._limits
        self.deadline = self._loop.time() + (limits.head_seconds if self._begun else limits.keepalive_seconds)
        return True

    async def _answered(self, request: Incoming | GatewayError) -> bool:
        """Answer one request; whether the connection serves another."""
        if isinstance(request, Incoming):
            self._turn += 1
            self._answering = True
            try:
                answer = await self._all.answer(request)
            except asyncio.CancelledError:
                if not self._expired:
                    raise
                answer = self._overdue()
            except (
                Exception
            ) as broken:  # a handler answers for its failures; what is left is the gateway's fault
                answer = _broke(broken)
            finally:
                self._answering = False
                self._allowed = 0.0
            keep = self._is_kept(request) and not answer.close
            flow, self._flow = self._flow, None
            if flow is not None and flow.begun and not answer.sent:
                self.cut()  # part of an answer is out: no other can follow, and nobody may take the part for the whole
                return False
            if not answer.sent:
                self._write(answer, keep=keep, head_only=request.method == "HEAD")
        else:
            request_id = str(new_id())
            _log.info("request.unparsable", request_id=request_id)
            self._write(problem_outgoing(request, request_id), keep=False)
            keep = False
        if self._drained is not None:
            await self._taken()
        return keep

    def _is_kept(self, request: Incoming) -> bool:
        return request.keep and request.complete and not self._all.stopping

    def flow(self, request: Incoming, head: Outgoing, length: int | None) -> Flow:
        """A long answer to ``request``."""

        def start(head: Outgoing) -> bytes:
            more = b"" if self._is_kept(request) else b"Connection: close\r\n"
            return status_line(head.status) + head.lines + self._all.ending() + more

        self._flow = Flow(head, length, self._transport, start, self._taken)
        return self._flow

    async def _taken(self) -> None:
        """Wait until the caller took enough of what was sent."""
        if self._drained is not None:
            await self._drained
            self.deadline = _NEVER

    def is_overdue(self, now: float) -> bool:
        """Whether the request being answered has had its time; asked by the sweeper, again and again."""
        if self._turn != self._watched:
            self._watched, self._ends = self._turn, now + self._limits.handler_seconds
        if not self._answering or self._expired or (self._flow is not None and self._flow.begun):
            return False
        return self._ends + self._allowed <= now

    def allow(self, seconds: float) -> None:
        """What is being answered may take so much longer."""
        self._allowed = seconds

    def expire(self) -> None:
        """Stop what is being answered."""
        self._expired = True
        self.task.cancel(OVERDUE)

    def _overdue(self) -> Outgoing:
        self.task.uncancel()
        answer = problem_outgoing(overdue(self._limits.handler_seconds), str(new_id()))
        answer.close = True
        return answer

    def _write(self, answer: Outgoing, *, keep: bool, head_only: bool = False) -> None:
        if self._transport.is_closing():
            return
        more = b"" if keep else b"Connection: close\r\n"
        head = b"%b%b%b%bContent-Length: %d\r\n\r\n" % (
            status_line(answer.status), answer.lines, self._all.ending(), more, len(answer.body),
        )  # fmt: skip
        self._transport.write(head if head_only else head + answer.body)

    def _end(self) -> None:
        """No more is answered. Whoever is still sending gets the time to read the answer (RFC 9112 section 9.6)."""
        if self._transport.is_closing():
            return
        unread = self._reading is not None or self._paused or (self._deaf and not self._left)
        self._deaf = True
        if unread and self._transport.can_write_eof() and not self._all.stopping:
            self.read_on()
            self._transport.write_eof()
            self.deadline = self._loop.time() + _LINGER_SECONDS
        else:
            self._transport.close()
            self.deadline = self._loop.time() + self._limits.write_seconds

    def pause_writing(self) -> None:
        """The caller takes its answer too slowly; the event loop's word."""
        self._drained = self._loop.create_future()
        self.deadline = self._loop.time() + self._limits.write_seconds

    def resume_writing(self) -> None:
        """It took enough, or is gone."""
        if self._drained is not None:
            if not self._drained.done():
                self._drained.set_result(None)
            self._drained = None

    def finish(self) -> None:
        """Take no more; what is in work is answered."""
        if self not in self._all.at_work and not self._transport.is_closing():
            self._transport.close()

    def cut(self) -> None:
        """End the connection at once."""
        self._transport.abort()


@asynccontextmanager
async def conversing(
    answer: Answer,
    opened: socket.socket,
    limits: Web,
    *,
    tls: ssl.SSLContext | None = None,
    crowd: Crowd | None = None,
) -> AsyncIterator[None]:
    """Answer calls on a bound socket until the block ends; running ones get ``drain_seconds`` to finish.

    Args:
        tls: TLS is spoken on the socket, with this context.
        crowd: counts the connections; without it they are bounded all the same.
    """
    async with asyncio.TaskGroup() as group:
        all_of_them = Conversations(answer, limits, group, crowd)
        listening = await asyncio.get_running_loop().create_server(
            lambda: Conversation(all_of_them), sock=opened, ssl=tls, backlog=1024,
            ssl_handshake_timeout=limits.head_seconds if tls else None,
        )  # fmt: skip
        try:
            yield
        finally:
            listening.close()
            await all_of_them.stop()


def _broke(broken: Exception) -> Outgoing:
    request_id = str(new_id())
    _log.error("request.broke", request_id=request_id, exc_info=broken)
    fault = InternalFault("the request failed inside the gateway", "请求在网关内部失败")
    answer = problem_outgoing(fault, request_id)
    answer.close = True
    return answer


def _not_http() -> Malformed:
    return Malformed("the request is not HTTP/1.1", "请求不符合 HTTP/1.1")
