"""Acts on grants: each method is one act, one transaction, one audit record."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.audit import JSON, AuditLog, Cause, Event, EventType, Outcome
from gateway.authz.grants import store
from gateway.authz.grants.informing import informed
from gateway.authz.grants.model import EndReason, Grant, GrantState, Side, Terms
from gateway.catalog import Holder
from gateway.deadlines import local_day
from gateway.errors import Conflict, Forbidden, NotFound
from gateway.identity import Role, who
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ResourceId, ServiceName, new_id
from gateway.storage import Connection, Database
from gateway.supervision import tell
from gateway.web import Principal

_EVERYWHERE: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class NoSuchGrant(NotFound):
    """There is no such grant（没有该授权）."""


class GrantNotInState(Conflict):
    """The grant is not in the state this needs（授权当前状态不允许此操作）."""


class NotYourGrant(Forbidden):
    """Only a party to the grant with this duty, or the authority, may do this（仅相应当事部门或主管部门可以操作）."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a grant follows from: the application's parties and the record of the approval."""

    application_id: ApplicationId
    consumer_org: OrgCode
    provider_org: OrgCode
    client_id: ClientId
    resource_id: ResourceId
    resource_code: str
    grade: str
    service: ServiceName
    purpose: str
    cause: Cause


class Grants:
    """The acts on grants. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, log: AuditLog, now: Callable[[], datetime]) -> None:
        self.database = database
        self.log = log
        self.now = now

    async def issue(self, tx: Connection, actor: Principal, role: Role, basis: Basis, terms: Terms) -> Grant:
        """Issue a grant inside the transaction of the approval it follows from."""
        grant = Grant(
            id=GrantId(new_id()),
            application_id=basis.application_id,
            consumer_org=basis.consumer_org,
            provider_org=basis.provider_org,
            client_id=basis.client_id,
            resource_id=basis.resource_id,
            service=basis.service,
            purpose=basis.purpose,
            terms=terms,
            state=GrantState.ACTIVE,
            because=None,
            held_by=None,
            version=1,
            issued_at=self.now(),
            cause=basis.cause,
        )
        written = await self.log.emit(
            tx, _event(EventType.GRANT_ISSUED, actor, role, grant, basis.resource_code, basis.grade)
        )
        issued = replace(grant, cause=written.cause)
        await store.add(tx, issued)
        return issued

    async def at(self, tx: Connection, grant: GrantId) -> Grant | None:
        """The grant in whatever state, for the room above."""
        return await store.find(tx, grant)

    async def region_of(self, tx: Connection, org: OrgCode) -> str:
        """The division code of a department's region, which never changes; for the room above."""
        return await store.region_of(tx, org)

    async def holders(self, tx: Connection, resource: ResourceId) -> list[Holder]:
        """The grants on a resource that have not ended, as the catalogue knows them; oldest first."""
        return [
            Holder(
                grant.id, grant.consumer_org, grant.client_id, grant.state,
                frozenset(grant.terms.fields), frozenset(grant.terms.parameters),
            )
            for grant in await store.on_resource(tx, resource, local_day(self.now()))
        ]  # fmt: skip

    async def show(self, actor: Principal, grant: GrantId) -> Grant:
        """Raises NoSuchGrant, also for departments that are no party to it."""
        async with self.database.connection() as connection:
            found = await store.find(connection, grant)
        if found is None or not may_see(actor, found):
            raise unknown(grant)
        return found

    async def listed(
        self, actor: Principal, state: GrantState | None, after: UUID | None, count: int
    ) -> list[Grant]:
        """Newest first: all for the administrators, those of the own department for others."""
        org = None if actor.roles & _EVERYWHERE else actor.org
        async with self.database.connection() as connection:
            return await store.listed(connection, org, state, after, count)

    async def end(self, actor: Principal, grant: GrantId, reason: EndReason, words: str) -> Grant:
        """The requester gives the grant back (Decree 809 Art. 27); what was had must then be disposed of.

        Raises:
            NotYourGrant: the actor is not of the requesting department.
        """
        async with self.database.transaction() as tx:
            before = await self.locked(tx, actor, grant)
            if actor.org != before.consumer_org:
                raise NotYourGrant("only the requesting department ends it", "仅需求部门可以结束使用")
            check_not_over(before, "end")
            after = replace(before, state=GrantState.ENDED, because=words, held_by=None)
            return await self.move(tx, actor, Role.REQUESTER, after, EventType.GRANT_ENDED, why=reason)

    async def locked(self, tx: Connection, actor: Principal, grant: GrantId) -> Grant:
        """The grant, held until the transaction ends. Raises NoSuchGrant, also for departments no party to it."""
        found = await store.lock(tx, grant)
        if found is None or not may_see(actor, found):
            raise unknown(grant)
        return found

    async def move(
        self, tx: Connection, actor: Principal, role: Role, after: Grant, kind: EventType, **detail: JSON
    ) -> Grant:
        """Store a grant as it is after an act, with the act's one record."""
        moved = replace(after, version=after.version + 1)
        code, grade = await store.resource_of(tx, moved.resource_id)
        written = await self.log.emit(tx, _event(kind, actor, role, moved, code, grade, **detail))
        await store.move(tx, moved, self.now() if moved.state.is_over else None, written)
        for told in informed(kind, actor.org, moved):
            await tell(tx, told, self.now())
        return replace(moved, cause=written.cause)


def check_not_over(grant: Grant, act: str) -> None:
    """Raises GrantNotInState: the grant is revoked or ended."""
    if grant.state.is_over:
        raise not_in_state(grant, act)


def not_in_state(grant: Grant, act: str) -> GrantNotInState:
    """The refusal of an act that the grant's state does not allow."""
    return GrantNotInState(
        f"{act} is not possible while the grant is {grant.state}", f"授权状态为 {grant.state}，不能执行 {act}",
        state=grant.state,
    )  # fmt: skip


def side_of(actor: Principal, grant: Grant) -> tuple[Side, Role]:
    """On whose side the actor acts against the grant, and in which role.

    Raises:
        NotYourGrant: on none.
    """
    for role in (Role.SECURITY_ADMIN, Role.PLATFORM_ADMIN):
        if role in actor.roles:
            return Side.AUTHORITY, role
    if Role.PROVIDER in actor.roles and actor.org == grant.provider_org:
        return Side.PROVIDER, Role.PROVIDER
    raise NotYourGrant("ask the providing department or the authority", "请联系提供部门或主管部门")


def may_see(actor: Principal, grant: Grant) -> bool:
    """Whether the actor's department is a party to the grant, or keeps watch over all."""
    return actor.org in (grant.consumer_org, grant.provider_org) or bool(actor.roles & _EVERYWHERE)


def unknown(grant: GrantId) -> NoSuchGrant:
    """The refusal for whoever may not know of it."""
    return NoSuchGrant(f"no grant {grant}", f"没有授权 {grant}")


def _event(
    kind: EventType, actor: Principal, role: Role, grant: Grant, resource: str, grade: str, **detail: JSON
) -> Event:
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=who(actor, role),
        consumer_org=grant.consumer_org,
        provider_org=grant.provider_org,
        object_kind="grant",
        object_id=str(grant.id),
        object_version=str(grant.version),
        resource=resource,
        grade=grade,
        purpose=grant.purpose,
        grant_id=str(grant.id),
        application_id=str(grant.application_id),
        detail={"because": grant.because or "", "terms": grant.terms.model_dump(mode="json"), **detail},
        cause=(grant.cause,),
    )
