"""A record on its way, and what a sink can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from gateway.errors import Unavailable


class SinkDown(Unavailable):
    """The monitoring system does not take records（安全监测系统未接收审计记录）."""

    remedy = (
        "Records wait in the ledger and are sent when it answers again; see [siem] in the settings.",
        "记录保留在账本中，恢复后自动续送；请检查 [siem] 配置。",
    )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record as it is sent.

    Attributes:
        idx: its place in the ledger.
        occurred_ms: when it happened, milliseconds since 1970.
        severity: OCSF ``severity_id``, 1 informational to 5 critical.
        body: one JSON object, ASCII only, no line break.
    """

    idx: int
    event_id: UUID
    type: str
    node: str
    occurred_ms: int
    severity: int
    body: bytes


class Sink(Protocol):
    """Where records go. A sink that failed is closed and opened anew."""

    @property
    def name(self) -> str:
        """What the position is kept under: another name starts anew."""

    async def open(self) -> None:
        """Get ready. Raises SinkDown, BadSettings."""

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """Hand over records in order. Raises SinkDown."""

    def settled(self) -> int | None:
        """The last record that will not be lost any more; None if none since the sink was opened. Raises SinkDown."""

    async def close(self) -> None:
        """Let go of everything; never raises."""
