"""Taking calls from quotas: one statement for all calls that wait, and leases so that most calls need not wait.

A process that calls often under a grant sets some calls aside with the statement that takes one; it spends them by itself
within a second and then tells what became of them. What is set aside is counted as gone, at most a hundredth of what
is left, so used never exceeds granted at any moment over all processes, and the last hundred calls of a day are taken one
by one. What a process that died had set aside stays gone for that day. Grants that bound the calls of a minute have
no leases: each of their calls is taken from a bucket in the database.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from gateway.errors import GatewayError, Unavailable
from gateway.exchange import store
from gateway.exchange.store import Ask, Given, Spent, Taken, Wish
from gateway.names import GrantId
from gateway.storage import Connection, Database
from gateway.telemetry import get_logger

_log = get_logger()
_MOST_AT_ONCE: Final = 500
_LEASE_SECONDS: Final = 1.0
_LEASE_MOST: Final = 4096
_SETTLE_SECONDS: Final = 0.5
_Answer: TypeAlias = "asyncio.Future[Taken | None] | None"


class ExchangeStopping(Unavailable):
    """The gateway is stopping（网关正在停止）."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    ask: Ask
    day: date
    now: int
    answer: _Answer


@dataclass(slots=True)
class _Lease:
    """Calls of one grant set aside for this process.

    Attributes:
        gone: of the day's calls, with those still here.
        left: how many are here; ``spent`` how many were used and not told yet.
        size: how many were wished for last.
        asked_at, ends: by the clock that only runs forward.
        is_wanted: whether more has been asked for and has not come yet.
    """

    ask: Ask
    day: date
    daily_quota: int
    gone: int
    left: int
    spent: int
    size: int
    asked_at: float
    ends: float
    is_wanted: bool = False


class Quota:
    """The takings of one process; :meth:`run` is one of its workers.

    Args:
        seconds: a clock that only runs forward.
    """

    def __init__(self, database: Database, seconds: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._seconds = seconds
        self._waiting: deque[_Waiting] = deque()
        self._leases: dict[GrantId, _Lease] = {}
        self._wake = asyncio.Event()
        self._running = False

    def at_once(self, ask: Ask, day: date, now: int) -> Taken | None:
        """Take one call from what is set aside here; None if there is nothing, and :meth:`take` must be awaited."""
        lease = self._leases.get(ask.grant)
        if lease is None or not lease.left or lease.day != day or lease.ends < self._seconds():
            return None
        lease.left -= 1
        lease.spent += 1
        if lease.left * 2 < lease.size and not lease.is_wanted:
            lease.is_wanted = True
            self._ask(_Waiting(ask, day, now, None))
        return Taken(lease.gone - lease.left, lease.daily_quota)

    async def take(self, ask: Ask, day: date, now: int) -> Taken | None:
        """Take one call of a day's quota; None if the grant is not in force in these versions or nothing is left.

        Args:
            now: microseconds since 1970, for grants that bound the calls of a minute.

        Raises:
            DatabaseDown: the database cannot be asked. ExchangeStopping: no worker runs any more.
        """
        if not self._running:
            raise ExchangeStopping("no more calls are taken", "不再受理调用")
        answer: asyncio.Future[Taken | None] = asyncio.get_running_loop().create_future()
        self._ask(_Waiting(ask, day, now, answer))
        return await answer

    async def run(self) -> None:
        """Answer those who wait until cancelled; who waits then is refused, and what is set aside is given back."""
        self._running = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._answer_all())
                group.create_task(self._settle_all())
        finally:
            self._running = False
            for waiting in self._waiting:
                _refuse(waiting, ExchangeStopping("the gateway is stopping", "网关正在停止"))
            self._waiting.clear()
            await asyncio.shield(self._settle(float("inf")))

    def _ask(self, waiting: _Waiting) -> None:
        self._waiting.append(waiting)
        self._wake.set()

    async def _answer_all(self) -> None:
        while True:
            while not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            await self._flush(self._next())

    async def _settle_all(self) -> None:
        while True:
            await asyncio.sleep(_SETTLE_SECONDS)
            await asyncio.shield(self._settle(self._seconds()))

    def _next(self) -> list[_Waiting]:
        """Those of one day, in the order they came."""
        day = self._waiting[0].day
        taken: list[_Waiting] = []
        while self._waiting and len(taken) < _MOST_AT_ONCE and self._waiting[0].day == day:
            taken.append(self._waiting.popleft())
        return taken

    async def _flush(self, taken: list[_Waiting]) -> None:
        try:
            async with self._database.connection() as connection:
                await self._give(connection, taken)
        except Exception as fault:  # each caller hears of it; the worker goes on for the next ones
            self._refuse_all(taken, fault)
        except asyncio.CancelledError:
            self._refuse_all(taken, ExchangeStopping("the gateway is stopping", "网关正在停止"))
            raise

    def _refuse_all(self, taken: list[_Waiting], fault: Exception) -> None:
        for waiting in taken:
            _refuse(waiting, fault)
            if lease := self._leases.get(waiting.ask.grant):
                lease.is_wanted = False

    async def _give(self, connection: Connection, taken: list[_Waiting]) -> None:
        asked: dict[Ask, list[_Waiting]] = {}
        for waiting in taken:
            calls = asked.setdefault(waiting.ask, [])
            if waiting.answer is not None:
                calls.append(waiting)
        day, now = taken[0].day, taken[0].now
        wishes = {ask: Wish(len(calls), self._extra(ask, day, len(calls))) for ask, calls in asked.items()}
        given = await store.take_many(connection, wishes, day, now)
        for ask, calls in asked.items():
            got = given.get(ask)
            if got is not None:
                first = got.gone - got.lent - len(calls)
                for place, waiting in enumerate(calls, 1):
                    _answer(waiting, Taken(first + place, got.daily_quota))
                self._keep(ask, day, got, wishes[ask].extra)
            elif len(calls) == 1:
                _answer(calls[0], None)
            else:
                await _one_by_one(connection, calls)

    def _extra(self, ask: Ask, day: date, calls: int) -> int:
        """Twice as many as last time if that was spent within its second; nothing for those who call seldom."""
        lease = self._leases.get(ask.grant)
        if lease is None or lease.day != day or self._seconds() - lease.asked_at > _LEASE_SECONDS:
            return 0
        return min(max(2 * lease.size, 4 * calls, 2), _LEASE_MOST)

    def _keep(self, ask: Ask, day: date, got: Given, size: int) -> None:
        now, lease = self._seconds(), self._leases.get(ask.grant)
        if lease is None:
            self._leases[ask.grant] = _Lease(
                ask, day, got.daily_quota, got.gone, got.lent, 0, size, now, now + _LEASE_SECONDS
            )
        elif lease.day == day:
            lease.left += got.lent
            lease.gone, lease.size, lease.asked_at, lease.ends = got.gone, size, now, now + _LEASE_SECONDS
            lease.is_wanted = False

    async def _settle(self, now: float) -> None:
        """Tell what was spent, and give back what was not within its second.

        What could not be told stays counted as set aside, because nobody knows whether the database heard it.
        """
        told = [one for grant, lease in list(self._leases.items()) if (one := self._close(grant, lease, now))]
        if not told:
            return
        try:
            async with self._database.connection() as connection:
                await store.settle(connection, sorted(told, key=lambda one: (one.grant, one.day)))
        except GatewayError as fault:
            _log.warning("quota.not_settled", grants=len(told), said=fault.detail)

    def _close(self, grant: GrantId, lease: _Lease, now: float) -> Spent | None:
        is_over = lease.ends < now
        if is_over:
            del self._leases[grant]
        returned, spent = lease.left if is_over else 0, lease.spent
        if not returned and not spent:
            return None
        lease.spent = 0
        return Spent(grant, lease.day, spent, returned)


async def _one_by_one(connection: Connection, calls: list[_Waiting]) -> None:
    """Not all of them fit: the first ones get what is left."""
    for place, waiting in enumerate(calls):
        given = (await store.take_many(connection, {waiting.ask: Wish(1)}, waiting.day, waiting.now)).get(
            waiting.ask
        )
        if given is None:
            for other in calls[place:]:
                _answer(other, None)
            return
        _answer(waiting, Taken(given.gone, given.daily_quota))


def _answer(waiting: _Waiting, taken: Taken | None) -> None:
    if waiting.answer is not None and not waiting.answer.done():
        waiting.answer.set_result(taken)


def _refuse(waiting: _Waiting, fault: Exception) -> None:
    if waiting.answer is not None and not waiting.answer.done():
        waiting.answer.set_exception(fault)
        waiting.answer.exception()  # a caller that gave up will not look at it
