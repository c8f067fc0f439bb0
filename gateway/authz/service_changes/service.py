"""Acts on consultations: open, answer, file. One act, one transaction, one audit record."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from gateway.audit import JSON, Event, EventType, Outcome
from gateway.authz.grants import Grants
from gateway.authz.grants.service import NotYourGrant, check_not_over
from gateway.authz.service_changes import store
from gateway.authz.service_changes.model import ChangeKind, ServiceChange
from gateway.deadlines import local_day
from gateway.errors import Conflict, FieldFault, Invalid, NotFound
from gateway.identity import Role, who
from gateway.names import GrantId, ResourceId, new_id
from gateway.storage import Connection
from gateway.web import Principal

_EVERYWHERE: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class NoSuchConsultation(NotFound):
    """There is no such consultation（没有该协商记录）."""


class ChangeNotInState(Conflict):
    """The consultation is not in the state this needs（协商当前状态不允许此操作）."""


class ServiceChangeNotFiled(Conflict):
    """Ending this service was not consulted on and filed（终止服务未经协商并备案）."""

    remedy = (
        "Open a consultation for each grant named, let the requester answer, file it, then end the service "
        "(Decree 809 Art. 27).",
        "请就所列授权与需求部门协商并报主管部门备案后再终止（《政务数据共享条例》第二十七条）。",
    )


class ServiceChanges:
    """Consultations and filings."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    async def open(
        self,
        actor: Principal,
        grant: GrantId,
        kind: ChangeKind,
        reason: str,
        planned_on: date,
        answer_until: date,
    ) -> ServiceChange:
        """The provider tells the requester what it plans, and asks.

        Raises:
            Invalid: the day for an answer lies in the past or after the planned day.
            ConsultationOpen, NotYourGrant, GrantNotInState.
        """
        now = self._grants.now()
        if not local_day(now) <= answer_until <= planned_on:
            raise Invalid(
                FieldFault("/answer_until", "must lie from today to planned_on", "须在今日与计划日期之间")
            )
        async with self._grants.database.transaction() as tx:
            found = await self._grants.locked(tx, actor, grant)
            if actor.org != found.provider_org:
                raise NotYourGrant("the providing department opens it", "应由提供部门发起")
            check_not_over(found, "consult")
            new = ServiceChange(
                id=new_id(), grant_id=grant, consumer_org=found.consumer_org, provider_org=found.provider_org,
                kind=kind, reason=reason, planned_on=planned_on, answer_until=answer_until, opened_by=actor.id,
                opened_at=now, agrees=None, answer=None, answered_by=None, answered_at=None, filing=None,
                filed_by=None, filed_at=None, cause=found.cause,
            )  # fmt: skip
            written = await self._grants.log.emit(
                tx,
                _event(
                    EventType.SERVICE_CHANGE_OPENED, actor, Role.PROVIDER, new, planned=kind, reason=reason
                ),
            )
            made = replace(new, cause=written.cause)
            await store.add(tx, made)
        return made

    async def answer(self, actor: Principal, change: UUID, agrees: bool, text: str) -> ServiceChange:
        """The requester agrees or objects; also late, as long as nothing is filed.

        Raises:
            ChangeNotInState: answered or filed.
        """
        async with self._grants.database.transaction() as tx:
            before = await self._locked(tx, change)
            if actor.org != before.consumer_org:
                raise _unknown(change)
            if before.answered_at or before.filed_at:
                raise ChangeNotInState("it is answered or filed already", "已答复或已备案")
            after = replace(
                before, agrees=agrees, answer=text, answered_by=actor.id, answered_at=self._grants.now()
            )
            kind = EventType.SERVICE_CHANGE_ANSWERED
            return await self._move(tx, kind, actor, Role.REQUESTER, after, agrees=agrees, answer=text)

    async def file(self, actor: Principal, change: UUID, filing: str) -> ServiceChange:
        """The provider files what came of it with the authority (备案).

        Raises:
            ChangeNotInState: filed, or the requester can still answer.
        """
        async with self._grants.database.transaction() as tx:
            before = await self._locked(tx, change)
            if actor.org != before.provider_org:
                raise _unknown(change)
            now = self._grants.now()
            if before.filed_at:
                raise ChangeNotInState("it is filed already", "已备案")
            if not before.may_be_filed(local_day(now)):
                raise ChangeNotInState(
                    f"the requester can answer until {before.answer_until}",
                    f"需求部门可在 {before.answer_until} 前答复",
                )
            after = replace(before, filing=filing, filed_by=actor.id, filed_at=now)
            return await self._move(
                tx, EventType.SERVICE_CHANGE_FILED, actor, Role.PROVIDER, after, filing=filing, agrees=after.agrees
            )  # fmt: skip

    async def listed(self, actor: Principal, after: UUID | None, count: int) -> list[ServiceChange]:
        """Newest first: all for the administrators (the register of filings), else those of the own department."""
        org = None if actor.roles & _EVERYWHERE else actor.org
        async with self._grants.database.connection() as connection:
            return await store.listed(connection, org, after, count)

    async def check_filed(self, tx: Connection, grants: Sequence[GrantId]) -> None:
        """Raises ServiceChangeNotFiled: the ending of one of these grants was not filed."""
        if missing := await store.not_filed(tx, grants):
            raise ServiceChangeNotFiled(
                f"{len(missing)} grants without consultation and filing", f"{len(missing)} 项授权未经协商并备案",
                grants=[str(each) for each in missing[:50]],
            )  # fmt: skip

    async def check_withdrawal(self, tx: Connection, resource: ResourceId) -> None:
        """A withdrawal ends every grant for the resource. Raises ServiceChangeNotFiled."""
        today = local_day(self._grants.now())
        await self.check_filed(tx, await store.in_force_for(tx, resource, today))

    async def _locked(self, tx: Connection, change: UUID) -> ServiceChange:
        found = await store.lock(tx, change)
        if found is None:
            raise _unknown(change)
        return found

    async def _move(
        self, tx: Connection, kind: EventType, actor: Principal, role: Role, after: ServiceChange, **detail: JSON
    ) -> ServiceChange:  # fmt: skip
        written = await self._grants.log.emit(tx, _event(kind, actor, role, after, **detail))
        await store.move(tx, after, written)
        return replace(after, cause=written.cause)


def _unknown(change: UUID) -> NoSuchConsultation:
    return NoSuchConsultation(f"no consultation {change}", f"没有协商记录 {change}")


def _event(kind: EventType, actor: Principal, role: Role, at: ServiceChange, **detail: JSON) -> Event:
    return Event(
        type=kind, outcome=Outcome.DONE, who=who(actor, role), consumer_org=at.consumer_org,
        provider_org=at.provider_org, object_kind="service_change", object_id=str(at.id), grant_id=str(at.grant_id),
        detail={"planned_on": at.planned_on.isoformat(), **detail}, cause=(at.cause,),
    )  # fmt: skip
