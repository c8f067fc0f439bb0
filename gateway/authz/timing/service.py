"""Acts on the clocks of applications: each is one transaction and one audit record."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from gateway.audit import EventType
from gateway.authz.applications import store as applications
from gateway.authz.applications.casework import Casework, Standing
from gateway.authz.applications.clocks import happened
from gateway.authz.applications.model import Application
from gateway.authz.applications.parties import holder_of, may_see
from gateway.authz.applications.refusals import ApplicationNotInState, unknown
from gateway.authz.timing import store
from gateway.authz.timing.model import (
    ExtensionDecided,
    ExtensionRequest,
    ExtensionState,
    NoSuchExtension,
    NotTheHolder,
)
from gateway.catalog import SelfApproval
from gateway.deadlines import (
    Actor,
    Clock,
    Extended,
    Happening,
    NotExtendable,
    NotPausable,
    Paused,
    PauseReason,
    Resumed,
    Transferred,
    WorkingDays,
    check_extension,
    history_of,
    then,
)
from gateway.errors import FieldFault, Invalid
from gateway.identity import Role
from gateway.names import ApplicationId, new_id
from gateway.storage import Connection
from gateway.web import Principal


@dataclass(frozen=True, slots=True)
class Timed:
    """How the clocks of an application stand, and the extensions asked for."""

    standing: Standing
    extensions: list[ExtensionRequest]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a provider asks for; ``notice`` is what the requester will be told."""

    rule: str
    days: WorkingDays
    reason: str
    notice: str | None


class Timing:
    """The acts. Everything common to steps of applications is ``work``'s."""

    def __init__(self, work: Casework) -> None:
        self._work = work

    async def show(self, actor: Principal, application: ApplicationId) -> Timed:
        """How the clocks stand. Raises NoSuchApplication, also for departments that are no party to it."""
        async with self._work.database.connection() as connection:
            timed = await self._timed(connection, application)
        if not may_see(actor, timed.standing.application):
            raise unknown(application)
        return timed

    async def ask_extension(self, actor: Principal, application: ApplicationId, asked: Ask) -> Timed:
        """The provider asks for more time. Where the rule needs nobody's consent, it has it at once.

        Raises:
            Invalid: no clock of the application by this rule, or a notice is missing that the rule wants.
            NotExtendable: the rule does not foresee it, or the clock is over or overdue.
            ExtensionPending, ApplicationNotInState, SelfApproval, NoSuchApplication.
        """
        work = self._work
        async with work.database.transaction() as tx:
            before = await self._open(tx, actor, application)
            if actor.org != before.provider_org or not before.was_accepted:
                raise unknown(application)
            clock = _asked_clock(work.clocks.of(before, work.now()), asked)
            check_extension(clock, asked.days)
            new = ExtensionRequest(
                new_id(), application, asked.rule, asked.days, asked.reason, asked.notice, actor.id, work.now(),
                ExtensionState.ASKED, None, None, None, None, before.cause,
            )  # fmt: skip
            moved = await self._record(
                tx, EventType.EXTENSION_ASKED, actor, Role.PROVIDER, before, extension=_detail(new)
            )
            await store.ask(tx, replace(new, cause=moved.cause))
            if clock.rule.extension is not None and clock.rule.extension.consents is None:
                await self._granted(tx, actor, Role.PROVIDER, moved, new)
            return await self._kept(tx, application)

    async def decide_extension(
        self, actor: Principal, application: ApplicationId, extension: UUID, *, consent: bool, opinion: str | None
    ) -> Timed:  # fmt: skip
        """The authority consents, and the requester is told by the same act; or it declines, with its opinion.

        Raises:
            NoSuchExtension, ExtensionDecided, SelfApproval.
            NotExtendable: meanwhile the clock ended or ran out.
            Invalid: declined without an opinion.
        """
        work = self._work
        if not consent and not opinion:
            raise Invalid(FieldFault("/opinion", "say why the extension is declined", "不同意延期须说明理由"))
        async with work.database.transaction() as tx:
            before = await self._open(tx, actor, application)
            asked = await self._pending(tx, application, extension)
            if asked.asked_by == actor.id:
                raise SelfApproval(
                    "whoever asked for an extension may not decide it", "延期申请人不得决定本人提出的延期"
                )
            if consent:
                clock = _clock(work.clocks.of(before, work.now()), asked.rule)
                check_extension(clock, asked.days)
                decided = replace(asked, decided_by=actor.id, opinion=opinion)
                await self._granted(tx, actor, Role.PLATFORM_ADMIN, before, decided)
            else:
                await self._declined(tx, actor, before, asked, opinion)
            return await self._kept(tx, application)

    async def pause(
        self, actor: Principal, application: ApplicationId, reason: PauseReason, basis: str
    ) -> Timed:
        """Stop the clocks whose rules know this reason; the others run on.

        Raises:
            NotPausable: no running clock's rule does.
            AlreadyPaused, NotTheHolder, ApplicationNotInState, SelfApproval, NoSuchApplication.
        """
        work = self._work
        async with work.database.transaction() as tx:
            before = await self._held(tx, actor, application)
            act = Paused(work.now(), reason, basis)
            _check_follows(before, act)
            stopped = [
                each.rule.id
                for each in work.clocks.of(before, work.now())
                if each.is_open and reason in each.rule.pauses
            ]
            if not stopped:
                raise NotPausable(
                    f"no running clock of this application may be paused for {reason}",
                    f"该申请没有可因“{reason.words.zh}”暂停的时限",
                )
            await self._act(
                tx, EventType.CLOCKS_PAUSED, actor, before, act, reason=reason, basis=basis, rules=stopped
            )
            return await self._kept(tx, application)

    async def resume(self, actor: Principal, application: ApplicationId) -> Timed:
        """Let the clocks run on with what remained.

        Raises:
            NotPaused, NotTheHolder, ApplicationNotInState, SelfApproval, NoSuchApplication.
        """
        work = self._work
        async with work.database.transaction() as tx:
            before = await self._held(tx, actor, application)
            act = Resumed(work.now())
            _check_follows(before, act)
            await self._act(tx, EventType.CLOCKS_RESUMED, actor, before, act)
            return await self._kept(tx, application)

    async def transfer(self, actor: Principal, application: ApplicationId, target: str, reason: str) -> Timed:
        """Hand the case to another handler or unit of the same department; no clock moves.

        Raises:
            NotTheHolder, ApplicationNotInState, SelfApproval, NoSuchApplication.
        """
        work = self._work
        async with work.database.transaction() as tx:
            before = await self._held(tx, actor, application)
            act = Transferred(work.now(), actor.id, target, reason)
            _check_follows(before, act)
            await self._act(
                tx, EventType.APPLICATION_TRANSFERRED, actor, before, act, target=target, reason=reason
            )
            return await self._kept(tx, application)

    async def _open(self, tx: Connection, actor: Principal, application: ApplicationId) -> Application:
        """The application, locked, with its acts so far, if it is open and the actor did not file it."""
        found = await applications.lock(tx, application)
        if found is None or not may_see(actor, found):
            raise unknown(application)
        if found.closed_at is not None:
            raise ApplicationNotInState(
                f"the application is {found.state}", f"申请状态为 {found.state}", state=found.state
            )
        if actor.id == found.filed_by:
            raise SelfApproval(
                "whoever filed an application may not act on it", "申请人不得办理本人提交的申请"
            )
        return replace(found, acts=await store.acts_of(tx, application))

    async def _held(self, tx: Connection, actor: Principal, application: ApplicationId) -> Application:
        found = await self._open(tx, actor, application)
        holder = holder_of(found, self._work.platform)
        if actor.org != holder:
            raise NotTheHolder(f"the application is with {holder}", f"该申请由 {holder} 办理")
        return found

    async def _pending(self, tx: Connection, application: ApplicationId, extension: UUID) -> ExtensionRequest:
        known = {each.id: each for each in await store.extensions_of(tx, application)}
        if extension not in known:
            raise NoSuchExtension(f"no extension {extension}", f"没有延期申请 {extension}")
        if known[extension].state is not ExtensionState.ASKED:
            raise ExtensionDecided(
                f"the extension was {known[extension].state}", f"该延期申请状态为 {known[extension].state}"
            )
        return known[extension]

    async def _granted(
        self, tx: Connection, actor: Principal, role: Role, before: Application, asked: ExtensionRequest
    ) -> None:
        now = self._work.now()
        act = Extended(now, asked.rule, asked.days, actor.id, asked.reason)
        _check_follows(before, act)
        told_at = now if asked.notice else None
        after = replace(asked, state=ExtensionState.GRANTED, decided_at=now, told_at=told_at)
        longer = replace(before, acts=(*before.acts, act))
        told = {"told": before.consumer_org} if told_at else {}
        moved = await self._record(
            tx, EventType.EXTENSION_GRANTED, actor, role, longer, extension=_detail(after), **told
        )
        await store.decide(tx, replace(after, cause=moved.cause))
        await store.add_act(tx, before.id, act, actor.id, moved.cause)

    async def _declined(
        self, tx: Connection, actor: Principal, before: Application, asked: ExtensionRequest, opinion: str | None
    ) -> None:  # fmt: skip
        after = replace(
            asked, state=ExtensionState.DECLINED, decided_by=actor.id, decided_at=self._work.now(), opinion=opinion
        )  # fmt: skip
        moved = await self._record(
            tx, EventType.EXTENSION_DECLINED, actor, Role.PLATFORM_ADMIN, before, extension=_detail(after)
        )
        await store.decide(tx, replace(after, cause=moved.cause))

    async def _act(
        self,
        tx: Connection,
        kind: EventType,
        actor: Principal,
        before: Application,
        act: Happening,
        **detail: Any,
    ) -> None:
        with_provider = actor.org == before.provider_org and Role.PROVIDER in actor.roles
        role = Role.PROVIDER if with_provider else Role.PLATFORM_ADMIN
        after = replace(before, acts=(*before.acts, act))
        moved = await self._record(tx, kind, actor, role, after, **detail)
        await store.add_act(tx, before.id, act, actor.id, moved.cause)

    async def _record(
        self, tx: Connection, kind: EventType, actor: Principal, role: Role, after: Application, **detail: Any
    ) -> Application:
        resource = await self._work.catalog.at(tx, after.resource_id)
        return await self._work.step(tx, kind, actor, role, after, resource, **detail)

    async def _kept(self, tx: Connection, application: ApplicationId) -> Timed:
        standing = await self._work.keep_clocks(tx, application)
        return Timed(standing, await store.extensions_of(tx, application))

    async def _timed(self, tx: Connection, application: ApplicationId) -> Timed:
        standing = await self._work.standing(tx, application)
        return Timed(standing, await store.extensions_of(tx, application))


def _check_follows(before: Application, act: Happening) -> None:
    """Raises Backdated, AlreadyPaused, NotPaused."""
    then(history_of(happened(before), before.acts), act)


def _clock(clocks: list[Clock], rule: str) -> Clock:
    found = next((each for each in clocks if each.rule.id == rule), None)
    if found is None:
        known = ", ".join(each.rule.id for each in clocks)
        raise Invalid(
            FieldFault("/rule", f"the application has the clocks {known}", f"该申请的时限有：{known}")
        )
    return found


def _asked_clock(clocks: list[Clock], asked: Ask) -> Clock:
    clock = _clock(clocks, asked.rule)
    if clock.rule.actor is not Actor.PROVIDER:
        raise NotExtendable(f"{asked.rule} is not the provider's clock", f"{asked.rule} 不是提供部门的时限")
    foreseen = clock.rule.extension
    if foreseen is not None and foreseen.tells_requester and not asked.notice:
        raise Invalid(
            FieldFault("/notice", "say what the requester will be told", "须填写告知需求部门的内容")
        )
    return clock


def _detail(extension: ExtensionRequest) -> dict[str, Any]:
    return {
        "id": str(extension.id),
        "rule": extension.rule,
        "days": extension.days.count,
        "reason": extension.reason,
        "notice": extension.notice,
        "state": extension.state,
        "opinion": extension.opinion,
    }
