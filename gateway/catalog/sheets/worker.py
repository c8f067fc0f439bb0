"""Reads and writes the form in a process of its own: ``python -m gateway.catalog.sheets.worker``.

On standard input one line of JSON, then bytes. ``{"do": "read", ...}``: a workbook follows, and one JSON document
answers. ``{"do": "write", ...}``: a line of JSON per entry follows, and a file answers. Progress is said as ``#rows``.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

import orjson

from gateway.catalog.sheets.assembly import Assembly
from gateway.catalog.sheets.rows import TITLES, rows_of, sheets_of
from gateway.settings import Sheets
from gateway.workbooks import Cell, WorkbookRefused, read_workbook, write_csv, write_workbook
from gateway.workbooks.process import bound_worker

_EVERY_ROWS = 5000


def read(
    order: dict[str, Any], data: bytes, limits: Sheets, progress: Callable[[int], None]
) -> dict[str, Any]:
    """Entries and faults of a workbook, or ``refused`` with the reason in both languages."""
    try:
        found = read_workbook(data, limits)
    except WorkbookRefused as refused:
        return {"refused": [refused.code, refused.en, refused.zh]}
    progress(0)
    assembled = Assembly(order["own_code"], order["own_name"], progress).read(found)
    return {
        "entries": assembled.entries,
        "faults": [asdict(fault) for fault in assembled.faults[: limits.faults_max]],
        "faults_total": len(assembled.faults),
        "rows": assembled.rows,
    }


def write(order: dict[str, Any], lines: BinaryIO, progress: Callable[[int], None]) -> bytes:
    """The form with the entries, as XLSX or CSV."""
    rows = _counted((row for line in lines for row in rows_of(orjson.loads(line))), progress)
    if order["kind"] == "csv":
        return write_csv(TITLES, rows)
    return write_workbook(sheets_of(rows, order["rows_to_fill"]))


def _counted(rows: Iterator[list[Cell]], progress: Callable[[int], None]) -> Iterator[list[Cell]]:
    for number, row in enumerate(rows, 1):
        if number % _EVERY_ROWS == 0:
            progress(number)
        yield row


def main() -> None:
    """Do what the first line orders, within its limits."""
    order = orjson.loads(sys.stdin.buffer.readline())
    limits = Sheets(**order["limits"])
    bound_worker(limits.work_seconds + 1, limits.memory_bytes)

    def progress(rows: int) -> None:
        sys.stderr.write(f"#{rows}\n")
        sys.stderr.flush()

    if order["do"] == "read":
        answer = orjson.dumps(read(order, sys.stdin.buffer.read(), limits, progress))
    else:
        answer = write(order, sys.stdin.buffer, progress)
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
