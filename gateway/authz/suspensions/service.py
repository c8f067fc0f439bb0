"""Acts on suspensions, and the termination that may follow: one act, one transaction, one audit record."""

from dataclasses import replace
from typing import Final

from gateway.audit import EventType
from gateway.authz.disputes.store import DisputeOpen, is_disputed
from gateway.authz.grants import Grants
from gateway.authz.grants.model import Grant, GrantState, Side, TerminationGround
from gateway.authz.grants.service import NotYourGrant, check_not_over, not_in_state, side_of
from gateway.authz.service_changes.service import ServiceChanges
from gateway.authz.suspensions import store
from gateway.authz.suspensions.model import Evidence, Ground, Order, Suspension
from gateway.deadlines import local_day
from gateway.errors import Conflict, FieldFault, Forbidden, Invalid, NotFound
from gateway.identity import Role
from gateway.names import GrantId, new_id
from gateway.storage import Connection
from gateway.web import Principal


class NotYoursToLift(Forbidden):
    """Only the side that suspended may resume（仅作出暂停的一方可以恢复）."""

    remedy = (
        "The authority resumes what the authority suspended, the provider what the provider suspended.",
        "主管部门暂停的由主管部门恢复，提供部门暂停的由提供部门恢复。",
    )


class RectificationOpen(Conflict):
    """There is no order to rectify that was disregarded（没有逾期未整改或已答复的整改要求）."""

    remedy = (
        "Suspend with an order to rectify first; terminate when its day is over or its answer is not enough "
        "(Decree 809 Art. 27).",
        "请先暂停并限期整改；逾期不整改或整改不到位的，方可终止（《政务数据共享条例》第二十七条）。",
    )


class NothingToAnswer(NotFound):
    """There is no order to rectify that waits for an answer（没有待答复的整改要求）."""


class NotYourGround(Forbidden):
    """This ground of termination is not the provider's（提供部门不得以此理由终止）."""

    remedy = (
        "Terminate for a breach after rectification failed, or consult the requester and file the ending "
        "(Decree 809 Art. 27).",
        "提供部门可在整改不到位后终止，或与需求部门协商并备案后终止（《政务数据共享条例》第二十七条）。",
    )


_USUAL: Final = {Side.PROVIDER: TerminationGround.FILED, Side.AUTHORITY: TerminationGround.DECISION}
"""What a termination rests on where no ground is given."""


class Suspensions:
    """Suspending, answering, resuming and terminating."""

    def __init__(self, grants: Grants, changes: ServiceChanges) -> None:
        self._grants = grants
        self._changes = changes

    async def suspend(
        self,
        actor: Principal,
        grant: GrantId,
        ground: Ground,
        reason: str,
        evidence: Evidence,
        order: Order | None,
    ) -> Grant:
        """Stop calls (Decree 809 Art. 27); in force with the next call on every process.

        Raises:
            Invalid: the order's last day lies in the past.
            GrantNotInState: over, or already suspended by this side.
        """
        now = self._grants.now()
        if order is not None and order.until < local_day(now):
            raise Invalid(FieldFault("/order/until", "lies in the past", "整改期限已过"))
        async with self._grants.database.transaction() as tx:
            before = await self._grants.locked(tx, actor, grant)
            side, role = side_of(actor, before)
            check_not_over(before, "suspend")
            if await self._open(tx, grant, side):
                raise not_in_state(before, "suspend")
            new = Suspension(
                id=new_id(), grant_id=grant, side=side, ground=ground, reason=reason, evidence=evidence, order=order,
                suspended_by=actor.id, suspended_at=now, answer=None, answered_by=None, answered_at=None,
                lifted_because=None, lifted_by=None, lifted_at=None,
            )  # fmt: skip
            await store.add(tx, new)
            outranked = before.held_by is Side.AUTHORITY
            after = (
                before
                if outranked
                else replace(before, state=GrantState.SUSPENDED, because=reason, held_by=side)
            )
            return await self._grants.move(
                tx, actor, role, after, EventType.GRANT_SUSPENDED, side=side, ground=ground,
                evidence=evidence.model_dump(mode="json"), order=order.model_dump(mode="json") if order else None,
            )  # fmt: skip

    async def answer(self, actor: Principal, grant: GrantId, text: str) -> Grant:
        """The requester says how it rectified: every open order to it that is not answered yet.

        Raises:
            NothingToAnswer, NotYourGrant.
        """
        now = self._grants.now()
        async with self._grants.database.transaction() as tx:
            before = await self._grants.locked(tx, actor, grant)
            if actor.org != before.consumer_org:
                raise NotYourGrant("the requesting department answers", "应由需求部门答复")
            waiting = [
                each
                for each in await store.of_grant(tx, grant)
                if each.is_open and each.order and each.answered_at is None
            ]
            if not waiting:
                raise NothingToAnswer("no order to rectify waits for an answer", "没有待答复的整改要求")
            for each in waiting:
                await store.answer(tx, each.id, text, actor.id, now)
            return await self._grants.move(
                tx, actor, Role.REQUESTER, before, EventType.GRANT_SUSPENSION_ANSWERED, answer=text
            )

    async def resume(self, actor: Principal, grant: GrantId, because: str) -> Grant:
        """Lift the own side's suspension; calls pass again unless the other side's is open.

        Raises:
            NotYoursToLift: only the other side's suspension is open.
            GrantNotInState: none is open.
        """
        async with self._grants.database.transaction() as tx:
            before = await self._grants.locked(tx, actor, grant)
            side, role = side_of(actor, before)
            if before.state is not GrantState.SUSPENDED:
                raise not_in_state(before, "resume")
            own = await self._open(tx, grant, side)
            other = await self._open(tx, grant, Side.AUTHORITY if side is Side.PROVIDER else Side.PROVIDER)
            if own is None:
                raise NotYoursToLift(f"suspended by the {before.held_by}", f"由 {before.held_by} 暂停")
            await store.lift(tx, own.id, because, actor.id, self._grants.now())
            if other:
                after = replace(before, because=other.reason, held_by=other.side)
                kind = EventType.GRANT_SUSPENSION_LIFTED
            else:
                after = replace(before, state=GrantState.ACTIVE, because=because, held_by=None)
                kind = EventType.GRANT_RESUMED
            return await self._grants.move(tx, actor, role, after, kind, lifted_because=because)

    async def terminate(
        self, actor: Principal, grant: GrantId, ground: TerminationGround | None, reason: str
    ) -> Grant:
        """End a grant for good (Decree 809 Art. 27); in force with the next call on every process.

        Raises:
            RectificationOpen: for a breach, without an order to rectify that ran out or was answered.
            ServiceChangeNotFiled: by the provider without consultation and filing. DisputeOpen: it is being disputed.
            NotYourGround: a decision is the authority's.
        """
        async with self._grants.database.transaction() as tx:
            before = await self._grants.locked(tx, actor, grant)
            side, role = side_of(actor, before)
            check_not_over(before, "revoke")
            ground = ground or _USUAL[side]
            await self._check_ground(tx, before, side, ground)
            after = replace(before, state=GrantState.REVOKED, because=reason, held_by=None)
            return await self._grants.move(
                tx, actor, role, after, EventType.GRANT_REVOKED, side=side, ground=ground
            )

    async def listed(self, actor: Principal, grant: GrantId) -> list[Suspension]:
        """Every suspension of a grant, oldest first. Raises NoSuchGrant."""
        found = await self._grants.show(actor, grant)
        async with self._grants.database.connection() as connection:
            return await store.of_grant(connection, found.id)

    async def _check_ground(
        self, tx: Connection, grant: Grant, side: Side, ground: TerminationGround
    ) -> None:
        if ground is TerminationGround.BREACH:
            today = local_day(self._grants.now())
            if not any(
                each.has_run_out(today) for each in await store.of_grant(tx, grant.id) if each.is_open
            ):
                raise RectificationOpen(
                    "no order to rectify has run out or been answered", "没有逾期或已答复的整改要求"
                )
        elif ground is TerminationGround.DECISION:
            if side is not Side.AUTHORITY:
                raise NotYourGround("a decision is the authority's", "“主管部门决定”仅适用于主管部门")
        else:
            await self._changes.check_filed(tx, [grant.id])
            if await is_disputed(tx, grant.id):
                raise DisputeOpen("a dispute on this grant is open", "该授权存在进行中的争议")

    async def _open(self, tx: Connection, grant: GrantId, side: Side) -> Suspension | None:
        found = await store.of_grant(tx, grant)
        return next((each for each in found if each.is_open and each.side is side), None)
