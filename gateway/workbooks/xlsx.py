"""Sheets as XLSX by openpyxl; loaded when the first one is written, because most processes never write any and it takes 10 MB."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from gateway.workbooks.cells import Cell, column_letter, starts_a_formula
from gateway.workbooks.writing import Choice, Sheet

_HEAD = PatternFill("solid", fgColor="DDEBF7")
_NEEDED = PatternFill("solid", fgColor="FCE4D6")


def xlsx_of(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as one file; see :func:`gateway.workbooks.write_workbook`."""
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
