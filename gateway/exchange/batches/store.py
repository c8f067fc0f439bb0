"""Rows of schema ``batches`` as values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.audit import Cause, Written
from gateway.exchange.batches.model import Answering, Batch, Order, State, Tally
from gateway.names import ApplicationId, ClientId, GrantId, OrgCode, ServiceName
from gateway.storage import Connection, Queries, Row
from gateway.web.ranges import Piece

_SQL = Queries("gateway.exchange.batches")


async def hold_client(tx: Connection, client: ClientId) -> None:
    await tx.execute(_SQL["hold_client"], client)


async def kept(tx: Connection, client: ClientId) -> tuple[int, int]:
    """Batches of the system that are open or kept, and bytes kept of everybody."""
    row = await tx.fetchrow(_SQL["kept"], client)
    return row["batches"], row["bytes"]


async def add(tx: Connection, batch: Batch, wanted: bytes) -> None:
    o = batch.order
    await tx.execute(
        _SQL["add_batch"], batch.id, o.grant, o.application, o.client, o.service, o.consumer_org, o.provider_org, o.purpose,
        o.resource, o.grade, o.answering, o.item, list(o.fields) if o.fields is not None else None, o.matter, o.case,
        batch.tally.rows, batch.accepted_at, batch.key, wanted, batch.cause.event_id, batch.cause.digest,
    )  # fmt: skip


async def find(connection: Connection, batch: UUID) -> Batch | None:
    row = await connection.fetchrow(_SQL["find_batch"], batch)
    return _batch(row) if row else None


async def lock(tx: Connection, batch: UUID) -> Batch | None:
    row = await tx.fetchrow(_SQL["lock_batch"], batch)
    return _batch(row) if row else None


async def lock_leased(tx: Connection, batch: UUID, lease: UUID) -> Batch | None:
    row = await tx.fetchrow(_SQL["lock_leased"], batch, lease)
    return _batch(row) if row else None


async def claim(connection: Connection, now: datetime, until: datetime, lease: UUID) -> Batch | None:
    row = await connection.fetchrow(_SQL["claim"], now, until, lease)
    return _batch(row) if row else None


async def wanted(connection: Connection, batch: UUID) -> bytes | None:
    found: bytes | None = await connection.fetchval(_SQL["wanted"], batch)
    return found


async def add_segment(tx: Connection, batch: UUID, piece: Piece, content: bytes) -> None:
    await tx.execute(_SQL["add_segment"], batch, piece.number, piece.start, piece.length, content)


async def go_on(tx: Connection, batch: Batch) -> None:
    t = batch.tally
    await tx.execute(
        _SQL["go_on"], batch.id, batch.state, t.done, t.unanswered, t.yes, t.no, t.records, t.bytes, batch.segments,
        batch.reason, batch.attempts, batch.next_at, batch.cause.event_id, batch.cause.digest,
    )  # fmt: skip


async def finish(
    tx: Connection, batch: UUID, manifest: Mapping[str, Any], sha256: bytes, at: datetime, expires: datetime,
    written: Written,
) -> None:  # fmt: skip
    await tx.execute(
        _SQL["finish"], batch, dict(manifest), sha256, at, expires, written.event_id, written.digest
    )


async def stop(
    tx: Connection, batch: UUID, state: State, reason: str, at: datetime, written: Written
) -> None:
    """End a batch; nothing that was asked or answered can be opened any more."""
    await tx.execute(_SQL["drop_segments"], batch)
    await tx.execute(_SQL["stop"], batch, state, reason, at, written.event_id, written.digest)


async def manifest(connection: Connection, batch: UUID) -> dict[str, str] | None:
    found: dict[str, str] | None = await connection.fetchval(_SQL["manifest"], batch)
    return found


async def pieces(connection: Connection, batch: UUID) -> list[Piece]:
    rows = await connection.fetch(_SQL["pieces"], batch)
    return [Piece(row["number"], row["start"], row["length"]) for row in rows]


async def segment(connection: Connection, batch: UUID, number: int) -> bytes | None:
    found: bytes | None = await connection.fetchval(_SQL["segment"], batch, number)
    return found


async def to_seal(tx: Connection, now: datetime) -> UUID | None:
    found: UUID | None = await tx.fetchval(_SQL["to_seal"], now)
    return found


async def put_off(tx: Connection, batch: UUID, until: datetime) -> None:
    await tx.execute(_SQL["put_off"], batch, until)


async def expired(connection: Connection, now: datetime, too_old: datetime) -> list[UUID]:
    return [row["id"] for row in await connection.fetch(_SQL["expired"], now, too_old)]


def _batch(row: Row) -> Batch:
    order = Order(
        GrantId(row["grant_id"]), ApplicationId(row["application_id"]), ClientId(row["client_id"]),
        ServiceName(row["service"]), OrgCode(row["consumer_org"]), OrgCode(row["provider_org"]), row["purpose"],
        row["resource"], row["grade"], Answering(row["answering"]), row["item"],
        tuple(row["fields"]) if row["fields"] is not None else None, row["matter"], row["case_id"],
    )  # fmt: skip
    tally = Tally(
        row["rows"], row["rows_done"], row["unanswered"], row["yes"], row["no"], row["records"], row["bytes"]
    )
    return Batch(
        row["id"], order, State(row["state"]), tally, row["segments"], row["reason"], row["attempts"],
        row["accepted_at"], row["next_at"], row["finished_at"], row["expires_at"], row["wrapped_key"], row["sha256"],
        Cause(row["event_id"], row["event_digest"]),
    )  # fmt: skip
