"""A record as an event of the Open Cybersecurity Schema Framework (OCSF) 1.6.0.

Four classes: Authentication [3002], Application Lifecycle [6002], Detection Finding [2004], and API Activity [6003] for all
other acts. What OCSF has no word for (departments, grant, purpose, matter) stands under ``unmapped``; ``detail`` is left
out. ``metadata.sequence`` is the record's index: dense, so a receiver sees what it lacks.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, Final

from gateway import __version__
from gateway.audit import EventType, Record
from gateway.audit.record import EPOCH
from gateway.siem.model import Outgoing

VERSION: Final = "1.6.0"
_PRODUCT: Final = {
    "name": "data-sharing-gateway",
    "vendor_name": "data-sharing-gateway",
    "version": __version__,
}
_MILLISECOND: Final = timedelta(milliseconds=1)
_AUTHENTICATION: Final = {
    EventType.SIGNED_IN: 1, EventType.SIGN_IN_REFUSED: 1, EventType.SIGNED_OUT: 2, EventType.SESSIONS_ENDED: 2,
    EventType.CLIENT_SIGNED_OUT: 2, EventType.TOKEN_ISSUED: 1, EventType.TOKEN_REFUSED: 1,
    EventType.PERSON_TOKEN_ISSUED: 1,
}  # fmt: skip
_LIFECYCLE: Final = {EventType.SYSTEM_STARTED: 3, EventType.SYSTEM_STOPPED: 4}
_FINDINGS: Final = {
    EventType.EVENT_UNREADABLE: 1, EventType.ALERT_RAISED: 1, EventType.AUDIT_LATE: 1, EventType.ALERT_ACKNOWLEDGED: 3,
}  # fmt: skip
_CREATE, _READ, _UPDATE, _DELETE, _OTHER = 1, 2, 3, 4, 99
_VERBS: Final = {
    _CREATE: {
        "registered",
        "added",
        "created",
        "issued",
        "drafted",
        "filed",
        "claimed",
        "given",
        "opened",
        "raised",
    },
    _READ: {"queried", "inspected", "intended", "released", "delivered", "streamed", "exported"},
    _UPDATE: {"changed", "set", "renamed", "amended", "linked", "revised", "rotated", "mounted", "published"},
    _DELETE: {"revoked", "ended", "disabled", "withdrawn", "discarded", "unlinked", "dropped"},
}
_ACTIVITIES: Final = {verb: activity for activity, verbs in _VERBS.items() for verb in verbs}
_UNMAPPED: Final = (
    "consumer_org", "provider_org", "resource", "grade", "purpose", "matter", "case", "subject", "grant_id",
    "application_id", "boot", "n",
)  # fmt: skip
_SEVERITY: Final = {"done": 1, "allow": 1, "deny": 2, "error": 3}
_UNREADABLE_SEVERITY: Final = 4


def outgoing(record: Record) -> Outgoing:
    """A record ready to be sent."""
    event = ocsf(record)
    return Outgoing(
        idx=record.idx,
        event_id=record.columns.event_id,
        type=record.columns.type,
        node=str(record.content().get("node", "")),
        occurred_ms=event["time"],
        severity=event["severity_id"],
        body=json.dumps(event, separators=(",", ":")).encode("ascii"),
    )


def ocsf(record: Record) -> dict[str, Any]:
    """A record as an OCSF event: times in milliseconds since 1970, hashes in hexadecimal."""
    columns, said = record.columns, record.content()
    class_uid, activity, own = _class_of(record, said)
    address = said.get("who", {}).get("address")
    actor = {"actor": _actor(said)} if class_uid in {3002, 6003} else {}
    source = {"src_endpoint": {"ip": address} if address else {"name": said.get("node", "unknown")}}
    return {
        "category_uid": class_uid // 1000,
        "class_uid": class_uid,
        "activity_id": activity,
        "type_uid": class_uid * 100 + activity,
        **({"activity_name": columns.type} if activity == _OTHER else {}),
        "time": _ms(columns.occurred_at or record.recorded_at),
        "severity_id": _UNREADABLE_SEVERITY if class_uid == 2004 else _SEVERITY.get(columns.outcome, 1),
        "status_id": 2 if columns.outcome in {"deny", "error"} else 1,
        **({"status_detail": columns.reason} if columns.reason else {}),
        "message": _words(columns.type),
        "metadata": _metadata(record, said),
        **actor,
        **(source if class_uid in {3002, 6003} else {}),
        **own,
        "raw_data_hash": {"algorithm_id": 3, "value": hashlib.sha256(record.event).hexdigest()},
        "unmapped": {"leaf_hash": record.leaf_hash.hex(), "outcome": columns.outcome, **_unmapped(said)},
    }


def _class_of(record: Record, said: dict[str, Any]) -> tuple[int, int, dict[str, Any]]:
    """Class, activity, and the attributes of that class alone."""
    kind = record.columns.type
    if kind in _AUTHENTICATION:
        return (
            3002,
            _AUTHENTICATION[EventType(kind)],
            {"user": _user(said), "service": {"name": _PRODUCT["name"]}},
        )
    if kind in _LIFECYCLE:
        return 6002, _LIFECYCLE[EventType(kind)], {"app": _PRODUCT}
    if kind in _FINDINGS:
        finding = {"uid": str(record.columns.event_id), "title": _words(kind)}
        return 2004, _FINDINGS[EventType(kind)], {"finding_info": finding, "is_alert": True}
    activity = _ACTIVITIES.get(kind.rpartition(".")[2], _OTHER)
    return 6003, activity, {"api": {"operation": kind}, **_resources(said)}


def _metadata(record: Record, said: dict[str, Any]) -> dict[str, Any]:
    request = said.get("request_id")
    return {
        "version": VERSION,
        "product": _PRODUCT,
        "uid": str(record.columns.event_id),
        "event_code": record.columns.type,
        "sequence": record.idx,
        "log_name": "audit",
        "logged_time": _ms(record.recorded_at),
        **({"correlation_uid": request} if request else {}),
    }


def _actor(said: dict[str, Any]) -> dict[str, Any]:
    client = said.get("who", {}).get("client")
    return {"user": _user(said), **({"app_uid": client} if client else {})}


def _user(said: dict[str, Any]) -> dict[str, Any]:
    """Who acted: by login or client id, never by name."""
    who = said.get("who", {})
    kinds = {"person": 1, "client": 4, "system": 3}
    return {
        "uid": who.get("id") or who.get("kind") or "unknown",
        "type_id": kinds.get(who.get("kind", ""), 0),
        **({"org": {"uid": who["org"]}} if who.get("org") else {}),
        **({"groups": [{"name": who["role"]}]} if who.get("role") else {}),
    }


def _resources(said: dict[str, Any]) -> dict[str, Any]:
    acted_on = said.get("object", {})
    found = {
        "uid": acted_on.get("id") or said.get("resource"),
        "type": acted_on.get("kind"),
        "version": acted_on.get("version"),
    }
    return {"resources": [{name: value for name, value in found.items() if value}]} if found["uid"] else {}


def _unmapped(said: dict[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in _UNMAPPED if name in said}


def _words(kind: str) -> str:
    try:
        return EventType(kind).en
    except ValueError:
        return kind  # written by a newer version


def _ms(instant: datetime) -> int:
    return (instant - EPOCH) // _MILLISECOND
