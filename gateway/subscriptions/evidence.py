"""The records of subscriptions, changes and messages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.audit import Cause, Event, EventType, Outcome, Who
from gateway.subscriptions.model import Message, Subscription

SYSTEM: Final = Who(kind="system", id="gateway", role="subscriptions")


def about(kind: EventType, who: Who, one: Subscription, cause: Sequence[Cause]) -> Event:
    """A record of a subscription."""
    return Event(
        type=kind, outcome=Outcome.DONE, who=who, consumer_org=one.consumer_org, provider_org=one.provider_org,
        object_kind="subscription", object_id=str(one.id), resource=one.resource_code, grant_id=str(one.grant_id),
        detail={"url": one.url}, cause=tuple(cause),
    )  # fmt: skip


def of(
    kind: EventType,
    who: Who,
    one: Message,
    detail: Mapping[str, Any],
    *,
    outcome: Outcome = Outcome.DONE,
    reason: str = "",
    subject: str = "",
) -> Event:
    """A record of a message, which follows from its last one."""
    return Event(
        type=kind, outcome=outcome, who=who, reason=reason, consumer_org=one.consumer_org, provider_org=one.provider_org,
        object_kind="message", object_id=str(one.id), resource=one.resource_code, subject=subject,
        grant_id=str(one.grant_id), detail={"change": str(one.change_id), **detail}, cause=(one.cause,),
    )  # fmt: skip
