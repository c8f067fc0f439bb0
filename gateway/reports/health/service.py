"""Reading the health of the catalogue: nothing is changed, so nothing is recorded."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.deadlines import local_day
from gateway.reports.health import store
from gateway.reports.health.model import Examined, Score, scores
from gateway.reports.health.store import Unused
from gateway.reports.scope import scope_of
from gateway.storage import Database
from gateway.web import Principal

_PAGE: Final = 1000


class Health:
    """目录体检. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def examined(
        self, actor: Principal, org: str | None, days: int, after: str | None, count: int
    ) -> list[Examined]:
        """Published entries by code with their checks; used means called within ``days``.

        Platform administrators and auditors see every department's (or those of ``org``); others their own.
        """
        now = self._now()
        async with self._database.connection() as connection:
            since = now - timedelta(days)
            return await store.examine(connection, scope_of(actor, org), now, since, after, count)

    async def scores(self, actor: Principal, days: int) -> list[Score]:
        """One score per department the reader may see, the worst first."""
        found: list[Examined] = []
        while page := await self.examined(actor, None, days, found[-1].code if found else None, _PAGE):
            found += page
            if len(page) < _PAGE:
                break
        return scores(found)

    async def unused(self, actor: Principal, days: int, after: UUID | None, count: int) -> list[Unused]:
        """Grants in force for at least ``days`` without a call in them (应用未用), oldest first."""
        before = self._now() - timedelta(days)
        async with self._database.connection() as connection:
            return await store.unused(connection, scope_of(actor), before, local_day(before), after, count)
