"""The worker that lets announced revisions take over and announced ends come, on their day."""

import asyncio
from datetime import datetime
from typing import Final, NoReturn

from gateway.audit import EventType, Who
from gateway.catalog.acts import Acts
from gateway.catalog.editions import store
from gateway.catalog.editions.model import Revision, RevisionState
from gateway.catalog.editions.refusals import revision_event
from gateway.catalog.editions.service import Revisions
from gateway.catalog.editions.withdrawal import Withdrawals
from gateway.catalog.model import Resource, State
from gateway.deadlines import local_day
from gateway.errors import Conflict, GatewayError
from gateway.names import ResourceId
from gateway.telemetry import get_logger

_log = get_logger()
_SELF: Final = Who(kind="system", id="catalogue")


class Turning(Acts):
    """What comes of itself on an announced day; any number of processes may run it, each entry turns once."""

    def __init__(self, revisions: Revisions, withdrawals: Withdrawals, idle_seconds: float) -> None:
        super().__init__(*revisions.parts)
        self._revisions = revisions
        self._withdrawals = withdrawals
        self._idle_seconds = idle_seconds

    async def run(self) -> NoReturn:
        """Turn what is due until cancelled; a database that fails is asked again."""
        while True:
            try:
                await self.once()
            except GatewayError as fault:
                _log.error("catalogue.turning_failed", why=fault.detail)
            except Exception:  # one entry that cannot be read must not take the gateway down
                _log.exception("catalogue.turning_broke")
            await asyncio.sleep(self._idle_seconds)

    async def once(self) -> int:
        """Turn every entry whose day has come; how many."""
        today = local_day(self._now())
        async with self._database.connection() as connection:
            found = await store.due(connection, today)
        for resource in found:
            await self._turn(resource, self._now())
        return len(found)

    async def _turn(self, resource: ResourceId, now: datetime) -> None:
        try:
            async with self._database.transaction() as tx:
                live = await self._locked(tx, resource)
                if live.state is not State.PUBLISHED:
                    return
                ending = live.ending.given if live.ending else None
                if ending is not None and ending.ends_on is not None and ending.ends_on <= local_day(now):
                    await self._withdrawals.end(tx, live, _SELF, ending)
                    return
                revision = await store.find(tx, resource)
                if revision is not None and _is_due(revision, now):
                    await self._revisions.take_over(tx, live, revision, _SELF)
        except Conflict as refused:
            await self._return(resource, refused)

    async def _return(self, resource: ResourceId, refused: Conflict) -> None:
        """What cannot take over any more goes back to its department, with the reason."""
        async with self._database.transaction() as tx:
            live: Resource = await self._locked(tx, resource)
            revision = await store.find(tx, resource)
            if revision is None or revision.state is not RevisionState.ANNOUNCED:
                return
            version = revision.version + 1
            event = revision_event(
                EventType.REVISION_RETURNED, _SELF, live, revision, version, more={"because": refused.detail}
            )
            written = await self._log.emit(tx, event)
            await store.move(
                tx, resource, RevisionState.DRAFT, version, written, returned_because=refused.detail_zh
            )


def _is_due(revision: Revision, now: datetime) -> bool:
    notice = revision.notice
    announced = revision.state is RevisionState.ANNOUNCED
    return announced and notice is not None and notice.takes_effect_on <= local_day(now)
