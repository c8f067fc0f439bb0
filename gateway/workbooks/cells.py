"""Cells as plain values, their addresses, and text that no spreadsheet program takes for a formula."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, TypeAlias

Cell: TypeAlias = str | int | float | bool | datetime | date | time | timedelta | None
"""One cell; an empty one is None or an empty text."""

_STARTS: Final = tuple("=+-@\t\r\0＝＋－＠")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: its name and its rows from the first on, each as long as the sheet is wide."""

    name: str
    rows: Sequence[Sequence[Cell]]


def column_letter(number: int) -> str:
    """The letters of a column counted from 0: 0 is A, 25 Z, 26 AA."""
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The way back of :func:`column_letter`: A is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def starts_a_formula(text: str) -> bool:
    """Whether a spreadsheet program would compute what begins so (OWASP: CSV injection)."""
    return text.startswith(_STARTS)


def guarded(text: str) -> str:
    """``text`` for a CSV cell: an apostrophe before what would be computed."""
    return f"'{text}" if starts_a_formula(text) else text
