"""The tables of a pack beside the records that were proven: made anew and compared row by row."""

import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Final

from .pack_files import Damage, PackFiles, opened_archive
from .pack_rows import Row
from .pack_tables import PARTS, SHEET, cells_of, csv_lines, sheet_lines
from .refusal import Refused

_MOST: Final = 1 << 20


def check_csv(files: PackFiles, name: str, rows: Iterable[Row]) -> None:
    """The CSV says exactly what the records say.

    Raises:
        Damage: with its row.
    """
    with files.open(name) as opened:
        _compare(opened, rows, csv_lines, name)


def check_workbook(files: PackFiles, name: str, rows: Iterable[Row]) -> None:
    """The workbook says exactly what the records say.

    Raises:
        Damage: with its row.
    """
    with files.open(name) as opened:
        try:
            archive = opened_archive(opened)
        except Refused as refused:
            raise Damage(refused, name) from None
        with archive as book:
            _check_parts(book, name)
            with book.open(SHEET) as sheet:
                _compare(sheet, rows, sheet_lines, name)


def _check_parts(book: zipfile.ZipFile, name: str) -> None:
    if sorted(book.namelist()) != sorted([*PARTS, SHEET]):
        raise Damage(Refused("table", "its parts are others", "其组成部分不符"), name)
    for part, content in PARTS.items():
        with book.open(part) as opened:
            if opened.read(_MOST) != content:
                raise Damage(
                    Refused("table", f"its part {part} is another one", f"其组成部分 {part} 不符"), name
                )


def _compare(opened: IO[bytes], rows: Iterable[Row], lines: object, name: str) -> None:
    assert callable(lines)
    made: Iterator[bytes] = lines(map(cells_of, rows))
    for number, line in enumerate(made, 1):
        if opened.read(len(line)) != line:
            raise Damage(
                Refused("table", "the row is not what the record says", "该行与记录不符"), name, number
            )
    if opened.read(1):
        raise Damage(Refused("table", "something follows the last row", "末行之后另有内容"), name)
