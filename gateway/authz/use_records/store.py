"""Rows of ``authz.use_record`` and ``authz.disposal`` as values."""

from gateway.authz.use_records.model import Disposal, Method, UseRecord
from gateway.names import GrantId, OrgCode
from gateway.storage import Connection, Queries

_SQL = Queries("gateway.authz.use_records")


async def add_use(tx: Connection, new: UseRecord) -> None:
    await tx.execute(
        _SQL["add_use"], new.id, new.grant_id, new.consumer_org, new.begins, new.ends, new.scene, new.process, new.effect,
        new.storage, new.recorded_by, new.recorded_at, new.keep_until, new.event_id,
    )  # fmt: skip


async def add_disposal(tx: Connection, new: Disposal) -> None:
    await tx.execute(
        _SQL["add_disposal"], new.id, new.grant_id, new.consumer_org, new.method, new.account, new.disposed_on,
        new.witness, new.recorded_by, new.recorded_at, new.keep_until, new.event_id,
    )  # fmt: skip


async def uses_of(tx: Connection, grant: GrantId) -> list[UseRecord]:
    """Of one grant, oldest first."""
    return [
        UseRecord(
            **{
                **dict(row),
                "grant_id": GrantId(row["grant_id"]),
                "consumer_org": OrgCode(row["consumer_org"]),
            }
        )
        for row in await tx.fetch(_SQL["uses_of"], grant)
    ]


async def disposals_of(tx: Connection, grant: GrantId) -> list[Disposal]:
    """Of one grant, oldest first."""
    return [
        Disposal(**{**dict(row), "grant_id": GrantId(row["grant_id"]), "method": Method(row["method"])})
        for row in await tx.fetch(_SQL["disposals_of"], grant)
    ]
