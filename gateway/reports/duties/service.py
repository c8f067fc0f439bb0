"""Publishing and reading lists of duties: one publication is one act, one transaction, one audit record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.audit import AuditLog, Cause, Event, EventType, Outcome
from gateway.authz.applications.model import route_of
from gateway.catalog import Description
from gateway.deadlines import Actor, Clockwork, Subject, local_day
from gateway.errors import FieldFault, Invalid, NotFound
from gateway.identity import Role, who
from gateway.names import OrgCode, new_id
from gateway.reports.duties import store
from gateway.reports.duties.model import DutyList, Limit, Line, Live
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal


class NoSuchDutyList(NotFound):
    """There is no such list of duties（没有该责任清单）."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A published list and what became of each of its lines."""

    duties: DutyList
    live: dict[UUID, Live]


class Duties:
    """责任清单. ``now`` gives the present instant with its zone."""

    def __init__(
        self, database: Database, log: AuditLog, work: Clockwork, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._log = log
        self._work = work
        self._now = now

    async def publish(self, actor: Principal, org: str, year: int, once: Once | None) -> Standing:
        """The authority publishes a department's list as it follows from the catalogue now: a new version of the year.

        Raises:
            Invalid: the department is not registered.
            PublishedAtOnce.
        """
        new = new_id()
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._standing(tx, earlier)
            known = await store.department(tx, org)
            if known is None:
                raise Invalid(FieldFault("/org", "this department is not registered", "该部门尚未登记"))
            name, answers = known
            lines = [self._line(*duty, answers) for duty in await store.duties(tx, org)]
            version = await store.next_version(tx, org, year)
            event = Event(
                EventType.DUTIES_PUBLISHED, Outcome.DONE, who(actor, Role.PLATFORM_ADMIN), provider_org=org,
                object_kind="duty_list", object_id=str(new), object_version=str(version),
                detail={"year": year, "lines": len(lines)},
            )  # fmt: skip
            written = await self._log.emit(tx, event)
            made = DutyList(
                new, OrgCode(org), name, year, version, tuple(lines), actor.id, self._now(),
                Cause(written.event_id, written.digest),
            )  # fmt: skip
            await store.add(tx, made, written)
            return await self._standing(tx, new)

    async def show(self, duty_list: UUID) -> Standing:
        """A published list is for everybody signed in. Raises NoSuchDutyList."""
        async with self._database.connection() as connection:
            return await self._standing(connection, duty_list)

    async def listed(self, after: UUID | None, count: int) -> list[DutyList]:
        """Newest first."""
        async with self._database.connection() as connection:
            return await store.listed(connection, after, count)

    async def _standing(self, tx: Connection, duty_list: UUID) -> Standing:
        found = await store.find(tx, duty_list)
        if found is None:
            raise NoSuchDutyList(f"no list of duties {duty_list}", f"没有责任清单 {duty_list}")
        resources = [line.resource_id for line in found.lines]
        return Standing(found, await store.live(tx, resources, found.org, self._now()))

    def _line(self, resource: UUID, what: Description, granted_to: list[str], answers: list[str]) -> Line:
        return Line(
            resource_id=resource, code=what.code, name=what.name, items=[item.title for item in what.items],
            sharing_class=what.sharing_class, to_whom=_to_whom(what), granted_to=granted_to, mode=what.mode,
            update_cycle=what.update_cycle, by_when=self._limits(what), answers=answers,
        )  # fmt: skip

    def _limits(self, what: Description) -> list[Limit]:
        """The clocks an application filed now would have and in which the department acts."""
        route, now = route_of(what), self._now()
        if route is None:
            return []
        kept = self._work.in_force(local_day(now), Subject.APPLICATION)
        clocks = self._work.of(
            kept, (), now, subject=Subject.APPLICATION, route=route, sharing_class=what.sharing_class,
            traits={"published"},
        )  # fmt: skip
        return [
            Limit(
                rule=one.rule.id, article=one.rule.article, within=str(one.rule.limit), within_zh=one.rule.limit.zh
            )
            for one in clocks
            if one.rule.actor is Actor.PROVIDER
        ]  # fmt: skip


def _to_whom(what: Description) -> str:
    if what.not_shared_basis is not None:
        return f"不予共享：{what.not_shared_basis.citation}"
    return what.conditions or "各政府部门，无条件共享"
