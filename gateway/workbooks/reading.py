"""A workbook as tables. Runs in a worker: python-calamine interprets what strangers sent."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, XmlError, ZipError

from gateway.settings import Sheets
from gateway.workbooks.archive import open_archive
from gateway.workbooks.cells import Table
from gateway.workbooks.refusals import WorkbookRefused

__all__ = ["Place", "Read", "WorkbookRefused", "read_workbook"]

_FORMULA: Final = re.compile(rb"<(?:[A-Za-z0-9]+:)?f[\s/>]")
_CELL_WITH_FORMULA: Final = re.compile(
    rb'<(?:[A-Za-z0-9]+:)?c\b[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>\s*<(?:[A-Za-z0-9]+:)?f[\s/>]'
)
_CELL_WITH_ERROR: Final = re.compile(
    rb'<(?:[A-Za-z0-9]+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"'
)
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_PACKAGE: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_LARGEST_INDEX: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: sheet, row counted from 1, column letters."""

    sheet: str
    row: int
    column: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a workbook holds: its tables; the places of formulas, whose values are not to be trusted; and those of
    error values, which are read as empty.
    """

    tables: list[Table]
    formulas: list[Place]
    errors: list[Place]


def read_workbook(data: bytes, limits: Sheets) -> Read:
    """Every sheet with its cells.

    Raises:
        WorkbookRefused: not a workbook, or beyond a limit.
    """
    with open_archive(data, limits) as archive:
        formulas, errors = _untrusted(archive)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        tables = [_table(book, name, limits) for name in book.sheet_names]
    except (CalamineError, PasswordError, XmlError, ZipError, ValueError, OSError):
        raise WorkbookRefused("not-a-workbook") from None
    return Read(tables, formulas, errors)


def _table(book: CalamineWorkbook, name: str, limits: Sheets) -> Table:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height >= limits.rows_max + limits.head_rows:  # the last row, counted from 0
        raise WorkbookRefused("too-many-rows", str(limits.rows_max))
    return Table(name, sheet.to_python(skip_empty_area=False))


def _untrusted(archive: zipfile.ZipFile) -> tuple[list[Place], list[Place]]:
    formulas: list[Place] = []
    errors: list[Place] = []
    for name, path in _sheets(archive):
        xml = archive.read(path)
        if _FORMULA.search(xml):
            formulas += _places(name, _CELL_WITH_FORMULA, xml) or [Place(name, 0, "")]
        if b't="e"' in xml:
            with_error = _places(name, _CELL_WITH_ERROR, xml)
            errors += [place for place in with_error if place not in formulas]
    return formulas, errors


def _places(sheet: str, pattern: re.Pattern[bytes], xml: bytes) -> list[Place]:
    return [Place(sheet, int(at[2]), at[1].decode()) for at in pattern.finditer(xml)]


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet. The two indexes are small, and entities in them are refused."""
    try:
        parts = _targets(_parsed(archive, "xl/_rels/workbook.xml.rels"))
        for sheet in _parsed(archive, "xl/workbook.xml").iter(f"{_MAIN}sheet"):
            target = parts[sheet.attrib[_REL]]
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if path in archive.namelist():
                yield sheet.attrib["name"], path
    except (KeyError, ElementTree.ParseError):
        raise WorkbookRefused("not-a-workbook") from None


def _targets(relations: ElementTree.Element) -> dict[str, str]:
    return {one.attrib["Id"]: one.attrib["Target"] for one in relations.iter(f"{_PACKAGE}Relationship")}


def _parsed(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    xml = archive.read(part)
    if len(xml) > _LARGEST_INDEX or b"<!DOCTYPE" in xml:
        raise WorkbookRefused("odd-parts")
    return ElementTree.fromstring(xml)
