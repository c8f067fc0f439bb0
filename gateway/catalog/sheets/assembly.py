"""Sheets as entries: every row is read, every fault is kept with its cell, and what is whole becomes a description."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.catalog.description import Description, Survey
from gateway.catalog.sheets.columns import BY_KEY, COLUMNS, Column
from gateway.catalog.sheets.faults import SAID
from gateway.catalog.sheets.layout import Layout, find_layout
from gateway.catalog.sheets.lints import entry_lints, has_drifted, sharing_lints
from gateway.catalog.sheets.model import named
from gateway.catalog.sheets.reading import Wrong, text_of, value_of
from gateway.catalog.sheets.sharing import SHARING_KEYS, settled
from gateway.catalog.sheets.values import ELSEWHERE, folded
from gateway.errors import Invalid
from gateway.web.reading import validated
from gateway.workbooks import Cell, CellFault, Read, Table

_MOST_ITEMS: Final = 200
_LONGEST_VALUE: Final = 60
_OF_ROW: Final = frozenset({"code", *SHARING_KEYS})
_EVERY_ROWS: Final = 5000
_HELP_SHEETS: Final = frozenset({"填写说明", "值域"})


@dataclass
class Group:
    """The rows of one resource: texts, cells and values of its first row, its items with their rows.

    ``last`` holds what the last differing row said by column, to recognise cells filled by dragging;
    ``faulty`` the columns whose first cell is wrong already, so that its faults are not said again row by row.
    """

    sheet: str
    row: int
    code: str
    raw: dict[str, str]
    cells: dict[str, Cell]
    found: dict[str, Any]
    layout: Layout
    items: list[dict[str, Any]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    sharing: list[dict[str, Any]] = field(default_factory=list)
    last: dict[str, str] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)
    faults: int = 0


@dataclass(frozen=True)
class Assembled:
    """What a workbook says: entries (place, description as JSON or None where faulty), faults, and how many rows."""

    entries: list[dict[str, Any]]
    faults: list[CellFault]
    rows: int


class Assembly:
    """Reads one workbook of a department.

    Args:
        own_code, own_name: the importing department; every entry must be its own.
        progress: told the number of rows read, now and then.
    """

    def __init__(self, own_code: str, own_name: str, progress: Callable[[int], None]) -> None:
        self._own = own_code, own_name
        self._progress = progress
        self._faults: list[CellFault] = []
        self._groups: dict[str, Group] = {}
        self._rows = 0
        self._sheet = ""
        self._read = Read([], [], [])

    def read(self, read: Read) -> Assembled:
        """Everything at once: one fault does not hide the next."""
        self._read = read
        laid = [(table, layout) for table in read.tables if (layout := self._layout(table)) is not None]
        if not laid:
            self._sheet = read.tables[0].name if read.tables else ""
            self._report("no-titles", 0, "", None)
        for table, layout in laid:
            self._sheet = table.name
            self._read_rows(table, layout)
            if len(table.rows) <= layout.titles_end:
                self._report("no-rows", layout.titles_end, "", None)
        self._check_untrusted({table.name: layout for table, layout in laid})
        self._check_names()
        entries = [self._entry(group) for group in self._groups.values()]
        self._faults.sort(key=lambda fault: (fault.sheet, fault.row, len(fault.column), fault.column))
        return Assembled(entries, self._faults, self._rows)

    def _layout(self, table: Table) -> Layout | None:
        if table.name in _HELP_SHEETS:
            return None
        self._sheet = table.name
        return find_layout(table, self._report)

    def _read_rows(self, table: Table, layout: Layout) -> None:
        current: Group | None = None
        for number, cells in enumerate(table.rows[layout.titles_end :], layout.titles_end + 1):
            if all(
                cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()) for cell in cells
            ):
                continue
            self._rows += 1
            if self._rows % _EVERY_ROWS == 0:
                self._progress(self._rows)
            row = {column.key: cells[at] for at, column in layout.columns.items()}
            current = self._group_of(row, number, layout, current)
            if current is not None:
                self._read_item(current, row, number)

    def _group_of(
        self, row: dict[str, Cell], number: int, layout: Layout, current: Group | None
    ) -> Group | None:
        """The resource a row belongs to: that of its code; without one, or with one dragged on, that above it."""
        code = code_text(row.get("code"))
        if current is not None and self._is_dragged(current, row, code):
            self._fault(current, "drifted", number, "code", {"value": code, "row": current.row})
            code = ""
        if not code and current is None:
            if layout.letter("code"):
                self._report("no-code", number, layout.letter("code"), BY_KEY["code"])
            return None
        group = self._groups.get(code) if code else current
        if group is None:
            return self._begin(code, row, number, layout)
        self._compare(group, row, number)
        return group

    def _is_dragged(self, group: Group, row: dict[str, Cell], code: str) -> bool:
        if text_of(row.get("name")) not in ("", group.raw.get("name")):
            return False
        before, group.last["code"] = group.last.get("code", group.code), code or group.code
        return has_drifted(before, code)

    def _begin(self, code: str, row: dict[str, Cell], number: int, layout: Layout) -> Group:
        raw = {key: text_of(cell) for key, cell in row.items() if not BY_KEY[key].of_item}
        group = self._groups[code] = Group(self._sheet, number, code, raw, dict(row), {}, layout)
        group.faults = int(layout.lacks_columns)
        for key in raw:
            self._read_cell(group, group.found, key, row[key], number)
        said = frozenset(group.faulty)
        for key, fault, details in entry_lints(group.found, *self._own):
            if key not in said:
                self._fault(group, fault, number, key, details)
        return group

    def _value(self, group: Group, key: str, cell: Cell, number: int) -> Any:
        """The value of a cell; None when it is empty or wrong, which is reported."""
        try:
            return value_of(BY_KEY[key], cell)
        except Wrong as wrong:
            text = text_of(cell)
            code = "elsewhere" if key == "way" and text in ELSEWHERE else wrong.code
            self._fault(group, code, number, key, {"value": text, **wrong.details})
            return None

    def _read_cell(self, group: Group, into: dict[str, Any], key: str, cell: Cell, number: int) -> None:
        if (value := self._value(group, key, cell, number)) is not None:
            into[key] = value

    def _compare(self, group: Group, row: dict[str, Cell], number: int) -> None:
        """A later row of a resource repeats what the first says, or leaves it empty."""
        for key, cell in row.items():
            if not cell or cell == group.cells.get(key) or BY_KEY[key].of_item or key in _OF_ROW:
                continue
            said, first = text_of(cell), group.raw.get(key, "")
            if not said or said == first or key in group.faulty:
                continue
            dragged = has_drifted(group.last.get(key, first), said)
            group.last[key] = said
            if dragged:
                self._fault(group, "drifted", number, key, {"value": said, "row": group.row})
            elif self._value(group, key, cell, number) not in (None, group.found.get(key)):
                about = {"value": said, "first": first, "row": group.row, "of": group.code}
                self._fault(group, "differs", number, key, about)

    def _read_item(self, group: Group, row: dict[str, Cell], number: int) -> None:
        item: dict[str, Any] = {}
        for key, cell in row.items():
            if BY_KEY[key].of_item:
                self._read_cell(group, item, key, cell, number)
        group.items.append(item)
        group.rows.append(number)
        group.sharing.append(self._read_sharing(group, row, number))

    def _read_sharing(self, group: Group, row: dict[str, Cell], number: int) -> dict[str, Any]:
        """共享类型 of a row with what belongs to it; a row that leaves it empty says what the first row says."""
        if number == group.row or not text_of(row.get("sharing")):
            return {key: group.found.get(key) for key in SHARING_KEYS}
        found: dict[str, Any] = {
            key: self._value(group, key, row[key], number) for key in SHARING_KEYS if key in row
        }
        for key, fault, details in sharing_lints(found):
            self._fault(group, fault, number, key, details)
        return {**dict.fromkeys(SHARING_KEYS), **found}

    def _check_untrusted(self, layouts: dict[str, Layout]) -> None:
        """Formulas, and cells that show an error: what they hold is not what the clerk meant to say."""
        by_row = {(group.sheet, number): group for group in self._groups.values() for number in group.rows}
        places = [("formula", one) for one in self._read.formulas] + [
            ("error-value", one) for one in self._read.errors
        ]
        for code, place in places:
            layout = layouts.get(place.sheet)
            if layout is None:
                continue
            self._sheet = place.sheet
            self._report(code, place.row, place.column, layout.column_at(place.column), {"value": "#"})
            if (group := by_row.get((place.sheet, place.row))) is not None:
                group.faults += 1
        # a formula without a stored value reads as an empty cell, which is not said beside it
        told = {(place.sheet, place.row, place.column) for _, place in places}
        self._faults = [
            one for one in self._faults if one.code != "empty" or (one.sheet, one.row, one.column) not in told
        ]

    def _check_names(self) -> None:
        """Duplicates through blanks and punctuation: names in the file, items and their names in a resource."""
        names: dict[str, Group] = {}
        services: dict[str, Group] = {}
        for group in self._groups.values():
            self._sheet = group.sheet
            self._once(names, "name", "same-name", group)
            self._once(services, "service", "same-service", group)
            self._check_items(group)

    def _once(self, seen: dict[str, Group], key: str, code: str, group: Group) -> None:
        said = group.found.get(key)
        if said is None:
            return
        first = seen.setdefault(folded(said), group)
        if first is not group:
            self._fault(group, code, group.row, key, {"value": said, "row": first.row})

    def _check_items(self, group: Group) -> None:
        for key, code in (("item", "same-item"), ("item_name", "same-item-name")):
            seen: dict[str, int] = {}
            for item, row in zip(group.items, group.rows, strict=True):
                said = item.get(key)
                if said is not None and seen.setdefault(folded(said), row) != row:
                    self._fault(group, code, row, key, {"value": said, "row": seen[folded(said)]})
        if len(group.items) > _MOST_ITEMS:
            self._fault(group, "too-many-items", group.rows[_MOST_ITEMS], "item", {"count": _MOST_ITEMS})

    def _entry(self, group: Group) -> dict[str, Any]:
        carried = None
        if not group.faults:
            carried = _carried(group)
            self._sheet = group.sheet
            self._validate(group, carried)
        return {
            "sheet": group.sheet, "row": group.row, "rows": len(group.rows), "code": group.code,
            "cells": {key: group.layout.letter(key) for key in ("code", "name", "service")},
            "covers": group.layout.covers, "carried": carried if not group.faults else None,
        }  # fmt: skip

    def _validate(self, group: Group, carried: dict[str, Any]) -> None:
        """What the description refuses although no lint saw it: too long, control characters."""
        try:
            validated(Description, {**carried, "items": named(carried["items"], ())}, strict=False)
        except Invalid as refused:
            for fault in refused.faults:
                key, row = _place_of(fault.pointer, group)
                self._fault(group, "not-accepted", row, key, {"en": fault.detail, "zh": fault.detail_zh})

    def _fault(
        self, group: Group, code: str, number: int, key: str, details: Mapping[str, Any] | None = None
    ) -> None:
        group.faults += 1
        if number == group.row:
            group.faulty.add(key)
        self._sheet = group.sheet
        self._report(code, number, group.layout.letter(key), BY_KEY[key], details)

    def _report(
        self,
        code: str,
        number: int,
        letter: str,
        column: Column | None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        self._faults.append(make_fault(code, self._sheet, number, letter, column, details))


def code_text(cell: Cell) -> str:
    """A resource code as compared: width folded, without blanks."""
    return unicodedata.normalize("NFKC", text_of(cell)).replace(" ", "")


def make_fault(
    code: str,
    sheet: str,
    row: int,
    letter: str,
    column: Column | None,
    details: Mapping[str, Any] | None = None,
) -> CellFault:
    """A fault with its words."""
    said = SAID[code]
    more = {name: _short(value) for name, value in (details or {}).items()}
    if column is not None:
        titles = {
            "title": column.title,
            "title_en": column.en,
            "help_en": column.help_en,
            "help_zh": column.help_zh,
        }
        more = {**titles, **more}
    words = [text.format(**more) for text in (said.en, said.zh, said.remedy, said.remedy_zh)]
    return CellFault(code, sheet, row, letter, column.title if column else "", *words)


def _short(value: Any) -> Any:
    return (
        value[:_LONGEST_VALUE] + "…" if isinstance(value, str) and len(value) > 4 * _LONGEST_VALUE else value
    )


def _carried(group: Group) -> dict[str, Any]:
    """The description's JSON as far as the form carries it."""
    entry, differing = settled(group.sharing)
    made: dict[str, Any] = {"classification": [], "items": [], **entry}
    for key, value in group.found.items():
        place = BY_KEY[key].place
        if place is not None and key not in SHARING_KEYS:
            _put(made, place, value)
    made.setdefault("service", "r" + made["code"].replace("/", "-"))
    if survey := made.get("survey"):
        made["survey"] = {**dict.fromkeys(Survey.model_fields, 0), **survey}
    for item, own in zip(group.items, differing, strict=True):
        fields = {str(BY_KEY[key].place).removeprefix("items."): value for key, value in item.items()}
        made["items"].append({**fields, **own})
    return made


def _put(made: dict[str, Any], place: str, value: Any) -> None:
    head, _, rest = place.partition(".")
    if not rest:
        made[head] = value
    elif rest.isdigit():
        made[head].append(value)
    else:
        made.setdefault(head, {})[rest] = value


def _place_of(pointer: str, group: Group) -> tuple[str, int]:
    """Column and row of a pointer into the description; what has no column of its own is said at the code."""
    head, *rest = pointer.strip("/").split("/")
    if head == "items" and rest and rest[0].isdigit():
        place = f"items.{rest[1]}" if len(rest) > 1 else "items.title"
        return _key_at(place) or "item", group.rows[int(rest[0])]
    return _key_at(".".join([head, *rest[:1]])) or _key_at(head) or "code", group.row


def _key_at(place: str) -> str | None:
    return next((column.key for column in COLUMNS if column.place == place), None)
