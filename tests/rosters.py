"""Rosters as a clerk makes them: rows under the titles of the form."""

import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from world import CONSUMER, File, new_key, public_jwk

from gateway.identity.roster.columns import CLIENT_SHEET, CLIENTS, PEOPLE, PEOPLE_SHEET
from gateway.identity.roster.routes import XLSX

Row = dict[str, Any]


def person(login: str, **changes: Any) -> Row:
    """A right row of a requester."""
    return {
        "登录名": login,
        "姓名": "赵工",
        "部门代码": CONSUMER,
        "角色": "经办人",
        "状态": "在用",
        **changes,
    }


def client(name: str, **changes: Any) -> Row:
    """A right row of a system with a key of its own."""
    jwk = json.dumps(public_jwk(new_key()))
    return {
        "系统标识": name,
        "系统名称": f"系统 {name}",
        "部门代码": CONSUMER,
        "公钥": jwk,
        "状态": "在用",
        **changes,
    }


def book(
    people: Iterable[Mapping[str, Any]], clients: Iterable[Mapping[str, Any]], without: Iterable[str] = ()
) -> bytes:
    """The rows as Excel stores them; ``without`` leaves columns out."""
    made = Workbook()
    made.remove(made.active)
    for name, columns, rows in ((PEOPLE_SHEET, PEOPLE, people), (CLIENT_SHEET, CLIENTS, clients)):
        page = made.create_sheet(name)
        titles = [column.title for column in columns.values() if column.title not in without]
        page.append(titles)
        for row in rows:
            page.append([row.get(title) for title in titles])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def roster(
    people: Iterable[Mapping[str, Any]], clients: Iterable[Mapping[str, Any]], without: Iterable[str] = ()
) -> File:
    """The rows as the body of a request."""
    return File(book(people, clients, without), XLSX)
