"""The kept connections to one origin (scheme, host, port): newest first, few, and none that was ever talkative.

A provider that sends bytes nobody asked for could have them taken for the answer to the next question. Such a line is
cut, and for a while none of that origin's lines serves more than one question.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.settings import Exchange as Limits
from gateway.web.circuit import Circuit, Retries
from gateway.web.egress import Egress, EgressRefused
from gateway.web.line import Held, Line, Stale
from gateway.web.upstream import (
    UpstreamBusy,
    UpstreamInvalid,
    UpstreamTimeout,
    UpstreamUnreachable,
)

IDLE_SECONDS: Final = 30.0
_DISTRUST_SECONDS: Final = 300.0
_PAUSE_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an HTTP service is reached."""

    secure: bool
    host: str
    port: int


class Lines:
    """At most ``exchange.connections_max`` connections to one origin.

    Questions are put again once, on a new connection and within their deadline, if nothing was answered: always when a
    kept connection had been closed meanwhile, else as far as :class:`Retries` allows. Every question is a GET.

    Args:
        tls: for an origin that is ``secure``.
        held: what large answers of the process may hold.
        now: the event loop's clock.
    """

    def __init__(
        self, origin: Origin, egress: Egress, tls: ssl.SSLContext, limits: Limits, held: Held,
        now: Callable[[], float],
    ) -> None:  # fmt: skip
        self.tls = tls
        self.circuit = Circuit(limits.circuit_failures_max, limits.circuit_open_seconds)
        self._origin = origin
        self._egress = egress
        self._limits = limits
        self._held = held
        self._now = now
        self._retries = Retries()
        self._idle: list[Line] = []
        self._open: set[Line] = set()
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._distrusted_until = float("-inf")
        self._retired = False

    async def ask(self, head: bytes, largest: int, deadline: float, error_bytes: int = 0) -> bytes:
        """Send a request head; the body of its 200 answer.

        Args:
            deadline: by the event loop's clock, for everything together.

        Raises:
            UpstreamResting, UpstreamBusy: it is not asked now.
            UpstreamUnreachable, UpstreamTimeout: no connection. Others: see :meth:`Line.ask`.
        """
        circuit = self.circuit
        if circuit.is_open:
            circuit.enter(self._now())
        self._retries.asked()
        try:
            body = await self._asked(head, largest, deadline, error_bytes)
        except (UpstreamUnreachable, UpstreamTimeout) as fault:
            if _is_outside(fault):
                circuit.left()
            else:
                circuit.failed(self._now())
            raise
        except Stale:
            circuit.failed(self._now())
            raise UpstreamInvalid("the connection broke before the answer", "应答前连接中断") from None
        except UpstreamBusy:
            circuit.left()
            raise
        except Exception:
            circuit.answered()
            raise
        except BaseException:
            circuit.left()
            raise
        circuit.answered()
        return body

    async def _asked(self, head: bytes, largest: int, deadline: float, error_bytes: int) -> bytes:
        if self._taken >= self._limits.connections_max:
            await self._turn(deadline)
        else:
            self._taken += 1
        try:
            line = self._kept()
            if line is None:
                line = await self._reached(deadline)
            again = False
            while True:
                try:
                    body = await line.ask(head, largest, deadline, error_bytes)
                except Stale as ended:
                    line.cut()
                    if again or (not ended.kept and not self._retries.take()):
                        raise
                    again = True
                except BaseException:
                    line.cut()
                    raise
                else:
                    self._keep(line)
                    return body
                line = await self._opened(deadline)
        finally:
            self._leave()

    def _keep(self, line: Line) -> None:
        line.let_go()
        now = self._now()
        if line.reusable and now >= self._distrusted_until and not self._retired:
            line.idle_since = now
            self._idle.append(line)
        else:
            line.cut()

    async def _turn(self, deadline: float) -> None:
        """Wait until another question is over. Its place passes on, so nobody overtakes."""
        limits = self._limits
        if len(self._waiting) >= limits.connections_waiting_max:
            raise _busy()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(min(limits.connections_waiting_seconds, deadline - self._now())):
                await turn
        except BaseException as ended:
            if turn.done() and not turn.cancelled():
                self._leave()
            if isinstance(ended, TimeoutError):
                raise _busy() from None
            raise

    def _leave(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._taken -= 1

    def _kept(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.reusable and self._now() < _until(line):
                return line
            line.cut()
        return None

    async def _reached(self, deadline: float) -> Line:
        """A new connection; tried once more if refused, shortly after."""
        try:
            return await self._opened(deadline)
        except UpstreamUnreachable as refused:
            if _is_outside(refused) or self.circuit.is_open or not self._retries.take():
                raise
        await asyncio.sleep(_PAUSE_SECONDS)
        return await self._opened(deadline)

    async def _opened(self, deadline: float) -> Line:
        left = min(self._limits.upstream_connect_seconds, deadline - self._now())
        try:
            async with asyncio.timeout(left):
                return await self._connect()
        except TimeoutError:
            raise UpstreamTimeout("no connection in time", "连接超时") from None
        except EgressRefused:
            raise UpstreamUnreachable(
                "the mount's address is outside the allowed networks", "挂接地址不在允许的网段内"
            ) from None
        except (OSError, UnicodeError):
            raise UpstreamUnreachable("no connection", "连接失败") from None

    async def _connect(self) -> Line:
        loop, origin = asyncio.get_running_loop(), self._origin
        sock = await self._egress.connected(origin.host, origin.port)
        try:
            _, line = await loop.create_connection(
                lambda: Line(self._open.discard, self._distrust, self._held), sock=sock,
                ssl=self.tls if origin.secure else None, server_hostname=origin.host if origin.secure else None,
            )  # fmt: skip
        except BaseException:
            sock.close()
            raise
        self._open.add(line)
        return line

    def _distrust(self) -> None:
        self._distrusted_until = self._now() + _DISTRUST_SECONDS

    def sweep(self) -> bool:
        """Give up questions past their deadline, close what was idle too long; whether anything is open or asked still."""
        now = self._now()
        for line in list(self._open):
            line.expire(now, self._limits.upstream_total_seconds)
        old = [line for line in self._idle if now >= _until(line)]
        if old:
            self._idle = [line for line in self._idle if line not in old]
            for line in old:
                line.cut()
        return bool(self._open) or self._taken > 0

    def retire(self) -> None:
        """Keep no connection any longer than its question: others with newer certificates take their place."""
        self._retired = True
        for line in self._idle:
            line.cut()
        self._idle.clear()

    def close(self) -> None:
        """Cut everything."""
        self._idle.clear()
        for line in list(self._open):
            line.cut()


def _until(line: Line) -> float:
    """Up to when a line may be used again: a moment before the other side closes it, if it says when."""
    said = line.idle_seconds
    return line.idle_since + (IDLE_SECONDS if said is None else min(IDLE_SECONDS, max(0.0, said - 1)))


def _is_outside(fault: BaseException) -> bool:
    return isinstance(fault.__context__, EgressRefused)


def _busy() -> UpstreamBusy:
    return UpstreamBusy("too many questions wait for this department", "等待该部门应答的请求过多")
