"""Withdrawing an entry (Decree 809 Art. 27): announced with day and reason, or at once on security grounds."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.audit.model import JSON
from gateway.catalog import store as resources
from gateway.catalog.acts import Acts, unknown, wrong_state
from gateway.catalog.editions import store
from gateway.catalog.editions.refusals import named, notice_needed
from gateway.catalog.holders import Holder, HoldersOf
from gateway.catalog.model import Resource, State
from gateway.catalog.notices import Ending, Ground, Withdrawal, too_early
from gateway.deadlines import local_day
from gateway.errors import Conflict, FieldFault, Invalid
from gateway.identity import Role, who
from gateway.names import ResourceId
from gateway.storage import Connection, Database
from gateway.web import Principal


class NothingAnnounced(Conflict):
    """No end of this resource is announced（该信息资源没有撤销公告）."""


class Withdrawals(Acts):
    """The acts that end an entry. ``holders`` and ``notice_days`` as for revisions."""

    def __init__(
        self, database: Database, log: AuditLog, now: Callable[[], datetime], holders: HoldersOf, notice_days: int
    ) -> None:  # fmt: skip
        super().__init__(database, log, now)
        self._holders = holders
        self._notice_days = notice_days
        self.before_withdrawal: list[Callable[[Connection, ResourceId], Awaitable[None]]] = []
        """What rooms above ask before an entry that is in use ends without notice; they refuse by raising."""

    async def consumers(self, actor: Principal, resource: ResourceId) -> list[Holder]:
        """The grants on an entry of the own department (the platform: any) that have not ended.

        Raises:
            NoSuchResource.
        """
        async with self._database.connection() as connection:
            found = await self._found(connection, resource)
            if found.provider_org != actor.org and Role.PLATFORM_ADMIN not in actor.roles:
                raise unknown(resource)
            return await self._holders(connection, resource)

    async def withdraw(self, actor: Principal, resource: ResourceId, given: Withdrawal) -> Resource:
        """End an entry: at once, or announce its last day; calls under its grants end with it.

        Raises:
            NoticeNeeded: grants use it; with a day, 协商 and 备案 are needed unless the ground is security.
            Conflict: grants use it, there is no day, and a room above refuses: not every one was consulted and filed.
            Invalid: the day is too early.
        """
        now = self._now()
        async with self._database.transaction() as tx:
            before = await self._own(tx, actor, resource)
            if before.state is not State.PUBLISHED:
                raise wrong_state(before, "withdraw")
            using = await self._holders(tx, resource)
            await self._check(tx, before, given, using, now)
            by = who(actor, Role.PROVIDER)
            if given.ends_on is None or given.ends_on <= local_day(now):
                await self.end(tx, before, by, given)
            else:
                ending = Ending(given=given, announced_by=actor.id, announced_at=now)
                told: dict[str, JSON] = {"holders": [named(one) for one in using]}
                written = await self._log.emit(
                    tx, _event(EventType.RESOURCE_ENDING, by, before, before.version, given, told)
                )
                await store.set_ending(tx, resource, ending, written)
            return await self._found(tx, resource)

    async def keep(self, actor: Principal, resource: ResourceId, reason: str) -> Resource:
        """Take an announced end back.

        Raises:
            NothingAnnounced: none is announced, or it has come.
        """
        async with self._database.transaction() as tx:
            before = await self._own(tx, actor, resource)
            if before.ending is None or before.state is not State.PUBLISHED:
                raise NothingAnnounced("no end is announced", "没有撤销公告")
            event = _event(
                EventType.RESOURCE_KEPT,
                who(actor, Role.PROVIDER),
                before,
                before.version,
                before.ending.given,
                {"because": reason},
            )
            await store.set_ending(tx, resource, None, await self._log.emit(tx, event))
            return await self._found(tx, resource)

    async def end(self, tx: Connection, before: Resource, by: Who, given: Withdrawal) -> None:
        """End a published entry now, with what revision of it is open; inside the caller's transaction."""
        event = _event(EventType.RESOURCE_WITHDRAWN, by, before, before.version + 1, given, {})
        written = await self._log.emit(tx, event)
        await store.end(tx, before.id)
        await resources.move(tx, before.id, State.WITHDRAWN, written, withdrawn_because=given.reason)
        await self._tell(tx, before, "withdraw")

    async def _check(
        self, tx: Connection, before: Resource, given: Withdrawal, using: list[Holder], now: datetime
    ) -> None:
        if given.ends_on is not None and given.ends_on < local_day(now):
            raise Invalid(FieldFault("/ends_on", "lies in the past", "日期已过"))
        if given.ground is Ground.SECURITY or not using:
            return
        if given.ends_on is None:
            for check in self.before_withdrawal:
                await check(tx, before.id)
            return
        if given.negotiation is None or given.filing is None:
            raise notice_needed(using)
        if early := too_early("/ends_on", given.ends_on, local_day(now), self._notice_days):
            raise Invalid(early)


def _event(
    kind: EventType, by: Who, before: Resource, version: int, given: Withdrawal, more: dict[str, JSON]
) -> Event:
    said: JSON = given.model_dump(mode="json", exclude_none=True)
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=by,
        provider_org=before.provider_org,
        object_kind="resource",
        object_id=str(before.id),
        object_version=str(version),
        resource=before.description.code,
        grade=before.description.grade,
        detail={
            "name": before.description.name,
            "sharing_class": before.description.sharing_class,
            "because": given.reason,
            "withdrawal": said,
            **more,
        },
        cause=(before.cause,),
    )
