"""Rows of ``authz.suspension`` as values."""

from datetime import datetime
from uuid import UUID

import orjson

from gateway.authz.grants.model import Side
from gateway.authz.suspensions.model import Evidence, Ground, Order, Suspension
from gateway.names import GrantId
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.authz.suspensions")


async def add(tx: Connection, new: Suspension) -> None:
    order = new.order.model_dump(mode="json") if new.order else None
    await tx.execute(
        _SQL["add_suspension"], new.id, new.grant_id, new.side, new.ground, new.reason,
        new.evidence.model_dump(mode="json"), order, new.suspended_by, new.suspended_at,
    )  # fmt: skip


async def of_grant(tx: Connection, grant: GrantId) -> list[Suspension]:
    """Every suspension of a grant, oldest first."""
    return [_suspension(row) for row in await tx.fetch(_SQL["of_grant"], grant)]


async def answer(tx: Connection, suspension: UUID, text: str, by: str, at: datetime) -> None:
    await tx.execute(_SQL["answer"], suspension, text, by, at)


async def lift(tx: Connection, suspension: UUID, because: str, by: str, at: datetime) -> None:
    await tx.execute(_SQL["lift"], suspension, because, by, at)


def _suspension(row: Row) -> Suspension:
    rectify = row["rectify"]
    return Suspension(
        id=row["id"], grant_id=GrantId(row["grant_id"]), side=Side(row["side"]), ground=Ground(row["ground"]),
        reason=row["reason"], evidence=Evidence.model_validate_json(orjson.dumps(row["evidence"])),
        order=Order.model_validate_json(orjson.dumps(rectify)) if rectify else None, suspended_by=row["suspended_by"],
        suspended_at=row["suspended_at"], answer=row["answer"], answered_by=row["answered_by"],
        answered_at=row["answered_at"], lifted_because=row["lifted_because"], lifted_by=row["lifted_by"],
        lifted_at=row["lifted_at"],
    )  # fmt: skip
