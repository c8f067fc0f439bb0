"""Acts on disputes: each method is one act, one transaction, one audit record."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from gateway.audit import JSON, Event, EventType, Outcome
from gateway.authz.disputes import store
from gateway.authz.disputes.model import MOVES, Dispute, Effect, Stage, case_of, clocks_of
from gateway.authz.grants import Grants
from gateway.deadlines import Clock, Clockwork, Subject, local_day
from gateway.errors import Conflict, Forbidden, NotFound
from gateway.identity import Role, who
from gateway.names import ApplicationId, GrantId, OrgCode, new_id
from gateway.storage import Connection, Once, claim
from gateway.supervision import keep
from gateway.web import Principal

_EVERYWHERE: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


class NoSuchDispute(NotFound):
    """There is no such dispute（没有该争议）."""


class NothingToDispute(NotFound):
    """There is no such application or grant of your department（没有本部门的该申请或授权）."""


class DisputeNotAtStage(Conflict):
    """The dispute is not at the stage this needs（争议当前阶段不允许此操作）."""


class OwnProposal(Forbidden):
    """Nobody agrees to the own proposal（不得同意本部门提出的方案）."""

    remedy = ("The other department agrees, or proposes something else.", "应由对方部门同意或另行提出方案。")


@dataclass(frozen=True, slots=True)
class DisputeStanding:
    """A dispute with its clocks and who must act."""

    dispute: Dispute
    clocks: list[Clock]
    holder: OrgCode


class Disputes:
    """Raising, proposing, agreeing, escalating, referring, deciding, withdrawing."""

    def __init__(self, grants: Grants, clocks: Clockwork, platform: OrgCode) -> None:
        self._grants = grants
        self._clocks = clocks
        self._platform = platform

    async def raise_one(
        self,
        actor: Principal,
        application: ApplicationId | None,
        grant: GrantId | None,
        claim_text: str,
        once: Once | None,
    ) -> DisputeStanding:
        """Raise a dispute on an application or a grant the actor's department is a party to.

        Raises:
            NothingToDispute, DisputeOpen.
        """
        now, new = self._grants.now(), new_id()
        async with self._grants.database.transaction() as tx:
            if earlier := await claim(tx, once, new):
                return self._standing(await self._found(tx, actor, earlier))
            held = await self._grants.at(tx, grant) if grant else None
            about = held.application_id if held else application
            parties = await store.parties_of(tx, about) if about else None
            if about is None or parties is None or not _is_party(actor, parties):
                raise NothingToDispute("none of your department", "没有本部门的该申请或授权")
            other = parties.provider if actor.org == parties.consumer else parties.consumer
            made = Dispute(
                id=new, application_id=about, grant_id=held.id if held else None, raised_by_org=OrgCode(actor.org),
                against=other, common_superior=await store.are_of_several_regions(tx, (parties.consumer, parties.provider)),
                claim=claim_text, stage=Stage.NEGOTIATING,
                rule_sets=self._clocks.in_force(local_day(now), Subject.DISPUTE), raised_by=actor.id, raised_at=now,
                escalated_at=None, referred_at=None, closed_at=None, outcome=None, version=1,
                cause=held.cause if held else parties.cause,
            )  # fmt: skip
            written = await self._grants.log.emit(
                tx, _event(EventType.DISPUTE_RAISED, actor, _role(actor), made, claim=claim_text)
            )
            kept = replace(made, cause=written.cause)
            await store.add(tx, kept)
            return await self._keep(tx, kept)

    async def propose(self, actor: Principal, dispute: UUID, effect: Effect, text: str) -> DisputeStanding:
        """A party proposes how to settle it; a later proposal takes the place of an earlier one."""
        async with self._grants.database.transaction() as tx:
            before = await self._party_step(tx, actor, dispute, "propose")
            outcome = {"by": actor.org, "effect": effect, "text": text, "agreed": False}
            after = replace(before, outcome=outcome)
            return await self._move(tx, EventType.DISPUTE_PROPOSED, actor, after, effect=effect, text=text)

    async def agree(self, actor: Principal, dispute: UUID) -> DisputeStanding:
        """The other party agrees to what was proposed last: it binds both.

        Raises:
            OwnProposal, DisputeNotAtStage (nothing was proposed).
        """
        async with self._grants.database.transaction() as tx:
            before = await self._party_step(tx, actor, dispute, "agree")
            if before.outcome is None:
                raise DisputeNotAtStage("nothing was proposed", "尚无处理方案")
            if before.outcome["by"] == actor.org:
                raise OwnProposal("your department proposed it", "该方案由本部门提出")
            outcome = {
                **before.outcome,
                "agreed": True,
                "reached_at": before.stage,
                "binds": list(before.parties),
            }
            after = replace(before, stage=Stage.SETTLED, closed_at=self._grants.now(), outcome=outcome)
            return await self._move(tx, EventType.DISPUTE_SETTLED, actor, after, outcome=outcome)

    async def escalate(self, actor: Principal, dispute: UUID, reason: str) -> DisputeStanding:
        """协商不成: a party applies to the authority to coordinate."""
        async with self._grants.database.transaction() as tx:
            before = await self._party_step(tx, actor, dispute, "escalate")
            after = replace(before, stage=Stage.COORDINATING, escalated_at=self._grants.now())
            return await self._move(tx, EventType.DISPUTE_ESCALATED, actor, after, reason=reason)

    async def refer(self, actor: Principal, dispute: UUID, report: str) -> DisputeStanding:
        """协调未达成一致: the authority reports to the government."""
        async with self._grants.database.transaction() as tx:
            before = await self._step(tx, actor, dispute, "refer")
            after = replace(before, stage=Stage.REFERRED, referred_at=self._grants.now())
            return await self._move(tx, EventType.DISPUTE_REFERRED, actor, after, report=report)

    async def decide(
        self, actor: Principal, dispute: UUID, effect: Effect, document: str, text: str
    ) -> DisputeStanding:
        """The authority records the government's decision and its document: it binds both parties."""
        async with self._grants.database.transaction() as tx:
            before = await self._step(tx, actor, dispute, "decide")
            outcome: dict[str, JSON] = {
                "by": "government", "effect": effect, "text": text, "document": document, "agreed": False,
                "reached_at": before.stage, "binds": list(before.parties),
            }  # fmt: skip
            after = replace(before, stage=Stage.SETTLED, closed_at=self._grants.now(), outcome=outcome)
            return await self._move(tx, EventType.DISPUTE_SETTLED, actor, after, outcome=outcome)

    async def withdraw(self, actor: Principal, dispute: UUID, reason: str) -> DisputeStanding:
        """Who raised it takes it back."""
        async with self._grants.database.transaction() as tx:
            before = await self._party_step(tx, actor, dispute, "withdraw")
            if actor.org != before.raised_by_org:
                raise _unknown(dispute)
            after = replace(before, stage=Stage.WITHDRAWN, closed_at=self._grants.now())
            return await self._move(tx, EventType.DISPUTE_WITHDRAWN, actor, after, reason=reason)

    async def show(self, actor: Principal, dispute: UUID) -> DisputeStanding:
        """Raises NoSuchDispute, also for departments no party to it."""
        async with self._grants.database.connection() as connection:
            return self._standing(await self._found(connection, actor, dispute))

    async def listed(
        self, actor: Principal, stage: Stage | None, after: UUID | None, count: int
    ) -> list[DisputeStanding]:
        """Newest first: all for the administrators, else those of the own department."""
        org = None if actor.roles & _EVERYWHERE else actor.org
        async with self._grants.database.connection() as connection:
            found = await store.listed(connection, org, stage, after, count)
        return [self._standing(each) for each in found]

    async def _found(self, tx: Connection, actor: Principal, dispute: UUID) -> Dispute:
        found = await store.find(tx, dispute)
        if found is None or not (actor.org in found.parties or actor.roles & _EVERYWHERE):
            raise _unknown(dispute)
        return found

    async def _party_step(self, tx: Connection, actor: Principal, dispute: UUID, act: str) -> Dispute:
        before = await store.lock(tx, dispute)
        if before is None or actor.org not in before.parties:
            raise _unknown(dispute)
        return _at_stage(before, act)

    async def _step(self, tx: Connection, actor: Principal, dispute: UUID, act: str) -> Dispute:
        before = await store.lock(tx, dispute)
        if before is None:
            raise _unknown(dispute)
        return _at_stage(before, act)

    async def _move(
        self, tx: Connection, kind: EventType, actor: Principal, after: Dispute, **detail: JSON
    ) -> DisputeStanding:
        moved = replace(after, version=after.version + 1)
        written = await self._grants.log.emit(tx, _event(kind, actor, _role(actor), moved, **detail))
        await store.move(tx, moved, written)
        return await self._keep(tx, replace(moved, cause=written.cause))

    async def _keep(self, tx: Connection, dispute: Dispute) -> DisputeStanding:
        standing = self._standing(dispute)
        await keep(tx, case_of(dispute, self._platform), standing.clocks)
        return standing

    def _standing(self, dispute: Dispute) -> DisputeStanding:
        clocks = clocks_of(self._clocks, dispute, self._grants.now())
        return DisputeStanding(dispute, clocks, dispute.holder(self._platform))


def _is_party(actor: Principal, parties: store.Parties) -> bool:
    return actor.org == parties.consumer or (parties.accepted and actor.org == parties.provider)


def _at_stage(dispute: Dispute, act: str) -> Dispute:
    if dispute.stage not in MOVES[act]:
        raise DisputeNotAtStage(
            f"{act} is not possible while it is {dispute.stage}", f"争议处于 {dispute.stage} 阶段，不能执行 {act}",
            stage=dispute.stage,
        )  # fmt: skip
    return dispute


def _role(actor: Principal) -> Role:
    """In which role somebody acts on a dispute: what the person holds, the authority's first."""
    return next(role for role in (Role.PLATFORM_ADMIN, Role.PROVIDER, Role.REQUESTER) if role in actor.roles)


def _unknown(dispute: UUID) -> NoSuchDispute:
    return NoSuchDispute(f"no dispute {dispute}", f"没有争议 {dispute}")


def _event(kind: EventType, actor: Principal, role: Role, at: Dispute, **detail: JSON) -> Event:
    return Event(
        type=kind, outcome=Outcome.DONE, who=who(actor, role), consumer_org=at.raised_by_org, provider_org=at.against,
        object_kind="dispute", object_id=str(at.id), object_version=str(at.version),
        grant_id=str(at.grant_id or ""), application_id=str(at.application_id), detail={"stage": at.stage, **detail},
        cause=(at.cause,),
    )  # fmt: skip
