"""One connection to a department's HTTP service: one question at a time, one whole answer to each.

The parser is llhttp (httptools), which refuses malformed messages. What it lets through and a proxy must not, is
refused here: bodies whose end is not stated, several or other transfer codings than ``chunked``, compressed bodies,
switched protocols, heads without bound, bytes nobody asked for (RFC 9112 sections 6 and 9, RFC 9110 section 15.2).
"""

import asyncio
import re
from collections.abc import Callable
from typing import Any, Final, cast

import httptools

from gateway.errors import Upstream
from gateway.web.upstream import (
    UpstreamBusy,
    UpstreamInvalid,
    UpstreamStatus,
    UpstreamTimeout,
    UpstreamTooLarge,
)

_HEAD_BYTES: Final = 16384
_FIELDS_MOST: Final = 128
_INTERIM_MOST: Final = 4
_UNHELD_BYTES: Final = 65536
_LOOKED_AT: Final = frozenset(
    {b"content-length", b"transfer-encoding", b"content-encoding", b"keep-alive", b"upgrade"}
)
_SINGLE: Final = frozenset({b"content-length", b"transfer-encoding", b"content-encoding"})
_KEEP_ALIVE: Final = re.compile(rb"(?:^|[,\s])timeout=([0-9]{1,6})(?:$|[,\s])", re.IGNORECASE)


class Stale(Exception):
    """The connection ended before the other side said a word to the question just sent; ``kept`` if it was an old one."""

    def __init__(self, *, kept: bool) -> None:
        super().__init__()
        self.kept = kept


class Held:
    """The bytes of large answers that all connections of a process hold, of which there may be ``most``."""

    def __init__(self, most: int) -> None:
        self._left = most

    def take(self, size: int) -> bool:
        """Whether there is room for so many more, which are then counted."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give(self, size: int) -> None:
        """So many are held no longer."""
        self._left += size


class Line(asyncio.Protocol):
    """A connection that is either asked or idle.

    Args:
        ended: told once, when the connection is gone.
        spoke_unasked: told when bytes came that belong to no question.
        held: what large answers of all connections may hold together.
    """

    def __init__(
        self, ended: "Callable[[Line], None]", spoke_unasked: Callable[[], None], held: Held
    ) -> None:
        self._ended = ended
        self._spoke_unasked = spoke_unasked
        self._held = held
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._used = False
        self._holds = 0
        self.deadline = 0.0
        self.idle_since = 0.0
        self.idle_seconds: float | None = None
        """How long the other side says it keeps the line open; None if it does not say."""
        self.reusable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The event loop's word that the line is open."""
        self._transport = cast("asyncio.Transport", transport)

    def ask(
        self, head: bytes, largest: int, deadline: float, error_bytes: int = 0
    ) -> "asyncio.Future[bytes]":
        """Send a request head; the future of the body of its 200 answer.

        Whoever stops waiting for the future must :meth:`cut` the line. The future may raise Stale, or UpstreamStatus,
        UpstreamTooLarge, UpstreamInvalid, UpstreamTimeout, UpstreamBusy by what came; the connection is then cut.

        Args:
            largest: most bytes of the body.
            deadline: by the event loop's clock; :meth:`expire` looks at it.
            error_bytes: most bytes of the body of a failure (4xx, 5xx) that UpstreamStatus keeps; 0 reads none.

        Raises:
            Stale: it is closed already.
        """
        self.reusable = False
        transport = self._transport
        if transport is None or transport.is_closing():
            raise Stale(kept=self._used)
        self._parser = httptools.HttpResponseParser(self)
        self._largest = largest
        self._error_bytes = error_bytes
        self._refusal: UpstreamStatus | None = None
        self._fault: Upstream | None = None
        self._fields: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._body_bytes = self._head_bytes = self._interim = self._field_count = self._field_bytes = 0
        self._heard = self._headed = self._skipping = self._complete = self._extra = self._keep = False
        self.deadline = deadline
        answer = self._answer = self._loop.create_future()
        transport.write(head)
        return answer

    def expire(self, now: float, total_seconds: float) -> None:
        """Give up a question whose deadline has passed."""
        answer = self._answer
        if answer is not None and now >= self.deadline and not answer.done():
            self._fail(
                UpstreamTimeout(f"no answer within {total_seconds:g} s", f"{total_seconds:g} 秒内未应答")
            )

    def cut(self) -> None:
        """End the connection at once."""
        self.reusable = False
        self.let_go()
        if self._transport is not None:
            self._transport.abort()

    def let_go(self) -> None:
        """The last answer was taken over; its bytes count no longer."""
        if self._holds:
            self._held.give(self._holds)
            self._holds = 0

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer, or bytes that nobody asked for."""
        answer = self._answer
        if answer is None or answer.done():
            self._spoke_unasked()
            self.cut()
            return
        if not self._heard:
            self._heard = True
            if data[:1] in (b"\r", b"\n"):
                self._fault = _not_http()
        if not self._headed:
            self._head_bytes += len(data)
        if self._fault is None:
            try:
                self._parser.feed_data(data)
            except (httptools.HttpParserError, httptools.HttpParserUpgrade):
                self._fault = self._fault or _not_http()
        if not self._headed and self._head_bytes > _HEAD_BYTES:
            self._fault = self._fault or _not_http()
        if self._extra:
            self._spoke_unasked()
        if self._fault is not None:
            self._fail(self._refusal or self._fault)
        elif self._complete and self._refusal is not None:
            self._refusal.body = b"".join(self._body)
            self._fail(self._refusal)
        elif self._complete:
            self._used = True
            self.reusable = self._keep
            body = self._body
            answer.set_result(body[0] if len(body) == 1 else b"".join(body))

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is gone; a question still waiting fails."""
        answer = self._answer
        if answer is not None and not answer.done():
            answer.set_exception((self._refusal or _not_http()) if self._heard else Stale(kept=self._used))
        self.reusable = False
        self.let_go()
        self._ended(self)

    def _fail(self, fault: Upstream) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(fault)
        self.cut()

    # What the parser calls. A fault is kept and raised: the parser stops, and wraps what it was stopped by.

    def on_message_begin(self) -> None:
        """A first answer begins; a second one must not."""
        if self._complete:
            self._extra = True
            self._stop(_not_http())

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field of the head, or of the trailer, which is not looked at."""
        self._field_count += 1
        self._field_bytes += len(name) + len(value)
        if self._field_count > _FIELDS_MOST or self._field_bytes > _HEAD_BYTES or not value.isascii():
            self._stop(_not_http())
        if not self._headed and (lower := name.lower()) in _LOOKED_AT:
            if lower in _SINGLE and lower in self._fields:
                self._stop(_not_http())
            self._fields[lower] = value.strip()

    def on_headers_complete(self) -> None:
        """Judge status and framing; interim answers (1xx) are skipped."""
        status = self._parser.get_status_code()
        if status != 200:
            self._other_than_ok(status)
            if self._refusal is None:
                return
        fields = self._fields
        coding, length = fields.get(b"transfer-encoding"), fields.get(b"content-length")
        if len(fields) > 1 or length is None:
            self._check_framing(fields, coding, length)
        elif self._parser.get_http_version() not in ("1.1", "1.0"):
            self._stop(_not_http())
        if length is not None and (size := int(length)) > _UNHELD_BYTES:
            self._expect(size)
        self._headed = True

    def _other_than_ok(self, status: int) -> None:
        if not 100 <= status < 200 or status == 101:
            refusal = UpstreamStatus(f"status {status}", f"状态码 {status}")
            if not self._error_bytes or not 400 <= status < 600:
                self._stop(refusal)
            self._refusal, self._largest = refusal, self._error_bytes
            return
        self._interim += 1
        if self._interim > _INTERIM_MOST:
            self._stop(_not_http())
        self._fields.clear()
        self._skipping = True

    def _check_framing(self, fields: dict[bytes, bytes], coding: bytes | None, length: bytes | None) -> None:
        if fields.get(b"content-encoding", b"identity").lower() != b"identity":
            self._stop(UpstreamInvalid("the answer is compressed", "应答被压缩"))
        version = self._parser.get_http_version()
        if version not in ("1.0", "1.1") or (
            coding is not None and (coding.lower(), version) != (b"chunked", "1.1")
        ):
            self._stop(_not_http())
        if b"upgrade" in fields:
            self._stop(_not_http())
        if coding is None and length is None:
            # a connection cut in the middle would look like the end of the answer (RFC 9112 section 6.3)
            self._stop(UpstreamInvalid("the answer does not say where it ends", "应答未标明长度"))
        if said := _KEEP_ALIVE.search(fields.get(b"keep-alive", b"")):
            self.idle_seconds = float(said[1])

    def _expect(self, size: int) -> None:
        if size > self._largest:
            self._stop(_too_large(self._largest))
        self._hold(size)

    def _hold(self, size: int) -> None:
        if not self._held.take(size):
            self._stop(UpstreamBusy("too many large answers at once", "同时处理的大应答过多"))
        self._holds += size

    def on_body(self, body: bytes) -> None:
        """A piece of the body, as far as it may grow."""
        self._body.append(body)
        self._body_bytes += len(body)
        if self._body_bytes > _UNHELD_BYTES or self._body_bytes > self._largest:
            if self._body_bytes > self._largest:
                self._stop(_too_large(self._largest))
            if self._body_bytes > self._holds:
                self._hold(self._body_bytes - self._holds)

    def on_message_complete(self) -> None:
        """The answer, or an interim one, is whole."""
        if self._skipping:
            self._skipping = False
            return
        self._complete = True
        self._keep = self._parser.should_keep_alive()  # false once the callback is over

    def _stop(self, fault: Upstream) -> Any:
        self._fault = fault
        raise fault


def _not_http() -> UpstreamInvalid:
    return UpstreamInvalid("the answer is not proper HTTP", "应答不符合 HTTP 规范")


def _too_large(largest: int) -> UpstreamTooLarge:
    return UpstreamTooLarge(f"more than {largest} bytes", f"超过 {largest} 字节")
