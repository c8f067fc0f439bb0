"""Rows of schema ``monitoring`` as values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from gateway.catalog.description import UpdateCycle
from gateway.monitoring.model import (
    Alarm,
    AlarmKind,
    Calls,
    HealthState,
    Side,
    Trouble,
    Volume,
    Watch,
    Watched,
)
from gateway.names import OrgCode, ResourceId
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.monitoring")


async def watch_new(tx: Connection, now: datetime) -> None:
    await tx.execute(_SQL["watch_new"], now)


async def claim_due(tx: Connection, now: datetime, next_at: datetime, count: int) -> list[ResourceId]:
    """Resources whose probe is due; whoever gets one is the only one to."""
    rows = await tx.fetch(_SQL["claim_due"], now, next_at, count)
    return [ResourceId(row["resource_id"]) for row in rows]


async def lock_watch(tx: Connection, resource: ResourceId) -> Watch:
    return _watch(await tx.fetchrow(_SQL["lock_watch"], resource))


async def set_watch(tx: Connection, watch: Watch) -> None:
    """Store what is known now; the recent calls count from zero."""
    await tx.execute(
        _SQL["set_watch"], watch.resource_id, watch.resource_version, watch.state, watch.since, watch.probed_at,
        watch.latency_seconds, watch.refreshed_at,
    )  # fmt: skip


async def count_probe(tx: Connection, resource: ResourceId, at: datetime, failed: bool) -> None:
    await tx.execute(_SQL["count_probe"], resource, at, int(failed))


async def add_calls(tx: Connection, at: datetime, counted: Mapping[ResourceId, tuple[Calls, float]]) -> None:
    """What became of calls since the last flush: released ones with their seconds.

    The watch before the hour, as a probe that is settled takes them: neither waits for what the other holds.
    """
    ids = sorted(counted)
    calls = [counted[one][0] for one in ids]
    rows = [
        (one, c.ok, c.caller, c.gateway, c.provider, c.invalid, c.note)
        for one, c in zip(ids, calls, strict=True)
    ]
    await tx.executemany(_SQL["add_recent"], rows)
    await tx.execute(
        _SQL["add_hours"], at, ids, [one.ok for one in calls], [one.caller for one in calls],
        [one.gateway for one in calls], [one.provider for one in calls], [counted[one][1] for one in ids],
    )  # fmt: skip


async def open_alarms(tx: Connection, resource: ResourceId) -> dict[UUID, Trouble]:
    rows = await tx.fetch(_SQL["open_alarms"], resource)
    return {row["id"]: _trouble(row) for row in rows}


async def add_alarm(
    tx: Connection, new: UUID, resource: ResourceId, org: str, trouble: Trouble, at: datetime, event: UUID
) -> None:
    await tx.execute(
        _SQL["add_alarm"], new, resource, org, trouble.kind, trouble.side, trouble.reason, trouble.en, trouble.zh, at,
        event,
    )  # fmt: skip


async def clear_alarm(tx: Connection, alarm: UUID, at: datetime) -> None:
    await tx.execute(_SQL["clear_alarm"], alarm, at)


async def listed_alarms(
    tx: Connection, org: str | None, only_open: bool, side: str | None, after: UUID | None, count: int
) -> list[Alarm]:
    rows = await tx.fetch(_SQL["listed_alarms"], org, only_open, side, after, count)
    return [_alarm(row) for row in rows]


async def listed_watches(
    tx: Connection, org: str | None, state: str | None, since: datetime, after: str | None, count: int,
    only: ResourceId | None = None,
) -> list[Watched]:  # fmt: skip
    rows = await tx.fetch(_SQL["listed_watches"], org, state, since, after, count, only)
    alarms = [_alarm(row) for row in await tx.fetch(_SQL["alarms_of"], [row["resource_id"] for row in rows])]
    return [_watched(row, [one for one in alarms if one.resource_id == row["resource_id"]]) for row in rows]


async def census(tx: Connection) -> dict[str, int]:
    """Resources by state."""
    return {row["state"]: row["resources"] for row in await tx.fetch(_SQL["census"])}


async def alarm_census(tx: Connection) -> dict[tuple[str, str], int]:
    """Open alarms by kind and side."""
    return {(row["kind"], row["side"]): row["alarms"] for row in await tx.fetch(_SQL["alarm_census"])}


async def forget_hours(tx: Connection, before: datetime) -> None:
    await tx.execute(_SQL["forget_hours"], before)


def _trouble(row: Row) -> Trouble:
    return Trouble(AlarmKind(row["kind"]), Side(row["side"]), row["reason"], row["said_en"], row["said_zh"])


def _alarm(row: Row) -> Alarm:
    return Alarm(
        row["id"], ResourceId(row["resource_id"]), row["code"], row["name"], OrgCode(row["provider_org"]),
        _trouble(row), row["raised_at"], row["cleared_at"], row["event_id"],
    )  # fmt: skip


def _watch(row: Row) -> Watch:
    recent = Calls(
        row["recent_ok"], row["recent_caller"], row["recent_gateway"], row["recent_provider"], row["recent_invalid"],
        row["recent_note"],
    )  # fmt: skip
    return Watch(
        ResourceId(row["resource_id"]), row["resource_version"], HealthState(row["state"]), row["since"], row["probed_at"],
        row["latency_seconds"], row["refreshed_at"], recent,
    )  # fmt: skip


def _watched(row: Row, alarms: Sequence[Alarm]) -> Watched:
    calls = Calls(row["calls_ok"], row["calls_caller"], row["calls_gateway"], row["calls_provider"])
    volume = Volume(row["probes"], row["probes_failed"], calls, row["call_seconds"])
    return Watched(
        _watch(row), row["code"], row["name"], OrgCode(row["provider_org"]), UpdateCycle(row["update_cycle"]), volume,
        tuple(alarms),
    )  # fmt: skip
