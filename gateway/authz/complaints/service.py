"""Acts on complaints: each method is one act, one transaction, one audit record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import orjson

from gateway.audit import JSON, Cause, Event, EventType, Outcome
from gateway.authz.complaints import store
from gateway.authz.complaints.model import ComplainantKind, Complaint, Redress, case_of, clocks_of
from gateway.authz.grants import Grants
from gateway.deadlines import Clock, Clockwork, Subject, local_day
from gateway.errors import Conflict, FieldFault, Invalid, NotFound
from gateway.identity import Role, who
from gateway.names import ApplicationId, GrantId, OrgCode, new_id
from gateway.seals import Vault
from gateway.storage import Connection, Once, claim
from gateway.supervision import keep
from gateway.web import Principal

_EVERYWHERE: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})
_NOTHING: Final = Cause(UUID(int=0), bytes(32))
"""Stands in until the first record is written; a complaint follows from nothing on record."""


class NoSuchComplaint(NotFound):
    """There is no such complaint（没有该投诉）."""


class ComplaintAnswered(Conflict):
    """The complaint is answered already（投诉已答复）."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who complains, how to reach them, and what they say: sealed as one."""

    name: str | None
    contact: str | None
    text: str


@dataclass(frozen=True, slots=True)
class About:
    """What a complaint is about: at most one of these, and the department that must answer."""

    application_id: ApplicationId | None
    grant_id: GrantId | None
    call_id: UUID | None
    holder: OrgCode | None


@dataclass(frozen=True, slots=True)
class ComplaintStanding:
    """A complaint with its clocks; ``said`` only for who received or holds it, and the authority."""

    complaint: Complaint
    said: Said | None
    clocks: list[Clock]


class Complaints:
    """Receiving, forwarding, answering. ``vault`` seals who complains."""

    def __init__(self, grants: Grants, clocks: Clockwork, platform: OrgCode, vault: Vault) -> None:
        self._grants = grants
        self._clocks = clocks
        self._platform = platform
        self._vault = vault

    async def receive(
        self, actor: Principal, kind: ComplainantKind, about: About, said: Said, once: Once | None
    ) -> ComplaintStanding:
        """Take a complaint in; the platform holds it where no party is named.

        Raises:
            Invalid: there is no such application or grant, or the holder is no party to it.
        """
        new, now = new_id(), self._grants.now()
        async with self._grants.database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return self._standing(actor, await self._found(tx, actor, earlier))
            holder = await self._holder(tx, about)
            number = f"TS{local_day(now).year}{await store.next_number(tx):06}"
            made = Complaint(
                id=new, number=number, application_id=about.application_id, grant_id=about.grant_id,
                call_id=about.call_id, complainant_kind=kind, sealed=self._seal(new, said),
                received_org=OrgCode(actor.org), received_by=actor.id, received_at=now, holder=holder,
                rule_sets=self._clocks.in_force(local_day(now), Subject.COMPLAINT), redress=None, answer=None,
                answered_by=None, answered_at=None, version=1, cause=_NOTHING,
            )  # fmt: skip
            event = _event(EventType.COMPLAINT_RECEIVED, actor, made, {"kind": kind})
            kept = replace(made, cause=(await self._grants.log.emit(tx, event)).cause)
            await store.add(tx, kept)
            return await self._keep(tx, actor, kept)

    async def forward(
        self, actor: Principal, complaint: UUID, holder: OrgCode, reason: str
    ) -> ComplaintStanding:
        """The authority gives it to another department; no clock moves for it.

        Raises:
            Invalid: the department is not registered. ComplaintAnswered.
        """
        async with self._grants.database.transaction() as tx:
            before = await self._open(tx, complaint)
            after = replace(before, holder=holder)
            return await self._move(
                tx, EventType.COMPLAINT_FORWARDED, actor, after, {"from": before.holder, "reason": reason}
            )

    async def answer(
        self, actor: Principal, complaint: UUID, redress: Redress, text: str
    ) -> ComplaintStanding:
        """The holder answers.

        Raises:
            NoSuchComplaint: another department holds it. ComplaintAnswered.
        """
        async with self._grants.database.transaction() as tx:
            before = await self._open(tx, complaint)
            if actor.org != before.holder:
                raise _unknown(complaint)
            after = replace(
                before, redress=redress, answer=text, answered_by=actor.id, answered_at=self._grants.now()
            )
            return await self._move(tx, EventType.COMPLAINT_ANSWERED, actor, after, {"redress": redress})

    async def show(self, actor: Principal, complaint: UUID) -> ComplaintStanding:
        """Raises NoSuchComplaint, also for departments that neither received nor hold it."""
        async with self._grants.database.connection() as connection:
            return self._standing(actor, await self._found(connection, actor, complaint))

    async def listed(
        self, actor: Principal, number: str | None, after: UUID | None, count: int
    ) -> list[ComplaintStanding]:
        """Newest first: all for the administrators, else what the own department received or holds."""
        org = None if actor.roles & _EVERYWHERE else actor.org
        async with self._grants.database.connection() as connection:
            found = await store.listed(connection, org, number, after, count)
        return [self._standing(actor, each) for each in found]

    async def _holder(self, tx: Connection, about: About) -> OrgCode:
        if about.application_id is None and about.grant_id is None:
            if about.holder not in (None, self._platform):
                raise Invalid(
                    FieldFault("/holder", "the authority forwards what names no application or grant", "未列申请或授权的，由主管部门转办")
                )  # fmt: skip
            return self._platform
        parties = await store.parties_of(tx, about.application_id, about.grant_id)
        if not parties:
            raise Invalid(FieldFault("/about", "there is no such application or grant", "没有该申请或授权"))
        if about.holder is None:
            return self._platform
        if about.holder not in parties | {self._platform}:
            raise Invalid(FieldFault("/holder", "is no party to it", "不是当事部门"))
        return about.holder

    async def _open(self, tx: Connection, complaint: UUID) -> Complaint:
        found = await store.lock(tx, complaint)
        if found is None:
            raise _unknown(complaint)
        if found.answered_at is not None:
            raise ComplaintAnswered("it is answered already", "已答复")
        return found

    async def _found(self, tx: Connection, actor: Principal, complaint: UUID) -> Complaint:
        found = await store.find(tx, complaint)
        if found is None or not (
            actor.org in (found.received_org, found.holder) or actor.roles & _EVERYWHERE
        ):
            raise _unknown(complaint)
        return found

    async def _move(
        self, tx: Connection, kind: EventType, actor: Principal, after: Complaint, detail: Mapping[str, JSON]
    ) -> ComplaintStanding:  # fmt: skip
        moved = replace(after, version=after.version + 1)
        written = await self._grants.log.emit(tx, _event(kind, actor, moved, detail))
        await store.move(tx, moved, written)
        return await self._keep(tx, actor, replace(moved, cause=written.cause))

    async def _keep(self, tx: Connection, actor: Principal, complaint: Complaint) -> ComplaintStanding:
        standing = self._standing(actor, complaint)
        await keep(tx, case_of(complaint), standing.clocks)
        return standing

    def _standing(self, actor: Principal, complaint: Complaint) -> ComplaintStanding:
        reads = actor.org in (complaint.received_org, complaint.holder) or Role.PLATFORM_ADMIN in actor.roles
        said = self._unseal(complaint) if reads else None
        return ComplaintStanding(complaint, said, clocks_of(self._clocks, complaint, self._grants.now()))

    def _seal(self, new: UUID, said: Said) -> bytes:
        return self._vault.wrap(orjson.dumps([said.name, said.contact, said.text]), str(new))

    def _unseal(self, complaint: Complaint) -> Said:
        return Said(*orjson.loads(self._vault.unwrap(complaint.sealed, str(complaint.id))))


def _role(actor: Principal) -> Role:
    return next(role for role in (Role.PLATFORM_ADMIN, Role.PROVIDER, Role.REQUESTER) if role in actor.roles)


def _unknown(complaint: UUID) -> NoSuchComplaint:
    return NoSuchComplaint(f"no complaint {complaint}", f"没有投诉 {complaint}")


def _event(kind: EventType, actor: Principal, at: Complaint, detail: Mapping[str, JSON]) -> Event:
    """Never who complains or what they say."""
    return Event(
        type=kind, outcome=Outcome.DONE, who=who(actor, _role(actor)), object_kind="complaint", object_id=str(at.id),
        object_version=str(at.version), grant_id=str(at.grant_id or ""), application_id=str(at.application_id or ""),
        request_id=str(at.call_id or ""), provider_org=at.holder, detail={"number": at.number, **detail},
        cause=(at.cause,) if at.version > 1 else (),
    )  # fmt: skip
