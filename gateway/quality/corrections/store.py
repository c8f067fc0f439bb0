"""Rows of ``quality.correction`` and ``quality.notice`` as values; constraint names as refusals."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.catalog import SelfApproval
from gateway.errors import Conflict
from gateway.names import GrantId, OrgCode, ResourceId, new_id
from gateway.quality.corrections.model import Correction, Doubt, Notice, State
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.quality.corrections")


class AlreadyDoubted(Conflict):
    """Your department has an open correction of this item of this record already（本部门对该记录该项已有在办校核）."""


_WRITES = Writes(
    {
        "a_doubt_is_open_once": AlreadyDoubted("wait for its answer", "请等待该校核申请的反馈"),
        "who_doubts_does_not_answer": SelfApproval(
            "whoever filed a correction may not answer it", "校核申请人不得答复本人提交的申请"
        ),
    }
)


async def add(tx: Connection, new: Correction) -> None:
    """Raises AlreadyDoubted."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_correction"], new.id, new.resource_id, new.resource_code, new.grant_id, new.comparison_id, new.consumer_org,
            new.provider_org, new.item, new.doubt, new.pseudonym, new.key_shown, new.sealed, list(new.rule_sets),
            new.filed_by, new.filed_at, new.cause.event_id, new.cause.digest,
        )  # fmt: skip


async def find(tx: Connection, correction: UUID) -> Correction | None:
    row = await tx.fetchrow(_SQL["find_correction"], correction)
    return _correction(row) if row else None


async def lock(tx: Connection, correction: UUID) -> Correction | None:
    row = await tx.fetchrow(_SQL["lock_correction"], correction)
    return _correction(row) if row else None


async def close(tx: Connection, after: Correction, written: Written) -> None:
    """Raises SelfApproval."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["close_correction"], after.id, after.state, after.report, after.answered_by, after.closed_at,
            written.event_id, written.digest,
        )  # fmt: skip


async def listed(
    tx: Connection, org: str | None, state: str | None, after: UUID | None, count: int
) -> list[Correction]:
    return [_correction(row) for row in await tx.fetch(_SQL["list_corrections"], org, state, after, count)]


async def recipients(tx: Connection, resource: ResourceId, but: str) -> list[tuple[GrantId, OrgCode]]:
    return [(row["id"], row["consumer_org"]) for row in await tx.fetch(_SQL["recipients"], resource, but)]


async def tell(
    tx: Connection, correction: UUID, grants: Iterable[tuple[GrantId, OrgCode]], at: datetime
) -> None:
    rows = [(new_id(), correction, grant, org, at) for grant, org in grants]
    await tx.executemany(_SQL["add_notice"], rows)


async def notices_of(tx: Connection, correction: UUID) -> list[Notice]:
    return [_notice(row) for row in await tx.fetch(_SQL["notices_of"], correction)]


async def notices(tx: Connection, org: str | None, after: UUID | None, count: int) -> list[Notice]:
    return [_notice(row) for row in await tx.fetch(_SQL["list_notices"], org, after, count)]


async def lock_notice(tx: Connection, notice: UUID) -> Notice | None:
    row = await tx.fetchrow(_SQL["lock_notice"], notice)
    return _notice(row) if row else None


async def acknowledge(tx: Connection, notice: UUID, login: str, at: datetime) -> None:
    await tx.execute(_SQL["acknowledge_notice"], notice, login, at)


async def open_doubts(tx: Connection, resource: ResourceId) -> tuple[int, datetime | None]:
    row = await tx.fetchrow(_SQL["open_doubts"], resource)
    return row["open"], row["since"]


def _correction(row: Row) -> Correction:
    return Correction(
        id=row["id"],
        resource_id=ResourceId(row["resource_id"]),
        resource_code=row["resource_code"],
        grant_id=GrantId(row["grant_id"]) if row["grant_id"] else None,
        comparison_id=row["comparison_id"],
        consumer_org=OrgCode(row["consumer_org"]),
        provider_org=OrgCode(row["provider_org"]),
        item=row["item"],
        doubt=Doubt(row["doubt"]),
        pseudonym=row["pseudonym"],
        key_shown=row["key_shown"],
        sealed=row["sealed"],
        state=State(row["state"]),
        rule_sets=tuple(row["rule_sets"]),
        filed_by=row["filed_by"],
        filed_at=row["filed_at"],
        report=row["report"],
        answered_by=row["answered_by"],
        closed_at=row["closed_at"],
        version=row["version"],
        cause=Cause(row["event_id"], row["event_digest"]),
    )


def _notice(row: Row) -> Notice:
    return Notice(
        id=row["id"],
        correction_id=row["correction_id"],
        grant_id=GrantId(row["grant_id"]),
        consumer_org=OrgCode(row["consumer_org"]),
        provider_org=OrgCode(row["provider_org"]),
        resource_code=row["resource_code"],
        item=row["item"],
        pseudonym=row["pseudonym"],
        key_shown=row["key_shown"],
        given_at=row["given_at"],
        acknowledged_at=row["acknowledged_at"],
    )
