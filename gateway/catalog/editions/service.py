"""Acts on revisions: each method is one act, one transaction, one audit record; the live edition stays until the end."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from gateway.audit import AuditLog, EventType, Who
from gateway.audit.model import JSON
from gateway.catalog.acts import (
    Acts,
    MustNotEnter,
    NoSuchResource,
    SelfApproval,
    may_see,
    must_be_ready,
    unknown,
    wrong_state,
)
from gateway.catalog.changes import Change, changes, narrowing
from gateway.catalog.clearance import Clearance, Cleared, clearance_faults
from gateway.catalog.description import Description
from gateway.catalog.editions import store
from gateway.catalog.editions.model import MOVES, Edition, Revision, RevisionState
from gateway.catalog.editions.refusals import (
    NoRevision,
    NothingRevised,
    RevisionNotInState,
    named,
    notice_needed,
    revision_event,
)
from gateway.catalog.holders import Holder, HoldersOf
from gateway.catalog.model import Resource, State
from gateway.catalog.mount import AnyMount, mismatch
from gateway.catalog.notices import Notice, too_early
from gateway.catalog.secrets import wrapped_secret
from gateway.catalog.sources import store as sources
from gateway.catalog.sources.refusals import check_single_source
from gateway.deadlines import local_day
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role, who
from gateway.names import ResourceId
from gateway.seals import Vault
from gateway.storage import Connection, Database
from gateway.web import Principal


@dataclass(frozen=True, slots=True)
class Standing:
    """A revision with its entry, the differences of the two, and the grants it takes something from."""

    live: Resource
    revision: Revision
    changes: list[Change]
    touched: list[Holder]


class _Undone(Exception):
    """Ends a trial inside a transaction."""


class Revisions(Acts):
    """The acts on revisions.

    Args:
        holders: the grants on an entry, as the rooms above tell.
        notice_days: days between an announcement and its effect.
    """

    def __init__(
        self, database: Database, log: AuditLog, vault: Vault, now: Callable[[], datetime], holders: HoldersOf,
        notice_days: int,
    ) -> None:  # fmt: skip
        super().__init__(database, log, now)
        self._vault = vault
        self._holders = holders
        self._notice_days = notice_days

    async def change(
        self, actor: Principal, resource: ResourceId, what: Description, reason: str
    ) -> Standing:
        """Begin the revision of a published entry of the own department, or change its draft.

        Raises:
            ResourceNotInState: not published. RevisionNotInState: under review or announced.
            Invalid: code or service name differ; they never change.
        """
        async with self._database.transaction() as tx:
            live = await self._live(tx, actor, resource)
            _check_names(live.description, what)
            before = await store.find(tx, resource)
            if before is not None:
                _allowed(before, "change")
            version = before.version + 1 if before else 1
            differing = changes(live.description, what)
            written = await self._log.emit(
                tx,
                revision_event(
                    EventType.REVISION_CHANGED, who(actor, Role.PROVIDER), live, before, version, differing,
                    {"because": reason},
                ),
            )  # fmt: skip
            await store.put(tx, resource, version, what, reason, actor.id, self._now(), written)
            return await self._standing(tx, live)

    async def mount(self, actor: Principal, resource: ResourceId, mount: AnyMount) -> Standing:
        """Say where the data of the revision is; the live mount stays until the revision takes over.

        Raises:
            Invalid: the mount does not fit the revision. MustNotEnter: it is marked as a secret.
        """

        async def act(tx: Connection, _live: Resource, before: Revision) -> dict[str, JSON]:
            if before.description.must_not_enter is not None:
                raise MustNotEnter(
                    "the revision is marked as a secret and may not be mounted", "修订已标注涉密，不得挂接"
                )
            if fault := mismatch(mount, before.description):
                raise Invalid(FieldFault("/mount", fault, "挂接信息与修订后的描述不一致"))
            await store.set_mount(tx, resource, mount, wrapped_secret(self._vault, mount, resource))
            return {"kind": mount.kind}

        return await self._step(actor, resource, "change", EventType.REVISION_MOUNTED, act)

    async def clear(self, actor: Principal, resource: ResourceId, given: Clearance) -> Standing:
        """Record the assessments of the revision and its head's consent (Decree 809 Art. 13).

        Raises:
            Invalid: it does not fit the revision, or a day lies ahead.
        """
        now = self._now()

        async def act(tx: Connection, _live: Resource, before: Revision) -> dict[str, JSON]:
            if faults := clearance_faults(given, before.description, local_day(now)):
                raise Invalid(*faults)
            digest = before.description.digest()
            cleared = Cleared(given=given, digest=digest, recorded_by=actor.id, recorded_at=now)
            await store.set_clearance(tx, resource, cleared)
            return {"clearance": given.summary()}

        return await self._step(actor, resource, "change", EventType.REVISION_CLEARED, act)

    async def submit(self, actor: Principal, resource: ResourceId, notice: Notice | None) -> Standing:
        """Hand the revision to the platform.

        Raises:
            NotReadyToPublish: it could not be published as it is. NothingRevised: it changes nothing.
            NoticeNeeded: it takes something from grants, which are named, and no notice is given.
            Invalid: the notice is too short.
        """
        now = self._now()
        if notice is not None:
            self._check_day(notice, now)

        async def act(tx: Connection, live: Resource, before: Revision) -> dict[str, JSON]:
            touched = await self._check(tx, live, before, notice)
            return {"touched": [named(one) for one in touched], "because": before.reason}

        return await self._step(
            actor, resource, "submit", EventType.REVISION_SUBMITTED, act, notice=notice, submitted_at=now
        )

    async def send_back(self, actor: Principal, resource: ResourceId, reason: str) -> Standing:
        """The platform returns a revision for correction, with its reason."""

        async def act(_tx: Connection, _live: Resource, _before: Revision) -> dict[str, JSON]:
            return {"because": reason}

        return await self._step(
            actor, resource, "return", EventType.REVISION_RETURNED, act, Role.PLATFORM_ADMIN, returned_because=reason
        )  # fmt: skip

    async def publish(self, actor: Principal, resource: ResourceId) -> Resource:
        """The platform's consent: the revision becomes the live edition, or is announced for the day of its notice.

        Raises:
            SelfApproval: the actor drafted it.
            NotReadyToPublish, NoticeNeeded: something changed since it was submitted.
            SecondSource: another department is the source of an item of it (一数一源).
        """
        async with self._database.transaction() as tx:
            live = await self._locked(tx, resource)
            before = await self._open(tx, live)
            _allowed(before, "publish")
            if before.drafted_by == actor.id:
                raise SelfApproval(
                    "whoever drafted a revision may not publish it", "编制人不得审核发布本人编制的修订"
                )
            await self._check(tx, live, before, before.notice)
            by = who(actor, Role.PLATFORM_ADMIN)
            if before.notice is None or before.notice.takes_effect_on <= local_day(self._now()):
                await self.take_over(tx, live, before, by)
            else:
                await self._try_sources(tx, before.over(live))
                version = before.version + 1
                told: dict[str, JSON] = {"takes_effect_on": before.notice.takes_effect_on.isoformat()}
                written = await self._log.emit(
                    tx,
                    revision_event(EventType.REVISION_ANNOUNCED, by, live, before, version, more=told),
                )
                await store.move(tx, resource, RevisionState.ANNOUNCED, version, written)
            await self._tell(tx, live, "publish")
            return await self._found(tx, resource)

    async def discard(self, actor: Principal, resource: ResourceId) -> Resource:
        """Give a revision up, in whatever state."""
        async with self._database.transaction() as tx:
            live = await self._live(tx, actor, resource)
            before = await self._open(tx, live)
            by = who(actor, Role.PROVIDER)
            await self._log.emit(
                tx, revision_event(EventType.REVISION_DISCARDED, by, live, before, before.version + 1)
            )
            await store.end(tx, resource)
            await self._tell(tx, live, "discard")
            return live

    async def show(self, actor: Principal, resource: ResourceId) -> Standing:
        """Raises NoRevision, also for whoever may see only what is announced, and where there is no such entry."""
        async with self._database.transaction() as tx:
            try:
                live = await self._seen(tx, actor, resource)
            except NoSuchResource:
                raise _none() from None
            standing = await self._standing(tx, live)
        inside = live.provider_org == actor.org or Role.PLATFORM_ADMIN in actor.roles
        if not inside and standing.revision.state is not RevisionState.ANNOUNCED:
            raise _none()
        return standing if inside else Standing(live, standing.revision, standing.changes, [])

    async def editions(self, actor: Principal, resource: ResourceId) -> list[Edition]:
        """Every edition ever published, newest first. Raises NoSuchResource."""
        async with self._database.connection() as connection:
            live = await self._seen(connection, actor, resource)
            return await store.editions(connection, live.id)

    async def take_over(self, tx: Connection, live: Resource, revision: Revision, by: Who) -> None:
        """Make a revision the live edition, inside the caller's transaction.

        Raises:
            SecondSource, NameTaken: the catalogue changed meanwhile.
        """
        after, now = revision.over(live), self._now()
        written = await self._log.emit(
            tx,
            revision_event(
                EventType.RESOURCE_REVISED, by, live, revision, revision.version + 1,
                changes(live.description, revision.description),
            ),
        )  # fmt: skip
        await store.take_over(tx, after, now, written)
        await store.end(tx, live.id)
        await store.add_edition(tx, after, live.version + 1, revision.notice, by.id, now)
        await sources.register(tx, after, now)
        await check_single_source(tx, after)

    async def _step(
        self,
        actor: Principal,
        resource: ResourceId,
        act: str,
        kind: EventType,
        also: Callable[[Connection, Resource, Revision], Awaitable[dict[str, JSON]]],
        role: Role = Role.PROVIDER,
        *,
        notice: Notice | None = None,
        submitted_at: datetime | None = None,
        returned_because: str | None = None,
    ) -> Standing:
        async with self._database.transaction() as tx:
            if role is Role.PROVIDER:
                live = await self._live(tx, actor, resource)
            else:
                live = await self._locked(tx, resource)
            before = await self._open(tx, live)
            after, version = _allowed(before, act), before.version + 1
            more = await also(tx, live, before)
            written = await self._log.emit(
                tx, revision_event(kind, who(actor, role), live, before, version, more=more)
            )
            await store.move(
                tx, resource, after, version, written,
                notice=notice, submitted_at=submitted_at, returned_because=returned_because,
            )  # fmt: skip
            await self._tell(tx, live, act)
            return await self._standing(tx, live)

    def _check_day(self, notice: Notice, now: datetime) -> None:
        pointer, day = "/notice/takes_effect_on", notice.takes_effect_on
        if early := too_early(pointer, day, local_day(now), self._notice_days):
            raise Invalid(early)

    async def _check(
        self, tx: Connection, live: Resource, revision: Revision, notice: Notice | None
    ) -> list[Holder]:
        after = revision.over(live)
        if not changes(live.description, after.description) and revision.mount is None:
            raise NothingRevised("nothing differs from the live edition", "与现行版本没有差异")
        await must_be_ready(tx, after)
        touched = await self._touched(tx, live, revision)
        if touched and notice is None:
            raise notice_needed(touched, narrowing(live.description, revision.description))
        return touched

    async def _touched(self, tx: Connection, live: Resource, revision: Revision) -> list[Holder]:
        lost = narrowing(live.description, revision.description)
        return [one for one in await self._holders(tx, live.id) if one.is_touched(lost)] if lost else []

    async def _try_sources(self, tx: Connection, after: Resource) -> None:
        """Whether the revision's items would clash, without keeping its claims before it is live."""
        with suppress(_Undone):
            async with tx.transaction():
                await sources.register(tx, after, self._now())
                await check_single_source(tx, after)
                raise _Undone

    async def _standing(self, tx: Connection, live: Resource) -> Standing:
        revision = await self._open(tx, live)
        differing = changes(live.description, revision.description)
        return Standing(live, revision, differing, await self._touched(tx, live, revision))

    async def _open(self, tx: Connection, live: Resource) -> Revision:
        found = await store.find(tx, live.id)
        if found is None:
            raise _none()
        return found

    async def _live(self, tx: Connection, actor: Principal, resource: ResourceId) -> Resource:
        found = await self._own(tx, actor, resource)
        if found.state is not State.PUBLISHED:
            raise wrong_state(found, "revise")
        return found

    async def _seen(self, tx: Connection, actor: Principal, resource: ResourceId) -> Resource:
        found = await self._found(tx, resource)
        if not may_see(actor, found):
            raise unknown(resource)
        return found


def _none() -> NoRevision:
    return NoRevision("no revision is open", "没有进行中的修订")


def _allowed(revision: Revision, act: str) -> RevisionState:
    allowed, after = MOVES[act]
    if revision.state not in allowed:
        raise RevisionNotInState(
            f"{act} is not possible while the revision is {revision.state}",
            f"修订状态为 {revision.state}，不能执行 {act}",
            state=revision.state,
        )
    return after


def _check_names(live: Description, what: Description) -> None:
    faults = [
        FieldFault(
            f"/description/{name}", f"stays {given}: it is never changed", f"须保持为 {given}，不得变更"
        )
        for name, given, new in (
            ("code", live.code, what.code),
            ("service", live.service, what.service),
        )
        if given != new
    ]
    if faults:
        raise Invalid(*faults)
