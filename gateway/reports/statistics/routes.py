"""Addresses of figures."""

from typing import Final

from gateway.reports.statistics.model import FIGURES, Row
from gateway.reports.statistics.service import Statistics
from gateway.reports.statistics.wire import FigureQuery, FigureShown
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route

_PLACE: Final = {one.name: f"{at:02}" for at, one in enumerate(FIGURES)}


def _key(row: Row) -> str:
    return f"{_PLACE[row.figure.name]}|{row.org}|{row.label}"


async def list_statistics(statistics: Statistics, ask: Ask[FigureQuery]) -> Reply:
    given, after = ask.given, ask.after()
    told = await statistics.told(ask.principal, given.figure, given.org, given.since, given.until)
    rows = [row for row in told.rows if after is None or _key(row) > after]
    return ask.page(rows[: given.limit + 1], _key, lambda row: FigureShown.of(row, told))


ROUTES: Final = [
    Route("GET", "/v1/statistics", list_statistics, SIGNED_IN, "Figures per department, each with its query",
          "统计指标（附可复核的查询语句）", tag="reports", given=FigureQuery, returns=Page[FigureShown]),
]  # fmt: skip
