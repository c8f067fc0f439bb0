"""One cell of the form as a value, or what is wrong with it."""

import re
import unicodedata
from datetime import date, datetime
from typing import Any, Final

from gateway.catalog.sheets.columns import Column, Kind
from gateway.names import is_resource_code, tidy
from gateway.workbooks import Cell

_ERRORS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA"}
)
_UNSEEN: Final = re.compile("[\u200b-\u200d\u2060\ufeff]")
_COUNT: Final = re.compile(r"[0-9]{1,15}")
_DAY: Final = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_BETWEEN: Final = re.compile(r"[、,，;；\s]+")


class Wrong(Exception):
    """What is wrong with a cell: a code of :data:`~gateway.catalog.sheets.faults.SAID` and its details."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


def text_of(cell: Cell) -> str:
    """The cell as tidy text: NFC, without surrounding blanks and unseen signs; whole numbers without a point."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == cell.time().min else cell.isoformat(" ")
    return tidy(_UNSEEN.sub("", str(cell)))


def value_of(column: Column, cell: Cell) -> Any:
    """The value of a cell in its column; None when it is empty and may be.

    Raises:
        Wrong: with the code of the fault.
    """
    text = text_of(cell)
    if not text:
        if column.needed:
            raise Wrong("empty")
        return None
    if text in _ERRORS:
        raise Wrong("error-value", value=text)
    match column.kind:
        case Kind.LIST:
            return _chosen(column, text)
        case Kind.CODE:
            return _code(column, cell, text)
        case Kind.COUNT:
            return _count(text)
        case Kind.DAY:
            return _day(text)
        case Kind.CODES:
            return [_code(column, cell, part) for part in _BETWEEN.split(text) if part]
        case Kind.TEXT:
            return text


def _chosen(column: Column, text: str) -> Any:
    assert column.values is not None  # a column of kind LIST has one
    try:
        return column.values.find(text)
    except KeyError:
        raise Wrong("not-in-list", value=text, allowed="、".join(column.values.labels)) from None


def _code(column: Column, cell: Cell, text: str) -> str:
    if isinstance(cell, int | float):
        raise Wrong("number-cell")
    code = unicodedata.normalize("NFKC", text).replace(" ", "")
    if column.place is not None and not is_resource_code(code):
        raise Wrong("bad-code", value=text)
    return code


def _count(text: str) -> int:
    digits = unicodedata.normalize("NFKC", text)
    if not _COUNT.fullmatch(digits):
        raise Wrong("not-digits", value=text)
    return int(digits)


def _day(text: str) -> str:
    found = _DAY.fullmatch(text[:11].strip())
    try:
        if found:
            return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        pass
    raise Wrong("bad-day", value=text)
