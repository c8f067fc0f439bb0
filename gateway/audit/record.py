"""The format of a record: an event's final bytes, the columns derived from them, the stub and the leaf.

Format 1; records stay verifiable for ever, so what these functions make of given bytes must never change. Columns
follow from the shape of the bytes alone, not from the list of event types: an older program reads newer records.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from gateway.audit.model import Event, Who
from gateway.audit.types import EventType
from gateway.proof.stub import stub_of
from gateway.proof.tree import leaf_hash

VERSION: Final = 1
EVENT_BYTES_MAX: Final = 65536
NONCE_BYTES: Final = 16
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_TEXT_MAX: Final = 200
_TYPE: Final = re.compile(r"[a-z_]{1,30}(\.[a-z_]{1,30}){1,2}")
_OUTCOME: Final = re.compile(r"[a-z_]{1,20}")
_ORG: Final = re.compile(r"[0-9A-Z]{18}")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where records come from: the node's name (1 to 100 bytes) and the id of this start of the process."""

    node: str
    boot: UUID

    def __post_init__(self) -> None:
        """Refuse a name the inbox would refuse with every record."""
        if not 1 <= len(self.node.encode()) <= 100:
            raise ValueError(f"a node's name has 1 to 100 bytes: {self.node!r}")


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
        if self.columns.type == EventType.EVENT_UNREADABLE:
            return {"unreadable": self.event.hex()}
        content: dict[str, Any] = orjson.loads(self.event)
        return content


def serialise(
    event: Event,
    origin: Origin,
    *,
    event_id: UUID,
    occurred_at: datetime,
    nonce: bytes,
    personal: Mapping[str, str] | None = None,
) -> bytes:
    """The event's bytes in the fixed order of fields, without its number ``n``.

    Args:
        personal: the event's personal detail as it is stored, sealed; the event's own is never written.

    Raises:
        TypeError: ``detail`` is not JSON.
    """
    fields = {
        "v": VERSION,
        "id": str(event_id),
        "type": event.type.value,
        "outcome": event.outcome.value,
        "reason": event.reason,
        "occurred_at": occurred_at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z",
        "node": origin.node,
        "boot": str(origin.boot),
        "who": _actor(event.who),
        "consumer_org": event.consumer_org,
        "provider_org": event.provider_org,
        "object": _said(kind=event.object_kind, id=event.object_id, version=event.object_version),
        "resource": event.resource,
        "purpose": event.purpose,
        "matter": event.matter,
        "case": event.case,
        "subject": event.subject,
        "grade": event.grade,
        "application_id": event.application_id,
        "grant_id": event.grant_id,
        "request_id": event.request_id,
        "detail": dict(event.detail),
        "personal": personal,
        "cause": [{"id": str(cause.event_id), "sha256": cause.digest.hex()} for cause in event.cause],
        "nonce": nonce.hex(),
    }
    stated = {name: value for name, value in fields.items() if value}
    try:
        return orjson.dumps(stated)
    except orjson.JSONEncodeError:
        return orjson.dumps(_storable(stated))


def numbered(body: bytes, n: int) -> bytes:
    """The bytes of :func:`serialise` with the writer's number as their last field."""
    return body[:-1] + b',"n":%d}' % n


def columns_of(event: bytes) -> Columns:
    """The columns an event's bytes give; bytes that are no readable event become ``event.unreadable``."""
    try:
        fields = orjson.loads(event)
        return Columns(
            event_id=UUID(_shaped(_UUID, fields["id"])),
            occurred_at=datetime.fromisoformat(_shaped(_INSTANT, fields["occurred_at"])),
            type=_shaped(_TYPE, fields["type"]),
            outcome=_shaped(_OUTCOME, fields["outcome"]),
            reason=_text(fields.get("reason")),
            consumer_org=_org(fields.get("consumer_org")),
            provider_org=_org(fields.get("provider_org")),
            actor=_text(":".join(filter(None, (fields["who"].get("kind"), fields["who"].get("id"))))),
            resource=_text(fields.get("resource")),
            matter=_text(fields.get("matter")),
            case_id=_text(fields.get("case")),
            subject=_text(fields.get("subject")),
            grade=_text(fields.get("grade")),
            application_id=_id(fields.get("application_id")),
            grant_id=_id(fields.get("grant_id")),
            request_id=_id(fields.get("request_id")),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return _unreadable(event)


def leaf_of(
    record_idx: int, recorded_at: datetime, columns: Columns, cseq: int, pseq: int, event: bytes
) -> bytes:
    """The leaf hash over the stub."""
    return leaf_hash(stub_at(record_idx, recorded_at, columns, cseq, pseq, event))


def stub_at(
    record_idx: int, recorded_at: datetime, columns: Columns, cseq: int, pseq: int, event: bytes
) -> bytes:
    """What stands in the leaf of a record, see :mod:`gateway.proof.stub`."""
    recorded_ms = (recorded_at - EPOCH) // _MILLISECOND
    consumer, provider = columns.consumer_org or "", columns.provider_org or ""
    return stub_of(record_idx, recorded_ms, consumer, provider, cseq, pseq, event)


def fits_its_leaf(record: Record) -> bool:
    """Whether columns and leaf hash are those that the record's bytes and place give."""
    derived = columns_of(record.event)
    leaf = leaf_of(record.idx, record.recorded_at, derived, record.cseq, record.pseq, record.event)
    return derived == record.columns and leaf == record.leaf_hash


def whole_milliseconds(instant: datetime) -> datetime:
    """The instant, cut to the precision a record keeps."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _actor(who: Who) -> dict[str, str]:
    return _said(
        kind=who.kind,
        id=who.id,
        org=who.org,
        role=who.role,
        client=who.client,
        address=who.address,
        authenticated_by=who.authenticated_by,
    )


def _said(**fields: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


def _storable(value: Any) -> Any:
    """The value with lone surrogates, which no UTF-8 can hold, replaced; they come from hostile requests."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner) for inner in value]
    return value


def _unreadable(event: bytes) -> Columns:
    digest = bytearray(hashlib.sha256(event).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80  # version 8: the id is made from the bytes (RFC 9562 section 5.8)
    digest[8] = digest[8] & 0x3F | 0x80
    nothing = dict.fromkeys(
        (
            "reason",
            "consumer_org",
            "provider_org",
            "actor",
            "resource",
            "matter",
            "case_id",
            "subject",
            "grade",
        ),
        None,
    )
    ids = dict.fromkeys(("application_id", "grant_id", "request_id"), None)
    return Columns(
        event_id=UUID(bytes=bytes(digest)),
        occurred_at=None,
        type=EventType.EVENT_UNREADABLE.value,
        outcome="error",
        **nothing,
        **ids,
    )


def _shaped(shape: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise ValueError(value)
    return value


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise TypeError(value)
    return _UNSTORABLE.sub("\ufffd", value[:_TEXT_MAX])


def _org(value: Any) -> str | None:
    return None if value is None else _shaped(_ORG, value)


def _id(value: Any) -> UUID | None:
    return UUID(value) if isinstance(value, str) and _UUID.fullmatch(value) else None
