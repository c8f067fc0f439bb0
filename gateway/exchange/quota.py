"""Taking calls from quotas: one statement for all calls that wait, so that a busy process asks the database once.

While one statement is under way the next calls gather. Each call is still admitted by the database, in the versions it
was decided by: a grant revoked anywhere admits nothing from that moment, and quota holds exactly over all processes.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from gateway.errors import Unavailable
from gateway.exchange import store
from gateway.exchange.store import Ask, Taken
from gateway.storage import Connection, Database

_MOST_AT_ONCE: Final = 500
_Answer: TypeAlias = "asyncio.Future[Taken | None]"


class ExchangeStopping(Unavailable):
    """The gateway is stopping（网关正在停止）."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    ask: Ask
    day: date
    minute: int
    answer: _Answer


class Quota:
    """The takings of one process; :meth:`run` is one of its workers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._running = False

    async def take(self, ask: Ask, day: date, minute: int) -> Taken | None:
        """Take one call of a day's quota; None if the grant is not in force in these versions or nothing is left.

        Args:
            minute: minutes since 1970, for grants that bound the calls of one.

        Raises:
            DatabaseDown: the database cannot be asked. ExchangeStopping: no worker runs any more.
        """
        if not self._running:
            raise ExchangeStopping("no more calls are taken", "不再受理调用")
        waiting = _Waiting(ask, day, minute, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._wake.set()
        return await waiting.answer

    async def run(self) -> None:
        """Answer those who wait until cancelled; who waits then is refused."""
        self._running = True
        try:
            while True:
                while not self._waiting:
                    self._wake.clear()
                    await self._wake.wait()
                await self._flush(self._next())
        finally:
            self._running = False
            for waiting in self._waiting:
                _refuse(waiting, ExchangeStopping("the gateway is stopping", "网关正在停止"))
            self._waiting.clear()

    def _next(self) -> list[_Waiting]:
        """Those of one minute, in the order they came."""
        first = self._waiting[0]
        when = first.day, first.minute
        taken: list[_Waiting] = []
        while self._waiting and len(taken) < _MOST_AT_ONCE:
            each = self._waiting[0]
            if (each.day, each.minute) != when:
                break
            taken.append(self._waiting.popleft())
        return taken

    async def _flush(self, taken: list[_Waiting]) -> None:
        try:
            async with self._database.connection() as connection:
                await _settle(connection, taken)
        except Exception as fault:  # each caller hears of it; the worker goes on for the next ones
            for waiting in taken:
                _refuse(waiting, fault)
        except asyncio.CancelledError:
            for waiting in taken:
                _refuse(waiting, ExchangeStopping("the gateway is stopping", "网关正在停止"))
            raise


async def _settle(connection: Connection, taken: list[_Waiting]) -> None:
    asked: dict[Ask, list[_Waiting]] = {}
    for waiting in taken:
        asked.setdefault(waiting.ask, []).append(waiting)
    counts = {ask: len(calls) for ask, calls in asked.items()}
    given = await store.take_many(connection, counts, taken[0].day, taken[0].minute)
    for ask, calls in asked.items():
        last = given.get(ask)
        if last is not None:
            for place, waiting in enumerate(calls, 1):
                _answer(waiting, Taken(last.used - len(calls) + place, last.daily_quota))
        elif len(calls) == 1:
            _answer(calls[0], None)
        else:
            await _one_by_one(connection, calls)


async def _one_by_one(connection: Connection, calls: list[_Waiting]) -> None:
    """Not all of them fit: the first ones get what is left."""
    left: Taken | None = Taken(0, 0)
    for waiting in calls:
        if left is not None:
            given = await store.take_many(connection, {waiting.ask: 1}, waiting.day, waiting.minute)
            left = given.get(waiting.ask)
        _answer(waiting, left)


def _answer(waiting: _Waiting, taken: Taken | None) -> None:
    if not waiting.answer.done():
        waiting.answer.set_result(taken)


def _refuse(waiting: _Waiting, fault: Exception) -> None:
    if not waiting.answer.done():
        waiting.answer.set_exception(fault)
        waiting.answer.exception()  # a caller that gave up will not look at it
