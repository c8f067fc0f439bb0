"""The audit records of cascades."""

from gateway.audit import Event, EventType, Outcome, Who
from gateway.federation.model import Cascade, CascadeState, Flow
from gateway.identity import Role, who
from gateway.web import Principal

SELF = Who(kind="system", id="cascade")


def cascade_event(
    kind: EventType, actor: Principal | Who, cascade: Cascade, role: Role | None = None
) -> Event:
    """A step of a cascade: what, to which platform, and what the platform said; never what was sent."""
    is_application = cascade.flow is Flow.APPLICATION
    told = cascade.told
    return Event(
        type=kind,
        outcome=Outcome.ERROR if cascade.state is CascadeState.REJECTED else Outcome.DONE,
        who=actor if isinstance(actor, Who) else who(actor, role),
        reason="upper-refuses" if cascade.state is CascadeState.REJECTED else "",
        consumer_org=cascade.org if is_application else "",
        provider_org="" if is_application else cascade.org,
        object_kind="cascade",
        object_id=str(cascade.id),
        object_version=str(cascade.object_version),
        application_id=cascade.object_id if is_application else "",
        detail={
            "platform": cascade.platform,
            "flow": cascade.flow,
            "object": cascade.object_id,
            "state": cascade.state,
            "upper_id": told.upper_id,
            "upper_code": told.upper_code,
            "upper_status": told.upper_status,
            "upper_said": told.said,
            "fault": cascade.fault,
        },
        cause=(cascade.cause,) if cascade.cause else (),
    )
