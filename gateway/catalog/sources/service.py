"""Acts on claims and lead sources: each method is one act, one transaction, one audit record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.catalog.acts import NoSuchResource, ResourceNotInState
from gateway.catalog.model import Resource, State
from gateway.catalog.service import Catalog
from gateway.catalog.sources import store
from gateway.catalog.sources.model import Element, Origin, Position, Standing
from gateway.catalog.sources.refusals import NoSuchElement
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role, who
from gateway.names import ResourceId
from gateway.storage import Connection, Database
from gateway.web import Principal

_SEE_ALL = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a claimed item is: the element of that ``code``, or whatever ``item`` of another entry is."""

    code: str | None = None
    resource: ResourceId | None = None
    item: str = ""


class Sources:
    """The acts on sources. ``now`` gives the present instant with its zone."""

    def __init__(
        self, database: Database, log: AuditLog, catalog: Catalog, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._log = log
        self._catalog = catalog
        self._now = now

    async def claim(
        self,
        actor: Principal,
        resource: ResourceId,
        item: str,
        meaning: Meaning,
        position: Position,
        basis: str,
    ) -> Element:
        """A department says what an item of its entry is: the source of an element, or a copy of its lead source.

        Raises:
            NoSuchResource: not an entry of the own department, or the compared one is not published.
            ResourceNotInState: withdrawn.
            Invalid: no such item; a copy where no lead source is named; a copy of oneself.
        """
        async with self._database.transaction() as tx:
            own = await self._own(tx, actor, resource)
            if own.description.item(item) is None:
                raise Invalid(FieldFault("/item", "not an item of the resource", "该资源没有此信息项"))
            now = self._now()
            element = await self._meant(tx, meaning, now)
            if position is Position.COPY:
                await self._check_copy(tx, actor, element)
            await store.put(tx, own, item, element, position, Origin.CLAIM, basis=basis, now=now)
            found = await self._found(tx, element)
            kind = EventType.SOURCE_CLAIMED if position is Position.SOURCE else EventType.SOURCE_COPIED
            said = {"item": item, "element": found.code, "basis": basis, "standing": found.standing}
            await self._log.emit(tx, _event(kind, actor, Role.PROVIDER, own, said))
            return found

    async def name_lead(self, actor: Principal, element: UUID, org: str, because: str) -> Element:
        """主管部门 names the lead source (Decree 809 Art. 19); again if departments changed.

        Raises:
            NoSuchElement.
            Invalid: that department has no item of the element.
        """
        async with self._database.transaction() as tx:
            before = await store.lock(tx, element)
            if before is None:
                raise _unknown(element)
            if org not in before.departments:
                raise Invalid(
                    FieldFault(
                        "/org", "this department has no item of the element", "该部门没有此数据元的信息项"
                    )
                )
            detail = {
                "element": before.code, "standing_before": before.standing, "lead_before": before.lead_org,
                "departments": sorted(before.departments), "because": because,
            }  # fmt: skip
            event = Event(
                EventType.SOURCE_LEAD_NAMED, Outcome.DONE, who(actor, Role.PLATFORM_ADMIN), provider_org=org,
                object_kind="element", object_id=str(element), object_version=str(before.version + 1), detail=detail,
            )  # fmt: skip
            written = await self._log.emit(tx, event)
            await store.name_lead(tx, element, org, because, actor.id, self._now(), written)
            return await self._found(tx, element)

    async def show(self, actor: Principal, element: UUID) -> Element:
        """Raises NoSuchElement, also for departments without an item of it."""
        async with self._database.connection() as connection:
            found = await store.find(connection, element)
        if found is None or not (actor.roles & _SEE_ALL or actor.org in found.departments):
            raise _unknown(element)
        return found

    async def listed(
        self, actor: Principal, standing: Standing | None, after: str | None, count: int
    ) -> list[Element]:
        """Elements by code: all for the administrators, those of the own department's items for others."""
        org = None if actor.roles & _SEE_ALL else actor.org
        async with self._database.connection() as connection:
            return await store.listed(connection, standing, org, after, count)

    async def _own(self, tx: Connection, actor: Principal, resource: ResourceId) -> Resource:
        own = await self._catalog.at(tx, resource)
        if own.provider_org != actor.org:
            raise NoSuchResource(f"no resource {resource}", f"没有信息资源 {resource}")
        if own.state is State.WITHDRAWN:
            raise ResourceNotInState(
                "a withdrawn resource claims nothing", "已撤销的资源不能认领数据项", state=own.state
            )
        return own

    async def _meant(self, tx: Connection, meaning: Meaning, now: datetime) -> UUID:
        """The element; an item of another entry that means none yet gets one named after it."""
        if meaning.resource is None:
            return await store.ensure(tx, meaning.code or "")
        other = await self._catalog.published(tx, meaning.resource)
        if other.description.item(meaning.item) is None:
            raise Invalid(FieldFault("/same_as/item", "not an item of that resource", "该资源没有此信息项"))
        if known := await store.element_of(tx, other.id, meaning.item):
            return known[0]
        element = await store.ensure(tx, f"{other.description.code}:{meaning.item}")
        await store.put(tx, other, meaning.item, element, Position.SOURCE, Origin.CLAIM, basis=None, now=now)
        return element

    async def _check_copy(self, tx: Connection, actor: Principal, element: UUID) -> None:
        lead = (await self._found(tx, element)).lead_org
        if lead is None:
            raise Invalid(
                FieldFault("/position", "no lead source is named that this could copy", "尚未明确数源部门，不能标注为副本")
            )  # fmt: skip
        if lead == actor.org:
            raise Invalid(
                FieldFault("/position", "the department is the lead source itself", "本部门即数源部门")
            )

    async def _found(self, tx: Connection, element: UUID) -> Element:
        found = await store.find(tx, element)
        if found is None:
            raise _unknown(element)
        return found


def _unknown(element: UUID) -> NoSuchElement:
    return NoSuchElement(f"no element {element}", f"没有数据元 {element}")


def _event(
    kind: EventType, actor: Principal, role: Role, resource: Resource, detail: dict[str, str]
) -> Event:
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=who(actor, role),
        provider_org=resource.provider_org,
        object_kind="resource",
        object_id=str(resource.id),
        object_version=str(resource.version),
        resource=resource.description.code,
        grade=resource.description.grade,
        detail=detail,
        cause=(resource.cause,),
    )
