"""Spreadsheets: read from strangers and written for them. Technique; no word of the domain.

Vocabulary: a *workbook* is an XLSX file (ISO/IEC 29500), a *table* one of its sheets as rows of *cells*; a *worker* is
a process of its own that may be killed. Invariants: a file is opened only after its archive was checked, and only in
a worker with bounded time and memory; a formula is never read as its value; text that leaves is never a formula.
"""

from gateway.workbooks.archive import look_at_beginning
from gateway.workbooks.cells import Cell, Table, column_index, column_letter, guarded
from gateway.workbooks.faults import CellFault
from gateway.workbooks.process import WorkerFailed, WorkerStopped, run_worker
from gateway.workbooks.reading import Place, Read, WorkbookRefused, read_workbook
from gateway.workbooks.writing import Choice, Sheet, write_csv, write_workbook

__all__ = [
    "Cell",
    "CellFault",
    "Choice",
    "Place",
    "Read",
    "Sheet",
    "Table",
    "WorkbookRefused",
    "WorkerFailed",
    "WorkerStopped",
    "column_index",
    "column_letter",
    "guarded",
    "look_at_beginning",
    "read_workbook",
    "run_worker",
    "write_csv",
    "write_workbook",
]
