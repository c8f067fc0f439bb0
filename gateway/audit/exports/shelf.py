"""Rows of the exports themselves: how far each is, and the pieces of its pack."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateway.audit.exports.model import Export, Plan, State
from gateway.audit.model import Cause, Written
from gateway.storage import Connection, Queries, Row
from gateway.web.ranges import Piece

_SQL: Final = Queries("gateway.audit.exports")


async def hold_asker(tx: Connection, who: str) -> None:
    """Orders of one person are counted one after the other."""
    await tx.execute(_SQL["hold_asker"], who)


async def kept(tx: Connection, who: str) -> tuple[int, int]:
    """Exports of a person that are open or kept, and bytes kept of everybody."""
    row = await tx.fetchrow(_SQL["kept"], who)
    return row["exports"], row["bytes"]


async def add(
    tx: Connection, export: UUID, who: str, org: str, kind: str, asked: Mapping[str, Any], at: datetime, key: bytes,
    digest: bytes,
) -> None:  # fmt: skip
    """In the transaction of its record."""
    await tx.execute(_SQL["add_export"], export, who, org, kind, dict(asked), at, key, digest)


async def find(connection: Connection, export: UUID) -> Export | None:
    """One as it stands."""
    row = await connection.fetchrow(_SQL["find_export"], export)
    return _export(row) if row else None


async def lock(tx: Connection, export: UUID) -> Export | None:
    """One, against others who would change it."""
    row = await tx.fetchrow(_SQL["lock_export"], export)
    return _export(row) if row else None


async def lock_leased(tx: Connection, export: UUID, lease: UUID) -> Export | None:
    """One, if the lease is still held."""
    row = await tx.fetchrow(_SQL["lock_leased"], export, lease)
    return _export(row) if row else None


async def listed(
    connection: Connection, who: str, after: UUID | None, count: int, *, everybodys: bool
) -> list[Export]:
    """Newest first."""
    rows = await connection.fetch(_SQL["listed"], who, everybodys, after, count)
    return [_export(row) for row in rows]


async def claim(connection: Connection, now: datetime, until: datetime, lease: UUID) -> Export | None:
    """The one whose turn it is, now leased; None if none is."""
    row = await connection.fetchrow(_SQL["claim"], now, until, lease)
    return _export(row) if row else None


async def renew(connection: Connection, export: UUID, lease: UUID, until: datetime) -> None:
    """Hold the lease longer."""
    await connection.execute(_SQL["renew"], export, lease, until)


async def plan(connection: Connection, export: UUID) -> bytes | None:
    """What the pack is to hold, encrypted; None before it is known."""
    found: bytes | None = await connection.fetchval(_SQL["plan"], export)
    return found


async def keep_plan(connection: Connection, export: UUID, lease: UUID, made: Plan, sealed: bytes) -> None:
    """Keep what the pack is to hold; once."""
    await connection.execute(_SQL["keep_plan"], export, lease, sealed, len(made.places), made.rows)


async def add_piece(tx: Connection, export: UUID, piece: Piece, content: bytes) -> None:
    """The next bytes of the pack, encrypted."""
    await tx.execute(_SQL["add_piece"], export, piece.number, piece.start, piece.length, content)


async def go_on(tx: Connection, export: Export) -> None:
    """How far it is after a piece."""
    position = dict(export.position or {})
    await tx.execute(_SQL["go_on"], export.id, export.rows_done, export.size, export.pieces, position)


async def give_back(
    connection: Connection, export: UUID, lease: UUID, at: datetime, attempts: int = 0, reason: str = ""
) -> None:
    """The turn is over."""
    await connection.execute(_SQL["give_back"], export, lease, at, attempts, reason)


async def finish(
    tx: Connection, export: UUID, sha256: bytes, at: datetime, expires: datetime, written: Written
) -> None:
    """The pack is whole."""
    await tx.execute(_SQL["finish"], export, sha256, at, expires, written.event_id, written.digest)


async def stop(
    tx: Connection, export: UUID, state: State, reason: str, at: datetime, written: Written
) -> None:
    """End an export; nothing that was written of it can be opened any more."""
    await tx.execute(_SQL["drop_pieces"], export)
    await tx.execute(_SQL["stop"], export, state, reason, at, written.event_id, written.digest)


async def pieces(connection: Connection, export: UUID) -> list[Piece]:
    """Where each piece lies in the pack."""
    rows = await connection.fetch(_SQL["pieces"], export)
    return [Piece(row["number"], row["start"], row["length"]) for row in rows]


async def piece(connection: Connection, export: UUID, number: int) -> bytes | None:
    """The encrypted bytes of a piece; None if they are gone."""
    found: bytes | None = await connection.fetchval(_SQL["piece"], export, number)
    return found


async def expired(connection: Connection, now: datetime) -> list[UUID]:
    """Packs whose time is over."""
    return [row["id"] for row in await connection.fetch(_SQL["expired"], now)]


def _export(row: Row) -> Export:
    return Export(
        row["id"], row["asked_by"], row["org"], row["kind"], row["asked"], State(row["state"]), row["records"], row["rows"],
        row["rows_done"], row["bytes"], row["pieces"], row["position"], row["reason"], row["attempts"], row["asked_at"],
        row["finished_at"], row["expires_at"], row["wrapped_key"], row["sha256"],
        Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip
