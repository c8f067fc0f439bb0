"""The records of an export; all bear its id as their object, so that one search shows its whole story."""

from typing import Any, Final

from gateway.audit.exports.model import Export
from gateway.audit.model import Event, Outcome, Who
from gateway.audit.types import EventType

SYSTEM: Final = Who(kind="system", id="gateway", role="exports")


def about(
    export: Export,
    kind: EventType,
    who: Who,
    *,
    outcome: Outcome = Outcome.DONE,
    reason: str = "",
    request_id: str = "",
    **detail: Any,
) -> Event:
    """A record of an export that follows from its last one."""
    return Event(
        kind, outcome, who, reason=reason, object_kind="export", object_id=str(export.id), request_id=request_id,
        detail=detail, cause=(export.cause,),
    )  # fmt: skip
