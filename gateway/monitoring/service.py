"""Acts of monitoring: settling a finding, and showing what is known."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome, Who
from gateway.catalog import NoSuchResource, Resource
from gateway.catalog import State as Life
from gateway.identity import Role
from gateway.monitoring import store
from gateway.monitoring.model import (
    Alarm,
    Calls,
    Finding,
    HealthState,
    Policy,
    Side,
    Trouble,
    Watch,
    Watched,
    of_each_kind_one,
    state_of,
    troubles,
)
from gateway.names import OrgCode, ResourceId, new_id
from gateway.storage import Connection, Database
from gateway.supervision import NoticeKind, Told, tell
from gateway.web import Principal

_WINDOW: Final = timedelta(hours=24)
_SEE_ALL: Final = frozenset({Role.PLATFORM_ADMIN, Role.SECURITY_ADMIN})
_SELF: Final = Who(kind="system", id="monitor")


class Monitor:
    """The room's acts. ``now`` gives the present instant with its zone; ``platform`` keeps the gateway."""

    def __init__(
        self,
        database: Database,
        log: AuditLog,
        policy: Policy,
        now: Callable[[], datetime],
        platform: OrgCode,
    ) -> None:
        self._database = database
        self._log = log
        self.policy = policy
        self.now = now
        self._platform = platform

    async def settle(self, resource: Resource, finding: Finding) -> Watch:
        """Take a finding: what is known afterwards. Alarms raised or cleared by it are one audit record.

        Raises:
            AuditUnavailable: nothing was stored.
        """
        now = self.now()
        async with self._database.transaction() as tx:
            before = await store.lock_watch(tx, resource.id)
            refreshed = finding.refreshed_at or before.refreshed_at
            found = self._troubles(resource, finding, before.recent, refreshed, now)
            opened = await store.open_alarms(tx, resource.id)
            if resource.version == before.resource_version and not before.recent.all:
                found += [one for one in opened.values() if _is_from_calls(one)]
            found = of_each_kind_one(found)
            state = state_of(found) if _is_live(resource) else HealthState.UNKNOWN
            after = replace(
                before, resource_version=resource.version, state=state, probed_at=now, refreshed_at=refreshed,
                since=before.since if state is before.state else now, recent=Calls(),
                latency_seconds=before.latency_seconds if finding.seconds is None else finding.seconds,
            )  # fmt: skip
            await self._alarms(tx, resource, before, after, opened, found)
            await store.set_watch(tx, after)
            await store.count_probe(tx, resource.id, now, bool(finding.reason))
        return after

    async def resources(
        self, actor: Principal, state: HealthState | None, after: str | None, count: int
    ) -> list[Watched]:
        """By code: those of the own department; all for the platform."""
        async with self._database.connection() as connection:
            return await store.listed_watches(
                connection, _scope(actor), state, self.now() - _WINDOW, after, count
            )

    async def resource(self, actor: Principal, resource: ResourceId) -> Watched:
        """One resource. Raises NoSuchResource, also for those of other departments, unpublished and unmounted ones."""
        async with self._database.connection() as connection:
            found = await store.listed_watches(
                connection, _scope(actor), None, self.now() - _WINDOW, None, 1, resource
            )
        if not found:
            raise NoSuchResource(f"no watched resource {resource}", f"没有受监测的信息资源 {resource}")
        return found[0]

    async def alarms(
        self, actor: Principal, only_open: bool, side: Side | None, after: UUID | None, count: int
    ) -> list[Alarm]:
        """Newest first: those of the own department's resources; all for the platform."""
        async with self._database.connection() as connection:
            return await store.listed_alarms(connection, _scope(actor), only_open, side, after, count)

    def _troubles(
        self, resource: Resource, finding: Finding, calls: Calls, refreshed: datetime | None, now: datetime
    ) -> list[Trouble]:
        """A withdrawn resource has none."""
        if not _is_live(resource):
            return []
        return troubles(finding, calls, refreshed, resource.description.update_cycle, self.policy, now)

    async def _alarms(
        self, tx: Connection, resource: Resource, before: Watch, after: Watch, opened: dict[UUID, Trouble],
        found: Sequence[Trouble],
    ) -> None:  # fmt: skip
        known = {(one.kind, one.side, one.reason) for one in opened.values()}
        lasting = {(one.kind, one.side, one.reason) for one in found}
        raised = [one for one in found if (one.kind, one.side, one.reason) not in known]
        cleared = {id: one for id, one in opened.items() if (one.kind, one.side, one.reason) not in lasting}
        if not raised and not cleared:
            return
        written = await self._log.emit(tx, _event(resource, before, after, raised, list(cleared.values())))
        at = after.probed_at or self.now()
        for alarm in cleared:
            await store.clear_alarm(tx, alarm, at)
        for trouble in raised:
            await store.add_alarm(
                tx, new_id(), resource.id, resource.provider_org, trouble, at, written.event_id
            )
            org = resource.provider_org if trouble.side is Side.PROVIDER else self._platform
            await tell(tx, _alarm(resource, trouble, org), at)


def _is_live(resource: Resource) -> bool:
    return resource.state is Life.PUBLISHED and resource.mount is not None


def _is_from_calls(trouble: Trouble) -> bool:
    return trouble.reason.startswith("calls_")


def _scope(actor: Principal) -> str | None:
    return None if actor.roles & _SEE_ALL else actor.org


def _event(
    resource: Resource, before: Watch, after: Watch, raised: Sequence[Trouble], cleared: Sequence[Trouble]
) -> Event:
    return Event(
        type=EventType.HEALTH_CHANGED,
        outcome=Outcome.ERROR if raised else Outcome.DONE,
        who=_SELF,
        reason=raised[0].reason if raised else "",
        provider_org=resource.provider_org,
        object_kind="resource",
        object_id=str(resource.id),
        object_version=str(resource.version),
        resource=resource.description.code,
        grade=resource.description.grade,
        detail={
            "before": before.state,
            "after": after.state,
            "raised": [_told(one) for one in raised],
            "cleared": [_told(one) for one in cleared],
        },
        cause=(resource.cause,),
    )


def _alarm(resource: Resource, trouble: Trouble, org: OrgCode) -> Told:
    subject = f"{resource.description.code} {resource.description.name}"
    return Told(NoticeKind.ALARM, org, "resource", resource.id, subject, trouble.en, trouble.zh)


def _told(trouble: Trouble) -> dict[str, str]:
    return {"kind": trouble.kind, "side": trouble.side, "reason": trouble.reason, "said": trouble.en}
