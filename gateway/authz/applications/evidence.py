"""The audit records of applications."""

from collections.abc import Mapping
from typing import Any

from gateway.audit import Event, EventType, Outcome
from gateway.authz.applications.form import Form
from gateway.authz.applications.model import Application
from gateway.authz.applications.refusals import ConditionNotInCatalogue, NotShared
from gateway.catalog import Resource
from gateway.deadlines import Clock, RestDay
from gateway.identity import Role, who
from gateway.web import Principal


def application_event(
    kind: EventType,
    actor: Principal,
    role: Role,
    at: Application,
    resource: Resource,
    clocks: list[Clock],
    rest_day: RestDay,
    **detail: Any,
) -> Event:
    """The record of a step; each clock with its due date and the calendar it was counted on."""
    counted = [
        {
            "rule": clock.rule.id,
            "state": clock.state,
            "due": clock.deadline.due_date.isoformat(),
            "calendar": clock.deadline.calendar_version,
            "rest_day": rest_day,
        }
        for clock in clocks
        if clock.deadline
    ]
    return Event(
        type=kind,
        outcome=Outcome.DONE,
        who=who(actor, role),
        consumer_org=at.consumer_org,
        provider_org=at.provider_org,
        object_kind="application",
        object_id=str(at.id),
        object_version=str(at.version),
        resource=resource.description.code,
        grade=resource.description.grade,
        purpose=at.form.purpose,
        matter=at.form.matter or "",
        application_id=str(at.id),
        detail={"route": at.route, "clocks": counted, **_unsigned(detail)},
        personal=_signed_off(detail),
        cause=(at.cause,),
    )


def _signed_off(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Who signed a decision off: a person, hence sealed in the record."""
    signed = (detail.get("decision") or {}).get("sign_off")
    return {"sign_off": signed} if signed else {}


def _unsigned(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The same without the sign-off of a decision and of the ground it stands on."""
    kept: dict[str, Any] = {}
    for name, value in detail.items():
        if name in ("decision", "ground") and isinstance(value, Mapping):
            kept[name] = _unsigned(value)
        elif name != "sign_off":
            kept[name] = value
    return kept


def not_shareable_event(actor: Principal, form: Form, resource: Resource, request_id: str) -> Event:
    """The record of an application for what is not shared: none is filed."""
    return Event(
        type=EventType.APPLICATION_NOT_SHAREABLE,
        outcome=Outcome.DENY,
        who=who(actor, Role.REQUESTER),
        reason=NotShared.slug(),
        consumer_org=actor.org,
        provider_org=resource.provider_org,
        object_kind="resource",
        object_id=str(resource.id),
        object_version=str(resource.version),
        resource=resource.description.code,
        grade=resource.description.grade,
        purpose=form.purpose,
        request_id=request_id,
        cause=(resource.cause,),
    )


def condition_added_event(actor: Principal, at: Application, resource: Resource, condition: str) -> Event:
    """The record of a refusal that stood on a condition of the provider's own: nothing was refused (signal P39-2)."""
    return Event(
        type=EventType.CONDITION_ADDED,
        outcome=Outcome.DENY,
        who=who(actor, Role.PROVIDER),
        reason=ConditionNotInCatalogue.slug(),
        consumer_org=at.consumer_org,
        provider_org=at.provider_org,
        object_kind="application",
        object_id=str(at.id),
        object_version=str(at.version),
        resource=resource.description.code,
        grade=resource.description.grade,
        application_id=str(at.id),
        detail={"signal": "P39-2", "condition": condition, "listed": resource.description.conditions},
        cause=(at.cause,),
    )
