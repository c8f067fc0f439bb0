"""The records of a batch; all carry its id as request id, so that one search shows its whole story."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.audit import Cause, Event, EventType, Outcome, Who
from gateway.exchange.batches.model import Batch, Order
from gateway.exchange.plans import Plan
from gateway.identity import AccessToken

SYSTEM: Final = Who(kind="system", id="gateway", role="batches")


def caller(token: AccessToken, address: str) -> Who:
    """The system that holds a token."""
    return Who(
        kind="client", id=token.subject, org=str(token.claims.get("consumer_org", "")), client=token.subject,
        address=address, authenticated_by=f"token {token.token_id}",
    )  # fmt: skip


def orderer(batch: Batch) -> Who:
    """The system for which the gateway asks, when its token is long over."""
    client = batch.order.client
    return Who(
        kind="client", id=client, org=batch.order.consumer_org, client=client, authenticated_by=f"batch {batch.id}"
    )  # fmt: skip


def order_of(plan: Plan, **asked: Any) -> Order:
    """What a batch under a grant asks, with what its records say of grant and resource."""
    grant, what = plan.grant, plan.resource.description
    return Order(
        grant=grant.id, application=grant.application_id, client=grant.client_id, service=grant.service,
        consumer_org=grant.consumer_org, provider_org=grant.provider_org, purpose=grant.purpose, resource=what.code,
        grade=what.grade or "", **asked,
    )  # fmt: skip


def event(
    batch_id: object,
    order: Order,
    kind: EventType,
    who: Who,
    detail: Mapping[str, Any],
    cause: Sequence[Cause],
    *,
    outcome: Outcome = Outcome.DONE,
    reason: str = "",
    subject: str = "",
    personal: Mapping[str, Any] | None = None,
) -> Event:
    """A record of a batch."""
    return Event(
        type=kind,
        outcome=outcome,
        who=who,
        reason=reason,
        consumer_org=order.consumer_org,
        provider_org=order.provider_org,
        object_kind="batch",
        object_id=str(batch_id),
        resource=order.resource,
        grade=order.grade,
        purpose=order.purpose,
        matter=order.matter or "",
        case=order.case or "",
        subject=subject,
        grant_id=str(order.grant),
        application_id=str(order.application),
        request_id=str(batch_id),
        detail=dict(detail),
        personal=dict(personal or {}),
        cause=tuple(cause),
    )


def of(batch: Batch, kind: EventType, who: Who, detail: Mapping[str, Any], **more: Any) -> Event:
    """A record of a batch that follows from its last one."""
    return event(batch.id, batch.order, kind, who, detail, (batch.cause,), **more)
