"""Rows of ``sealing.seal`` and its history as values; constraint names as refusals."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.names import OrgCode
from gateway.sealing.model import NewSeal, RegisteredSeal, SealStatus, StatusChange
from gateway.sealing.refusals import NoSuchHolder, SealKnown
from gateway.storage import Connection, Queries, Row, Writes

_SQL = Queries("gateway.sealing")
_WRITES = Writes(
    {
        "a_seal_has_a_holder": NoSuchHolder("no department of this code", "没有该统一社会信用代码的部门"),
        "a_seal_is_registered_once": SealKnown("these very bytes are registered", "该印章文件已登记"),
        "a_seal_id_is_in_use_once": SealKnown(
            "another seal with this esID is not revoked yet", "同一印章标识的印章尚未注销"
        ),
    }
)


async def add(
    tx: Connection, id: UUID, org: OrgCode, new: NewSeal, by: str, at: datetime, written: Written
) -> None:
    """Raises NoSuchHolder, SealKnown."""
    with _WRITES.guarded():
        await tx.execute(
            _SQL["add_seal"], id, new.es_id, new.vid, org, new.name, new.format, new.maker, list(new.signers),
            new.content, new.sha256, new.created_at, new.starts_at, new.ends_at, new.report, by, at,
            written.event_id, written.digest,
        )  # fmt: skip


async def add_change(tx: Connection, seal: UUID, change: StatusChange) -> None:
    await tx.execute(
        _SQL["add_change"], seal, change.number, change.status, change.since, change.reason, change.changed_by,
        change.changed_at, change.event_id,
    )  # fmt: skip


async def set_status(tx: Connection, seal: UUID, status: SealStatus, written: Written) -> None:
    await tx.execute(_SQL["set_status"], seal, status, written.event_id, written.digest)


async def find(tx: Connection, seal: UUID) -> RegisteredSeal | None:
    return await _one(tx, await tx.fetchrow(_SQL["find_seal"], seal))


async def lock(tx: Connection, seal: UUID) -> RegisteredSeal | None:
    return await _one(tx, await tx.fetchrow(_SQL["lock_seal"], seal))


async def holders(connection: Connection) -> dict[tuple[str, str], str]:
    """esID and vid of every seal registered here, with the department that holds it; some hundreds in a city."""
    rows = await connection.fetch(_SQL["holders"])
    return {(row["es_id"], row["vid"]): row["org"] for row in rows}


async def of_stamp(tx: Connection, sha256: bytes, es_id: str, vid: str) -> RegisteredSeal | None:
    """The seal a stamp was made with, or the one in use under its esID."""
    return await _one(tx, await tx.fetchrow(_SQL["seal_of_stamp"], sha256, es_id, vid))


async def of_signer(tx: Connection, signer: bytes, org: str) -> RegisteredSeal | None:
    """A seal that names a signer's certificate (its SM3), one of ``org`` before others."""
    return await _one(tx, await tx.fetchrow(_SQL["seal_of_signer"], signer, org))


async def content_of(tx: Connection, seal: UUID) -> bytes:
    found: bytes = await tx.fetchval(_SQL["content_of"], seal)
    return found


async def by_id(tx: Connection, ids: Sequence[UUID]) -> dict[UUID, RegisteredSeal]:
    """Several seals at once."""
    found = await tx.fetch(_SQL["seals_by_id"], list(ids)) if ids else []
    return {seal.id: seal for seal in await _all(tx, found)}


async def listed(
    tx: Connection, org: str | None, status: str | None, after: UUID | None, count: int
) -> list[RegisteredSeal]:
    return await _all(tx, await tx.fetch(_SQL["list_seals"], org, status, after, count))


async def _one(tx: Connection, row: Row | None) -> RegisteredSeal | None:
    return (await _all(tx, [row]))[0] if row else None


async def _all(tx: Connection, rows: Sequence[Row]) -> list[RegisteredSeal]:
    changes: dict[UUID, list[StatusChange]] = {row["id"]: [] for row in rows}
    for row in await tx.fetch(_SQL["changes_of"], list(changes)):
        changes[row["seal_id"]].append(
            StatusChange(
                row["number"], SealStatus(row["status"]), row["since"], row["reason"], row["changed_by"],
                row["changed_at"], row["event_id"],
            )
        )  # fmt: skip
    return [_seal(row, tuple(changes[row["id"]])) for row in rows]


def _seal(row: Row, changes: tuple[StatusChange, ...]) -> RegisteredSeal:
    return RegisteredSeal(
        id=row["id"], es_id=row["es_id"], vid=row["vid"], org=OrgCode(row["org"]), name=row["name"],
        format=row["format"], maker=row["maker"], signers=tuple(row["signers"]), sha256=row["sha256"],
        created_at=row["created_at"], starts_at=row["starts_at"], ends_at=row["ends_at"],
        status=SealStatus(row["status"]), changes=changes, registered_by=row["registered_by"],
        registered_at=row["registered_at"], cause=Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip
