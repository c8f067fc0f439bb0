"""Rows of schema ``federation`` as values; constraint names as refusals."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.errors import Conflict
from gateway.federation.model import Cascade, CascadeState, Flow, Told
from gateway.names import OrgCode, ResourceId
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.federation")


class AlreadyCascaded(Conflict):
    """This was told to the upper platform already（已向该上级平台提交）."""

    remedy = ("Read how it stands; retry it if it was rejected.", "请查看现有上报记录；被退回的可重新提交。")


_WRITES = Writes(
    {
        "an_object_is_told_once_per_version": AlreadyCascaded(
            "it was told to this platform already", "已向该上级平台提交过"
        )
    }
)


async def key_of(tx: Connection, platform: str) -> bytes | None:
    found: bytes | None = await tx.fetchval(_SQL["key_of"], platform)
    return found


async def set_key(tx: Connection, platform: str, wrapped: bytes, at: datetime, event: UUID) -> None:
    await tx.execute(_SQL["set_key"], platform, wrapped, at, event)


async def keys_set(tx: Connection) -> dict[str, datetime]:
    return {row["platform"]: row["set_at"] for row in await tx.fetch(_SQL["keys_set"])}


async def unreported(tx: Connection, platform: str, count: int) -> list[ResourceId]:
    return [ResourceId(row["id"]) for row in await tx.fetch(_SQL["unreported"], platform, count)]


async def add(tx: Connection, new: Cascade, written: Written) -> None:
    """Raises AlreadyCascaded."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add"], new.id, new.platform, new.flow, new.scope, new.object_id, new.object_version, new.org,
            dict(new.payload), new.started_by, new.started_at, written.event_id, written.digest,
        )  # fmt: skip


async def claim(
    tx: Connection, platforms: Sequence[str], now: datetime, lease_until: datetime, count: int
) -> list[UUID]:
    return [row["id"] for row in await tx.fetch(_SQL["claim"], list(platforms), now, lease_until, count)]


async def find(tx: Connection, cascade: UUID) -> Cascade | None:
    row = await tx.fetchrow(_SQL["find"], cascade)
    return _cascade(row) if row else None


async def lock(tx: Connection, cascade: UUID) -> Cascade | None:
    row = await tx.fetchrow(_SQL["lock"], cascade)
    return _cascade(row) if row else None


async def of_object(tx: Connection, flow: Flow, object_id: str) -> list[Cascade]:
    return [_cascade(row) for row in await tx.fetch(_SQL["of_object"], flow, object_id)]


async def listed(
    tx: Connection, org: str | None, platform: str | None, flow: Flow | None, state: CascadeState | None,
    after: UUID | None, count: int,
) -> list[Cascade]:  # fmt: skip
    return [_cascade(row) for row in await tx.fetch(_SQL["listed"], org, platform, flow, state, after, count)]


async def upper_id_of_entry(tx: Connection, platform: str, code: str) -> str | None:
    found: str | None = await tx.fetchval(_SQL["upper_id_of_entry"], platform, code)
    return found


async def put_off(tx: Connection, cascade: UUID, next_at: datetime, fault: str, failed: bool) -> None:
    await tx.execute(_SQL["put_off"], cascade, next_at, fault, failed)


async def move(tx: Connection, after: Cascade, written: Written) -> None:
    told = after.told
    await tx.execute(
        _SQL["move"], after.id, after.state, after.next_at, after.fault, told.upper_id, told.upper_code,
        told.upper_status, told.said, after.reported_at, after.answered_at, written.event_id, written.digest,
    )  # fmt: skip


async def claim_classes(tx: Connection, platform: str, now: datetime, next_at: datetime) -> bool:
    return bool(await tx.fetchval(_SQL["claim_classes"], platform, now, next_at))


async def replace_classes(
    tx: Connection, platform: str, classes: Sequence[tuple[str, str, str]], at: datetime, next_at: datetime
) -> None:
    await tx.execute(_SQL["forget_classes"], platform)
    await tx.executemany(_SQL["add_class"], [(platform, *one) for one in classes])
    await tx.execute(_SQL["classes_fetched"], platform, at, next_at)


async def classes(tx: Connection, platform: str, after: str | None, count: int) -> list[tuple[str, str, str]]:
    rows = await tx.fetch(_SQL["classes"], platform, after, count)
    return [(row["code"], row["name"], row["parent"]) for row in rows]


async def census(tx: Connection) -> dict[str, int]:
    return {row["state"]: row["cascades"] for row in await tx.fetch(_SQL["census"])}


def _cascade(row: Row) -> Cascade:
    return Cascade(
        id=row["id"], platform=row["platform"], flow=Flow(row["flow"]), scope=row["scope"], object_id=row["object_id"],
        object_version=row["object_version"], org=OrgCode(row["org"]), payload=row["payload"],
        state=CascadeState(row["state"]), attempts=row["attempts"], next_at=row["next_at"], fault=row["fault"],
        told=Told(row["upper_id"], row["upper_code"], row["upper_status"], row["upper_said"]),
        started_by=row["started_by"], started_at=row["started_at"], reported_at=row["reported_at"],
        answered_at=row["answered_at"], cause=Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip
