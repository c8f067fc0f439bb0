"""The audit records of corrections: pseudonyms only, never a personal key, a value or words about a record."""

from gateway.audit import JSON, Event, EventType, Outcome
from gateway.identity import Role, who
from gateway.quality.corrections.model import Correction, Notice
from gateway.web import Principal


def correction_event(kind: EventType, actor: Principal, role: Role, at: Correction, **detail: JSON) -> Event:
    """The record of a step of a correction."""
    said: dict[str, JSON] = {
        "item": at.item, "doubt": at.doubt, "pseudonym": at.pseudonym.hex(), "due_at": at.due_at.isoformat() if at.due_at else None,
        "rule_sets": list(at.rule_sets), **detail,
    }  # fmt: skip
    if at.comparison_id is not None:
        said["comparison"] = str(at.comparison_id)
    if at.key_shown is not None:
        said["key"] = dict(at.key_shown)
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=who(actor, role),
        consumer_org=at.consumer_org,
        provider_org=at.provider_org,
        object_kind="correction",
        object_id=str(at.id),
        object_version=str(at.version),
        resource=at.resource_code,
        grant_id=str(at.grant_id or ""),
        detail=said,
        cause=(at.cause,),
    )


def notice_event(kind: EventType, actor: Principal, notice: Notice, **detail: JSON) -> Event:
    """The record of what a recipient did with a notice."""
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=who(actor, Role.REQUESTER),
        consumer_org=notice.consumer_org,
        provider_org=notice.provider_org,
        object_kind="correction_notice",
        object_id=str(notice.id),
        resource=notice.resource_code,
        grant_id=str(notice.grant_id),
        detail={"correction": str(notice.correction_id), "pseudonym": notice.pseudonym.hex(), **detail},
    )
