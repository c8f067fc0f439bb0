"""Dry runs: what would happen to a call, and what a department may call now. The rules are those of real calls.

Nothing is taken from quota and nothing is recorded: no data moves, and what is told follows from grants the asker may
read anyway. Whoever is no party to a grant cannot tell it from one that does not exist.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from gateway.authz.grants import store
from gateway.authz.grants.compiled import Compiled, compiled
from gateway.authz.grants.decide import RULES, Call, Step, decide, explain, standing
from gateway.authz.grants.denials import COARSE, Coarse, NoGrant
from gateway.authz.grants.model import Grant
from gateway.authz.grants.service import may_see, unknown
from gateway.catalog import Catalog
from gateway.deadlines import SHANGHAI, local_day
from gateway.errors import GatewayError
from gateway.names import ClientId, GrantId
from gateway.storage import Connection, Database
from gateway.web import Principal

Obstacle = Callable[[Connection, GrantId, datetime], Awaitable[GatewayError | None]]
"""What only the database can say against a call: asked of the room that counts calls."""

Used = Callable[[Connection, Sequence[GrantId], date], Awaitable[Mapping[GrantId, int]]]
"""Calls taken on a day under each grant."""

_BATCH: Final = 100
_LAST_RULE: Final = len(RULES)


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of a dry run.

    Attributes:
        grant: the grant that would serve the call, or that comes nearest to it; None if the asker may see none.
        fields: what would leave, if allowed.
        denial: the exact refusal, or None.
        steps: every rule with what it says.
    """

    grant: Grant | None
    fields: tuple[str, ...]
    denial: GatewayError | None
    steps: tuple[Step, ...]

    @property
    def coarse(self) -> Coarse | None:
        """The refusal as anybody may know it."""
        return COARSE[type(self.denial)] if self.denial else None


@dataclass(frozen=True, slots=True)
class Permission:
    """A grant under which calls succeed at this instant."""

    grant: Grant
    fields: tuple[str, ...]
    used: int


@dataclass(frozen=True, slots=True)
class Left:
    """What a grant has left of a day: calls taken or set aside, and the first instant of the next day."""

    grant: Grant
    used: int
    resets_at: datetime


class Checks:
    """Dry runs. ``now`` gives the present instant with its zone."""

    def __init__(
        self, database: Database, catalog: Catalog, obstacle: Obstacle, used: Used, now: Callable[[], datetime]
    ) -> None:  # fmt: skip
        self._database = database
        self._catalog = catalog
        self._obstacle = obstacle
        self._used = used
        self._now = now

    async def check(self, actor: Principal, call: Call, named: GrantId | None) -> Finding:
        """What would happen to this call now.

        Args:
            named: the grant its token would be for; without it, every grant of the system for the service is tried
                and the first that allows the call is shown, else the one that comes nearest.
        """
        async with self._database.connection() as connection:
            found = [
                grant
                for grant in await store.for_calls(connection, ClientId(call.client_id), call.service, named)
                if may_see(actor, grant)
            ]
            findings = [await self._finding(connection, grant, call) for grant in found]
        return max(findings, key=_nearness, default=_NOTHING)

    async def permitted(
        self, actor: Principal, client: str | None, service: str | None, after: UUID | None, count: int
    ) -> list[Permission]:
        """Grants of the actor's department under which a call would succeed now, newest first, ``count`` at most."""
        permitted: list[Permission] = []
        async with self._database.connection() as connection:
            while len(permitted) < count:
                today = local_day(self._now())
                some = await store.callable_of(connection, actor.org, client, service, today, after, _BATCH)
                permitted += await self._open(connection, some)
                if len(some) < _BATCH:
                    break
                after = some[-1].id
        return permitted[:count]

    async def left(self, actor: Principal, grant: GrantId) -> Left:
        """What calls of today are left. Raises NoSuchGrant, also for departments that are no party to it."""
        now = self._now()
        today = local_day(now)
        async with self._database.connection() as connection:
            found = await store.find(connection, grant)
            if found is None or not may_see(actor, found):
                raise unknown(grant)
            used = await self._used(connection, [grant], today)
        midnight = datetime.combine(today + timedelta(1), time.min, SHANGHAI)
        return Left(found, used.get(grant, 0), midnight.astimezone(UTC))

    async def _finding(self, connection: Connection, grant: Grant, call: Call) -> Finding:
        now, plan = self._now(), await self._plan(connection, grant)
        verdict = decide(plan, call, now)
        steps = explain(plan, call, now)
        if isinstance(verdict, GatewayError):
            return Finding(grant, (), verdict, steps)
        denial = await self._obstacle(connection, grant.id, now)
        counted = (*steps, Step("counted by the database", denial))
        return Finding(grant, () if denial else verdict.fields, denial, counted)

    async def _open(self, connection: Connection, grants: list[Grant]) -> list[Permission]:
        now = self._now()
        used = await self._used(connection, [grant.id for grant in grants], local_day(now))
        found = []
        for grant in grants:
            plan = await self._plan(connection, grant)
            if standing(plan, now) is None and await self._obstacle(connection, grant.id, now) is None:
                found.append(Permission(grant, plan.order, used.get(grant.id, 0)))
        return found

    async def _plan(self, connection: Connection, grant: Grant) -> Compiled:
        region = await store.region_of(connection, grant.consumer_org)
        return compiled(grant, (await self._catalog.at(connection, grant.resource_id)).description, region)


def _nearness(finding: Finding) -> tuple[int, str]:
    """An allowed call is nearest, then the one whose first broken rule comes last; of equals the newest grant."""
    broken = next((at for at, step in enumerate(finding.steps) if step.denial), _LAST_RULE + 1)
    return broken, str(finding.grant.id if finding.grant else "")


_NOTHING: Final = Finding(
    None, (), NoGrant("no grant for this system and service", "该应用系统没有此服务的授权"), ()
)
