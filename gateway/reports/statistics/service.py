"""Reading figures: nothing is changed, so nothing is recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gateway.deadlines import SHANGHAI
from gateway.errors import FieldFault, Invalid
from gateway.reports.scope import scope_of
from gateway.reports.statistics import store
from gateway.reports.statistics.model import FIGURES, FigureName, Period, Proof, Row
from gateway.storage import Database
from gateway.web import Principal


@dataclass(frozen=True, slots=True)
class Told:
    """Rows of all figures asked for, with what reproduces each figure."""

    period: Period
    rows: list[Row]
    proofs: dict[FigureName, Proof]


class Statistics:
    """The figures. ``now`` gives the present instant with its zone."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def told(
        self,
        actor: Principal,
        figure: FigureName | None,
        org: str | None,
        since: date | None,
        until: date | None,
    ) -> Told:
        """Every row of a figure, or of all, over whole days in Asia/Shanghai; by default this year until now.

        Platform administrators and auditors see every department (or ``org``); others see their own.

        Raises:
            Invalid: the period ends before it begins.
        """
        period, scope = self._period(since, until), scope_of(actor, org)
        wanted = [one for one in FIGURES if figure is None or one.name is figure]
        async with self._database.connection() as connection:
            found = [row for one in wanted for row in await store.rows(connection, one, scope, period)]
        return Told(period, found, {one.name: store.proof(one, scope, period) for one in wanted})

    def _period(self, since: date | None, until: date | None) -> Period:
        now = self._now()
        year = now.astimezone(SHANGHAI).year
        begun = _midnight(since or date(year, 1, 1))
        ended = _midnight(until + timedelta(1)) if until and until < date.max else now
        if ended <= begun:
            raise Invalid(FieldFault("/until", "lies before since", "截止日期早于开始日期"))
        return Period(begun, ended)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)
