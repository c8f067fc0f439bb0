"""Tables as XLSX and CSV for people: titles that stay in sight, lists to choose from, nothing that computes."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.workbooks.cells import Cell, guarded


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


def write_workbook(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as XLSX; every text is stored as text, whatever it begins with."""
    from gateway.workbooks.xlsx import xlsx_of  # says why not before

    return xlsx_of(sheets)


def write_csv(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The table as CSV in UTF-8 with a byte order mark (RFC 4180; without the mark Excel garbles Chinese)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([guarded(title) for title in titles])
    for row in rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")
