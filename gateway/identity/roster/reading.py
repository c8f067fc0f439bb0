"""A workbook's tables as rows of the roster, cell by cell. Runs in the worker."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gateway.identity.jwk import KeyRefused, accepted
from gateway.identity.model import Role
from gateway.identity.roster.columns import CLIENTS, ENDED, IN_USE, PEOPLE, Column
from gateway.identity.roster.faults import fault_at
from gateway.identity.roster.model import ROLE_NAMES, Row
from gateway.names import has_control_signs, is_org_code, is_slug, tidy
from gateway.workbooks import Cell, CellFault, Read, Table, column_letter

_TITLE_ROWS: Final = 10
_MOST_KEYS: Final = 5
_BETWEEN: Final = re.compile(r"[、,，;；\s]+")
_ROLES: Final = {**{name: role for role, name in ROLE_NAMES.items()}, **{str(role): role for role in Role}}
_SHEETS: Final = {"people": PEOPLE, "clients": CLIENTS}


class _Wrong(Exception):
    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code, self.details = code, details


def rows_of(read: Read) -> tuple[list[Row], list[CellFault], int]:
    """The right rows, the faults of the others, and how many rows there are."""
    rows, faults, count, found = list[Row](), list[CellFault](), 0, False
    spoiled = {(one.sheet, one.row, one.column): "formula" for one in read.formulas}
    spoiled |= {(one.sheet, one.row, one.column): "error-value" for one in read.errors}
    for table in read.tables:
        placed = _placed(table)
        if placed is None:
            continue
        found = True
        kind, at, columns = placed
        missing = list(_missing(kind, table, at, columns))
        faults += missing
        for number, cells in enumerate(table.rows[at + 1 :], at + 2) if not missing else ():
            if any(_text(cell) for cell in cells):
                count += 1
                _take(_Line(kind, table.name, number, columns, cells, spoiled), rows, faults)
    if not found:
        faults.append(fault_at("no-titles", "", 0, "", ""))
    elif not count and not faults:
        faults.append(fault_at("no-rows", "", 0, "", ""))
    return rows, faults, count


class _Line:
    """A row of cells under known titles."""

    def __init__(
        self, kind: str, sheet: str, number: int, columns: Mapping[str, int], cells: Any, spoiled: Mapping[Any, str]
    ) -> None:  # fmt: skip
        self.kind, self.sheet, self.number = kind, sheet, number
        self.columns, self.cells, self.spoiled = columns, cells, spoiled

    def value(self, key: str, column: Column) -> Any:
        """Raises _Wrong."""
        at = self.columns.get(key)
        if at is None:
            return _READ[key]("")
        if code := self.spoiled.get((self.sheet, self.number, column_letter(at))):
            raise _Wrong(code)
        cell = self.cells[at] if at < len(self.cells) else None
        text = _text(cell)
        if not text and column.needed:
            raise _Wrong("empty", help_en=column.en, help_zh=column.zh)
        if key == "org" and isinstance(cell, int | float):
            raise _Wrong("number-cell")
        return _READ[key](text)


def _take(line: _Line, rows: list[Row], faults: list[CellFault]) -> None:
    values: dict[str, Any] = {}
    letters = {key: column_letter(at) for key, at in line.columns.items()}
    before = len(faults)
    for key, column in _SHEETS[line.kind].items():
        try:
            values["active" if key == "state" else key] = line.value(key, column)
        except _Wrong as wrong:
            place = (line.sheet, line.number, letters.get(key, ""), column.title)
            faults.append(fault_at(wrong.code, *place, wrong.details))
    if len(faults) == before:
        rows.append(Row(line.kind, line.sheet, line.number, letters, values))


def _placed(table: Table) -> tuple[str, int, dict[str, int]] | None:
    """(kind, index of the title row, column indexes) of a table that is one of ours."""
    for at, cells in enumerate(table.rows[:_TITLE_ROWS]):
        texts = [_text(cell).rstrip("*＊") for cell in cells]
        for kind, columns in _SHEETS.items():
            found = {key: texts.index(one.title) for key, one in columns.items() if one.title in texts}
            if next(iter(columns)) in found and len(found) > 1:  # the help sheet names each title alone
                return kind, at, found
    return None


def _missing(kind: str, table: Table, at: int, columns: Mapping[str, int]) -> Iterator[CellFault]:
    texts = [_text(cell).rstrip("*＊") for cell in table.rows[at]]
    for key, column in _SHEETS[kind].items():
        if key not in columns and column.needed:
            yield fault_at("no-column", table.name, at + 1, "", column.title)
        elif texts.count(column.title) > 1:
            yield fault_at("column-twice", table.name, at + 1, column_letter(columns[key]), column.title)


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return tidy(str(cell))


def _slug(text: str) -> str:
    text = unicodedata.normalize("NFKC", text)
    if not is_slug(text):
        raise _Wrong("not-slug", value=text[:60])
    return text


def _name(text: str) -> str:
    if len(text) > 200 or has_control_signs(text) or "\n" in text or "\t" in text:
        raise _Wrong("bad-name")
    return text


def _org(text: str) -> str:
    code = unicodedata.normalize("NFKC", text).replace(" ", "")
    if not is_org_code(code):
        raise _Wrong("bad-org", value=text[:60])
    return code


def _roles(text: str) -> list[Role]:
    named = [part for part in _BETWEEN.split(text) if part]
    for part in named:
        if part not in _ROLES:
            raise _Wrong("not-role", value=part[:60], allowed="、".join(ROLE_NAMES.values()))
    return sorted({_ROLES[part] for part in named})


def _state(text: str) -> bool:
    if text not in ("", IN_USE, ENDED):
        raise _Wrong("not-state", value=text[:60])
    return text != ENDED


def _keys(text: str) -> list[dict[str, Any]]:
    if not text:
        return []
    try:
        read = json.loads(text)
        listed = read if isinstance(read, list) else [read]
        if not 1 <= len(listed) <= _MOST_KEYS or not all(isinstance(one, dict) for one in listed):
            raise ValueError(text)
        return [accepted(one) for one in listed]
    except KeyRefused as fault:
        raise _Wrong("bad-key", why=fault.args[0], why_zh=fault.args[1]) from None
    except (ValueError, RecursionError):
        raise _Wrong(
            "bad-key", why="it is not JSON of one to five keys", why_zh="不是一至五个公钥的 JSON"
        ) from None


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "login": _slug, "id": _slug, "name": _name, "org": _org, "roles": _roles, "state": _state, "keys": _keys,
}  # fmt: skip
