"""What supervision keeps of cases, and what it shows of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.deadlines import Clock
from gateway.errors import Conflict, NotFound
from gateway.identity import Role, who
from gateway.storage import Connection, Database
from gateway.supervision import store
from gateway.supervision.ladder import Desk, Light
from gateway.supervision.model import Case, CaseKind, OpenCase, kept
from gateway.web import Principal

SEE_ALL: Final = frozenset({Role.PLATFORM_ADMIN, Role.AUDITOR})
_HANDING_OVER: Final = (Role.PLATFORM_ADMIN, Role.PROVIDER, Role.REQUESTER)
"""Roles that see every department's cases."""


class NoSuchCase(NotFound):
    """There is no such open case（没有该在办件）."""


class AtThatDesk(Conflict):
    """The case is at that desk already（该件已在此岗位办理）."""


async def keep(tx: Connection, case: Case, clocks: Iterable[Clock]) -> None:
    """Store the clocks of a case as they stand after a step, inside the step's own transaction.

    To be called with *all* clocks of the case whenever it moves; a clock left out is stopped.
    """
    rows = kept(case, clocks)
    if rows:
        await store.keep_clocks(tx, case, rows)
    await store.stop_clocks(tx, case, [row.rule for row in rows])
    await store.end_breaches(tx, case)


@dataclass(frozen=True, slots=True)
class Watch:
    """Which open cases: None is any."""

    kind: CaseKind | None = None
    holder: str | None = None
    light: Light | None = None


class Supervision:
    """What is watched. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, log: AuditLog, now: Callable[[], datetime]) -> None:
        self._database = database
        self._log = log
        self.now = now

    async def cases(
        self, actor: Principal, watch: Watch, after: tuple[int, datetime, UUID] | None, count: int
    ) -> list[OpenCase]:
        """Open cases by their binding clock: overdue, then red, amber and green; in each light what is due first.

        A department sees the cases it is a party to; platform administrators and auditors see all.

        Args:
            after: light, due instant and id of the last case seen.
        """
        org = None if actor.roles & SEE_ALL else actor.org
        async with self._database.connection() as connection:
            return await store.open_cases(
                connection, org, watch.holder, watch.kind, watch.light, after, count
            )

    async def hand_over(
        self, actor: Principal, kind: CaseKind, case_id: UUID, desk: Desk, reason: str
    ) -> OpenCase:
        """移交: the case goes to another desk of the department that holds it, by that department or the platform.

        Raises:
            NoSuchCase: also for other departments.
            AtThatDesk.
        """
        is_platform = Role.PLATFORM_ADMIN in actor.roles
        async with self._database.transaction() as tx:
            before = await store.lock_case(tx, kind, case_id)
            if before is None or not (is_platform or actor.org == before.holder):
                raise NoSuchCase(f"no open case {case_id}", f"没有在办件 {case_id}")
            if before.desk is desk:
                raise AtThatDesk(f"the case is with the {desk}", "该件已在此岗位")
            role = next(role for role in _HANDING_OVER if role in actor.roles)
            event = Event(
                EventType.CASE_HANDED_OVER, Outcome.DONE, who(actor, role), object_kind=kind, object_id=str(case_id),
                case=str(case_id), provider_org=before.holder,
                application_id=str(case_id) if kind is CaseKind.APPLICATION else "",
                detail={"desk": desk, "from": before.desk, "reason": reason, "rule": before.rule},
            )  # fmt: skip
            await self._log.emit(tx, event)
            await store.hand_over(tx, kind, case_id, desk)
        return replace(before, desk=desk)
