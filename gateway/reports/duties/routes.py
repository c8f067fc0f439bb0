"""Addresses of lists of duties."""

import asyncio
from functools import partial
from typing import Any, Final
from uuid import UUID

from gateway.identity import Role
from gateway.reports.duties.export import HTML, XLSX, html_of, name_of, xlsx_of
from gateway.reports.duties.service import Duties, NoSuchDutyList
from gateway.reports.duties.store import PublishedAtOnce
from gateway.reports.duties.wire import DutyListNamed, DutyListShown, NewDutyList
from gateway.web import SIGNED_IN, Ask, Document, Page, PageQuery, Reply, Route

_NO_SCRIPTS: Final = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


def _id(ask: Ask[Any]) -> UUID:
    return ask.uuid("duty_list_id")


async def publish_duty_list(duties: Duties, ask: Ask[NewDutyList]) -> Reply:
    given = ask.given
    return Reply(DutyListShown.standing(await duties.publish(ask.principal, given.org, given.year, ask.once)))


async def list_duty_lists(duties: Duties, ask: Ask[PageQuery]) -> Reply:
    after = ask.after()
    found = await duties.listed(UUID(after) if after else None, ask.given.limit + 1)
    return ask.page(found, lambda one: str(one.id), DutyListNamed.of)


async def show_duty_list(duties: Duties, ask: Ask[None]) -> Reply:
    return Reply(DutyListShown.standing(await duties.show(_id(ask))))


async def export_duty_list(duties: Duties, ask: Ask[None]) -> Reply:
    standing = await duties.show(_id(ask))
    made = await asyncio.to_thread(xlsx_of, standing)
    return Reply(Document(made, XLSX, name_of(standing, "xlsx")))


async def print_duty_list(duties: Duties, ask: Ask[None]) -> Reply:
    return Reply(Document(html_of(await duties.show(_id(ask))), HTML), _NO_SCRIPTS)


_route = partial(Route, tag="reports", returns=DutyListShown)
_ONE: Final = "/v1/duty-lists/{duty_list_id}"

ROUTES: Final = [
    _route("POST", "/v1/duty-lists", publish_duty_list, frozenset({Role.PLATFORM_ADMIN}),
           "Publish a department's list of duties", "发布数据共享责任清单", given=NewDutyList, status=201, creates=True,
           problems=(PublishedAtOnce,)),
    _route("GET", "/v1/duty-lists", list_duty_lists, SIGNED_IN, "List published lists of duties", "责任清单目录",
           given=PageQuery, returns=Page[DutyListNamed]),
    _route("GET", _ONE, show_duty_list, SIGNED_IN, "Show a list of duties, each line live", "查看责任清单",
           problems=(NoSuchDutyList,)),
    _route("GET", f"{_ONE}/sheet", export_duty_list, SIGNED_IN, "The list as XLSX", "导出责任清单（xlsx）",
           returns=None, gives=(XLSX,), problems=(NoSuchDutyList,)),
    _route("GET", f"{_ONE}/page", print_duty_list, SIGNED_IN, "The list as a page to print", "责任清单网页",
           returns=None, gives=(HTML,), problems=(NoSuchDutyList,)),
]  # fmt: skip
