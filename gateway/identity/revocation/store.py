"""Rows of revocation information as values."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from gateway.audit import Written
from gateway.identity.revocation.model import Kept, Kind, Read
from gateway.storage import Connection, Queries, Row

_SQL = Queries("gateway.identity.revocation")


async def in_turn(tx: Connection) -> None:
    """Wait until nobody else is taking evidence in."""
    await tx.execute(_SQL["in_turn"])


async def keep(tx: Connection, new: Read, source: str, at: datetime, written: Written) -> None:
    await tx.execute(
        _SQL["keep"], new.digest, new.kind, new.authority, new.issuer, new.scope, new.number, new.this_update,
        new.next_update, new.content, source, at, written.event_id, written.digest,
    )  # fmt: skip


async def find(tx: Connection, digest: bytes) -> Kept | None:
    row = await tx.fetchrow(_SQL["find"], digest)
    return _kept(row) if row else None


async def newest(tx: Connection, like: Read) -> Kept | None:
    row = await tx.fetchrow(_SQL["newest"], like.kind, like.issuer, like.scope)
    return _kept(row) if row else None


async def newest_lists(tx: Connection, issuers: Sequence[bytes]) -> list[bytes]:
    """Digests of the lists in force."""
    return [row["digest"] for row in await tx.fetch(_SQL["newest_lists"], list(issuers))]


async def newest_answers(tx: Connection, named: Sequence[tuple[bytes, str]]) -> list[bytes]:
    """Digests of the answers in force about certificates named by issuer and serial number."""
    issuers, serials = [issuer for issuer, _ in named], [serial for _, serial in named]
    return [row["digest"] for row in await tx.fetch(_SQL["newest_answers"], issuers, serials)]


async def contents(tx: Connection, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    rows = await tx.fetch(_SQL["contents"], list(digests))
    return {row["digest"]: row["content"] for row in rows}


async def content(tx: Connection, digest: bytes) -> tuple[Kind, bytes] | None:
    row = await tx.fetchrow(_SQL["content"], digest)
    return (Kind(row["kind"]), row["content"]) if row else None


async def listed(tx: Connection, after: tuple[datetime, bytes] | None, count: int) -> list[Kept]:
    at, digest = after or (None, None)
    return [_kept(row) for row in await tx.fetch(_SQL["list"], at, digest, count)]


async def standing(tx: Connection) -> dict[tuple[str, Kind], tuple[datetime, datetime | None]]:
    """Of each authority and kind: when the newest was received, and until when it is current."""
    rows = await tx.fetch(_SQL["standing"])
    return {(row["authority"], Kind(row["kind"])): (row["received_at"], row["next_update"]) for row in rows}


async def use(
    tx: Connection, digest: bytes, certificate: bytes, revoked_at: datetime | None, at: datetime
) -> None:
    await tx.execute(_SQL["use"], digest, certificate, revoked_at, at)


async def uses(tx: Connection, digest: bytes) -> list[tuple[bytes, datetime | None, datetime]]:
    """Digests of the certificates judged by it, when each was revoked, when it was first used for it."""
    rows = await tx.fetch(_SQL["uses"], digest)
    return [(row["certificate"], row["revoked_at"], row["first_used_at"]) for row in rows]


async def forget_superseded(tx: Connection, like: Read, at: datetime) -> None:
    await tx.execute(_SQL["forget_superseded"], like.kind, like.issuer, like.scope, at)


async def in_force(tx: Connection, authority: str, now: datetime) -> list[tuple[str, bytes]]:
    """Thumbprint and DER of the registered certificates of an authority."""
    return [(row["thumbprint"], row["der"]) for row in await tx.fetch(_SQL["in_force"], authority, now)]


def _kept(row: Row) -> Kept:
    return Kept(
        row["digest"], Kind(row["kind"]), row["authority"], row["scope"],
        None if row["number"] is None else int(row["number"]), row["this_update"], row["next_update"], row["size"],
        row["source"], row["received_at"],
    )  # fmt: skip
