"""Entries as rows of the form, the template and its help; the way back of :mod:`~gateway.catalog.sheets.assembly`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from gateway.catalog.sheets.columns import BY_KEY, COLUMNS, Column, Kind
from gateway.catalog.sheets.sharing import SHARING_KEYS, members_of
from gateway.workbooks import Cell, Choice, Sheet

ENTRIES: Final = "目录"
HELP: Final = "填写说明"
LISTS: Final = "值域"
TITLES: Final = tuple(column.title for column in COLUMNS)
_WIDTHS: Final = tuple(column.width for column in COLUMNS)
_WITH_LIST: Final = [(at, column) for at, column in enumerate(COLUMNS) if column.kind is Kind.LIST]
_NOTES: Final = (
    ("一行一个信息项；同一信息资源的各行重复填写资源信息，后续行也可留空。",
     "One row per data item; repeat what is said of the resource on each of its rows, or leave the later ones empty."),
    ("代码类单元格设为“文本”格式；复制单元格，不要拖拽填充。",
     "Keep cells with codes as text; copy cells, never fill them by dragging."),
    ("不要使用公式；列标题不要改动，备注写在标题行之上。",
     "No formulas; leave the titles as they are, and write remarks above them."),
    ("先检查后导入：检查会一次列出全部问题所在的单元格和修改办法，不保存任何内容。",
     "Check before you import: the check names every faulty cell with its remedy and stores nothing."),
)  # fmt: skip


def sheets_of(rows: Iterable[list[Cell]], rows_to_fill: int = 1000) -> list[Sheet]:
    """The form with ``rows`` in it, the help, and the lists to choose from."""
    needed = frozenset(at for at, column in enumerate(COLUMNS) if column.needed)
    choices = [
        Choice(at, LISTS, place, len(column.values.labels), "、".join(column.values.labels))
        for place, (at, column) in enumerate(_WITH_LIST)
        if column.values is not None
    ]
    return [
        Sheet(ENTRIES, TITLES, rows, _WIDTHS, needed, choices, rows_to_fill),
        Sheet(
            HELP,
            ("列 Column", "必填 Needed", "填写说明", "Help", "可选值 Values"),
            _help(),
            (20, 10, 60, 50, 60),
        ),
        Sheet(LISTS, [column.title for _, column in _WITH_LIST], _lists(), [16] * len(_WITH_LIST)),
    ]


def _help() -> Iterator[list[Cell]]:
    for zh, en in _NOTES:
        yield ["", "", zh, en, ""]
    for column in COLUMNS:
        listed = "、".join(column.values.labels) if column.values is not None else ""
        needed = "是 yes" if column.needed else ""
        yield [f"{column.title} {column.en}", needed, column.help_zh, column.help_en, listed]


def _lists() -> Iterator[list[Cell]]:
    labels = [list(column.values.labels) if column.values else [] for _, column in _WITH_LIST]
    for at in range(max(len(one) for one in labels)):
        yield [one[at] if at < len(one) else "" for one in labels]


def rows_of(entry: Mapping[str, Any]) -> Iterator[list[Cell]]:
    """An entry as rows, one per data item.

    Args:
        entry: ``description`` as JSON, ``provider_code``, ``provider`` (name) and ``published`` (day or None).
    """
    described = entry["description"]
    whole = {column.key: _cell(column, described) for column in COLUMNS if not column.of_item}
    whole.update(
        provider=entry["provider"],
        provider_code=entry["provider_code"],
        published=entry["published"],
        way="共享平台方式",
    )
    for item in described["items"]:
        own = members_of(described, item)
        whole.update({key: _cell(BY_KEY[key], own) for key in SHARING_KEYS})
        yield [_cell(column, {"items": item}) if column.of_item else whole[column.key] for column in COLUMNS]


def _cell(column: Column, described: Mapping[str, Any]) -> Cell:
    value: Any = described
    for step in (column.place or "?").split("."):
        if isinstance(value, list):
            value = value[int(step)] if int(step) < len(value) else None
        else:
            value = (value or {}).get(step)
    if value is None:
        return None
    if column.values is not None:
        return column.values.label(value)
    return "、".join(value) if isinstance(value, list) else value
