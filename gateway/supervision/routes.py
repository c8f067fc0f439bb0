"""Addresses of supervision."""

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from gateway.identity import Role
from gateway.supervision.ladder import Desk, Light
from gateway.supervision.model import CaseKind, OpenCase
from gateway.supervision.service import AtThatDesk, NoSuchCase, Supervision, Watch
from gateway.supervision.wire import HandOver, OpenCaseShown, WatchQuery
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route


async def list_supervised_cases(supervision: Supervision, ask: Ask[WatchQuery]) -> Reply:
    given = ask.given
    light = Light[given.light.upper()] if given.light else None
    watch = Watch(given.kind, given.holder, light)
    found = await supervision.cases(ask.principal, watch, _place(ask.after()), given.limit + 1)
    now = supervision.now()
    return ask.page(found, _key, lambda one: OpenCaseShown.of(one, now))


async def hand_case_over(supervision: Supervision, ask: Ask[HandOver]) -> Reply:
    kind = ask.path["kind"]
    if kind not in list(CaseKind):
        raise NoSuchCase("no such kind of case", "没有该类办件")
    given = ask.given
    found = await supervision.hand_over(
        ask.principal, CaseKind(kind), ask.uuid("case_id"), Desk(given.desk), given.reason
    )
    return Reply(OpenCaseShown.of(found, supervision.now()))


def _key(one: OpenCase) -> str:
    return f"{one.light:d} {one.due_at.isoformat()} {one.id}"


def _place(key: str | None) -> tuple[int, datetime, UUID] | None:
    if key is None:
        return None
    light, due_at, case_id = key.split(" ")
    return int(light), datetime.fromisoformat(due_at), UUID(case_id)


_route = partial(Route, tag="supervision")

ROUTES: Final = [
    _route("GET", "/v1/supervision/cases", list_supervised_cases, SIGNED_IN,
           "Open cases, the most urgent first", "在办件，最紧急在前",
           given=WatchQuery, returns=Page[OpenCaseShown]),
    _route("POST", "/v1/supervision/cases/{kind}/{case_id}/hand-over", hand_case_over,
           frozenset({Role.REQUESTER, Role.PROVIDER, Role.PLATFORM_ADMIN}),
           "Hand a case over to another desk of its department", "移交在办件",
           given=HandOver, returns=OpenCaseShown, problems=(NoSuchCase, AtThatDesk)),
]  # fmt: skip
