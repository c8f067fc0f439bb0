"""Filled-in forms as a clerk makes them: rows by column key, spoiled in one place or another."""

import io
from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl import Workbook
from world import PROVIDER, File

from gateway.catalog.sheets.columns import COLUMNS
from gateway.catalog.sheets.routes import XLSX

TITLES = [column.title for column in COLUMNS]
Row = dict[str, Any]


def row(**changes: Any) -> Row:
    """A right row: the item 户籍人口数 of a monthly table of the department the world's provider belongs to."""
    return {
        "class_1": "部门", "class_2": "市场监管", "name": "企业年报公示信息", "code": "307011024701/000801",
        "provider": "市场监管局", "provider_code": PROVIDER, "summary": "本市企业年度报告公示情况", "format": "数据库",
        "format_type": "oracle", "item": "企业名称", "item_name": "name", "type": "字符型C", "length": 100, "personal": "否",
        "sharing": "有条件共享", "conditions": "限行政审批使用", "way": "共享平台方式", "mode": "库表", "open": "否", "cycle": "每月",
        "survey_bytes": 0, "survey_records": 1200, **changes,
    }  # fmt: skip


def rows() -> list[Row]:
    """Two resources: one of three items, one of two."""
    firm = {"name": "企业信用评级", "code": "307011024701/000802", "conditions": "限信用监管使用"}
    return [
        row(),
        row(item="统一社会信用代码", item_name="uscc", length=18),
        row(item="报告年度", item_name="year", type="整型I", length=None),
        row(**firm, item="企业名称"),
        row(**firm, item="信用等级", item_name="level", length=10),
    ]


def workbook(
    rows: Iterable[Mapping[str, Any]], titles: list[str] | None = None, sheet: str = "目录"
) -> bytes:
    """The rows as Excel stores them, after a row of titles."""
    book = Workbook()
    page = book.active
    page.title = sheet
    page.append(titles or TITLES)
    for one in rows:
        page.append([one.get(column.key) for column in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def form(rows: Iterable[Mapping[str, Any]]) -> File:
    """The rows as the body of a request."""
    return File(workbook(rows), XLSX)
