"""What is left of a grant, for the system that holds it (people ask the control API the same).

Nothing is counted and nothing is recorded: no data moves, and what is told follows from the caller's own grant. A refusal is
on record as that of a call is.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from gateway.authz import DENIALS
from gateway.authz.grants.decide import standing
from gateway.authz.grants.denials import NoGrant, OutsideHours
from gateway.deadlines import SHANGHAI
from gateway.exchange import store
from gateway.exchange.admission import liveness, microseconds
from gateway.exchange.beside import Counter, Handler
from gateway.exchange.evidence import Evidence
from gateway.exchange.plans import Plan
from gateway.exchange.ratelimit import minute_left, told_of_grant
from gateway.exchange.store import Obstacles
from gateway.names import is_slug
from gateway.storage import Database
from gateway.web import Model, Route
from gateway.web.front import read_front
from gateway.web.incoming import Incoming
from gateway.web.outgoing import Outgoing, header_lines
from gateway.web.problems import UnknownPath, method_not_allowed

_BELOW: Final = "/quota"
_PATH: Final = re.compile(rf"/services/([^/]+){_BELOW}")


class QuotaLeft(Model):
    """What is left of a grant today (Asia/Shanghai), over all processes.

    Calls that a process has set aside for the next second count as used. Where ``per_minute`` bounds the grant, a bucket of
    so many calls fills evenly over a minute, and ``minute_remaining`` are in it now.
    """

    grant_id: UUID
    service: str
    valid_until: date
    daily_quota: int
    used: int
    remaining: int
    resets_at: datetime
    per_minute: int | None = None
    minute_remaining: int | None = None


class QuotaDoor:
    """Answers requests about what is left. ``now`` gives the present instant with its zone."""

    def __init__(self, counter: Counter, database: Database, now: Callable[[], datetime]) -> None:
        self._counter = counter
        self._database = database
        self._now = now

    def at(self, path: str) -> Handler | None:
        """Who answers this address, if it is one of these."""
        return self.answer if _PATH.fullmatch(path) else None

    async def answer(self, request: Incoming) -> Outgoing:
        """Answer one request; never raises but for cancellation."""
        return await self._counter.answer(request, self._serve)

    async def _serve(self, request: Incoming, seen: Evidence) -> Outgoing:
        query, fields = read_front(request, self._counter.limits)
        at = _PATH.fullmatch(request.raw_path.partition("?")[0])
        assert at is not None  # that is why it came here
        if query or not is_slug(at[1]):
            raise UnknownPath("there is nothing at this address", "该地址不存在")
        if request.method != "GET":
            raise method_not_allowed(request.method, {"GET"})
        _, plan = await self._counter.identified(request, seen, fields, at[1], _BELOW)
        return await self._left(plan, self._counter.always(seen))

    async def _left(self, plan: Plan, headers: dict[str, str]) -> Outgoing:
        """Of a grant that is not in force nothing is left; outside its hours it waits for them."""
        now = self._now()
        denial = standing(plan.compiled, now)
        if denial is not None and not isinstance(denial, OutsideHours):
            raise denial
        today = now.astimezone(SHANGHAI).date()
        async with self._database.connection() as connection:
            found = await store.obstacles(connection, plan.grant.id, today)
        if found is None:
            raise NoGrant("the grant of this token does not exist", "令牌所列授权不存在")
        if denial := liveness(found):
            raise denial
        return _shown(plan, found, now, headers)


def _shown(plan: Plan, found: Obstacles, now: datetime, headers: dict[str, str]) -> Outgoing:
    gone = found.used + found.leased
    left, minute = max(0, found.daily_quota - gone), None
    if found.per_minute is not None:
        free, wait = minute_left(found.per_minute, found.spaced_until, microseconds(now))
        minute = (found.per_minute, free, wait)
    tomorrow = now.astimezone(SHANGHAI).date() + timedelta(1)
    told = QuotaLeft(
        grant_id=plan.grant.id, service=plan.grant.service, valid_until=plan.grant.terms.valid_until,
        daily_quota=found.daily_quota, used=gone, remaining=left,
        resets_at=datetime.combine(tomorrow, time.min, SHANGHAI), per_minute=found.per_minute,
        minute_remaining=minute[1] if minute else None,
    )  # fmt: skip
    limits = told_of_grant(found.daily_quota, left, now, minute)
    lines = header_lines({"Content-Type": "application/json", **limits, **headers})
    return Outgoing(200, lines, told.model_dump_json(exclude_none=True).encode())


ROUTES: Final = (
    Route(
        "GET", "/services/{service}/quota", None, frozenset({"client"}), "What is left of the quota of the token's grant",
        "查询令牌所列授权的剩余调用量", "calls", returns=QuotaLeft, problems=(*DENIALS,), name="show_quota_left",
    ),
)  # fmt: skip
