"""What is wrong with one cell of somebody's sheet."""

from dataclasses import dataclass

from gateway.errors import FieldFault


@dataclass(frozen=True, slots=True)
class CellFault:
    """One fault at one cell: sheet, row counted from 1 as the program shows it, column letters, title of the column.

    Row 0 or an empty column mean the whole sheet or row. ``code`` is a stable word; the texts say in both languages what
    is wrong and what to do.
    """

    code: str
    sheet: str
    row: int
    column: str
    title: str
    en: str
    zh: str
    remedy: str
    remedy_zh: str

    @property
    def cell(self) -> str:
        """The address as in formulas: ``目录!F12``."""
        return f"{self.sheet}!{self.column}{self.row or ''}"

    def on_field(self) -> FieldFault:
        """As a fault of what was sent, its place as a JSON pointer: sheet, then column and row."""
        return FieldFault(f"/{self.sheet}/{self.column}{self.row or ''}", self.en, self.zh)

    def shown(self) -> dict[str, str | int]:
        """As JSON."""
        return {
            "sheet": self.sheet, "row": self.row, "column": self.column, "title": self.title, "code": self.code,
            "detail": self.en, "detail_zh": self.zh, "remedy": self.remedy, "remedy_zh": self.remedy_zh,
        }  # fmt: skip
