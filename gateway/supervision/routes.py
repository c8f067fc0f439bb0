"""Addresses of supervision."""

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from gateway.supervision.model import OpenCase
from gateway.supervision.service import Supervision, Watch
from gateway.supervision.wire import OpenCaseShown, WatchQuery
from gateway.web import SIGNED_IN, Ask, Page, Reply, Route


async def list_supervised_cases(supervision: Supervision, ask: Ask[WatchQuery]) -> Reply:
    found = await supervision.cases(
        ask.principal, Watch(ask.given.kind, ask.given.holder), _place(ask.after()), ask.given.limit + 1
    )
    now = supervision.now()
    return ask.page(found, _key, lambda one: OpenCaseShown.of(one, now))


def _key(one: OpenCase) -> str:
    return f"{one.due_at.isoformat()} {one.id}"


def _place(key: str | None) -> tuple[datetime, UUID] | None:
    if key is None:
        return None
    due_at, _, case_id = key.partition(" ")
    return datetime.fromisoformat(due_at), UUID(case_id)


_route = partial(Route, tag="supervision")

ROUTES: Final = [
    _route("GET", "/v1/supervision/cases", list_supervised_cases, SIGNED_IN,
           "Open cases, what is overdue first", "在办件，超期在前",
           given=WatchQuery, returns=Page[OpenCaseShown]),
]  # fmt: skip
