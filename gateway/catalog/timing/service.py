"""Acts on the clocks of an entry: each method is one act, one transaction, one audit record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from gateway.audit import AuditLog, Cause, EventType
from gateway.catalog.acts import Acts, SelfApproval, event, unknown, wrong_state
from gateway.catalog.model import Resource, State
from gateway.catalog.timing import store
from gateway.catalog.timing.keeping import Timekeeping
from gateway.catalog.timing.model import (
    AlreadyExtended,
    Change,
    ChangeKind,
    Extension,
    NoSuchBasisChange,
    Submission,
)
from gateway.deadlines import Clock, NotExtendable, Subject, WorkingDays, check_extension, local_day
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role
from gateway.names import ResourceId, new_id
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal


@dataclass(frozen=True, slots=True)
class Told:
    """A change as it is told to the gateway."""

    kind: ChangeKind
    what: str
    basis: str
    changed_on: date


TimedChange: TypeAlias = tuple[Change, list[Clock]]
"""A change with its clocks as they stand."""


@dataclass(frozen=True, slots=True)
class Timed:
    """What was submitted of an entry and what changed, newest first, each with its clocks."""

    resource: ResourceId
    submissions: list[tuple[Submission, list[Clock]]]
    changes: list[TimedChange]


class Timing(Acts):
    """The acts. ``keeping`` computes the clocks and gives them to supervision."""

    def __init__(
        self, database: Database, log: AuditLog, now: Callable[[], datetime], keeping: Timekeeping
    ) -> None:
        super().__init__(database, log, now)
        self._keeping = keeping

    async def show(self, actor: Principal, resource: ResourceId) -> Timed:
        """How the clocks stand, for the own department and the platform. Raises NoSuchResource."""
        async with self._database.connection() as connection:
            _concerns(actor, await self._found(connection, resource))
            return await self._timed(connection, resource)

    async def record(
        self, actor: Principal, resource: ResourceId, told: Told, once: Once | None
    ) -> TimedChange:
        """Record that law, a State Council decision or duty changed: the department updates the entry (Art. 17).

        Raises:
            NoSuchResource: also for entries of other departments. ResourceNotInState: withdrawn.
            Invalid: the day lies ahead, or no rule was in force on it.
        """
        new, now = new_id(), self._now()
        async with self._database.transaction() as tx:
            before = await self._locked(tx, resource)
            role = _concerns(actor, before)
            if earlier := await claim(tx, once, new):
                return self._at(await self._change(tx, resource, earlier), now)
            if before.state is State.WITHDRAWN:
                raise wrong_state(before, "record a change")
            kept = self._rule_sets(told.changed_on, now)
            written = await self._log.emit(
                tx,
                event(
                    EventType.CATALOGUE_CHANGE_RECORDED, actor, role, resource, before.provider_org, before.version,
                    before.description, told.what, before,
                    {"change": str(new), "kind": told.kind, "basis": told.basis, "on": told.changed_on.isoformat()},
                ),
            )  # fmt: skip
            change = Change(
                new, resource, told.kind, told.what, told.basis, told.changed_on, kept, actor.id, now, None, None, None,
                Cause(written.event_id, written.digest),
            )  # fmt: skip
            await store.add_change(tx, change)
            await self._keeping.keep_change(tx, before, change, now)
            return self._at(change, now)

    async def extend(
        self, actor: Principal, resource: ResourceId, change: UUID, days: int, reason: str
    ) -> TimedChange:
        """The platform consents to more time for the update, once (Art. 17).

        Raises:
            NoSuchResource, NoSuchBasisChange, AlreadyExtended.
            SelfApproval: the actor recorded the change.
            NotExtendable: more than the rule foresees, or the clock is over or overdue.
        """
        given = Extension(WorkingDays(days), reason, actor.id, self._now())
        async with self._database.transaction() as tx:
            before = await self._locked(tx, resource)
            found = await self._change(tx, resource, change)
            self._check(actor, found, given)
            written = await self._log.emit(
                tx,
                event(
                    EventType.CATALOGUE_UPDATE_EXTENDED, actor, Role.PLATFORM_ADMIN, resource, before.provider_org,
                    before.version, before.description, reason, before, {"change": str(change), "days": days},
                ),
            )  # fmt: skip
            await store.extend_change(tx, change, given, written)
            extended = await self._change(tx, resource, change)
            await self._keeping.keep_change(tx, before, extended, given.at)
            return self._at(extended, given.at)

    def _rule_sets(self, on: date, now: datetime) -> tuple[str, ...]:
        if on > local_day(now):
            raise Invalid(FieldFault("/changed_on", "lies ahead", "日期尚未到来"))
        kept = self._keeping.work.in_force(on, Subject.CATALOGUE)
        if not kept:
            raise Invalid(
                FieldFault("/changed_on", "no rule was in force on that day", "该日尚无生效的时限规则")
            )
        return kept

    def _check(self, actor: Principal, change: Change, given: Extension) -> None:
        if change.recorded_by == actor.id:
            raise SelfApproval(
                "whoever recorded a change may not extend its limit",
                "登记变化的人员不得批准本人登记事项的延期",
            )
        if change.extension is not None:
            raise AlreadyExtended("it was extended once", "只能延长一次")
        clocks = change.clocks(self._keeping.work, given.at)
        if not clocks:
            raise NotExtendable("no clock runs from this change", "该变化没有时限")
        for clock in clocks:
            check_extension(clock, given.days)

    async def _change(self, tx: Connection, resource: ResourceId, change: UUID) -> Change:
        found = await store.find_change(tx, resource, change)
        if found is None:
            raise NoSuchBasisChange(f"no change {change}", f"没有变化登记 {change}")
        return found

    def _at(self, change: Change, now: datetime) -> TimedChange:
        return change, change.clocks(self._keeping.work, now)

    async def _timed(self, tx: Connection, resource: ResourceId) -> Timed:
        work, now = self._keeping.work, self._now()
        return Timed(
            resource,
            [(one, one.clocks(work, now)) for one in await store.submissions_of(tx, resource)],
            [(one, one.clocks(work, now)) for one in await store.changes_of(tx, resource)],
        )


def _concerns(actor: Principal, resource: Resource) -> Role:
    """In which role the actor has to do with the entry. Raises NoSuchResource: in none."""
    if resource.provider_org == actor.org and Role.PROVIDER in actor.roles:
        return Role.PROVIDER
    if Role.PLATFORM_ADMIN in actor.roles:
        return Role.PLATFORM_ADMIN
    raise unknown(resource.id)
