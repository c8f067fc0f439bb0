"""Tables as XLSX and CSV for people: titles that stay in sight, lists to choose from, nothing that computes."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from gateway.workbooks.cells import Cell, column_letter, guarded, starts_a_formula


@dataclass(frozen=True, slots=True)
class Choice:
    """A drop-down list for a column (counted from 0); the values stand in a column of the sheet named ``lists``."""

    column: int
    lists: str
    list_column: int
    count: int
    said: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to write: titles, rows, widths in characters, and what may be chosen.

    ``needed`` are columns whose title is marked; ``rows_to_fill`` is how far down the choices reach.
    """

    name: str
    titles: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()
    needed: frozenset[int] = frozenset()
    choices: Sequence[Choice] = field(default=())
    rows_to_fill: int = 1000


_HEAD = PatternFill("solid", fgColor="DDEBF7")
_NEEDED = PatternFill("solid", fgColor="FCE4D6")


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as XLSX; every text is stored as text, whatever it begins with."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        _write(book, sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.name)
    page.freeze_panes = "A2"
    for at in range(len(sheet.titles)):
        column = page.column_dimensions[column_letter(at)]
        column.width = sheet.widths[at] if at < len(sheet.widths) else 14
        column.number_format = "@"
    for choice in sheet.choices:
        page.data_validations.append(_validation(choice, sheet.rows_to_fill))
    page.append([_title(page, title, at in sheet.needed) for at, title in enumerate(sheet.titles)])
    for row in sheet.rows:
        page.append([_cell(page, value) for value in row])


def _title(page: Any, text: str, needed: bool) -> Any:
    cell = WriteOnlyCell(page, value=text)
    cell.font = Font(bold=True)
    cell.fill = _NEEDED if needed else _HEAD
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    return cell


def _cell(page: Any, value: Cell) -> Any:
    if not isinstance(value, str) or not starts_a_formula(value):
        return value
    cell = WriteOnlyCell(page, value=value)
    cell.data_type = "s"  # openpyxl takes what begins with = for a formula
    cell.quotePrefix = True  # and the program keeps taking it for text when somebody edits the cell
    return cell


def _validation(choice: Choice, rows: int) -> DataValidation:
    letter, listed = column_letter(choice.column), column_letter(choice.list_column)
    made = DataValidation(
        type="list",
        formula1=f"'{choice.lists}'!${listed}$2:${listed}${choice.count + 1}",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle="值不在列表中 / not in the list",
        error=choice.said,
    )
    made.add(f"{letter}2:{letter}{rows + 1}")
    return made


def write_csv(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The table as CSV in UTF-8 with a byte order mark (RFC 4180; without the mark Excel garbles Chinese)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([guarded(title) for title in titles])
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")
