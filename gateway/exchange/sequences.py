"""Noticing an application system that walks through numbers (逐一试查) instead of working on cases.

Only what names whom a call is about is looked at, value after value of one grant in this process, and nothing is kept but the
last number and how many steps led to it. What is noticed becomes a record; what follows from it stands in
``config/alerts.toml``. Many different subjects are counted there as well, over all processes, by their pseudonyms.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gateway.audit import JSON, AuditLog, Event, EventType, Outcome, Who
from gateway.errors import GatewayError
from gateway.exchange.plans import Plan
from gateway.names import GrantId
from gateway.settings import Exchange
from gateway.telemetry import get_logger

_log = get_logger()
_GRANTS_MOST: Final = 10000
_UNTOLD_MOST: Final = 1000
_LONGEST: Final = 30


@dataclass(slots=True)
class _Walk:
    """``steps`` since ``began_at`` (seconds); ``last`` holds the value as a number, with and without its last sign."""

    last: tuple[int, int]
    steps: int
    began_at: float


class Sequences:
    """What one process notices; :meth:`run` is one of its workers."""

    def __init__(self, log: AuditLog, limits: Exchange) -> None:
        self._log = log
        self._limits = limits
        self._walks: OrderedDict[tuple[GrantId, str], _Walk] = OrderedDict()
        self._untold: asyncio.Queue[Event] = asyncio.Queue(_UNTOLD_MOST)

    def notice(self, plan: Plan, parameters: Mapping[str, str], seconds: float) -> None:
        """Look at a call that was admitted; costs a microsecond and never waits."""
        for name, _ in plan.subjects:
            value = parameters.get(name)
            if value is not None:
                steps = self._stepped((plan.grant.id, name), value, seconds)
                if steps and not self._untold.full():
                    self._untold.put_nowait(_event(plan, {"parameter": name, "steps": steps}))

    async def run(self) -> None:
        """Put on record what was noticed, until cancelled."""
        while True:
            event = await self._untold.get()
            try:
                await self._log.append(event)
            except GatewayError as fault:
                _log.warning("sequence.not_recorded", grant=event.grant_id, said=fault.detail)

    def _stepped(self, key: tuple[GrantId, str], value: str, seconds: float) -> int:
        """How many steps the walk has now, if they are enough; then it begins anew."""
        number = _number(value)
        if number is None:
            return 0
        walk = self._walks.get(key)
        if walk is None or not self._goes_on(walk, number, seconds):
            if walk is None or walk.last != number:
                self._begin(key, number, seconds)
            return 0
        walk.last, walk.steps = number, walk.steps + 1
        if walk.steps < self._limits.sequence_steps_min:
            return 0
        del self._walks[key]
        return walk.steps

    def _goes_on(self, walk: _Walk, number: tuple[int, int], seconds: float) -> bool:
        apart = min(abs(number[0] - walk.last[0]), abs(number[1] - walk.last[1]))
        is_next = number != walk.last and apart <= self._limits.sequence_apart_max
        return is_next and seconds - walk.began_at <= self._limits.sequence_seconds

    def _begin(self, key: tuple[GrantId, str], number: tuple[int, int], seconds: float) -> None:
        self._walks[key] = _Walk(number, 0, seconds)
        self._walks.move_to_end(key)
        if len(self._walks) > _GRANTS_MOST:
            self._walks.popitem(last=False)


def _number(value: str) -> tuple[int, int] | None:
    """The value read as a number to the base 36, and the same without its last sign, which may be a check sign."""
    if not value.isascii() or not value.isalnum() or not 2 <= len(value) <= _LONGEST:
        return None
    return int(value, 36), int(value[:-1], 36)


def _event(plan: Plan, detail: dict[str, JSON]) -> Event:
    grant, described = plan.grant, plan.resource.description
    return Event(
        type=EventType.CALL_SEQUENCE,
        outcome=Outcome.ALLOW,
        who=Who(kind="client", id=grant.client_id, org=grant.consumer_org, client=grant.client_id),
        consumer_org=grant.consumer_org,
        provider_org=grant.provider_org,
        object_kind="service",
        object_id=grant.service,
        object_version=str(plan.resource.version),
        resource=described.code,
        grade=described.grade,
        purpose=grant.purpose,
        grant_id=str(grant.id),
        application_id=str(grant.application_id),
        detail=detail,
        cause=(grant.cause,),
    )
