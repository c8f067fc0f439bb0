"""Addresses of comparisons."""

from functools import partial
from typing import Final
from uuid import UUID

from gateway.catalog import NoSuchResource
from gateway.identity import Role
from gateway.quality.comparisons.service import ComparisonEnded, Comparisons, NoSuchComparison
from gateway.quality.comparisons.wire import ComparisonShown, NewComparison
from gateway.web import SIGNED_IN, Ask, Page, PageQuery, Reply, Route


async def order_comparison(comparisons: Comparisons, ask: Ask[NewComparison]) -> Reply:
    given = ask.given
    left, right = given.sides()
    made = await comparisons.make(ask.principal, left, right, given.every_days, given.reason, ask.once)
    return Reply(ComparisonShown.standing(made))


async def list_comparisons(comparisons: Comparisons, ask: Ask[PageQuery]) -> Reply:
    after = ask.after()
    found = await comparisons.listed(ask.principal, UUID(after) if after else None, ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), ComparisonShown.of)


async def show_comparison(comparisons: Comparisons, ask: Ask[None]) -> Reply:
    found = await comparisons.show(ask.principal, ask.uuid("comparison_id"))
    return Reply(ComparisonShown.standing(found))


async def run_comparison(comparisons: Comparisons, ask: Ask[None]) -> Reply:
    found = await comparisons.ask_run(ask.principal, ask.uuid("comparison_id"))
    return Reply(ComparisonShown.standing(found))


async def end_comparison(comparisons: Comparisons, ask: Ask[None]) -> Reply:
    return Reply(ComparisonShown.standing(await comparisons.end(ask.principal, ask.uuid("comparison_id"))))


_route = partial(Route, tag="comparisons", returns=ComparisonShown)
_PLATFORM: Final = frozenset({Role.PLATFORM_ADMIN})
_ONE: Final = "/v1/comparisons/{comparison_id}"
_STEP: Final = (NoSuchComparison, ComparisonEnded)

ROUTES: Final = [
    _route("POST", "/v1/comparisons", order_comparison, _PLATFORM, "Have two resources compared", "建立多源校核",
           given=NewComparison, status=201, creates=True, problems=(NoSuchResource,)),
    _route("GET", "/v1/comparisons", list_comparisons, SIGNED_IN, "List comparisons", "多源校核列表",
           given=PageQuery, returns=Page[ComparisonShown]),
    _route("GET", _ONE, show_comparison, SIGNED_IN, "Show a comparison and its reports", "查看多源校核报告",
           problems=(NoSuchComparison,)),
    _route("POST", f"{_ONE}/run", run_comparison, _PLATFORM, "Have it run now", "立即校核", problems=_STEP),
    _route("POST", f"{_ONE}/end", end_comparison, _PLATFORM, "End a comparison", "终止多源校核", problems=_STEP),
]  # fmt: skip
