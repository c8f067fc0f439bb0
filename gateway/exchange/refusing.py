"""How requests that are not answered end: on record, and as a problem that says on which side it was.

The same for calls and for what lies beside them (quota, batches): everything of an identified caller is recorded, of
callers nobody knows one record per address, reason and minute, so that a flood of them does not become one of records.
"""

import time
from collections import OrderedDict
from typing import Final

from gateway.audit import AuditLog, AuditUnavailable
from gateway.errors import GatewayError, Unauthenticated, Unavailable, Upstream
from gateway.exchange.evidence import Evidence, record_ending
from gateway.monitoring.model import Side
from gateway.monitoring.tally import side_of
from gateway.telemetry import Metrics, get_logger
from gateway.web.outgoing import Outgoing, header_lines
from gateway.web.problems import InternalFault, problem_outgoing
from gateway.web.records import HEADER as AUDIT_ID

_log = get_logger()
_FLOOD_KEYS: Final = 10000
_HOPS: Final = {
    Side.CALLER: "caller-gateway",
    Side.GATEWAY: "gateway",
    Side.PROVIDER: "gateway-provider",
}
"""Where on its way a call ended, by whose fault it was (X-Road's faults say the same by the name of the server)."""


class Endings:
    """The endings of one process. ``base_url`` is the issuer, under which problems are explained."""

    def __init__(self, log: AuditLog, base_url: str, metrics: Metrics) -> None:
        self._log = log
        self._base_url = base_url
        self._metrics = metrics
        self._noted: OrderedDict[tuple[str, str, int], None] = OrderedDict()

    async def end(self, error: GatewayError, evidence: Evidence) -> Outgoing:
        """Record that a request was refused or failed, and answer it."""
        left = evidence.intended
        if isinstance(error, Upstream):
            self._metrics.upstream.labels(getattr(error, "result", "invalid")).inc()
        try:
            if self._worth_recording(error, evidence):
                left = await record_ending(self._log, evidence, error)
        except AuditUnavailable as failing:
            error = failing
        if isinstance(error, Unavailable | Upstream | InternalFault):
            _log.error("call.failed", request_id=evidence.request_id, problem=error.slug(), said=error.detail)
        side = side_of(error)
        answer = problem_outgoing(
            error, evidence.request_id, self._base_url, code=error.slug(), side=side, hop=_HOPS[side]
        )
        if left is not None:
            answer.lines += header_lines({AUDIT_ID: str(left.event_id)})
        return answer

    def _worth_recording(self, error: GatewayError, evidence: Evidence) -> bool:
        if evidence.token is not None:
            return True
        if not isinstance(error, Unauthenticated):
            return False
        key = (evidence.address, str(error.extra.get("reason", error.slug())), int(time.monotonic() // 60))
        if key in self._noted:
            return False
        self._noted[key] = None
        if len(self._noted) > _FLOOD_KEYS:
            self._noted.popitem(last=False)
        return True
