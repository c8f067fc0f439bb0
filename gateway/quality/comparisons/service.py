"""Acts on comparisons: each method is one act, one transaction, one audit record."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gateway.audit import JSON, AuditLog, Event, EventType, Outcome, Written
from gateway.catalog import Catalog, Resource
from gateway.errors import Conflict, FieldFault, Invalid, NotFound
from gateway.identity import Role, who
from gateway.names import new_id
from gateway.quality.comparisons import store
from gateway.quality.comparisons.model import Comparison, Run, Side
from gateway.quality.comparisons.sources import can_be_read_whole
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal

_SEE_ALL = frozenset({Role.PLATFORM_ADMIN, Role.AUDITOR})
_RUNS = 20


class NoSuchComparison(NotFound):
    """There is no such comparison（没有该多源校核）."""


class ComparisonEnded(Conflict):
    """The comparison was ended（该多源校核已终止）."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A comparison and its newest runs."""

    comparison: Comparison
    runs: list[Run]


class Comparisons:
    """The acts on comparisons. ``now`` gives the present instant with its zone."""

    def __init__(
        self, database: Database, log: AuditLog, catalog: Catalog, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._log = log
        self._catalog = catalog
        self._now = now

    async def make(
        self,
        actor: Principal,
        left: Side,
        right: Side,
        every_days: int | None,
        reason: str,
        once: Once | None,
    ) -> Standing:
        """The authority has two published resources compared, at once and then every so many days.

        Raises:
            NoSuchResource: not published.
            Invalid: no such item, or a side that gives records only when asked for one.
        """
        new = new_id()
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._standing(tx, earlier)
            if left.resource == right.resource:
                raise Invalid(
                    FieldFault("/right/resource_id", "the same resource as the left side", "与左侧为同一资源")
                )
            sides = []
            for name, side in (("left", left), ("right", right)):
                resource = await self._catalog.published(tx, side.resource)
                _check(name, side, resource)
                sides.append(resource)
            now = self._now()
            made = Comparison(
                new, left, right, sides[0].provider_org, sides[1].provider_org, every_days, reason, actor.id, now,
                now, None, sides[0].cause,
            )  # fmt: skip
            written = await self._emit(tx, EventType.COMPARISON_MADE, actor, made)
            await store.add(tx, replace(made, cause=written.cause))
            return await self._standing(tx, new)

    async def ask_run(self, actor: Principal, comparison: UUID) -> Standing:
        """Have it run now.

        Raises:
            NoSuchComparison, ComparisonEnded.
        """
        async with self._database.transaction() as tx:
            before = await self._open(tx, comparison)
            written = await self._emit(tx, EventType.COMPARISON_ASKED, actor, before)
            await store.ask_run(tx, comparison, self._now(), written)
            return await self._standing(tx, comparison)

    async def end(self, actor: Principal, comparison: UUID) -> Standing:
        """No more runs; the reports stay.

        Raises:
            NoSuchComparison, ComparisonEnded.
        """
        async with self._database.transaction() as tx:
            before = await self._open(tx, comparison)
            written = await self._emit(tx, EventType.COMPARISON_ENDED, actor, before)
            await store.end(tx, comparison, self._now(), written)
            return await self._standing(tx, comparison)

    async def show(self, actor: Principal, comparison: UUID) -> Standing:
        """Raises NoSuchComparison, also for departments whose data are not compared."""
        async with self._database.connection() as connection:
            found = await self._standing(connection, comparison)
        sides = (found.comparison.left_org, found.comparison.right_org)
        if not (actor.roles & _SEE_ALL or actor.org in sides):
            raise _unknown(comparison)
        return found

    async def listed(self, actor: Principal, after: UUID | None, count: int) -> list[Comparison]:
        """Newest first: all for platform and auditors, those of the own department's data for others."""
        org = None if actor.roles & _SEE_ALL else actor.org
        async with self._database.connection() as connection:
            return await store.listed(connection, org, after, count)

    async def _open(self, tx: Connection, comparison: UUID) -> Comparison:
        found = await store.lock(tx, comparison)
        if found is None:
            raise _unknown(comparison)
        if found.ended_at is not None:
            raise ComparisonEnded("order a new one", "请重新建立多源校核")
        return found

    async def _standing(self, tx: Connection, comparison: UUID) -> Standing:
        found = await store.find(tx, comparison)
        if found is None:
            raise _unknown(comparison)
        return Standing(found, await store.runs_of(tx, comparison, _RUNS))

    async def _emit(
        self, tx: Connection, kind: EventType, actor: Principal, comparison: Comparison
    ) -> Written:
        detail: dict[str, JSON] = {
            "left": str(comparison.left.resource), "right": str(comparison.right.resource),
            "every_days": comparison.every_days or 0, "reason": comparison.reason,
        }  # fmt: skip
        return await self._log.emit(
            tx,
            Event(
                kind, Outcome.DONE, who(actor, Role.PLATFORM_ADMIN), provider_org=comparison.left_org,
                object_kind="comparison", object_id=str(comparison.id), detail=detail, cause=(comparison.cause,),
            ),
        )  # fmt: skip


def _check(name: str, side: Side, resource: Resource) -> None:
    faults = [
        FieldFault(f"/{name}/key", "not an item of the resource", "该资源没有此信息项")
        for item in (side.key,)
        if resource.description.item(item) is None
    ]
    faults += [
        FieldFault(f"/pairs/{at}/{name}", "not an item of the resource", "该资源没有此信息项")
        for at, item in enumerate(side.items)
        if resource.description.item(item) is None
    ]
    if not can_be_read_whole(resource):
        faults.append(
            FieldFault(f"/{name}/resource_id", "gives records only when asked for one: mount a table, a file, or an interface without parameters", "该资源须逐条查询，请挂接库表、文件或无参数接口")
        )  # fmt: skip
    if faults:
        raise Invalid(*faults)


def _unknown(comparison: UUID) -> NoSuchComparison:
    return NoSuchComparison(f"no comparison {comparison}", f"没有多源校核 {comparison}")
