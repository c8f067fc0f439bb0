"""Clocks that follow the steps of an entry: started, stopped and given to supervision inside the step's transaction."""

from dataclasses import dataclass
from datetime import datetime

from gateway.catalog.model import Resource
from gateway.catalog.timing import store
from gateway.catalog.timing.model import Change, Submission
from gateway.deadlines import Clockwork, Event, Subject, local_day
from gateway.names import OrgCode, new_id
from gateway.storage import Connection
from gateway.supervision import Case, CaseKind, keep


@dataclass(frozen=True, slots=True)
class Timekeeping:
    """Keeps the clocks of entries. ``platform`` is the department that reviews."""

    work: Clockwork
    platform: OrgCode

    async def follow(self, tx: Connection, resource: Resource, event: Event, now: datetime) -> None:
        """Move the clocks with a step of the entry or of its revision.

        Args:
            event: submitted, published, returned; closed when a revision is given up.

        Raises:
            OutsideCalendar: the calendar does not hold the days.
        """
        if event is Event.SUBMITTED:
            await self._submitted(tx, resource, now)
        else:
            await self._reviewed(tx, resource, event, now)

    async def close(self, tx: Connection, resource: Resource, event: Event, now: datetime) -> None:
        """Every clock of an entry that ends: nothing is left to review or to update."""
        await self._reviewed(tx, resource, event, now)
        await self._end_changes(tx, resource, event, now)

    async def keep_change(self, tx: Connection, resource: Resource, change: Change, now: datetime) -> None:
        """Give the clock of a change to supervision: the providing department holds it."""
        subject = f"目录更新 {resource.description.code} {resource.description.name}"
        case = Case(CaseKind.CATALOGUE, change.id, subject, resource.provider_org)
        await keep(tx, case, change.clocks(self.work, now))

    async def _submitted(self, tx: Connection, resource: Resource, now: datetime) -> None:
        kept = self.work.in_force(local_day(now), Subject.CATALOGUE)
        new = Submission(new_id(), resource.id, kept, now, None, None)
        await store.add_submission(tx, new)
        await self._keep_submission(tx, resource, new, now)
        await self._end_changes(tx, resource, Event.SUBMITTED, now)

    async def _reviewed(self, tx: Connection, resource: Resource, event: Event, now: datetime) -> None:
        if ended := await store.end_submission(tx, resource.id, now, event):
            await self._keep_submission(tx, resource, ended, now)

    async def _end_changes(self, tx: Connection, resource: Resource, event: Event, now: datetime) -> None:
        for change in await store.end_changes(tx, resource.id, now, event):
            await self.keep_change(tx, resource, change, now)

    async def _keep_submission(
        self, tx: Connection, resource: Resource, one: Submission, now: datetime
    ) -> None:
        subject = f"目录审核 {resource.description.code} {resource.description.name}"
        case = Case(CaseKind.CATALOGUE, one.id, subject, self.platform, (resource.provider_org,))
        await keep(tx, case, one.clocks(self.work, now))
