"""Acts on the catalogue: each method is one act, one transaction, one audit record."""

from collections.abc import Callable
from datetime import datetime

from gateway.audit import AuditLog, EventType
from gateway.catalog import store
from gateway.catalog.acts import Acts, MustNotEnter, event, may_see, must_be_ready, unknown, wrong_state
from gateway.catalog.clearance import Clearance, Cleared, clearance_faults
from gateway.catalog.description import Description
from gateway.catalog.editions import store as editions
from gateway.catalog.finding import Facets, Search, Sight
from gateway.catalog.finding import store as finding
from gateway.catalog.model import Resource, State
from gateway.catalog.mount import AnyMount, mismatch
from gateway.catalog.secrets import wrapped_secret
from gateway.catalog.sources import store as sources
from gateway.catalog.sources.refusals import check_single_source
from gateway.deadlines import local_day
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role
from gateway.names import ResourceId, new_id
from gateway.seals import Vault
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal


class Catalog(Acts):
    """The room's acts. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, log: AuditLog, vault: Vault, now: Callable[[], datetime]) -> None:
        super().__init__(database, log, now)
        self._vault = vault

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
                tx, event(EventType.RESOURCE_DRAFTED, actor, Role.PROVIDER, new, actor.org, 1, what)
            )
            await store.add(tx, new, actor.org, actor.id, what, written)
            return await self._found(tx, new)

    async def change(self, actor: Principal, resource: ResourceId, what: Description) -> Resource:
        """Replace the description of a draft of the own department."""

        async def act(tx: Connection, before: Resource) -> None:
            await store.replace(tx, resource, before.provider_org, what)

        return await self._move(actor, Role.PROVIDER, resource, "change", EventType.RESOURCE_CHANGED, act)

    async def mount(self, actor: Principal, resource: ResourceId, mount: AnyMount) -> Resource:
        """Say where the data is, or change it; compiled plans of the version before end with the next call.

        Raises:
            Invalid: the mount does not fit the description.
            MustNotEnter: it is marked as a secret.
            ResourceNotInState: withdrawn.
        """
        async with self._database.transaction() as tx:
            before = await self._own(tx, actor, resource)
            if before.state is State.WITHDRAWN:
                raise wrong_state(before, "mount")
            if before.description.must_not_enter is not None:
                raise MustNotEnter(
                    f"the resource is marked {before.description.must_not_enter} and may not be mounted",
                    "该资源已标注国家秘密或工作秘密，不得挂接",
                )
            if fault := mismatch(mount, before.description):
                raise Invalid(FieldFault("/mount", fault, "挂接信息与资源描述不一致"))
            await store.set_mount(tx, resource, mount, wrapped_secret(self._vault, mount, resource))
            await self._record(tx, actor, Role.PROVIDER, before, before.state, EventType.RESOURCE_MOUNTED, {})
            return await self._found(tx, resource)

    async def clear(self, actor: Principal, resource: ResourceId, given: Clearance) -> Resource:
        """Record the assessments of a draft and its head's consent (Decree 809 Art. 13).

        Raises:
            Invalid: it does not fit the description, or a day lies ahead.
        """
        now = self._now()

        async def act(tx: Connection, before: Resource) -> None:
            if faults := clearance_faults(given, before.description, local_day(now)):
                raise Invalid(*faults)
            digest = before.description.digest()
            cleared = Cleared(given=given, digest=digest, recorded_by=actor.id, recorded_at=now)
            await store.set_clearance(tx, resource, cleared)

        return await self._move(
            actor, Role.PROVIDER, resource, "clear", EventType.RESOURCE_CLEARED, act,
            more={"clearance": given.summary()},
        )  # fmt: skip

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
            NotReadyToPublish: it lost its mount since.
            SecondSource: another department is the source of an item of it, or both claim to be (一数一源).
        """
        now = self._now()

        async def act(tx: Connection, before: Resource) -> None:
            await self._must_be_alone(tx, before)
            await editions.add_edition(tx, before, before.version + 1, None, actor.id, now)

        return await self._move(
            actor,
            Role.PLATFORM_ADMIN,
            resource,
            "publish",
            EventType.RESOURCE_PUBLISHED,
            act,
            published_at=now,
        )

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

    async def show(self, actor: Principal, resource: ResourceId) -> Resource:
        """Raises NoSuchResource, also for unpublished entries of other departments."""
        async with self._database.connection() as connection:
            found = await self._found(connection, resource)
        if not may_see(actor, found):
            raise unknown(resource)
        return found

    async def search(self, actor: Principal, search: Search, after: str | None, count: int) -> list[Resource]:
        """Entries by code: published and withdrawn ones, and the own department's others.

        Raises:
            Invalid: a word of one sign, which would match nearly all.
        """
        _check_words(search)
        async with self._database.connection() as connection:
            return await finding.search(connection, search, _sight(actor), after, count)

    async def facets(self, actor: Principal, search: Search) -> Facets:
        """How many of the entries a search finds have each 提供方, 共享类型, 格式, 类, 项, 更新周期, 分级, 是否开放.

        Raises:
            Invalid: a word of one sign.
        """
        _check_words(search)
        async with self._database.connection() as connection:
            return await finding.count(connection, search, _sight(actor))

    async def published(self, tx: Connection, resource: ResourceId) -> Resource:
        """The published entry, for rooms above; inside their transaction.

        Raises:
            NoSuchResource: unknown or not published yet.
            ResourceNotInState: withdrawn.
        """
        found = await self._found(tx, resource)
        if found.state is State.WITHDRAWN:
            raise wrong_state(found, "apply")
        if found.state is not State.PUBLISHED:
            raise unknown(resource)
        return found

    async def at(self, tx: Connection, resource: ResourceId) -> Resource:
        """The entry in whatever state, for rooms above. Raises NoSuchResource."""
        return await self._found(tx, resource)

    def address_of(self, resource: Resource) -> str:
        """The secret of a mount, opened for a call: a table's database address, a store's secret key.

        Raises:
            WrongKey: the master key is not the one it was wrapped with.
        """
        return self._vault.unwrap(resource.mount_secret or b"", str(resource.id)).decode()

    async def _must_be_ready(self, tx: Connection, before: Resource) -> None:
        await must_be_ready(tx, before)
        await sources.register(tx, before, self._now())

    async def _must_be_alone(self, tx: Connection, before: Resource) -> None:
        await self._must_be_ready(tx, before)
        await check_single_source(tx, before)


def _check_words(search: Search) -> None:
    if any(len(word.strip()) < 2 for word in search.words):
        raise Invalid(FieldFault("/q", "search words have at least two characters", "检索词至少两个字"))


def _sight(actor: Principal) -> Sight:
    return Sight(actor.org, Role.PLATFORM_ADMIN in actor.roles)
