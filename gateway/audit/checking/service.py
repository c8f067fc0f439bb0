"""One verification: from the last verified head, or from the first record; kept and on record."""

from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime

from gateway.audit.checking import store
from gateway.audit.figures.store import first_difference
from gateway.audit.ledger import Head
from gateway.audit.model import JSON, Event, Outcome, Who
from gateway.audit.record import Origin
from gateway.audit.store import everything
from gateway.audit.tiles.store import open_tile
from gateway.audit.types import EventType
from gateway.audit.verify import Finding, Problem, Verdict, Verification, Verified
from gateway.audit.witnessing.rechecking import Rechecking
from gateway.audit.writer import emit
from gateway.proof.checkpoint import Checkpoint
from gateway.proof.tree import Tree
from gateway.storage import Connection, Database


class Checking:
    """Verifies the log and remembers how far.

    Args:
        reading: the reader zone's database; keeping: the control zone's.
        origin: of this process, in the record of each verification.
        now: the present instant with its zone.
        vouched: what checks again what others gave the log.
    """

    def __init__(
        self,
        reading: Database,
        keeping: Database,
        origin: Origin,
        now: Callable[[], datetime],
        vouched: Rechecking | None = None,
    ) -> None:
        self._vouched = vouched
        self._reading = reading
        self._keeping = keeping
        self._origin = origin
        self._now = now

    async def verify(self, who: Who, *, whole: bool, signed: Checkpoint | None = None) -> Finding | Verdict:
        """Verify what came since the last time, or all; the first time it is all.

        Args:
            signed: what the log once signed of itself; compared if its head is among those read.

        Raises:
            AuditUnavailable, DatabaseDown: nothing is kept.
        """
        started = self._now()
        async with (
            self._reading.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            begun = None if whole else await store.last_clean(connection)
            start = begun[0] if begun else None
            verification, outcome = await self._read(connection, start, begun[1] if begun else b"", signed)
            if self._vouched is not None and isinstance(outcome, Verdict):
                again = await self._vouched.look(connection, start.head.size if start else 0)
                outcome = again if isinstance(again, Finding) else outcome
        await self._keep(who, start.head.size if start else 0, started, verification, outcome)
        return outcome

    async def _read(
        self, connection: Connection, start: Verified | None, root: bytes, signed: Checkpoint | None
    ) -> tuple[Verification, Finding | Verdict]:
        if start is not None and (finding := _moved(start.head, root)):
            return Verification(), finding
        items = store.since(connection, start.head.size) if start else everything(connection)
        if signed is not None and start is not None and signed.size < start.head.size:
            signed = None  # compared when its head was read
        verification = Verification(
            signed,
            tiles=True,
            start=start,
            open_tile=await open_tile(connection, start.head.size) if start else b"",
        )
        if start is not None and (finding := verification.beside_the_signed(start.head)):
            return verification, finding
        async with aclosing(items):
            async for item in items:
                if finding := verification.take(item):
                    return verification, finding
        outcome = verification.end()
        if start is None and isinstance(outcome, Verdict) and (found := await first_difference(connection)):
            return verification, found.finding
        return verification, outcome

    async def _keep(
        self, who: Who, first: int, started: datetime, verification: Verification, outcome: Finding | Verdict
    ) -> None:
        finding = outcome if isinstance(outcome, Finding) else None
        reached = verification.verified
        detail: dict[str, JSON] = {"from": first, "size": reached.head.size, "root": reached.head.root.hex()}
        if finding:
            detail |= {"problem": finding.problem.value, "idx": finding.idx, "what": finding.what}
        result = Outcome.ERROR if finding else Outcome.DONE
        async with self._keeping.transaction() as tx:
            event = Event(EventType.AUDIT_VERIFIED, result, who, detail=detail)
            await emit(tx, event, self._origin, self._now())
            await store.add_verification(tx, first, reached, finding, started, self._now())


def _moved(head: Head, root: bytes) -> Finding | None:
    """Whether the head that was verified is still there, and still leads to the root it had."""
    if head.root == root and Tree(head.size, head.frontier).root() == root:
        return None
    place = max(head.size - 1, 0)
    return Finding(
        Problem.HEAD_BROKEN,
        place,
        "the head verified last is gone or another one",
        None,
        root.hex(),
        head.root.hex(),
    )
