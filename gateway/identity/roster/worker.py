"""Reads a roster in a process of its own: ``python -m gateway.identity.roster.worker``.

On standard input one line of JSON with the limits, then the workbook; on standard output one JSON document.
"""

import sys
from dataclasses import asdict
from typing import Any

import orjson

from gateway.identity.roster.reading import rows_of
from gateway.settings import Sheets
from gateway.workbooks import WorkbookRefused, read_workbook
from gateway.workbooks.process import bound_worker


def read(data: bytes, limits: Sheets) -> dict[str, Any]:
    """Rows and faults of a workbook, or ``refused`` with the reason in both languages."""
    try:
        found = read_workbook(data, limits)
    except WorkbookRefused as refused:
        return {"refused": [refused.en, refused.zh]}
    rows, faults, count = rows_of(found)
    return {
        "rows": [asdict(row) for row in rows],
        "faults": [asdict(fault) for fault in faults[: limits.faults_max]],
        "faults_total": len(faults),
        "count": count,
    }


def main() -> None:
    """Do what is ordered, within its limits."""
    limits = Sheets(**orjson.loads(sys.stdin.buffer.readline()))
    bound_worker(limits.work_seconds + 1, limits.memory_bytes)
    sys.stdout.buffer.write(orjson.dumps(read(sys.stdin.buffer.read(), limits)))


if __name__ == "__main__":
    main()
