"""The catalogue as the Excel form of 发改高技〔2017〕1272号: template, check, import, export.

Vocabulary: an *entry* is one resource with its rows, one per data item; a *fault* is what is wrong with one cell; a
column *covers* a part of a description. Invariants: every fault of a file is said at once, with its cell; nothing is
stored unless all is clean, or the clean part was asked for; what is stored is a draft, and only of the own department;
the same file twice changes nothing the second time.
"""

from gateway.catalog.sheets.model import Report
from gateway.catalog.sheets.service import SheetFaulty, Sheets, UnreadableWorkbook

__all__ = ["Report", "SheetFaulty", "Sheets", "UnreadableWorkbook"]
