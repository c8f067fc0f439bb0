"""The record of a refusal: an identified person asked for what their roles do not allow."""

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.errors import GatewayError
from gateway.identity.evidence import who
from gateway.web import Principal, Route


class Refusals:
    """Records that an identified person was refused for lack of a role."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def record(self, principal: Principal, route: Route, error: GatewayError, request_id: str) -> None:
        """Before the refusal is answered."""
        await self._log.append(
            Event(
                EventType.ACCESS_REFUSED, Outcome.DENY, who(principal), reason=error.slug(), object_kind="route",
                object_id=f"{route.method} {route.path}", request_id=request_id,
            )
        )  # fmt: skip
