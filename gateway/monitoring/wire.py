"""JSON shapes of this room."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from gateway.catalog.description import UpdateCycle
from gateway.monitoring.model import Alarm, AlarmKind, Calls, HealthState, Policy, Side, Watched
from gateway.web import Model, PageQuery


class MonitorQuery(PageQuery):
    """A page of watched resources."""

    state: HealthState | None = None


class AlarmQuery(PageQuery):
    """A page of alarms; ``open`` leaves out those that were cleared."""

    status: Annotated[str, Field(pattern=r"^(open|all)$")] = "all"
    side: Side | None = None


class CallsShown(Model):
    """Real calls of the last 24 hours: released, and failed by the side at fault (故障责任方)."""

    released: int
    failed_by_caller: int
    failed_by_gateway: int
    failed_by_provider: int

    @classmethod
    def of(cls, calls: Calls) -> "CallsShown":
        return cls(
            released=calls.ok, failed_by_caller=calls.caller, failed_by_gateway=calls.gateway,
            failed_by_provider=calls.provider,
        )  # fmt: skip


class AlarmShown(Model):
    """告警: what is wrong, whose fault it is, since when and until when."""

    id: UUID
    resource_id: UUID
    resource_code: str
    resource_name: str
    provider_org: str
    kind: AlarmKind
    side: Side
    reason: str
    said: str
    said_zh: str
    raised_at: datetime
    cleared_at: datetime | None = None
    audit_id: UUID

    @classmethod
    def of(cls, alarm: Alarm) -> "AlarmShown":
        trouble = alarm.trouble
        return cls(
            id=alarm.id, resource_id=alarm.resource_id, resource_code=alarm.resource_code,
            resource_name=alarm.resource_name, provider_org=alarm.provider_org, kind=trouble.kind, side=trouble.side,
            reason=trouble.reason, said=trouble.en, said_zh=trouble.zh, raised_at=alarm.raised_at,
            cleared_at=alarm.cleared_at, audit_id=alarm.event_id,
        )  # fmt: skip


class HealthShown(Model):
    """How a published resource does: availability of probes and calls over 24 hours, latency, freshness, alarms."""

    resource_id: UUID
    resource_code: str
    resource_name: str
    provider_org: str
    state: HealthState
    since: datetime
    probed_at: datetime | None = None
    latency_seconds: Annotated[float | None, Field(description="Of the last probe that was answered.")] = None
    availability: Annotated[float | None, Field(description="Share of probes answered in 24 hours.")] = None
    calls: CallsShown
    mean_call_seconds: float | None = None
    update_cycle: UpdateCycle
    refreshed_at: Annotated[
        datetime | None, Field(description="The last real refresh, where the source tells.")
    ] = None
    fresh_until: Annotated[datetime | None, Field(description="When that refresh becomes stale.")] = None
    alarms: list[AlarmShown]

    @classmethod
    def of(cls, one: Watched, policy: Policy) -> "HealthShown":
        watch, volume = one.watch, one.volume
        allowed = policy.stale_after(one.update_cycle)
        tells = watch.refreshed_at is not None and allowed is not None
        return cls(
            resource_id=watch.resource_id, resource_code=one.code, resource_name=one.name,
            provider_org=one.provider_org, state=watch.state, since=watch.since, probed_at=watch.probed_at,
            latency_seconds=_rounded(watch.latency_seconds), availability=_rounded(volume.availability),
            calls=CallsShown.of(volume.calls),
            mean_call_seconds=_rounded(volume.call_seconds / volume.calls.ok) if volume.calls.ok else None,
            update_cycle=one.update_cycle, refreshed_at=watch.refreshed_at,
            fresh_until=watch.refreshed_at + allowed if tells else None,  # type: ignore[operator]  # both are there
            alarms=[AlarmShown.of(alarm) for alarm in one.alarms],
        )  # fmt: skip


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)
