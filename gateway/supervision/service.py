"""What supervision keeps of cases, and what it shows of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.deadlines import Clock
from gateway.identity import Role
from gateway.storage import Connection, Database
from gateway.supervision import store
from gateway.supervision.model import Case, CaseKind, OpenCase, kept
from gateway.web import Principal

SEE_ALL: Final = frozenset({Role.PLATFORM_ADMIN, Role.AUDITOR})
"""Roles that see every department's cases."""


async def keep(tx: Connection, case: Case, clocks: Iterable[Clock]) -> None:
    """Store the clocks of a case as they stand after a step, inside the step's own transaction.

    To be called with *all* clocks of the case whenever it moves; a clock left out is stopped.
    """
    rows = kept(case, clocks)
    if rows:
        await store.keep_clocks(tx, case, rows)
    await store.stop_clocks(tx, case, [row.rule for row in rows])


@dataclass(frozen=True, slots=True)
class Watch:
    """Which open cases: None is any."""

    kind: CaseKind | None = None
    holder: str | None = None


class Supervision:
    """What is watched. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self.now = now

    async def cases(
        self, actor: Principal, watch: Watch, after: tuple[datetime, UUID] | None, count: int
    ) -> list[OpenCase]:
        """Open cases by their binding clock, the one due first at the top: what is overdue leads.

        A department sees the cases it is a party to; platform administrators and auditors see all.

        Args:
            after: due instant and id of the last case seen.
        """
        org = None if actor.roles & SEE_ALL else actor.org
        async with self._database.connection() as connection:
            return await store.open_cases(connection, org, watch.holder, watch.kind, after, count)
