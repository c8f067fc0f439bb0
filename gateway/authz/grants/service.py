"""Acts on grants: each method is one act, one transaction, one audit record."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.audit import AuditLog, Cause, Event, EventType, Outcome
from gateway.authz.grants import store
from gateway.authz.grants.model import Grant, GrantState, Terms
from gateway.errors import Conflict, Forbidden, NotFound
from gateway.identity import Role, who
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ResourceId, ServiceName, new_id
from gateway.storage import Connection, Database
from gateway.web import Principal

_MOVES: Final = {
    "suspend": (GrantState.ACTIVE, GrantState.SUSPENDED, EventType.GRANT_SUSPENDED),
    "resume": (GrantState.SUSPENDED, GrantState.ACTIVE, EventType.GRANT_RESUMED),
    "revoke": (None, GrantState.REVOKED, EventType.GRANT_REVOKED),
}
_EVERYWHERE: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class NoSuchGrant(NotFound):
    """There is no such grant（没有该授权）."""


class GrantNotInState(Conflict):
    """The grant is not in the state this needs（授权当前状态不允许此操作）."""


class NotYourGrant(Forbidden):
    """Only the provider or the security administrator may do this（仅提供部门或安全管理员可以操作）."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a grant follows from: the application's parties and the record of the approval."""

    application_id: ApplicationId
    consumer_org: OrgCode
    provider_org: OrgCode
    client_id: ClientId
    resource_id: ResourceId
    resource_code: str
    service: ServiceName
    purpose: str
    cause: Cause


class Grants:
    """The acts on grants. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._now = now

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
            version=1,
            issued_at=self._now(),
            cause=basis.cause,
        )
        written = await self._log.emit(
            tx, _event(EventType.GRANT_ISSUED, actor, role, grant, basis.resource_code, "")
        )
        issued = replace(grant, cause=written.cause)
        await store.add(tx, issued)
        return issued

    async def suspend(self, actor: Principal, grant: GrantId, because: str) -> Grant:
        """Stop calls for a time (Decree 809 Art. 27); in force with the next call on every process."""
        return await self._move(actor, grant, "suspend", because)

    async def resume(self, actor: Principal, grant: GrantId, because: str) -> Grant:
        """Let calls pass again."""
        return await self._move(actor, grant, "resume", because)

    async def revoke(self, actor: Principal, grant: GrantId, because: str) -> Grant:
        """End a grant for good; in force with the next call on every process."""
        return await self._move(actor, grant, "revoke", because)

    async def at(self, tx: Connection, grant: GrantId) -> Grant | None:
        """The grant in whatever state, for the room above."""
        return await store.find(tx, grant)

    async def show(self, actor: Principal, grant: GrantId) -> Grant:
        """Raises NoSuchGrant, also for departments that are no party to it."""
        async with self._database.connection() as connection:
            found = await store.find(connection, grant)
        if found is None or not may_see(actor, found):
            raise _unknown(grant)
        return found

    async def listed(
        self, actor: Principal, state: GrantState | None, after: UUID | None, count: int
    ) -> list[Grant]:
        """Newest first: all for the administrators, those of the own department for others."""
        org = None if actor.roles & _EVERYWHERE else actor.org
        async with self._database.connection() as connection:
            return await store.listed(connection, org, state, after, count)

    async def _move(self, actor: Principal, grant: GrantId, act: str, because: str) -> Grant:
        needed, after, kind = _MOVES[act]
        async with self._database.transaction() as tx:
            before = await store.lock(tx, grant)
            if before is None or not may_see(actor, before):
                raise _unknown(grant)
            role = _role_for(actor, before)
            if before.state is GrantState.REVOKED or (needed is not None and before.state is not needed):
                raise GrantNotInState(
                    f"{act} is not possible while the grant is {before.state}", f"授权状态为 {before.state}，不能执行 {act}",
                    state=before.state,
                )  # fmt: skip
            moved = replace(before, state=after, because=because, version=before.version + 1)
            written = await self._log.emit(tx, _event(kind, actor, role, moved, "", because))
            await store.move(tx, grant, after, because, written)
        return replace(moved, cause=written.cause)


def _role_for(actor: Principal, grant: Grant) -> Role:
    if Role.SECURITY_ADMIN in actor.roles:
        return Role.SECURITY_ADMIN
    if Role.PROVIDER in actor.roles and actor.org == grant.provider_org:
        return Role.PROVIDER
    raise NotYourGrant(
        "ask the providing department or the security administrator", "请联系提供部门或安全管理员"
    )


def may_see(actor: Principal, grant: Grant) -> bool:
    """Whether the actor's department is a party to the grant, or keeps watch over all."""
    return actor.org in (grant.consumer_org, grant.provider_org) or bool(actor.roles & _EVERYWHERE)


def _unknown(grant: GrantId) -> NoSuchGrant:
    return NoSuchGrant(f"no grant {grant}", f"没有授权 {grant}")


def _event(kind: EventType, actor: Principal, role: Role, grant: Grant, resource: str, because: str) -> Event:
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=who(actor, role),
        consumer_org=grant.consumer_org,
        provider_org=grant.provider_org,
        object_kind="grant",
        object_id=str(grant.id),
        object_version=str(grant.version),
        resource=resource or grant.service,
        purpose=grant.purpose,
        grant_id=str(grant.id),
        application_id=str(grant.application_id),
        detail={"because": because, "terms": grant.terms.model_dump(mode="json")},
        cause=(grant.cause,),
    )
