"""Acts of people on cascades, and how cascades stand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from gateway.audit import AuditLog, Cause, Event, EventType, Outcome
from gateway.errors import Conflict, FieldFault, Invalid, NotFound
from gateway.federation import shapes, store
from gateway.federation.evidence import cascade_event
from gateway.federation.model import Cascade, CascadeState, Flow, LocalApplication, Told
from gateway.federation.platforms import Platforms
from gateway.federation.upper import target_of
from gateway.identity import Role, who
from gateway.names import ApplicationId, OrgCode, new_id
from gateway.seals import Vault
from gateway.storage import Connection, Database, Once, claim
from gateway.web import Principal

_SEE_ALL: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN})


class NoSuchCascade(NotFound):
    """There is no such cascade（没有该上报记录）."""


class NothingToRetry(Conflict):
    """Only what the upper platform rejected can be sent again（仅被上级平台退回的可重新提交）."""

    remedy = (
        "What is queued is tried again by itself; what was reported needs no second report.",
        "排队中的会自动重试；已上报的无需再次提交。",
    )


class NotAccepted(Conflict):
    """Only an open application that passed the review goes up（仅已受理且未办结的申请可向上级提交）."""


class Local(Protocol):
    """What federation asks of the rooms beside it; the roof provides it."""

    async def application(self, actor: Principal, application: ApplicationId) -> LocalApplication:
        """Raises NotFound where the actor may not see it."""

    async def name_of(self, org: OrgCode) -> str:
        """The department's name."""


class Cascades:
    """The room's acts. ``vault`` wraps the platforms' keys; ``now`` gives the present instant with its zone."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        platforms: Platforms,
        local: Local,
        vault: Vault,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._log = log
        self.platforms = platforms
        self._local = local
        self._vault = vault
        self._now = now

    async def start(
        self,
        actor: Principal,
        application: ApplicationId,
        platform: str,
        upper_code: str,
        note: str,
        once: Once | None,
    ) -> Cascade:
        """供需级联: send a local application up; its own clocks run on.

        Raises:
            NoSuchPlatform, FlowNotOffered: nowhere to send it.
            NotAccepted: the application did not pass the review, or is over.
            AlreadyCascaded: it went up to this platform before.
        """
        target_of(self.platforms.get(platform), Flow.APPLICATION)
        one = await self._local.application(actor, application)
        if not one.is_accepted:
            raise NotAccepted(f"the application is {one.state}", f"申请状态为 {one.state}")
        name = await self._local.name_of(one.consumer_org)
        payload = shapes.application(one, name, upper_code, note)
        number = str(one.id)
        new = self._new(actor, platform, Flow.APPLICATION, number, one.consumer_org, payload, one.cause)
        return await self._add(actor, Role.PLATFORM_ADMIN, new, once)

    async def correct(
        self, actor: Principal, platform: str, resource_code: str, item: str, problem: str, once: Once | None
    ) -> Cascade:
        """纠错: tell the owner, by way of the platform, that an upper entry or its data is wrong.

        Raises:
            NoSuchPlatform, FlowNotOffered.
        """
        target_of(self.platforms.get(platform), Flow.CORRECTION)
        org = OrgCode(actor.org)
        number = str(new_id())
        name = await self._local.name_of(org)
        payload = shapes.correction(number, org, name, resource_code, item, problem)
        new = self._new(actor, platform, Flow.CORRECTION, number, org, payload, None)
        return await self._add(actor, Role.REQUESTER, replace(new, id=UUID(number)), once)

    async def retry(self, actor: Principal, cascade: UUID) -> Cascade:
        """Send a rejected cascade again, as it was.

        Raises:
            NoSuchCascade, NothingToRetry.
        """
        async with self._database.transaction() as tx:
            before = await self._locked(tx, cascade)
            if before.state is not CascadeState.REJECTED:
                raise NothingToRetry(f"it is {before.state}", f"当前状态为 {before.state}")
            after = replace(before, state=CascadeState.QUEUED, next_at=self._now(), fault="")
            event = cascade_event(EventType.CASCADE_RETRIED, actor, after, Role.PLATFORM_ADMIN)
            await store.move(tx, after, await self._log.emit(tx, event))
            return await self._locked(tx, cascade)

    async def set_key(self, actor: Principal, platform: str, key: str) -> datetime:
        """Store the key a platform gave us, wrapped; nobody is shown it again.

        Raises:
            NoSuchPlatform.
        """
        self.platforms.get(platform)
        now = self._now()
        event = Event(
            type=EventType.CASCADE_KEY_SET, outcome=Outcome.DONE, who=who(actor, Role.SECURITY_ADMIN),
            object_kind="upper_platform", object_id=platform,
        )  # fmt: skip
        async with self._database.transaction() as tx:
            written = await self._log.emit(tx, event)
            await store.set_key(tx, platform, self._vault.wrap(key.encode(), platform), now, written.event_id)
        return now

    async def keys_set(self) -> dict[str, datetime]:
        """When each platform's key was stored."""
        async with self._database.connection() as connection:
            return await store.keys_set(connection)

    async def show(self, actor: Principal, cascade: UUID) -> Cascade:
        """Raises NoSuchCascade, also for those of other departments."""
        async with self._database.connection() as connection:
            found = await store.find(connection, cascade)
        if found is None or not (actor.roles & _SEE_ALL or found.org == actor.org):
            raise _unknown(cascade)
        return found

    async def of_application(self, actor: Principal, application: ApplicationId) -> list[Cascade]:
        """How an application stands above, newest first; for whoever may see the application."""
        one = await self._local.application(actor, application)
        async with self._database.connection() as connection:
            return await store.of_object(connection, Flow.APPLICATION, str(one.id))

    async def listed(
        self, actor: Principal, platform: str | None, flow: Flow | None, state: CascadeState | None,
        after: UUID | None, count: int,
    ) -> list[Cascade]:  # fmt: skip
        """Newest first: those of the own department; all for administrators."""
        org = None if actor.roles & _SEE_ALL else actor.org
        async with self._database.connection() as connection:
            return await store.listed(connection, org, platform, flow, state, after, count)

    async def classes(self, platform: str, after: str | None, count: int) -> list[tuple[str, str, str]]:
        """目录分类 as fetched from a platform: code, name, code of the class above. Raises Invalid: no such platform."""
        if platform not in {one.id for one in self.platforms}:
            raise Invalid(FieldFault("/platform", "no such upper platform is configured", "未配置该上级平台"))
        async with self._database.connection() as connection:
            return await store.classes(connection, platform, after, count)

    def _new(
        self, actor: Principal, platform: str, flow: Flow, object_id: str, org: OrgCode, payload: dict[str, Any],
        cause: Cause | None,
    ) -> Cascade:  # fmt: skip
        now = self._now()
        return Cascade(
            id=new_id(), platform=platform, flow=flow, scope=f"{flow}:{object_id}", object_id=object_id,
            object_version=1, org=org, payload=payload, state=CascadeState.QUEUED, attempts=0, next_at=now, fault="",
            told=Told(), started_by=actor.id, started_at=now, reported_at=None, answered_at=None,
            cause=cause,
        )  # fmt: skip

    async def _add(self, actor: Principal, role: Role, new: Cascade, once: Once | None) -> Cascade:
        async with self._database.transaction() as tx:
            if earlier := await claim(tx, once, new.id):
                return await self._locked(tx, earlier)
            written = await self._log.emit(tx, cascade_event(EventType.CASCADE_STARTED, actor, new, role))
            await store.add(tx, new, written)
            return await self._locked(tx, new.id)

    async def _locked(self, tx: Connection, cascade: UUID) -> Cascade:
        found = await store.lock(tx, cascade)
        if found is None:
            raise _unknown(cascade)
        return found


def _unknown(cascade: UUID) -> NoSuchCascade:
    return NoSuchCascade(f"no cascade {cascade}", f"没有上报记录 {cascade}")
