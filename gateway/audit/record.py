"""Records: the columns derived from an event's bytes, the stub and the leaf.

Format 2 of events (:mod:`gateway.proof.event`); records stay verifiable for ever, so what these functions make of given bytes
must never change. Columns follow from the shape of the bytes alone, not from the list of event types: an older program reads
newer records.
"""

import hashlib
import re
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

import orjson

from gateway.audit.types import EventType
from gateway.proof.event import FRONT, MEMBERS, VERSION, content_of
from gateway.proof.stub import stub_of
from gateway.proof.tree import leaf_hash
from gateway.storage import RowId

EVENT_BYTES_MAX: Final = 65536
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_TEXT_MAX: Final = 200
_MEMBERS_LEAST: Final = len(MEMBERS) - 1  # what is emitted in a transaction has no number
_MICROSECONDS_MAX: Final = 253_402_300_800_000_000  # the year 10000
_TYPE: Final = re.compile(r"[a-z_]{1,30}(\.[a-z_]{1,30}){1,2}")
_OUTCOME: Final = re.compile(r"[a-z_]{1,20}")
_ORG: Final = re.compile(r"[0-9A-Z]{18}")
_ID: Final = re.compile(r"[0-9A-Za-z+/]{21}[AQgw]")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: the node's name (1 to 100 bytes) and the id of this start of the process.

    Attributes:
        written: both as they stand in every event of this process, with the comma behind them.
    """

    node: str
    boot: UUID
    written: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a name the inbox would refuse with every record."""
        if not 1 <= len(self.node.encode()) <= 100:
            raise ValueError(f"a node's name has 1 to 100 bytes: {self.node!r}")
        boot = b2a_base64(self.boot.bytes, newline=False).decode()[:22]
        object.__setattr__(self, "written", orjson.dumps([self.node, boot])[1:-1] + b",")


class Columns(NamedTuple):
    """What the ledger's searchable columns say of an event; None where the event says nothing.

    A tuple, as :class:`Record` is: verification makes and compares millions.
    """

    event_id: UUID
    occurred_at: datetime | None
    type: str
    outcome: str
    reason: str | None
    consumer_org: str | None
    provider_org: str | None
    actor: str | None
    resource: str | None
    matter: str | None
    case_id: str | None
    subject: str | None
    grade: str | None
    application_id: UUID | None
    grant_id: UUID | None
    request_id: UUID | None


Piece: TypeAlias = "tuple[int, datetime, int, int, str | None, str | None, bytes, bytes, bool]"
"""What a leaf is made of, beside the leaf: idx, recorded_at, cseq, pseq, consumer_org, provider_org, leaf_hash, the event's bytes;
and whether the record is to be read whole."""


class Record(NamedTuple):
    """One row of the ledger.

    Args:
        idx: its place, dense from 0.
        recorded_at: when it was ordered, whole milliseconds, UTC; never falls along ``idx``.
        cseq, pseq: its number among the records of its consumer's and provider's department, from 1; 0 without one.
        event: the bytes; the truth the columns are derived from.
    """

    idx: int
    recorded_at: datetime
    cseq: int
    pseq: int
    columns: Columns
    event: bytes
    leaf_hash: bytes

    def content(self) -> dict[str, Any]:
        """The event as JSON; bytes that are none appear under ``unreadable`` in hexadecimal."""
        unreadable = self.columns.type == EventType.EVENT_UNREADABLE
        content = None if unreadable else content_of(self.event)
        return {"unreadable": self.event.hex()} if content is None else content


def columns_of(event: bytes) -> Columns:
    """The columns an event's bytes give; bytes that are no readable event become ``event.unreadable``."""
    return read_event(event)[0]


def read_event(event: bytes) -> tuple[Columns, int]:
    """The columns an event's bytes give, and how many of its first bytes these columns are.

    0 if the columns do not give these bytes again: a text that was cut, an id that is no UUID, another way to write JSON.
    """
    try:
        said = orjson.loads(event)
        if type(said) is not list or said[0] != VERSION or len(said) < _MEMBERS_LEAST:
            raise ValueError("not an event of this format")
        front = said[: len(FRONT)]
        columns = _usual(front)
        given = columns is not None
        if columns is None:
            columns = _one_by_one(front)
            given = _are_given(columns, front)
    except (ValueError, TypeError, IndexError):
        return _unreadable(event), 0
    begins = orjson.dumps(front)[:-1] if given else b""
    return columns, len(begins) if event.startswith(begins) else 0


def _usual(front: list[Any]) -> Columns | None:
    """The columns of an event as the gateway writes it, most of them known from an event before; None for any other."""
    (
        _, ident, at, kind, outcome, reason, consumer, provider, actor, resource, matter, case, subject, grade, application,
        grant, request,
    ) = front  # fmt: skip
    try:
        return Columns(
            RowId(_id_bytes(ident)), _instant(at), *_act(kind, outcome, reason, consumer, provider, actor, resource),
            None if matter == "" else _whole(matter), None if case == "" else _whole(case),
            None if subject == "" else _whole(subject), *_under(grade, application, grant),
            _known_id(request),
        )  # fmt: skip
    except (ValueError, TypeError):
        return None


_Act: TypeAlias = "tuple[str, str, str | None, str | None, str | None, str | None, str | None]"


@lru_cache(4096)
def _act(
    kind: str, outcome: str, reason: str, consumer: str, provider: str, actor: str, resource: str
) -> _Act:
    orgs = [_shaped(_ORG, org) if org else _whole(org) for org in (consumer, provider)]
    texts = _whole(reason), orgs[0], orgs[1], _whole(actor), _whole(resource)
    return _shaped(_TYPE, kind), _shaped(_OUTCOME, outcome), *texts


@lru_cache(4096)
def _under(grade: str, application: str, grant: str) -> tuple[str | None, UUID | None, UUID | None]:
    return _whole(grade), _known_id(application), _known_id(grant)


def _known_id(value: str) -> UUID | None:
    return None if value == "" else RowId(_id_bytes(value))


def _whole(value: Any) -> str | None:
    """A text that a column holds as it is.

    Raises:
        TypeError, ValueError: it does not.
    """
    if (_text(value) or "") != value:
        raise ValueError(value)
    return value or None


def _one_by_one(front: list[Any]) -> Columns:
    (
        _, ident, at, kind, outcome, reason, consumer, provider, actor, resource, matter, case, subject, grade, application,
        grant, request,
    ) = front  # fmt: skip
    return Columns(
        RowId(_id_bytes(ident)), _instant(at), _type(kind), _outcome(outcome), _text(reason),
        _org(consumer) if consumer else None, _org(provider) if provider else None, _text(actor), _text(resource),
        _text(matter), _text(case), _text(subject), _text(grade), _uuid(application), _uuid(grant), _uuid(request),
    )  # fmt: skip


def _are_given(columns: Columns, front: list[Any]) -> bool:
    told = [text or "" for text in columns[4:13]] == front[5:14]
    return told and all(
        column is not None or not written for column, written in zip(columns[13:], front[14:], strict=True)
    )


def leaf_of(
    record_idx: int, recorded_at: datetime, columns: Columns, cseq: int, pseq: int, event: bytes
) -> bytes:
    """The leaf hash over the stub."""
    return leaf_hash(stub_at(record_idx, recorded_at, columns, cseq, pseq, event))


def stub_at(
    record_idx: int, recorded_at: datetime, columns: Columns, cseq: int, pseq: int, event: bytes
) -> bytes:
    """What stands in the leaf of a record, see :mod:`gateway.proof.stub`."""
    consumer, provider = columns.consumer_org or "", columns.provider_org or ""
    return stub_of(record_idx, recorded_ms(recorded_at), consumer, provider, cseq, pseq, event)


def recorded_ms(recorded_at: datetime) -> int:
    """Milliseconds since 1970, UTC."""
    return (recorded_at - EPOCH) // _MILLISECOND


def fits_its_leaf(record: Record) -> bool:
    """Whether columns and leaf hash are those that the record's bytes and place give."""
    derived = columns_of(record.event)
    leaf = leaf_of(record.idx, record.recorded_at, derived, record.cseq, record.pseq, record.event)
    return derived == record.columns and leaf == record.leaf_hash


def whole_milliseconds(instant: datetime) -> datetime:
    """The instant, cut to the precision a record keeps."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _unreadable(event: bytes) -> Columns:
    digest = bytearray(hashlib.sha256(event).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80  # version 8: the id is made from the bytes (RFC 9562 section 5.8)
    digest[8] = digest[8] & 0x3F | 0x80
    nothing = dict.fromkeys(Columns._fields[4:])
    return Columns(UUID(bytes=bytes(digest)), None, EventType.EVENT_UNREADABLE.value, "error", **nothing)


def _id_bytes(value: Any) -> bytes:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError(value)
    return a2b_base64(value + "==")


def _instant(value: Any) -> datetime:
    if type(value) is not int or not 0 <= value < _MICROSECONDS_MAX:
        raise ValueError(value)
    return EPOCH + timedelta(microseconds=value)


@lru_cache(1024)
def _type(value: str) -> str:
    return _shaped(_TYPE, value)


@lru_cache(1024)
def _outcome(value: str) -> str:
    return _shaped(_OUTCOME, value)


@lru_cache(4096)
def _org(value: str) -> str:
    return _shaped(_ORG, value)


def _shaped(shape: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise ValueError(value)
    return value


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        raise TypeError(value)
    if value.isascii() and "\x00" not in value:
        return value[:_TEXT_MAX] or None
    return _UNSTORABLE.sub("\ufffd", value[:_TEXT_MAX])


def _uuid(value: Any) -> UUID | None:
    if not isinstance(value, str):
        raise TypeError(value)
    return RowId(a2b_base64(value + "==")) if _ID.fullmatch(value) else None
