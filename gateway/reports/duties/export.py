"""A list of duties as a sheet and as a page to print; texts of departments stay texts in both."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Final

from gateway.deadlines import SHANGHAI
from gateway.reports.duties.model import Line, Live
from gateway.reports.duties.service import Standing
from gateway.workbooks import Sheet, write_workbook

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HTML: Final = "text/html"
TITLES: Final = (
    "序号", "信息资源代码", "信息资源名称", "共享什么（信息项）", "共享类型", "共享给谁", "已授权部门", "共享方式", "更新周期",
    "何时提供", "责任人", "目前状态", "运行状况", "在办申请", "超期件数", "资源", "超期办件",
)  # fmt: skip
_WIDTHS: Final = (6, 24, 28, 40, 12, 32, 28, 10, 10, 36, 16, 10, 10, 8, 8, 46, 46)
_CLASSES: Final = {"unconditional": "无条件共享", "conditional": "有条件共享", "not_shared": "不予共享"}
_GONE: Final = Live("withdrawn", "unknown", 0, ())


def name_of(standing: Standing, ending: str) -> str:
    """What to store a file of the list under."""
    one = standing.duties
    return f"数据共享责任清单-{one.org_name}-{one.year}-第{one.version}版.{ending}"


def rows(standing: Standing) -> Iterator[tuple[str, ...]]:
    """The list as rows of text, in the order of :data:`TITLES`."""
    for place, line in enumerate(standing.duties.lines, 1):
        yield _row(place, line, standing.live.get(line.resource_id, _GONE))


def xlsx_of(standing: Standing) -> bytes:
    """The list as XLSX; every text stays text, so nothing a department wrote is computed."""
    name = f"{standing.duties.year}年责任清单"
    return write_workbook([Sheet(name, TITLES, list(rows(standing)), _WIDTHS)])


def html_of(standing: Standing) -> bytes:
    """The list as a page without scripts; the last two columns link to the live entry and its overdue cases."""
    one = standing.duties
    said = f"{one.org_name} {one.year}年数据共享责任清单（第{one.version}版）"
    head = "".join(f"<th>{escape(title)}</th>" for title in TITLES)
    body = "".join(_html_row(row) for row in rows(standing))
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{escape(said)}</title>'
        "<style>table{border-collapse:collapse}td,th{border:1px solid #999;padding:4px;vertical-align:top}</style>"
        f"<h1>{escape(said)}</h1><p>发布时间：{_shown(one.published_at)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></html>"
    ).encode()


def _html_row(row: tuple[str, ...]) -> str:
    plain = "".join(f"<td>{escape(text)}</td>" for text in row[:-2])
    linked = "".join(
        "<td>" + "<br>".join(f'<a href="{escape(at)}">{escape(at)}</a>' for at in text.split()) + "</td>"
        for text in row[-2:]
    )
    return f"<tr>{plain}{linked}</tr>"


def _row(place: int, line: Line, live: Live) -> tuple[str, ...]:
    limits = "；".join(f"{one.rule}（{one.article}）{one.within_zh}内" for one in line.by_when)
    overdue = dict.fromkeys(f"/v1/applications/{one.case_id}" for one in live.breaches)
    return (
        str(place), line.code, line.name, "、".join(line.items), _CLASSES[line.sharing_class], line.to_whom,
        "、".join(line.granted_to), line.mode, line.update_cycle, limits, "、".join(line.answers), live.state,
        live.health, str(live.open_cases), str(len(live.breaches)), f"/v1/resources/{line.resource_id}",
        "\n".join(overdue),
    )  # fmt: skip


def _shown(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
