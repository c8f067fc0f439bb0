"""One connection to a department's HTTP service: one question at a time, one whole answer to each.

The parser is llhttp (httptools), which refuses malformed messages. What it lets through and a proxy must not, is
refused here: bodies whose end is not stated, several or other transfer codings than ``chunked``, compressed bodies,
switched protocols, heads without bound, bytes nobody asked for (RFC 9112 sections 6 and 9, RFC 9110 section 15.2).
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

import httptools

from gateway.errors import Upstream
from gateway.web.upstream import UpstreamInvalid, UpstreamStatus, UpstreamTooLarge

_HEAD_BYTES: Final = 16384
_FIELDS_MOST: Final = 128
_INTERIM_MOST: Final = 4
_SINGLE: Final = (b"content-length", b"transfer-encoding", b"content-encoding")


class Stale(Exception):
    """A kept connection was closed by the other side before it said a word to the question just sent."""


class Line(asyncio.Protocol):
    """A connection that is either asked or idle.

    Args:
        ended: told once, when the connection is gone.
        spoke_unasked: told when bytes came that belong to no question.
    """

    def __init__(self, ended: "Callable[[Line], None]", spoke_unasked: Callable[[], None]) -> None:
        self._ended = ended
        self._spoke_unasked = spoke_unasked
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._used = False
        self.idle_since = 0.0
        self.reusable = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The event loop's word that the line is open."""
        self._transport = cast("asyncio.Transport", transport)

    async def ask(self, head: bytes, largest: int) -> bytes:
        """Send a request head and wait for the body of its 200 answer.

        Args:
            largest: most bytes of the body.

        Raises:
            Stale: see there; nothing was answered and the question may be put again elsewhere.
            UpstreamStatus, UpstreamTooLarge, UpstreamInvalid: by what came; the connection is cut.
        """
        self.reusable = False
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._begin(largest)
        try:
            if self._transport is None or self._transport.is_closing():
                raise Stale
            self._transport.write(head)
            body: bytes = await answer
        except BaseException:
            self.cut()
            raise
        finally:
            self._answer = None
            self._used = True
        self.reusable = self._keep and not self._transport.is_closing()
        return body

    def cut(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def _begin(self, largest: int) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._largest = largest
        self._fault: Upstream | None = None
        self._fields: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self._head_bytes = self._interim = self._field_count = self._field_bytes = 0
        self._heard = self._headed = self._skipping = self._complete = self._extra = self._keep = False

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer, or bytes that nobody asked for."""
        answer = self._answer
        if answer is None or answer.done():
            self._spoke_unasked()
            self.cut()
            return
        if not self._heard and data[:1] in (b"\r", b"\n"):
            self._fault = _not_http()
        self._heard = True
        if not self._headed:
            self._head_bytes += len(data)
        self._feed(data)
        if not self._headed and self._head_bytes > _HEAD_BYTES:
            self._fault = self._fault or _not_http()
        if self._extra:
            self._spoke_unasked()
        if self._fault is not None:
            answer.set_exception(self._fault)
            self.cut()
        elif self._complete:
            answer.set_result(bytes(self._body))

    def _feed(self, data: bytes) -> None:
        if self._fault is not None:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fault = self._fault or _not_http()
        except httptools.HttpParserError:
            self._fault = self._fault or _not_http()

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is gone; a question still waiting fails."""
        answer = self._answer
        if answer is not None and not answer.done():
            if self._used and not self._heard:
                answer.set_exception(Stale())
            elif not self._headed:
                answer.set_exception(
                    UpstreamInvalid("the connection broke before the answer", "应答前连接中断")
                )
            else:
                answer.set_exception(_not_http())
        self.reusable = False
        self._ended(self)

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
        if not self._headed:
            self._fields.append((name.lower(), value.strip()))

    def on_headers_complete(self) -> None:
        """Judge status and framing; interim answers (1xx) are skipped."""
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            self._interim += 1
            if self._interim > _INTERIM_MOST:
                self._stop(_not_http())
            self._fields.clear()
            self._skipping = True
            return
        if status != 200:
            self._stop(UpstreamStatus(f"status {status}", f"状态码 {status}"))
        self._check_framing()
        self._headed = True

    def _check_framing(self) -> None:
        singles: dict[bytes, bytes] = {}
        for name, value in self._fields:
            if name in _SINGLE and name in singles:
                self._stop(_not_http())
            singles[name] = value
        if singles.get(b"content-encoding", b"identity").lower() != b"identity":
            self._stop(UpstreamInvalid("the answer is compressed", "应答被压缩"))
        coding, length = singles.get(b"transfer-encoding"), singles.get(b"content-length")
        version = self._parser.get_http_version()
        if version not in ("1.0", "1.1") or (
            coding is not None and (coding.lower(), version) != (b"chunked", "1.1")
        ):
            self._stop(_not_http())
        if coding is None and length is None:
            # a connection cut in the middle would look like the end of the answer (RFC 9112 section 6.3)
            self._stop(UpstreamInvalid("the answer does not say where it ends", "应答未标明长度"))
        if length is not None and int(length) > self._largest:
            self._stop(_too_large(self._largest))

    def on_body(self, body: bytes) -> None:
        """A piece of the body, as far as it may grow."""
        self._body += body
        if len(self._body) > self._largest:
            self._stop(_too_large(self._largest))

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
