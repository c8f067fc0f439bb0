"""Places: how many calls are under way at once, in all and of one department, and who gets the next one.

Departments that wait take turns, each with its oldest call: one that sends ten thousand calls at once waits behind
itself, not in front of the others.
"""

import asyncio
from collections import OrderedDict, deque
from typing import Final, TypeAlias

from gateway.errors import TooMany, Unavailable
from gateway.exchange.ratelimit import told_of_places
from gateway.names import OrgCode
from gateway.settings import Exchange

_AGAIN_SECONDS: Final = 1
_Turn: TypeAlias = "asyncio.Future[None]"


class DepartmentBusy(TooMany):
    """The department has too many calls under way at once（本部门并发调用过多）."""

    remedy = (
        "Make fewer calls at the same time; other departments are not affected.",
        "请减少同时发起的调用；其他部门不受影响。",
    )


class GatewayBusy(Unavailable):
    """The gateway has as many calls under way as it takes（网关并发调用已达上限）."""

    remedy = (
        "Try again after the time in Retry-After; add a process if this goes on.",
        "请在 Retry-After 所示时间后重试；如持续出现，请增加处理进程。",
    )


class Places:
    """The places of one process."""

    def __init__(self, limits: Exchange) -> None:
        self._limits = limits
        self._held = 0
        self._of: dict[OrgCode, int] = {}
        self._turns: OrderedDict[OrgCode, deque[_Turn]] = OrderedDict()

    def take(self, org: OrgCode) -> bool:
        """Take a place if one is free; whoever waits is not passed, because it waits for places this one cannot have."""
        held = self._of.get(org, 0)
        if self._held >= self._limits.concurrent_max or held >= self._limits.department_concurrent_max:
            return False
        self._held += 1
        self._of[org] = held + 1
        return True

    def give(self, org: OrgCode) -> None:
        """Give a place back; the next department in turn that may have it gets it."""
        self._held -= 1
        left = self._of[org] - 1
        if left:
            self._of[org] = left
        else:
            del self._of[org]
        self._hand_on()

    async def wait(self, org: OrgCode) -> None:
        """Take a place, waiting for one if need be.

        Raises:
            DepartmentBusy, GatewayBusy: too many wait already, or none came free in time.
        """
        if self.take(org):
            return
        turns = self._turns.setdefault(org, deque())
        if len(turns) >= self._limits.department_waiting_max:
            raise self._refusal(org)
        turn: _Turn = asyncio.get_running_loop().create_future()
        turns.append(turn)
        try:
            async with asyncio.timeout(self._limits.waiting_seconds):
                await turn
        except BaseException as ended:
            self._leave(org, turn)
            if isinstance(ended, TimeoutError):
                raise self._refusal(org) from None
            raise

    def _leave(self, org: OrgCode, turn: _Turn) -> None:
        """Who gives up may have been given a place in the same moment."""
        if turn.done() and not turn.cancelled():
            self.give(org)
            return
        turns = self._turns.get(org)
        if turns is not None and turn in turns:
            turns.remove(turn)
            if not turns:
                del self._turns[org]

    def _refusal(self, org: OrgCode) -> DepartmentBusy | GatewayBusy:
        refused: DepartmentBusy | GatewayBusy
        name, most = "department", self._limits.department_concurrent_max
        if self._of.get(org, 0) >= most:
            refused = DepartmentBusy(
                f"{most} calls of this department are under way", f"本部门已有 {most} 个调用正在进行",
                retry_after_seconds=_AGAIN_SECONDS,
            )  # fmt: skip
        else:
            name, most = "gateway", self._limits.concurrent_max
            refused = GatewayBusy("all places are taken", "并发调用已满", retry_after_seconds=_AGAIN_SECONDS)
        refused.headers.update(told_of_places(name, most, _AGAIN_SECONDS))
        return refused

    def _hand_on(self) -> None:
        for org in list(self._turns):
            if self._held >= self._limits.concurrent_max:
                return
            turns = self._turns[org]
            while turns and turns[0].done():
                turns.popleft()
            if turns and self.take(org):
                turns.popleft().set_result(None)
                self._turns.move_to_end(org)
            if not turns:
                del self._turns[org]
