"""Records as PostgreSQL's COPY takes them in binary form: what many records share is encoded once.

One value is its length (4 bytes, big-endian, -1 for none) and its bytes; see COPY in PostgreSQL's manual, "Binary Format".
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from struct import Struct
from typing import Final
from uuid import UUID

from gateway.audit.record import Columns, Record

COLUMNS: Final = ("idx", "recorded_at", "cseq", "pseq", *Columns._fields, "rest", "event", "leaf_hash")
"""The columns of the ledger in the order in which they are written."""

_HEADER: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_NONE: Final = b"\xff\xff\xff\xff"
_PLACE: Final = Struct(">hiqiqiqiq").pack
_LENGTH: Final = Struct(">i").pack
_INSTANT: Final = Struct(">iq").pack
_UUID: Final = _LENGTH(16)
_LEAF: Final = _LENGTH(32)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_WIDTH: Final = len(COLUMNS)


def copied(records: Iterable[Record], fronts: Iterable[int]) -> bytes:
    """Records as one COPY, in the order of :data:`COLUMNS`; what the columns say of an event is not kept twice.

    Args:
        fronts: how many of the first bytes of each event its columns give.
    """
    rows = [_HEADER]
    at, recorded = _EPOCH, 0
    for (idx, recorded_at, cseq, pseq, columns, event, leaf), front in zip(records, fronts, strict=True):
        if recorded_at is not at:
            at, recorded = recorded_at, (recorded_at - _EPOCH) // _MICROSECOND
        event_id, occurred_at, *_, request_id = columns
        rest, whole = (event[front:], None) if front else (None, event)
        rows += (
            _PLACE(_WIDTH, 8, idx, 8, recorded, 8, cseq, 8, pseq), _UUID, event_id.bytes, _instant(occurred_at),
            _texts(columns[2:9]), _texts(columns[9:12]) if any(columns[9:12]) else _NONE * 3, _texts(columns[12:13]),
            _ids(columns[13:15]), _id(request_id), _bytes(rest), _bytes(whole), _LEAF, leaf,
        )  # fmt: skip
    rows.append(_TRAILER)
    return b"".join(rows)


@lru_cache(4096)
def _texts(values: tuple[str | None, ...]) -> bytes:
    return b"".join(_bytes(None if value is None else value.encode()) for value in values)


@lru_cache(4096)
def _ids(values: tuple[UUID | None, ...]) -> bytes:
    return b"".join(map(_id, values))


def _id(value: UUID | None) -> bytes:
    return _NONE if value is None else _UUID + value.bytes


def _instant(value: datetime | None) -> bytes:
    return _NONE if value is None else _INSTANT(8, (value - _EPOCH) // _MICROSECOND)


def _bytes(value: bytes | None) -> bytes:
    return _NONE if value is None else _LENGTH(len(value)) + value
