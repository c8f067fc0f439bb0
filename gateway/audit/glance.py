"""A look at records as the ledger keeps them, for those who look at every one of them and read few.

The ledger keeps the front of an event as columns and not as bytes, see :func:`gateway.audit.record.read_event`; a look at it
needs no bytes put together again, which costs more than everything else.
"""

from binascii import b2a_base64
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import orjson

from gateway.audit.record import EPOCH, Columns, Record, read_event
from gateway.audit.types import EventType
from gateway.proof.event import FRONT, MEMBERS, VERSION

_MICROSECOND: Final = timedelta(microseconds=1)
_ID_SIGNS: Final = 22
_BOOT: Final = MEMBERS.index("boot") - len(FRONT) + 1  # with one in place of the whole front
_N: Final = MEMBERS.index("n") - len(FRONT) + 1


class Glance(NamedTuple):
    """One row of the ledger as it is kept; either ``rest`` or ``event`` is None.

    Args:
        rest: the event's bytes behind its front, which the columns give.
        event: all its bytes, where they do not.
    """

    idx: int
    recorded_at: datetime
    columns: Columns
    rest: bytes | None
    event: bytes | None

    @classmethod
    def at(cls, record: Record) -> "Glance":
        """What the ledger keeps of a record."""
        front = read_event(record.event)[1]
        kept = (record.event[front:], None) if front else (None, record.event)
        return cls(record.idx, record.recorded_at, record.columns, *kept)

    def whole(self) -> bytes:
        """The event's bytes."""
        return self.event if self.rest is None else _front(self.columns) + self.rest  # type: ignore[return-value]

    def number(self) -> tuple[str, int] | None:
        """The writer's start, as it stands in the event, and its number; None for what was written in the transaction of an act."""
        if self.columns.type == EventType.EVENT_UNREADABLE:
            return None
        if self.rest is not None:
            said = orjson.loads(b"[0" + self.rest)
        else:
            said = [0, *orjson.loads(self.whole())[len(FRONT) :]]
        if len(said) <= _N or type(said[_N]) is not int or not isinstance(said[_BOOT], str):
            return None
        return said[_BOOT], said[_N]


def _front(columns: Columns) -> bytes:
    """The first bytes of the event of which these are the columns, if they give them at all."""
    assert columns.occurred_at is not None  # only a readable event is kept in two parts
    texts = [text or "" for text in columns[2:13]]
    ids = [_written(one) for one in columns[13:]]
    at = (columns.occurred_at - EPOCH) // _MICROSECOND
    return orjson.dumps([VERSION, _written(columns.event_id), at, *texts, *ids])[:-1]


def _written(one: UUID | None) -> str:
    return b2a_base64(one.bytes, newline=False).decode()[:_ID_SIGNS] if one else ""
