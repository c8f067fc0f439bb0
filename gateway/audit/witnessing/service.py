"""What anybody may see of the time stamps over the log, and of what is late.

None of it says anything about a record, so reading it leaves none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.audit.witnessing import store
from gateway.audit.witnessing.model import Patience, Stage
from gateway.audit.witnessing.store import Stamped
from gateway.storage import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """A stage: since when its oldest open record waits (None: none does), whether that is too long, whether it stops calls."""

    stage: Stage
    since: datetime | None
    is_late: bool
    is_stopping: bool


class Vouching:
    """The public side of what the log got from others.

    Args:
        database: the reader zone's.
    """

    def __init__(self, database: Database, patience: Patience, now: Callable[[], datetime]) -> None:
        self._database = database
        self._patience = patience
        self._now = now

    async def stamps(self, size: int) -> tuple[bytes, Sequence[Stamped]]:
        """The earliest time stamps over a log of at least ``size`` records, and the note they are over; empty before them."""
        async with self._database.connection() as connection:
            stamps = await store.first_stamps(connection, size)
            note = await store.signed_note(connection, stamps[0].size) if stamps else None
        return note or b"", stamps

    async def standing(self) -> list[Standing]:
        """Every stage that somebody was asked for."""
        async with self._database.connection() as connection:
            waits = await store.standing(connection)
        now = self._now()
        late, stopping = self._patience.late(waits, now), self._patience.stopping(waits, now)
        return [
            Standing(stage, waits.get(stage), stage in late, stage in stopping)
            for stage in Stage
            if stage in self._patience.warn
        ]
