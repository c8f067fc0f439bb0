"""Rows of comparisons and their runs as values."""

from datetime import datetime
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.names import OrgCode, ResourceId
from gateway.quality.comparisons.model import Comparison, Report, Run, Side
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.quality.comparisons")


async def add(tx: Connection, new: Comparison) -> None:
    pairs = [list(pair) for pair in zip(new.left.items, new.right.items, strict=True)]
    await tx.execute(
        _SQL["add_comparison"], new.id, new.left.resource, new.right.resource, new.left_org, new.right_org,
        [new.left.key, new.right.key], pairs, new.every_days, new.reason, new.made_by, new.made_at,
        new.next_run_at, new.cause.event_id, new.cause.digest,
    )  # fmt: skip


async def find(tx: Connection, comparison: UUID) -> Comparison | None:
    row = await tx.fetchrow(_SQL["find_comparison"], comparison)
    return _comparison(row) if row else None


async def lock(tx: Connection, comparison: UUID) -> Comparison | None:
    row = await tx.fetchrow(_SQL["lock_comparison"], comparison)
    return _comparison(row) if row else None


async def listed(tx: Connection, org: str | None, after: UUID | None, count: int) -> list[Comparison]:
    return [_comparison(row) for row in await tx.fetch(_SQL["list_comparisons"], org, after, count)]


async def ask_run(tx: Connection, comparison: UUID, at: datetime, written: Written) -> None:
    await tx.execute(_SQL["ask_run"], comparison, at, written.event_id, written.digest)


async def end(tx: Connection, comparison: UUID, at: datetime, written: Written) -> None:
    await tx.execute(_SQL["end_comparison"], comparison, at, written.event_id, written.digest)


async def claim_due(tx: Connection, now: datetime, abandoned: datetime) -> UUID | None:
    found: UUID | None = await tx.fetchval(_SQL["claim_due"], now, abandoned)
    return found


async def keep_run(tx: Connection, run: Run, next_run_at: datetime | None) -> None:
    report = run.report.model_dump(mode="json") if run.report else None
    await tx.execute(
        _SQL["add_run"], run.id, run.comparison_id, run.started_at, run.ended_at, run.fault, report,
        run.sealed,
    )  # fmt: skip
    await tx.execute(_SQL["settle_run"], run.comparison_id, run.started_at, next_run_at)


async def runs_of(tx: Connection, comparison: UUID, count: int) -> list[Run]:
    return [
        Run(
            row["id"], row["comparison_id"], row["started_at"], row["ended_at"], row["fault"],
            Report.model_validate(row["report"]) if row["report"] else None, row["sealed"],
        )
        for row in await tx.fetch(_SQL["runs_of"], comparison, count)
    ]  # fmt: skip


def _comparison(row: Row) -> Comparison:
    keys, pairs = row["keys"], row["pairs"]
    return Comparison(
        id=row["id"],
        left=Side(ResourceId(row["left_resource"]), keys[0], tuple(pair[0] for pair in pairs)),
        right=Side(ResourceId(row["right_resource"]), keys[1], tuple(pair[1] for pair in pairs)),
        left_org=OrgCode(row["left_org"]),
        right_org=OrgCode(row["right_org"]),
        every_days=row["every_days"],
        reason=row["reason"],
        made_by=row["made_by"],
        made_at=row["made_at"],
        next_run_at=row["next_run_at"],
        ended_at=row["ended_at"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )
