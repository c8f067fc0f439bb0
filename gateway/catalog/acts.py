"""What every act of this room shares: its refusals, finding and locking an entry, moving it, and the record of it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from gateway.audit import AuditLog, Event, EventType, Outcome, Written
from gateway.audit.model import JSON
from gateway.catalog import store
from gateway.catalog.description import Description
from gateway.catalog.model import MOVES, Resource, State, obstacles_to_publishing
from gateway.deadlines import Event as Step
from gateway.errors import Conflict, Forbidden, NotFound
from gateway.identity import Role, who
from gateway.names import OrgCode, ResourceId
from gateway.storage import Connection, Database
from gateway.web import Principal

Follow: TypeAlias = Callable[[Connection, Resource, Step, datetime], Awaitable[None]]
"""Told of each step of an entry or its revision that clocks care for, inside the step's transaction."""

STEPS: Final = {
    "submit": Step.SUBMITTED,
    "publish": Step.PUBLISHED,
    "return": Step.RETURNED,
    "discard": Step.CLOSED,
    "withdraw": Step.CLOSED,
}
"""Acts that move clocks."""


class NoSuchResource(NotFound):
    """There is no such resource in the catalogue（目录中没有该信息资源）."""


class ResourceNotInState(Conflict):
    """The resource is not in the state this needs（信息资源当前状态不允许此操作）."""


class SelfApproval(Forbidden):
    """Nobody approves the own act（不得审批本人提交的事项）."""

    remedy = ("Another person with the role must do this.", "请由具有该角色的其他人员办理。")


class MustNotEnter(Conflict):
    """Secrets may not enter the catalogue（国家秘密、工作秘密不得进入目录）."""

    remedy = (
        "Keep it out of the gateway; if the mark is wrong, correct must_not_enter in the description.",
        "请勿在网关登记或挂接；如标注有误，请更正资源描述中的 must_not_enter。",
    )


class NotReadyToPublish(Conflict):
    """The resource cannot be published yet（信息资源尚不具备发布条件）."""

    remedy = (
        "Remove the obstacles named in the detail, then submit again.",
        "请消除所述问题后重新提交。",
    )


class Acts:
    """The parts of an act on one entry. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self._now = now
        self.followers: list[Follow] = []

    @property
    def parts(self) -> tuple[Database, AuditLog, Callable[[], datetime]]:
        """What it was made of, for what works beside it."""
        return self._database, self._log, self._now

    async def _move(
        self,
        actor: Principal,
        role: Role,
        resource: ResourceId,
        act: str,
        kind: EventType,
        also: Callable[[Connection, Resource], Awaitable[None]] | None = None,
        more: Mapping[str, JSON] | None = None,
        **marks: Any,
    ) -> Resource:
        async with self._database.transaction() as tx:
            before = await (
                self._own(tx, actor, resource) if role is Role.PROVIDER else self._locked(tx, resource)
            )
            allowed, after = MOVES[act]
            if before.state not in allowed:
                raise wrong_state(before, act)
            if act == "publish" and before.drafted_by == actor.id:
                raise SelfApproval(
                    "whoever drafted an entry may not publish it", "编制人不得审核发布本人编制的条目"
                )
            if also is not None:
                await also(tx, before)
            await self._record(tx, actor, role, before, after, kind, marks, more)
            await self._tell(tx, before, act)
            return await self._found(tx, resource)

    async def _record(
        self, tx: Connection, actor: Principal, role: Role, before: Resource, after: State, kind: EventType,
        marks: dict[str, Any], more: Mapping[str, JSON] | None = None,
    ) -> Written:  # fmt: skip
        now = await self._found(tx, before.id)
        reason = marks.get("returned_because") or marks.get("withdrawn_because") or ""
        written = await self._log.emit(
            tx,
            event(
                kind,
                actor,
                role,
                before.id,
                before.provider_org,
                before.version + 1,
                now.description,
                why=reason,
                cause=before,
                more=more,
            ),
        )
        await store.move(tx, before.id, after, written, **marks)
        return written

    async def _tell(self, tx: Connection, resource: Resource, act: str) -> None:
        if act in STEPS:
            for follow in self.followers:
                await follow(tx, resource, STEPS[act], self._now())

    async def _found(self, tx: Connection, resource: ResourceId) -> Resource:
        found = await store.find(tx, resource)
        if found is None:
            raise unknown(resource)
        return found

    async def _locked(self, tx: Connection, resource: ResourceId) -> Resource:
        found = await store.lock(tx, resource)
        if found is None:
            raise unknown(resource)
        return found

    async def _own(self, tx: Connection, actor: Principal, resource: ResourceId) -> Resource:
        found = await self._locked(tx, resource)
        if found.provider_org != actor.org:
            raise unknown(resource)
        return found


async def must_be_ready(_tx: Connection, before: Resource) -> None:
    """Refuse what could not be published as it stands.

    Raises:
        NotReadyToPublish: with every obstacle.
    """
    if found := obstacles_to_publishing(before):
        raise NotReadyToPublish(
            "; ".join(one.en for one in found),
            "；".join(one.zh for one in found),
            obstacles=[{"code": one.code, "detail": one.en, "detail_zh": one.zh} for one in found],
        )


def may_see(actor: Principal, resource: Resource) -> bool:
    """Whether the entry is public, the actor's department's, or the actor is of the platform."""
    public = resource.state in (State.PUBLISHED, State.WITHDRAWN)
    return public or resource.provider_org == actor.org or Role.PLATFORM_ADMIN in actor.roles


def unknown(resource: ResourceId) -> NoSuchResource:
    """The refusal for what is not there or not to be seen."""
    return NoSuchResource(f"no resource {resource}", f"没有信息资源 {resource}")


def wrong_state(resource: Resource, act: str) -> ResourceNotInState:
    """The refusal of an act out of turn."""
    return ResourceNotInState(
        f"{act} is not possible while the resource is {resource.state}", f"资源状态为 {resource.state}，不能执行 {act}",
        state=resource.state,
    )  # fmt: skip


def event(
    kind: EventType,
    actor: Principal,
    role: Role,
    resource: ResourceId,
    provider: OrgCode | str,
    version: int,
    what: Description,
    why: str = "",
    cause: Resource | None = None,
    more: Mapping[str, JSON] | None = None,
) -> Event:
    """The record of an act on an entry that is at ``version`` after it; ``more`` adds to its detail."""
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=who(actor, role),
        provider_org=provider,
        object_kind="resource",
        object_id=str(resource),
        object_version=str(version),
        resource=what.code,
        grade=what.grade,
        detail={"name": what.name, "sharing_class": what.sharing_class, "because": why, **(more or {})},
        cause=(cause.cause,) if cause else (),
    )
