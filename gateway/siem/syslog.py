"""Syslog over TLS (RFC 5424 messages, RFC 5425 transport), octet-counted.

Syslog has no receipts. A record counts as settled once the receiver's machine has acknowledged its bytes and the connection
has then stood for ``settle_seconds``: a receiver that loses what it took in must break its connections sooner than that.
Everything younger is sent again after a break.
"""

import asyncio
import fcntl
import ssl
import struct
import termios
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from gateway import __version__
from gateway.errors import BadSettings
from gateway.sections import Siem
from gateway.siem.model import Outgoing, SinkDown

_LOG_AUDIT: Final = 13
_SEVERITIES: Final = {1: 6, 2: 5, 3: 4, 4: 3, 5: 2}
_APP: Final = "data-sharing-gateway"
_SEQUENCE_MOST: Final = 2147483647
_CLOSE_SECONDS: Final = 2


def message(one: Outgoing) -> bytes:
    """The record as a syslog message (RFC 5424 section 6): facility log audit, MSGID its type, ``sequenceId`` its place."""
    at = datetime.fromtimestamp(one.occurred_ms / 1000, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
    head = (
        f"<{_LOG_AUDIT * 8 + _SEVERITIES.get(one.severity, 6)}>1 {at} {_name(one.node, 255)} {_APP} - "
        f'{_name(one.type, 32)} [meta sequenceId="{one.idx % _SEQUENCE_MOST + 1}"]'
        f'[origin software="{_APP}" swVersion="{__version__}"] '
    )
    return head.encode("ascii") + one.body


def frame(said: bytes) -> bytes:
    """A message with its length before it (RFC 5425 section 4.3)."""
    return b"%d %b" % (len(said), said)


class Syslog:
    """A connection to one receiver."""

    def __init__(self, settings: Siem) -> None:
        self._settings = settings
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._young: deque[tuple[float, int]] = deque()
        self._settled: int | None = None

    @property
    def name(self) -> str:
        """Receiver and port."""
        return f"syslog:{self._settings.syslog_host}:{self._settings.syslog_port}"

    async def open(self) -> None:
        """Connect. Raises SinkDown; BadSettings: the files for TLS cannot be read."""
        settings, tls = self._settings, _tls(self._settings)
        self._young.clear()
        self._settled = None
        try:
            async with asyncio.timeout(settings.send_seconds):
                self._ends = await asyncio.open_connection(
                    settings.syslog_host, settings.syslog_port, ssl=tls
                )
        except (OSError, TimeoutError) as fault:
            raise _down(fault) from None

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """Hand the batch to the network. Raises SinkDown."""
        _, writer = self._standing()
        try:
            async with asyncio.timeout(self._settings.send_seconds):
                writer.write(b"".join(frame(message(one)) for one in batch))
                await writer.drain()
        except (OSError, TimeoutError) as fault:
            raise _down(fault) from None
        self._young.append((asyncio.get_running_loop().time(), batch[-1].idx))

    def settled(self) -> int | None:
        """The last record old enough on a connection that has nothing left to send. Raises SinkDown."""
        _, writer = self._standing()
        old = asyncio.get_running_loop().time() - self._settings.settle_seconds
        if not _unsent(writer):
            while self._young and self._young[0][0] <= old:
                self._settled = self._young.popleft()[1]
        return self._settled

    async def close(self) -> None:
        """Close the connection."""
        if self._ends is None:
            return
        (_, writer), self._ends = self._ends, None
        writer.close()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await writer.wait_closed()
        except (OSError, TimeoutError):
            writer.transport.abort()

    def _standing(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._ends is None:
            raise SinkDown("not connected", "未连接")
        reader, writer = self._ends
        if reader.at_eof() or reader.exception() or writer.is_closing():
            raise SinkDown("the receiver closed the connection", "接收方已断开连接")
        return self._ends


def _unsent(writer: asyncio.StreamWriter) -> int:
    """Bytes that wait here or were not acknowledged by the receiver's machine (SIOCOUTQ)."""
    waiting: int = writer.transport.get_write_buffer_size()
    number = writer.get_extra_info("socket").fileno()
    (unacknowledged,) = struct.unpack("i", fcntl.ioctl(number, termios.TIOCOUTQ, bytes(4)))
    return waiting + int(unacknowledged)


def _tls(settings: Siem) -> ssl.SSLContext | None:
    if settings.syslog_security == "none":
        return None
    try:
        made = ssl.create_default_context(cafile=settings.syslog_trust_file)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.syslog_certificate_file is not None:
            made.load_cert_chain(settings.syslog_certificate_file, settings.syslog_key_file)
    except (OSError, ssl.SSLError) as fault:
        raise BadSettings(f"[siem] files for TLS: {fault}", f"[siem] TLS 文件不可用：{fault}") from None
    return made


def _name(text: str, longest: int) -> str:
    """A header field: printable ASCII without spaces, or the nil value."""
    return "".join(sign for sign in text[:longest] if "!" <= sign <= "~") or "-"


def _down(fault: Exception) -> SinkDown:
    said = str(fault) or type(fault).__name__
    return SinkDown(f"syslog receiver: {said}"[:300], "日志接收方不可用")
