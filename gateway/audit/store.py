"""All SQL of this room: writing batches, growing the ledger, reading it."""

from bisect import bisect_left
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from enum import Enum, auto
from operator import itemgetter
from typing import Any, Final, TypeAlias, cast
from uuid import UUID

import asyncpg

from gateway.audit.errors import AuditUnavailable, LedgerMoved
from gateway.audit.glance import Glance
from gateway.audit.ledger import Growth, Head, Seat
from gateway.audit.record import EVENT_BYTES_MAX, Columns, Origin, Piece, Record
from gateway.audit.rows import COLUMNS, copied
from gateway.audit.tiles.model import TILE_WIDTH, Gone, Node, Tile
from gateway.audit.tiles.store import all_nodes, all_tiles, gone, keep_filled
from gateway.audit.types import EventType
from gateway.errors import BadSettings
from gateway.settings import Audit
from gateway.storage import Connection, Queries, Row, constraint_of, heed_cancellation
from gateway.telemetry import get_logger

_SQL = Queries("gateway.audit")
_LEADER_LOCK: Final = 0x67785F617564
_ROWS_A_PASS: Final = 256
_EVENTS_A_PASS: Final = 8192
_FETCH: Final = 2000
_INDEX: Final = itemgetter(0)
_KEEP_BATCHES_DAYS: Final = 7
_ACTS_AMONG: Final = 2000
_FENCES: Final = frozenset({"a_head_has_one_successor", "a_size_has_one_head"})
_UNSAFE: Final = {
    "synchronous_commit": ("off", "local"),
    "fsync": ("off",),
    "full_page_writes": ("off",),
}
_CONNECT_SECONDS: Final = 5
_log = get_logger()
_REFUSED: Final = "the audit log's database did not take it"
_NO_ANSWER: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.InternalClientError,
)
_SESSION: Final = {
    "timezone": "UTC",
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}


class Answer(Enum):
    """What became of a batch: stored now, there already, refused for good, or nobody knows."""

    STORED = auto()
    PRESENT = auto()
    REFUSED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Batch:
    """Events written by one statement under one id; sent again unchanged if the answer is lost.

    No event holds a line feed, which is what they are told apart by.
    """

    id: UUID
    origin: Origin
    events: Sequence[bytes]


async def connect(dsn: str, settings: Audit, *, name: str, statement_seconds: float) -> Connection:
    """A connection of our own, outside any pool, checked for durability.

    Raises:
        AuditUnavailable: no connection within five seconds.
        BadSettings: see :func:`check_durability`.
    """
    session = _SESSION | {"application_name": name, "statement_timeout": f"{int(statement_seconds * 1000)}"}
    with recording():
        connection = await asyncpg.connect(dsn, timeout=_CONNECT_SECONDS, server_settings=session)
        try:
            await check_durability(connection, settings)
        except BaseException:
            connection.terminate()
            raise
    return connection


@contextmanager
def recording() -> Iterator[None]:
    """Any failure of the database rises as :class:`AuditUnavailable`, a lost race as :class:`LedgerMoved`.

    The database's own words go to the log and the cause, never to a caller.
    """
    try:
        yield
    except asyncpg.UniqueViolationError as violation:
        if constraint_of(violation) in _FENCES:
            raise LedgerMoved("another integrator was first", "其他整理进程已先行写入") from violation
        _log.error("audit.database.refused", why=str(violation))
        raise AuditUnavailable(_REFUSED, "审计记录被数据库拒绝") from violation
    except TimeoutError as fault:
        heed_cancellation()
        raise AuditUnavailable(
            "the audit log's database did not answer in time", "审计数据库未及时应答"
        ) from fault
    except (asyncpg.PostgresError, *_NO_ANSWER) as fault:
        heed_cancellation()
        _log.error("audit.database.failed", why=f"{type(fault).__name__}: {fault}")
        raise AuditUnavailable(_REFUSED, "审计数据库未能写入") from fault


async def check_durability(connection: Connection, settings: Audit) -> None:
    """Refuse a connection whose commits may be lost.

    Raises:
        BadSettings: synchronous_commit is off or local, or fsync or full_page_writes is off, and the settings do
            not allow it.
    """
    if settings.allow_unsafe_durability:
        return
    found = await connection.fetchrow(_SQL["durability"])
    wrong = [f"{name} = {found[name]}" for name, values in _UNSAFE.items() if found[name] in values]
    if wrong:
        raise BadSettings(
            f"PostgreSQL would lose acknowledged audit records ({', '.join(wrong)}); turn these settings on, or set "
            "[audit] allow_unsafe_durability for a test",
            f"PostgreSQL 配置可能丢失已确认的审计记录（{'，'.join(wrong)}），请开启；仅测试可设 allow_unsafe_durability",
        )


async def write_batch(connection: Connection, batch: Batch) -> None:
    """Write the batch to the inbox, inside whatever transaction is open."""
    await connection.execute(
        _SQL["write_batch"],
        batch.id,
        batch.origin.node,
        batch.origin.boot,
        b"\n".join(batch.events),
        len(batch.events),
    )


async def put_batch(connection: Connection, batch: Batch) -> tuple[Answer, str]:
    """Write the batch in a transaction of its own; the answer, and the database's words if it is not stored."""
    try:
        await write_batch(connection, batch)
    except asyncpg.UniqueViolationError as violation:
        return Answer.PRESENT, str(violation)
    except asyncpg.QueryCanceledError as refusal:
        return Answer.REFUSED, str(refusal)
    except _NO_ANSWER as fault:
        return Answer.UNKNOWN, f"{type(fault).__name__}: {fault}"
    except asyncpg.PostgresError as refusal:
        return Answer.REFUSED, f"{type(refusal).__name__}: {refusal}"
    return Answer.STORED, ""


async def heartbeat(connection: Connection) -> None:
    """Commit something that changes nothing, behind everything committed before."""
    with recording():
        await connection.execute(_SQL["heartbeat"])


async def try_lead(connection: Connection) -> bool:
    """Whether this session is, or now becomes, the one that integrates."""
    with recording():
        led: bool = await connection.fetchval(_SQL["try_lead"], _LEADER_LOCK)
        return led


async def extend_ledger(connection: Connection) -> datetime:
    """Make the partitions of the coming months and forget old batch ids; until when the ledger is covered."""
    with recording():
        await connection.execute(_SQL["forget_batches"], _KEEP_BATCHES_DAYS)
        covered: datetime = await connection.fetchval(_SQL["extend_ledger"])
        return covered


async def take_events(connection: Connection) -> tuple[int, list[bytes]]:
    """Take waiting batches out of the inbox, in this transaction.

    Returns:
        How many rows were taken, and the events of those not seen before, in their order.
    """
    rows = await connection.fetch(_SQL["take_batches"], _ROWS_A_PASS, _EVENTS_A_PASS)
    return len(rows), [event for row in rows if row["is_new"] for event in _events(row)]


def _events(row: Row) -> list[bytes]:
    """The events of a batch; what a writer put there that is no such list still ends up in the log, cut to its bounds."""
    lines: list[bytes] = row["events"].split(b"\n", row["size"] - 1)
    return [line[:EVENT_BYTES_MAX] for line in lines if line]


async def newest_head(connection: Connection) -> Head:
    """The head the ledger stands at."""
    return _head(await connection.fetchrow(_SQL["head"]))


async def head_of(connection: Connection, size: int) -> Head | None:
    """The head at exactly this size."""
    row = await connection.fetchrow(_SQL["head_of"], size)
    return _head(row) if row else None


async def add_checkpoint(connection: Connection, size: int, note: bytes, signed_at: datetime) -> None:
    """Publish a signed checkpoint, unless one of this size was."""
    await connection.execute(_SQL["add_checkpoint"], size, note, signed_at)


async def is_published(connection: Connection, size: int) -> bool:
    """Whether a checkpoint of this size was published."""
    known: bool = await connection.fetchval(_SQL["is_published"], size)
    return known


async def newest_checkpoint(connection: Connection) -> bytes | None:
    """The signed note last published; None before the first."""
    note: bytes | None = await connection.fetchval(_SQL["checkpoint"])
    return note


async def standing(
    connection: Connection, seats: Iterable[Seat], added: int
) -> tuple[Head, dict[Seat, int], bytes]:
    """Where the log stands, of one moment.

    Returns:
        The newest head; the last number of every seat, 0 without one; and the leaf hashes after the last full tile, joined, if
        so many records more fill it.
    """
    wanted = sorted(seats)
    row = await connection.fetchrow(
        _SQL["standing"], [side.value for side, _ in wanted], [org for _, org in wanted], added, TILE_WIDTH
    )
    *head, lasts, begun = row.values()
    return Head(*head), dict(zip(wanted, lasts, strict=True)), begun or b""


async def keep(connection: Connection, growth: Growth) -> None:
    """Write records, counters and head, in this transaction.

    Raises:
        asyncpg.UniqueViolationError: another integrator grew the same head.
    """
    # the head comes first: a second integrator stops at the fence, not at some other constraint
    moved = sorted(growth.counters.items())
    await connection.execute(
        _SQL["add_head"],
        *astuple(growth.head),
        [side.value for (side, _), _ in moved],
        [org for (_, org), _ in moved],
        [last for _, last in moved],
    )
    # a view, because plain bytes would be taken for the name of a file
    rows = memoryview(copied(growth.records, growth.fronts))
    await connection.copy_to_table(
        "ledger", schema_name="audit", columns=COLUMNS, source=rows, format="binary"
    )
    await keep_filled(connection, growth.filled)


Item: TypeAlias = "Record | list[Piece] | Gone | Tile | Node | Head"
"""What a log is made of, as it is verified: pieces of records in a row, or a record that is to be read whole."""


async def everything(connection: Connection) -> AsyncGenerator[Item, None]:
    """The whole log of one moment in constant memory, to be verified.

    Records come by index, before them the leaves of those that were dropped; right after the last record that fills or
    makes them tiles, then nodes, then heads.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        beside = by_size(all_tiles(connection), all_nodes(connection), _heads(connection))
        async for item in interleaved(_gone_and_pieces(connection), beside):
            yield item


async def records_and_heads(connection: Connection) -> AsyncGenerator[Record | Gone | Head, None]:
    """The whole log of one moment in constant memory, record by record, to be written down; without tiles and nodes."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        heads = _heads(connection)
        head = await anext(heads, None)
        async for record in _records(connection):
            while head is not None and head.size <= record.idx:
                yield head
                head = await anext(heads, None)
            yield record
        while head is not None:
            yield head
            head = await anext(heads, None)


async def interleaved(
    records: AsyncIterator[Record | list[Piece] | Gone], beside: AsyncIterator[Tile | Node | Head]
) -> AsyncIterator[Item]:
    """Records with what follows them: each tile, node and head right after the last record it covers."""
    item = await anext(beside, None)
    async for some in records:
        rest = some
        while item is not None and item.size <= _last(rest):
            if isinstance(rest, list):
                cut = bisect_left(rest, item.size, key=_INDEX)
                if cut:
                    yield rest[:cut]
                rest = rest[cut:]
            yield item
            item = await anext(beside, None)
        yield rest
    while item is not None:
        yield item
        item = await anext(beside, None)


def _last(some: Record | list[Piece] | Gone) -> int:
    return some[-1][0] if isinstance(some, list) else some.idx


async def pieces(connection: Connection, first: int) -> AsyncIterator[Record | list[Piece]]:
    """Records from a place on, in a transaction: many at once, and by themselves those that are to be read whole."""
    cursor = await connection.cursor(_SQL["pieces"], first)
    while rows := cast("list[Piece]", await cursor.fetch(_FETCH)):
        begun = 0
        for place in [place for place, row in enumerate(rows) if row[8]]:
            if begun < place:
                yield rows[begun:place]
            yield record_of(await connection.fetchrow(_SQL["records_from"], rows[place][0], 1))
            begun = place + 1
        if begun < len(rows):
            yield rows[begun:]


async def _gone_and_pieces(connection: Connection) -> AsyncIterator[Gone | Record | list[Piece]]:
    async for one in gone(connection):
        yield one
    async for some in pieces(connection, 0):
        yield some


async def by_size(
    tiles: AsyncIterator[Tile], nodes: AsyncIterator[Node], heads: AsyncIterator[Head]
) -> AsyncIterator[Tile | Node | Head]:
    """Streams that each come in the order of their sizes as one; where sizes are equal, in the order given."""
    streams: list[AsyncIterator[Tile | Node | Head]] = [tiles, nodes, heads]
    waiting = [await anext(stream, None) for stream in streams]
    while items := [(item.size, place) for place, item in enumerate(waiting) if item is not None]:
        place = min(items)[1]
        item, waiting[place] = waiting[place], await anext(streams[place], None)
        if item is not None:
            yield item


async def _records(connection: Connection) -> AsyncIterator[Gone | Record]:
    async for one in gone(connection):
        yield one
    async for row in connection.cursor(_SQL["records"], prefetch=_FETCH):
        yield record_of(row)


async def _heads(connection: Connection) -> AsyncIterator[Head]:
    async for row in connection.cursor(_SQL["heads"], prefetch=_FETCH):
        yield _head(row)


async def first_acts(connection: Connection, application: UUID, types: Sequence[EventType]) -> list[Record]:
    """The acts of some types among the first records of an application, oldest first."""
    rows = await connection.fetch(
        _SQL["first_acts"], application, [kind.value for kind in types], _ACTS_AMONG
    )
    return [record_of(row) for row in rows]


async def records_from(connection: Connection, first: int, count: int) -> list[Record]:
    """Records from an index on, oldest first."""
    return [record_of(row) for row in await connection.fetch(_SQL["records_from"], first, count)]


async def glances(connection: Connection, first: int, count: int) -> list[Glance]:
    """Records from an index on as they are kept, oldest first."""
    rows = await connection.fetch(_SQL["glances"], first, count)
    return [Glance(row[0], row[1], Columns._make(row[2:18]), row[18], row[19]) for row in rows]


async def last_of_grant(connection: Connection, grant: UUID, before: int) -> datetime | None:
    """When the last record of a grant below an index was ordered."""
    found: datetime | None = await connection.fetchval(_SQL["last_of_grant"], grant, before)
    return found


async def find_record(connection: Connection, event_id: UUID) -> Record | None:
    """The record of one event."""
    row = await connection.fetchrow(_SQL["find_record"], event_id)
    return record_of(row) if row else None


async def find_of_request(connection: Connection, request_id: UUID, kind: EventType) -> Record | None:
    """The first record of a type that a request left."""
    row = await connection.fetchrow(_SQL["find_of_request"], request_id, kind.value)
    return record_of(row) if row else None


def _head(row: Row) -> Head:
    return Head(**dict(row))


def record_of(row: Row) -> Record:
    """A record from a row of the ledger's columns in their order."""
    values: tuple[Any, ...] = tuple(row.values())
    idx, recorded_at, cseq, pseq, *columns, event, leaf = values
    return Record(idx, recorded_at, cseq, pseq, Columns(*columns), event, leaf)
