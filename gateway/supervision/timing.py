"""What time it is for the timers: the database's, which all processes share, so that a wrong clock on one host neither
fires early nor late (tests set a clock by hand)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.storage import Connection
from gateway.supervision import store


@dataclass(frozen=True, slots=True)
class Moment:
    """When a step was planned for, the instant it is taken at, and the earliest at which anybody is told."""

    planned: datetime
    now: datetime
    tell_at: datetime


class Timing:
    """The timers' clock. ``by_hand`` stands in for the database's where it is given."""

    def __init__(self, by_hand: Callable[[], datetime] | None = None) -> None:
        self._by_hand = by_hand

    async def now(self, tx: Connection) -> datetime:
        """The present instant, with its zone."""
        return self._by_hand() if self._by_hand else await store.present(tx)
