"""Deciding a call, and taking it from the quota: the step after which the provider may be asked."""

from datetime import datetime, time, timedelta

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
from gateway.exchange.plans import Plan, Plans
from gateway.exchange.quota import Quota
from gateway.exchange.store import Ask, Taken
from gateway.names import GrantId
from gateway.storage import Connection, Database

_TRIES = 3


class GrantUnsettled(Unavailable):
    """The grant changed while the call was decided（授权正在变更，请重试）."""


class Admission:
    """Decides by the plan kept and lets the database confirm it in the act of counting."""

    def __init__(self, database: Database, plans: Plans) -> None:
        self._database = database
        self._plans = plans
        self._quota = Quota(database)

    async def run(self) -> None:
        """The worker without which nothing is admitted."""
        await self._quota.run()

    async def admit(self, grant: GrantId, call: Call, now: datetime) -> tuple[Plan, Allowed, Taken]:
        """Admit a call and count it.

        Raises:
            GatewayError: one of ``denials``, decided by the grant as it is now.
        """
        today = now.astimezone(SHANGHAI).date()
        plan = await self._plans.get(grant)
        for _ in range(_TRIES):
            if plan is None:
                raise NoGrant("the grant of this token does not exist", "令牌所列授权不存在")
            verdict = decide(plan.compiled, call, now)
            if isinstance(verdict, Allowed):
                taken = await self._quota.take(Ask(grant, *plan.versions), today, minute_of(now))
                if taken is not None:
                    return plan, verdict, taken
            fresh = await self._plans.load(grant)
            if fresh is not None and fresh.versions == plan.versions:
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
        return NoGrant("the grant of this token does not exist", "令牌所列授权不存在")
    if not found.client_is_live:
        return ClientDisabled("the application system is disabled", "应用系统已停用")
    if not found.resource_is_live:
        return ResourceWithdrawn("the resource was withdrawn", "信息资源已撤销")
    if found.used >= found.daily_quota:
        midnight = datetime.combine(today + timedelta(1), time.min, SHANGHAI)
        return QuotaUsedUp(
            f"{found.used} of {found.daily_quota} calls used today", f"今日已用 {found.used}/{found.daily_quota} 次",
            daily_quota=found.daily_quota, used=found.used, retry_after_seconds=int((midnight - now).total_seconds()) + 1,
        )  # fmt: skip
    if found.per_minute is not None and found.in_minute(minute_of(now)) >= found.per_minute:
        return RateExceeded(
            f"at most {found.per_minute} calls a minute", f"每分钟最多 {found.per_minute} 次",
            per_minute=found.per_minute, retry_after_seconds=60 - int(now.timestamp()) % 60,
        )  # fmt: skip
    return None


def minute_of(now: datetime) -> int:
    """Minutes since 1970, so that a minute of one day is none of the next."""
    return int(now.timestamp()) // 60


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
