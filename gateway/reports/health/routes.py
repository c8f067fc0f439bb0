"""Addresses of the examination."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.reports.health.model import Score
from gateway.reports.health.service import Health
from gateway.reports.health.wire import (
    ExaminationQuery,
    ExaminedShown,
    ScoreQuery,
    ScoreShown,
    UnusedQuery,
    UnusedShown,
)
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route


async def examine_catalogue(health: Health, ask: Ask[ExaminationQuery]) -> Reply:
    given = ask.given
    found = await health.examined(ask.principal, given.org, given.days, ask.after(), given.limit + 1)
    return ask.page(found, lambda one: one.code, ExaminedShown.of)


def _place(score: Score) -> str:
    return f"{score.score:06.1f}{score.provider_org}"


async def list_health_scores(health: Health, ask: Ask[ScoreQuery]) -> Reply:
    after = ask.after()
    found = await health.scores(ask.principal, ask.given.days)
    rest = [one for one in found if after is None or _place(one) > after]
    return ask.page(rest[: ask.given.limit + 1], _place, ScoreShown.of)


async def list_unused_grants(health: Health, ask: Ask[UnusedQuery]) -> Reply:
    after = ask.after()
    found = await health.unused(
        ask.principal, ask.given.days, UUID(after) if after else None, ask.given.limit + 1
    )
    return ask.page(found, lambda one: str(one.grant_id), UnusedShown.of)


_route = partial(Route, tag="reports")

ROUTES: Final = [
    _route("GET", "/v1/catalogue-health", examine_catalogue, SIGNED_IN, "Health of each entry", "目录体检",
           given=ExaminationQuery, returns=Page[ExaminedShown]),
    _route("GET", "/v1/catalogue-health/scores", list_health_scores, SIGNED_IN, "Health score per department",
           "目录体检部门得分", given=ScoreQuery, returns=Page[ScoreShown]),
    _route("GET", "/v1/unused-grants", list_unused_grants, SIGNED_IN, "Grants in force that nobody uses", "应用未用",
           given=UnusedQuery, returns=Page[UnusedShown]),
]  # fmt: skip
