"""All SQL of what the log gets from others. Everything here is only ever added to."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.audit.witnessing.model import Stage
from gateway.storage import Connection, Queries

_SQL: Final = Queries("gateway.audit.witnessing")
_FETCH: Final = 500


@dataclass(frozen=True, slots=True)
class Stamped:
    """A token (RFC 3161, DER) over the note of the checkpoint of ``size`` records."""

    size: int
    authority: str
    token: bytes
    stamped_at: datetime


@dataclass(frozen=True, slots=True)
class Vouched:
    """A checkpoint as stored, the root of the head it stands beside, and who vouched for it: each by name, with the bytes
    kept and the time kept beside them."""

    size: int
    note: bytes
    root: bytes
    cosignatures: tuple[tuple[str, bytes, datetime], ...]
    stamps: tuple[tuple[str, bytes, datetime], ...]


async def vouched(connection: Connection, beyond: int) -> AsyncGenerator[Vouched, None]:
    """Checkpoints of larger sizes that others vouched for, and the newest; inside a transaction."""
    async for row in connection.cursor(_SQL["vouched"], beyond, prefetch=_FETCH):
        yield Vouched(
            row["size"],
            row["note"],
            row["root"],
            tuple(zip(row["witnesses"], row["lines"], row["cosigned_at"], strict=True)),
            tuple(zip(row["authorities"], row["tokens"], row["stamped_at"], strict=True)),
        )


async def begun_at(connection: Connection) -> list[tuple[int, int]]:
    """Number and first index of every log after the first."""
    return [(row["number"], row["first_idx"]) for row in await connection.fetch(_SQL["begun_at"])]


async def newest(connection: Connection) -> tuple[int, bytes] | None:
    """Size and note of the newest checkpoint; None before the first."""
    row = await connection.fetchrow(_SQL["newest"])
    return (row["size"], row["note"]) if row else None


async def note_of(connection: Connection, size: int) -> bytes | None:
    """The checkpoint of a size with the cosignatures it has by now; None if that size was not published."""
    note = await signed_note(connection, size)
    if note is None:
        return None
    return note + b"".join([row["line"] for row in await connection.fetch(_SQL["lines"], size)])


async def signed_note(connection: Connection, size: int) -> bytes | None:
    """The checkpoint of a size as the log signed it: what time stamps are over."""
    note: bytes | None = await connection.fetchval(_SQL["note_of"], size)
    return note


async def cosigners(connection: Connection, size: int) -> set[str]:
    """Names of the witnesses that cosigned a size."""
    return {row["witness"] for row in await connection.fetch(_SQL["lines"], size)}


async def cosigned_sizes(connection: Connection, witnesses: Iterable[str]) -> dict[str, int]:
    """What each witness cosigned last; witnesses that never did are left out."""
    rows = await connection.fetch(_SQL["cosigned_sizes"], list(witnesses))
    return {row["witness"]: row["size"] for row in rows}


async def add_cosignature(
    connection: Connection, size: int, witness: str, line: bytes, cosigned_at: datetime
) -> None:
    """Keep a verified line, unless one of this witness is there."""
    await connection.execute(_SQL["add_cosignature"], size, witness, line, cosigned_at)


async def reach(connection: Connection, stage: Stage, size: int, at: datetime) -> None:
    """A stage is complete for every record of a size."""
    await connection.execute(_SQL["reach"], stage.value, size, at)


async def reached(connection: Connection, stage: Stage) -> int:
    """The largest size a stage is complete for; 0 for none."""
    size: int | None = await connection.fetchval(_SQL["reached"], stage.value)
    return size or 0


async def newest_stamp(connection: Connection, authority: str) -> tuple[int, datetime] | None:
    """Size and time of an authority's last token."""
    row = await connection.fetchrow(_SQL["newest_stamp"], authority)
    return (row["size"], row["stamped_at"]) if row else None


async def add_stamp(connection: Connection, stamped: Stamped) -> None:
    """Keep a verified token, unless one of this authority is there."""
    await connection.execute(
        _SQL["add_stamp"], stamped.size, stamped.authority, stamped.token, stamped.stamped_at
    )


async def first_stamps(connection: Connection, size: int) -> list[Stamped]:
    """The earliest tokens over a checkpoint that covers ``size`` records; empty if none was stamped yet."""
    return [Stamped(**dict(row)) for row in await connection.fetch(_SQL["first_stamps"], size)]


async def newest_anchor(connection: Connection) -> tuple[int, datetime] | None:
    """Size and time of the last deposit."""
    row = await connection.fetchrow(_SQL["newest_anchor"])
    return (row["size"], row["anchored_at"]) if row else None


async def add_anchor(connection: Connection, size: int, place: str, answer: bytes, at: datetime) -> None:
    """Keep the answer to a deposit, unless one is there."""
    await connection.execute(_SQL["add_anchor"], size, place, answer, at)


async def standing(connection: Connection) -> dict[Stage, datetime]:
    """Since when the oldest open record of each stage waits; stages that wait for nothing are left out."""
    return {Stage(row["stage"]): row["since"] for row in await connection.fetch(_SQL["standing"])}


async def tell(tx: Connection, stage: Stage, since: datetime, kind: str, at: datetime) -> bool:
    """Whether this is told for the first time, in this transaction; ``kind`` is ``late`` or ``over``."""
    told: str | None = await tx.fetchval(_SQL["tell"], stage.value, since, kind, at)
    return told is not None


async def open_lateness(connection: Connection) -> list[tuple[Stage, datetime]]:
    """What was told to be late and not yet to be over."""
    return [(Stage(row["stage"]), row["since"]) for row in await connection.fetch(_SQL["open_lateness"])]
