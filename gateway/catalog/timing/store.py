"""Rows of ``catalog.submission`` and ``catalog.change`` as values."""

from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.catalog.timing.model import Change, ChangeKind, Extension, Submission
from gateway.deadlines import Event, WorkingDays
from gateway.names import ResourceId
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.catalog.timing")
MOST_SHOWN: Final = 100
"""So many of either are shown, newest first."""


async def add_submission(tx: Connection, new: Submission) -> None:
    await tx.execute(_SQL["add_submission"], new.id, new.resource_id, list(new.rule_sets), new.submitted_at)


async def end_submission(
    tx: Connection, resource: ResourceId, at: datetime, ended_as: Event
) -> Submission | None:
    row = await tx.fetchrow(_SQL["end_submission"], resource, at, ended_as)
    return _submission(row) if row else None


async def submissions_of(tx: Connection, resource: ResourceId) -> list[Submission]:
    return [_submission(row) for row in await tx.fetch(_SQL["submissions_of"], resource, MOST_SHOWN)]


async def add_change(tx: Connection, new: Change) -> None:
    await tx.execute(
        _SQL["add_change"], new.id, new.resource_id, new.kind, new.what, new.basis, new.changed_on,
        list(new.rule_sets), new.recorded_by, new.recorded_at, new.cause.event_id, new.cause.digest,
    )  # fmt: skip


async def extend_change(tx: Connection, change: UUID, given: Extension, written: Written) -> None:
    await tx.execute(
        _SQL["extend_change"], change, given.days.count, given.because, given.by, given.at, written.event_id,
        written.digest,
    )  # fmt: skip


async def end_changes(tx: Connection, resource: ResourceId, at: datetime, ended_as: Event) -> list[Change]:
    return [_change(row) for row in await tx.fetch(_SQL["end_changes"], resource, at, ended_as)]


async def changes_of(tx: Connection, resource: ResourceId) -> list[Change]:
    return [_change(row) for row in await tx.fetch(_SQL["changes_of"], resource, MOST_SHOWN)]


async def find_change(tx: Connection, resource: ResourceId, change: UUID) -> Change | None:
    row = await tx.fetchrow(_SQL["find_change"], resource, change)
    return _change(row) if row else None


def _submission(row: Row) -> Submission:
    return Submission(
        id=row["id"],
        resource_id=ResourceId(row["resource_id"]),
        rule_sets=tuple(row["rule_sets"]),
        submitted_at=row["submitted_at"],
        ended_at=row["ended_at"],
        ended_as=Event(row["ended_as"]) if row["ended_as"] else None,
    )


def _change(row: Row) -> Change:
    days, because, by, at = (row[f"extended_{part}"] for part in ("days", "because", "by", "at"))
    return Change(
        id=row["id"],
        resource_id=ResourceId(row["resource_id"]),
        kind=ChangeKind(row["kind"]),
        what=row["what"],
        basis=row["basis"],
        changed_on=row["changed_on"],
        rule_sets=tuple(row["rule_sets"]),
        recorded_by=row["recorded_by"],
        recorded_at=row["recorded_at"],
        extension=Extension(WorkingDays(days), because, by, at) if at else None,
        ended_at=row["ended_at"],
        ended_as=Event(row["ended_as"]) if row["ended_as"] else None,
        cause=Cause(row["event_id"], row["event_digest"]),
    )
