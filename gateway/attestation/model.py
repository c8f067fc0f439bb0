"""What a statement says, from records of the audit log. Pure: records in, JSON out.

Of persons a statement names role and department, never login, address or credential: it is handed on and kept.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from gateway.audit import EventType, Record, fits_its_leaf
from gateway.authz.applications.model import State
from gateway.errors import Unavailable
from gateway.names import GrantId

VERSION: Final = 1
DECISION: Final = "gateway-decision"
RECEIPT: Final = "gateway-receipt"
DECIDING: Final = (
    EventType.APPLICATION_ACCEPTED,
    EventType.APPLICATION_NOT_ACCEPTED,
    EventType.APPLICATION_PROVIDED,
    EventType.APPLICATION_APPROVED,
    EventType.APPLICATION_REFUSED,
    EventType.GRANT_ISSUED,
)
"""The acts a decision's seal states, in the order they may come."""


class RecordDamaged(Unavailable):
    """A record of the audit log is not the one that was written（审计记录与其哈希不一致）."""

    remedy = (
        "Nothing was signed. Call the audit officer: ./gw audit verify says what was changed.",
        "未出证。请联系审计管理员：./gw audit verify 可指出被改动之处。",
    )


_ACT_OF: Final = {
    State.ACCEPTED: EventType.APPLICATION_ACCEPTED,
    State.NOT_ACCEPTED: EventType.APPLICATION_NOT_ACCEPTED,
    State.PROVIDED: EventType.APPLICATION_PROVIDED,
    State.APPROVED: EventType.APPLICATION_APPROVED,
    State.REFUSED: EventType.APPLICATION_REFUSED,
}


def expected_acts(state: State, grant: GrantId | None) -> frozenset[str]:
    """The acts that must be on record once an application stands so; empty while nothing is decided."""
    acts = [_ACT_OF[state]] if state in _ACT_OF else []
    return frozenset({*acts, *([EventType.GRANT_ISSUED] if grant else [])})


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who states it: the gateway's own name in tokens, and the department that runs it."""

    url: str
    org: str
    org_name: str


def decision_content(issuer: Issuer, records: Sequence[Record], now: datetime) -> dict[str, Any]:
    """The acts on one application, oldest first; ``records`` are its deciding ones and at least one.

    Raises:
        RecordDamaged: a record does not fit its leaf.
    """
    said = [(record, content_of(record)) for record in records]
    first = said[0][1]
    return {
        **_head(issuer, DECISION, now),
        "application": {
            "id": first["application_id"],
            "resource": first.get("resource", ""),
            **_parties(first),
        },
        "acts": [
            {
                "act": event["type"],
                "act_zh": EventType(event["type"]).zh,
                "at": event["occurred_at"],
                "by": {name: event["who"].get(name, "") for name in ("role", "org")},
                **({"grant_id": event["grant_id"]} if event.get("grant_id") else {}),
                "detail": event.get("detail", {}),
                "record": _place(record),
            }
            for record, event in said
        ],
    }


def receipt_content(issuer: Issuer, intended: Record, released: Record, now: datetime) -> dict[str, Any]:
    """One answered call, from the two records of it.

    Raises:
        RecordDamaged: a record does not fit its leaf, or the release does not follow from the intent.
    """
    asked, answered = content_of(intended), content_of(released)
    follows = {(cause["id"], cause["sha256"]) for cause in answered.get("cause", ())}
    if (asked["id"], hashlib.sha256(intended.event).hexdigest()) not in follows:
        raise _damaged(released)
    before, after = asked["detail"], answered["detail"]
    return {
        **_head(issuer, RECEIPT, now),
        "receipt_id": answered["id"],
        "call": {
            "request_id": answered["request_id"],
            "service": answered["object"]["id"],
            "resource": answered.get("resource", ""),
            "resource_version": answered["object"].get("version", ""),
            "client": answered["who"].get("client", ""),
            **_parties(answered),
            "case": answered.get("case", ""),
            "grant_id": answered["grant_id"],
            "application_id": answered["application_id"],
            "fields": before["fields"],
            "parameters": before["parameters"],
            "asked_at": asked["occurred_at"],
            "answered_at": answered["occurred_at"],
        },
        "answer": {
            "records": after["records"],
            "bytes": after["bytes"],
            "nonce": before["nonce"],
            "commitment": after["answer"],
        },
        "intended": _place(intended),
        "released": _place(released),
    }


def content_of(record: Record) -> dict[str, Any]:
    """What a record says, once its leaf was computed anew from its bytes and place.

    Raises:
        RecordDamaged: they differ, or the bytes are no event.
    """
    if not fits_its_leaf(record) or record.columns.type == EventType.EVENT_UNREADABLE:
        raise _damaged(record)
    return record.content()


def _damaged(record: Record) -> RecordDamaged:
    return RecordDamaged(
        f"the record {record.idx} is not the one that was written", f"第 {record.idx} 条审计记录已被改动"
    )


def _head(issuer: Issuer, kind: str, now: datetime) -> dict[str, Any]:
    return {
        "v": VERSION,
        "statement": kind,
        "issuer": {"url": issuer.url, "org": issuer.org, "org_name": issuer.org_name},
        "sealed_at": _instant(now),
    }


def _parties(event: Mapping[str, Any]) -> dict[str, str]:
    return {name: event.get(name, "") for name in ("consumer_org", "provider_org", "purpose", "matter")}


def _place(record: Record) -> dict[str, Any]:
    return {
        "id": str(record.columns.event_id),
        "idx": record.idx,
        "recorded_at": _instant(record.recorded_at),
        "sha256": hashlib.sha256(record.event).hexdigest(),
        "leaf_hash": record.leaf_hash.hex(),
    }


def _instant(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
