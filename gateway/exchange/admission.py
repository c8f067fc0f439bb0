"""Deciding a call, and taking it from the quota: the step after which the provider may be asked."""

import asyncio
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from functools import lru_cache
from typing import Final

from gateway.authz import Allowed, Call, Grant, decide
from gateway.authz.grants.denials import (
    ClientDisabled,
    NoGrant,
    QuotaUsedUp,
    RateExceeded,
    RecordsOutsideGrant,
    ResourceWithdrawn,
)
from gateway.deadlines import SHANGHAI
from gateway.errors import GatewayError, Unavailable
from gateway.exchange import store
from gateway.exchange.places import Places
from gateway.exchange.plans import Plan, Plans
from gateway.exchange.quota import Quota
from gateway.exchange.ratelimit import minute_left, told_of_grant
from gateway.exchange.sequences import Sequences
from gateway.exchange.store import Ask, Obstacles, Taken
from gateway.names import GrantId
from gateway.settings import Exchange
from gateway.storage import Connection, Database

_TRIES: Final = 3
_DAY: Final = 86_400_000_000
_AHEAD_OF_UTC: Final = 8 * 3_600_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()


class GrantUnsettled(Unavailable):
    """The grant changed while the call was decided（授权正在变更，请重试）."""


class Admission:
    """Decides by the plan at hand, and takes the call from what is set aside here or in the database.

    Args:
        seconds: a clock that only runs forward.
    """

    def __init__(
        self,
        database: Database,
        plans: Plans,
        limits: Exchange,
        sequences: Sequences,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._plans = plans
        self._places = Places(limits)
        self._quota = Quota(database, seconds)
        self._sequences = sequences

    async def run(self) -> None:
        """The workers without which nothing is admitted, and nothing noticed."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._quota.run())
            group.create_task(self._sequences.run())

    def at_once(self, plan: Plan, call: Call, now: datetime) -> tuple[Plan, Allowed, Taken] | None:
        """Admit a call that need not wait for anything; None for any other, refusals too: :meth:`admit` says.

        Holds a place until :meth:`done`.

        Args:
            plan: got from the plans of this process since it last waited for anything.
        """
        if not plan.is_live:
            return None
        verdict = decide(plan.compiled, call, now)
        if not isinstance(verdict, Allowed):
            return None
        seconds = now.timestamp()
        day, moment = _when(seconds)
        grant = plan.grant
        if not self._places.take(grant.consumer_org):
            return None
        taken = self._quota.at_once(Ask(grant.id, grant.version, plan.resource.version), day, moment)
        if taken is None:
            self._places.give(grant.consumer_org)
            return None
        self._sequences.notice(plan, call.parameters, seconds)
        return plan, verdict, taken

    async def admit(self, grant: GrantId, call: Call, now: datetime) -> tuple[Plan, Allowed, Taken]:
        """Admit a call and count it; it holds a place until :meth:`done`.

        Raises:
            GatewayError: one of ``denials``, decided by the grant as it is now; DepartmentBusy, GatewayBusy,
                SnapshotStale.
        """
        known = self._plans.now(grant)
        admitted = self.at_once(known, call, now) if known else None
        if admitted is not None:
            return admitted
        plan = await self._plans.get(grant)
        if plan is None:
            raise _no_such()
        await self._places.wait(plan.grant.consumer_org)
        try:
            return await self._settled(grant, call, now)
        except BaseException:
            self._places.give(plan.grant.consumer_org)
            raise

    def done(self, plan: Plan) -> None:
        """The call admitted under this plan is over, however it ended: its place is another's."""
        self._places.give(plan.grant.consumer_org)

    async def _settled(self, grant: GrantId, call: Call, now: datetime) -> tuple[Plan, Allowed, Taken]:
        """Nobody is refused by what this process remembers: a refusal is decided by what the database says."""
        day, moment = _when(now.timestamp())
        plan = await self._plans.get(grant)
        for _ in range(_TRIES):
            if plan is None:
                raise _no_such()
            verdict = decide(plan.compiled, call, now)
            if isinstance(verdict, Allowed) and plan.is_live:
                taken = await self._quota.take(Ask(grant, *plan.versions), day, moment)
                if taken is not None:
                    self._sequences.notice(plan, call.parameters, now.timestamp())
                    return plan, verdict, taken
            fresh = await self._plans.load(grant)
            if fresh is not None and fresh.versions == plan.versions and fresh.is_live == plan.is_live:
                raise verdict if isinstance(verdict, GatewayError) else await self._why(grant, now)
            plan = fresh
        raise GrantUnsettled("the grant keeps changing", "授权持续变更")

    async def _why(self, grant: GrantId, now: datetime) -> GatewayError:
        async with self._database.connection() as connection:
            found = await obstacle(connection, grant, now)
        return found or GrantUnsettled("the grant changed while it was asked for", "授权在判定期间发生变更")


async def obstacle(connection: Connection, grant: GrantId, now: datetime) -> GatewayError | None:
    """What only the database can say against a call that the grant itself allows; None if nothing.

    Asked after a call could not be taken, and by dry runs, which take none.
    """
    today = now.astimezone(SHANGHAI).date()
    found = await store.obstacles(connection, grant, today)
    if found is None:
        return _no_such()
    return liveness(found) or _used_up(found, today, now) or _too_fast(found, now)


def liveness(found: Obstacles) -> GatewayError | None:
    """That the application system is disabled, or the resource withdrawn; None if neither."""
    if not found.client_is_live:
        return ClientDisabled("the application system is disabled", "应用系统已停用")
    if not found.resource_is_live:
        return ResourceWithdrawn("the resource was withdrawn", "信息资源已撤销")
    return None


def _used_up(found: Obstacles, today: date, now: datetime) -> GatewayError | None:
    """Calls that other processes have set aside are gone, but what they do not use comes back within two seconds."""
    if found.used + found.leased < found.daily_quota:
        return None
    midnight = datetime.combine(today + timedelta(1), time_of_day.min, SHANGHAI)
    wait = 2 if found.used < found.daily_quota else int((midnight - now).total_seconds()) + 1
    refused = QuotaUsedUp(
        f"{found.used} of {found.daily_quota} calls used today", f"今日已用 {found.used}/{found.daily_quota} 次",
        daily_quota=found.daily_quota, used=found.used, retry_after_seconds=wait,
    )  # fmt: skip
    refused.headers.update(told_of_grant(found.daily_quota, 0, now))
    return refused


def _too_fast(found: Obstacles, now: datetime) -> GatewayError | None:
    if found.per_minute is None:
        return None
    free, wait = minute_left(found.per_minute, found.spaced_until, microseconds(now))
    if free:
        return None
    refused = RateExceeded(
        f"at most {found.per_minute} calls a minute", f"每分钟最多 {found.per_minute} 次",
        per_minute=found.per_minute, retry_after_seconds=-(-wait // 1_000_000),
    )  # fmt: skip
    left = max(0, found.daily_quota - found.used - found.leased)
    refused.headers.update(told_of_grant(found.daily_quota, left, now, (found.per_minute, 0, wait)))
    return refused


def _no_such() -> NoGrant:
    return NoGrant("the grant of this token does not exist", "令牌所列授权不存在")


def microseconds(now: datetime) -> int:
    """Since 1970."""
    return int(now.timestamp() * 1_000_000)


def _when(seconds: float) -> tuple[date, int]:
    """The day in Asia/Shanghai, and microseconds since 1970.

    Asia/Shanghai has kept this offset since 1991-09-15 (tzdata); asking the zone costs several times as much.
    """
    moment = int(seconds * 1_000_000)
    return _day(_EPOCH + (moment + _AHEAD_OF_UTC) // _DAY), moment


_day: Final = lru_cache(16)(date.fromordinal)


def check_records(grant: Grant, found: int) -> None:
    """Known only when the provider has answered; nothing is cut off silently.

    Raises:
        RecordsOutsideGrant: more records than the grant allows in one answer.
    """
    most = grant.terms.rules.records_max
    if most is not None and found > most:
        raise RecordsOutsideGrant(
            f"more than {most} records; narrow the parameters", f"超过 {most} 条记录，请缩小查询范围"
        )
