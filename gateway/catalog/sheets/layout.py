"""Where the columns stand in a sheet somebody filled in: titles in one row, or in two with 类, 项, 目, 细目 below."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from gateway.catalog.sheets.columns import COLUMNS, Column, column_titled
from gateway.catalog.sheets.reading import text_of
from gateway.workbooks import Cell, Table, column_index, column_letter

_TITLES_WITHIN: Final = 10
_ENOUGH_TITLES: Final = 4
_BELOW: Final = frozenset({"类", "项", "目", "细目"})

Report = Callable[[str, int, str, Column | None, Mapping[str, str] | None], None]
"""``report(code, row, letter, column, details)``: takes a fault."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one sheet by their index, the number of the last row of titles (from 1), whether any is missing."""

    columns: dict[int, Column]
    titles_end: int
    lacks_columns: bool

    def letter(self, key: str) -> str:
        """The letters of the column with that key; empty if the sheet does not have it."""
        return next((column_letter(at) for at, column in self.columns.items() if column.key == key), "")

    def column_at(self, letters: str) -> Column | None:
        """The column that stands at these letters."""
        return self.columns.get(column_index(letters)) if letters else None

    @property
    def covers(self) -> list[str]:
        """The places in a description this sheet speaks of, even where its cells are empty."""
        found = {column.place for column in self.columns.values() if column.place}
        return sorted(
            found | {f"items.{head}" for head in ("sharing_class", "conditions", "not_shared_basis")}
        )


def find_layout(table: Table, report: Report) -> Layout | None:
    """The layout of a sheet, or None when it has no titles of the form; what is wrong with them is reported."""
    at = next((at for at, row in enumerate(table.rows[:_TITLES_WITHIN]) if _is_titles(row)), None)
    if at is None:
        return None
    titles = [text_of(cell) for cell in table.rows[at]]
    below = [text_of(cell) for cell in table.rows[at + 1]] if at + 1 < len(table.rows) else []
    two = len(_BELOW & set(below)) >= 2
    if two:
        titles = [under or over for over, under in zip(titles, below, strict=True)]
    columns = _placed(titles, at + 1, report)
    missing = [column for column in COLUMNS if column.needed and column not in columns.values()]
    for column in missing:
        report("no-column", at + 1, "", column, None)
    return Layout(columns, at + 2 if two else at + 1, bool(missing))


def _is_titles(row: Sequence[Cell]) -> bool:
    known = {column.key for cell in row if (column := column_titled(text_of(cell))) is not None}
    return len(known) >= _ENOUGH_TITLES


def _placed(titles: list[str], row: int, report: Report) -> dict[int, Column]:
    found: dict[int, Column] = {}
    letters: dict[str, str] = {}
    for at, title in enumerate(titles):
        if not title:
            continue
        letter, column = column_letter(at), column_titled(title)
        if column is None:
            near = get_close_matches(title, [one.title for one in COLUMNS], 1, 0.5)
            hints = (f"; did you mean “{near[0]}”?", f"；是否为“{near[0]}”？") if near else ("", "")
            said = {"value": title, "near_en": hints[0], "near_zh": hints[1]}
            report("unknown-column", row, letter, None, said)
        elif column.key in letters:
            report("column-twice", row, letter, column, {"value": title, "first": letters[column.key]})
        else:
            found[at], letters[column.key] = column, letter
    return found
