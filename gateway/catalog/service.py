"""Acts on the catalogue: each method is one act, one transaction, one audit record."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.audit import AuditLog, Event, EventType, Outcome, Written
from gateway.catalog import store
from gateway.catalog.description import Description
from gateway.catalog.model import MOVES, Resource, State, obstacle_to_publishing
from gateway.catalog.mount import FileMount, HttpMount, TableMount, mismatch
from gateway.catalog.sources import store as sources
from gateway.catalog.sources.refusals import check_single_source
from gateway.errors import Conflict, FieldFault, Forbidden, Invalid, NotFound
from gateway.identity import Role, who
from gateway.names import OrgCode, ResourceId, new_id
from gateway.seals import Vault
from gateway.storage import Connection, Database, Once, claim
from gateway.storage.foreign import ForeignAddress
from gateway.web import Principal

AnyMount = HttpMount | TableMount | FileMount


class NoSuchResource(NotFound):
    """There is no such resource in the catalogue（目录中没有该信息资源）."""


class ResourceNotInState(Conflict):
    """The resource is not in the state this needs（信息资源当前状态不允许此操作）."""


class SelfApproval(Forbidden):
    """Nobody approves the own act（不得审批本人提交的事项）."""

    remedy = ("Another person with the role must do this.", "请由具有该角色的其他人员办理。")


class NotReadyToPublish(Conflict):
    """The resource cannot be published yet（信息资源尚不具备发布条件）."""

    remedy = (
        "Remove the obstacle named in the detail, then submit again.",
        "请消除所述问题后重新提交。",
    )


@dataclass(frozen=True, slots=True)
class Search:
    """What a list of resources is narrowed by; all given must hold."""

    words: Sequence[str] = ()
    provider_org: str | None = None
    sharing_class: str | None = None


class Catalog:
    """The room's acts. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, log: AuditLog, vault: Vault, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._vault = vault
        self._now = now

    async def draft(self, actor: Principal, what: Description, once: Once | None) -> Resource:
        """A new entry of the actor's own department.

        Raises:
            CodeTaken, ServiceNameTaken, NameTaken.
        """
        new = ResourceId(new_id())
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return await self._found(tx, ResourceId(earlier))
            written = await self._log.emit(
                tx, _event(EventType.RESOURCE_DRAFTED, actor, Role.PROVIDER, new, actor.org, 1, what)
            )
            await store.add(tx, new, actor.org, actor.id, what, written)
            return await self._found(tx, new)

    async def change(self, actor: Principal, resource: ResourceId, what: Description) -> Resource:
        """Replace the description of a draft of the own department."""

        async def act(tx: Connection, _before: Resource) -> None:
            await store.replace(tx, resource, what)

        return await self._move(actor, Role.PROVIDER, resource, "change", EventType.RESOURCE_CHANGED, act)

    async def mount(self, actor: Principal, resource: ResourceId, mount: AnyMount) -> Resource:
        """Say where the data is, or change it; compiled plans of the version before end with the next call.

        Raises:
            Invalid: the mount does not fit the description.
            ResourceNotInState: withdrawn.
        """
        async with self._database.transaction() as tx:
            before = await self._own(tx, actor, resource)
            if before.state is State.WITHDRAWN:
                raise _wrong_state(before, "mount")
            if fault := mismatch(mount, before.description):
                raise Invalid(FieldFault("/mount", fault, "挂接信息与资源描述不一致"))
            await store.set_mount(tx, resource, mount, self._secret(mount, resource))
            await self._record(tx, actor, Role.PROVIDER, before, before.state, EventType.RESOURCE_MOUNTED, {})
            return await self._found(tx, resource)

    async def submit(self, actor: Principal, resource: ResourceId) -> Resource:
        """Hand a draft to the platform for review.

        Raises:
            NotReadyToPublish: it could not be published as it is.
        """
        return await self._move(
            actor, Role.PROVIDER, resource, "submit", EventType.RESOURCE_SUBMITTED, self._must_be_ready
        )

    async def publish(self, actor: Principal, resource: ResourceId) -> Resource:
        """The platform's consent (Decree 809 Art. 16).

        Raises:
            SelfApproval: the actor drafted it.
            NotReadyToPublish: it lost its mount or was regraded since.
            SecondSource: another department is the source of an item of it, or both claim to be (一数一源).
        """
        return await self._move(
            actor, Role.PLATFORM_ADMIN, resource, "publish", EventType.RESOURCE_PUBLISHED, self._must_be_alone,
            published_at=self._now(),
        )  # fmt: skip

    async def send_back(self, actor: Principal, resource: ResourceId, reason: str) -> Resource:
        """The platform returns an entry for correction, with its reason."""
        return await self._move(
            actor,
            Role.PLATFORM_ADMIN,
            resource,
            "return",
            EventType.RESOURCE_RETURNED,
            returned_because=reason,
        )

    async def withdraw(self, actor: Principal, resource: ResourceId, reason: str) -> Resource:
        """End an entry; calls under its grants end with it."""
        return await self._move(
            actor, Role.PROVIDER, resource, "withdraw", EventType.RESOURCE_WITHDRAWN, withdrawn_because=reason
        )

    async def show(self, actor: Principal, resource: ResourceId) -> Resource:
        """Raises NoSuchResource, also for unpublished entries of other departments."""
        async with self._database.connection() as connection:
            found = await self._found(connection, resource)
        if not _may_see(actor, found):
            raise _unknown(resource)
        return found

    async def search(self, actor: Principal, search: Search, after: str | None, count: int) -> list[Resource]:
        """Entries by code: published and withdrawn ones, and the own department's others.

        Raises:
            Invalid: a word of one sign, which would match nearly all.
        """
        if any(len(word.strip()) < 2 for word in search.words):
            raise Invalid(FieldFault("/q", "search words have at least two characters", "检索词至少两个字"))
        async with self._database.connection() as connection:
            return await store.search(
                connection, search.words, search.provider_org, search.sharing_class,
                actor.org, Role.PLATFORM_ADMIN in actor.roles, after, count,
            )  # fmt: skip

    async def published(self, tx: Connection, resource: ResourceId) -> Resource:
        """The published entry, for rooms above; inside their transaction.

        Raises:
            NoSuchResource: unknown or not published yet.
            ResourceNotInState: withdrawn.
        """
        found = await self._found(tx, resource)
        if found.state is State.WITHDRAWN:
            raise _wrong_state(found, "apply")
        if found.state is not State.PUBLISHED:
            raise _unknown(resource)
        return found

    async def at(self, tx: Connection, resource: ResourceId) -> Resource:
        """The entry in whatever state, for rooms above. Raises NoSuchResource."""
        return await self._found(tx, resource)

    def address_of(self, resource: Resource) -> str:
        """The database address of a table's mount, opened for a call.

        Raises:
            WrongKey: the master key is not the one it was wrapped with.
        """
        return self._vault.unwrap(resource.mount_secret or b"", str(resource.id)).decode()

    async def _move(
        self,
        actor: Principal,
        role: Role,
        resource: ResourceId,
        act: str,
        kind: EventType,
        also: Callable[[Connection, Resource], Awaitable[None]] | None = None,
        **marks: Any,
    ) -> Resource:
        async with self._database.transaction() as tx:
            before = await (
                self._own(tx, actor, resource) if role is Role.PROVIDER else self._locked(tx, resource)
            )
            allowed, after = MOVES[act]
            if before.state not in allowed:
                raise _wrong_state(before, act)
            if act == "publish" and before.drafted_by == actor.id:
                raise SelfApproval(
                    "whoever drafted an entry may not publish it", "编制人不得审核发布本人编制的条目"
                )
            if also is not None:
                await also(tx, before)
            await self._record(tx, actor, role, before, after, kind, marks)
            return await self._found(tx, resource)

    async def _record(
        self, tx: Connection, actor: Principal, role: Role, before: Resource, after: State, kind: EventType,
        marks: dict[str, Any],
    ) -> Written:  # fmt: skip
        now = await self._found(tx, before.id)
        reason = marks.get("returned_because") or marks.get("withdrawn_because") or ""
        written = await self._log.emit(
            tx,
            _event(
                kind,
                actor,
                role,
                before.id,
                before.provider_org,
                before.version + 1,
                now.description,
                why=reason,
                cause=before,
            ),
        )
        await store.move(tx, before.id, after, written, **marks)
        return written

    def _secret(self, mount: AnyMount, resource: ResourceId) -> bytes | None:
        if not isinstance(mount, TableMount):
            return None
        if mount.dsn is None:
            raise Invalid(
                FieldFault("/mount/dsn", "a table mount needs the database's address", "缺少数据库地址")
            )
        try:
            ForeignAddress.of(mount.dsn)
        except ValueError:
            raise Invalid(
                FieldFault(
                    "/mount/dsn",
                    "must be postgresql://user:password@host:port/database, specials percent-encoded, no options",
                    "须为 postgresql://用户:口令@主机:端口/库名，特殊字符须百分号编码，不带选项",
                )
            ) from None
        return self._vault.wrap(mount.dsn.encode(), str(resource))

    async def _must_be_ready(self, tx: Connection, before: Resource) -> None:
        obstacle = obstacle_to_publishing(before)
        if any(obstacle):
            raise NotReadyToPublish(*obstacle)
        await sources.register(tx, before, self._now())

    async def _must_be_alone(self, tx: Connection, before: Resource) -> None:
        await self._must_be_ready(tx, before)
        await check_single_source(tx, before)

    async def _found(self, tx: Connection, resource: ResourceId) -> Resource:
        found = await store.find(tx, resource)
        if found is None:
            raise _unknown(resource)
        return found

    async def _locked(self, tx: Connection, resource: ResourceId) -> Resource:
        found = await store.lock(tx, resource)
        if found is None:
            raise _unknown(resource)
        return found

    async def _own(self, tx: Connection, actor: Principal, resource: ResourceId) -> Resource:
        found = await self._locked(tx, resource)
        if found.provider_org != actor.org:
            raise _unknown(resource)
        return found


def _may_see(actor: Principal, resource: Resource) -> bool:
    public = resource.state in (State.PUBLISHED, State.WITHDRAWN)
    return public or resource.provider_org == actor.org or Role.PLATFORM_ADMIN in actor.roles


def _unknown(resource: ResourceId) -> NoSuchResource:
    return NoSuchResource(f"no resource {resource}", f"没有信息资源 {resource}")


def _wrong_state(resource: Resource, act: str) -> ResourceNotInState:
    return ResourceNotInState(
        f"{act} is not possible while the resource is {resource.state}", f"资源状态为 {resource.state}，不能执行 {act}",
        state=resource.state,
    )  # fmt: skip


def _event(
    kind: EventType,
    actor: Principal,
    role: Role,
    resource: ResourceId,
    provider: OrgCode | str,
    version: int,
    what: Description,
    why: str = "",
    cause: Resource | None = None,
) -> Event:
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=who(actor, role),
        provider_org=provider,
        object_kind="resource",
        object_id=str(resource),
        object_version=str(version),
        resource=what.code,
        detail={"name": what.name, "sharing_class": what.sharing_class, "because": why},
        cause=(cause.cause,) if cause else (),
    )
