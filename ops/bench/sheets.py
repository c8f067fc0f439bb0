"""The Excel form at size: reading, checking, storing and writing, in seconds.

    python ops/bench/sheets.py [--rows 50000] [--items 10] [--json]

Starts a durable embedded PostgreSQL on a throw-away directory, makes a file of that many rows (one per data item, so many
items to a resource), then does what the control API does with it: check, import, import again, export. The file is
made before the clock starts. Beside the clock stands what the processor did, which a busy machine does not change. Progress is printed as the clerk's command prints it.
"""

import argparse
import asyncio
import json
import os
import resource
import time
from collections.abc import Awaitable
from typing import Any, TypeVar

import asyncpg
from throwaway import throwaway_server

from gateway.audit import AuditLog
from gateway.catalog.sheets import Sheets
from gateway.catalog.sheets.columns import COLUMNS
from gateway.catalog.sheets.rows import sheets_of
from gateway.catalog.sheets.service import Wanted
from gateway.identity import Identity, KeyRing, Tokens
from gateway.identity.revocations import Revocations
from gateway.seals import Vault
from gateway.settings import Audit, Storage
from gateway.settings import Identity as Lives
from gateway.settings import Sheets as Limits
from gateway.storage import Database, Zone, zone_dsn
from gateway.storage.migrate import migrate
from gateway.web import Principal
from gateway.workbooks import write_workbook

KEY = bytes(32)
ORG, NAME = "11621000MB00000037", "市场监管局"
ACTOR = Principal("person", "clerk", ORG, frozenset({"provider"}), "127.0.0.1", "bench")
T = TypeVar("T")


def workbook(rows: int, items: int) -> bytes:
    """A clean file: every entry its own name and code, every row its own item."""
    same = {
        "class_1": "部门", "class_2": "市场监管", "provider": NAME, "provider_code": ORG, "format": "数据库",
        "format_type": "oracle", "type": "字符型C", "length": 50, "personal": "否", "sharing": "有条件共享",
        "conditions": "限依法履职使用", "way": "共享平台方式", "mode": "库表", "open": "否", "cycle": "每月", "grade": "一般",
        "survey_bytes": 0, "survey_records": 0,
    }  # fmt: skip
    made = []
    for number in range(rows):
        entry, item = divmod(number, items)
        own = {
            "name": f"企业登记信息{entry}类", "code": f"307011024701/{entry:06}", "summary": f"第{entry}类企业的登记情况",
            "item": f"信息项{item}号", "item_name": f"f{item}",
        }  # fmt: skip
        made.append([{**same, **own}.get(column.key) for column in COLUMNS])
    return write_workbook(sheets_of(made, rows))


def processor_seconds() -> float:
    """Of this process and the workers it has waited for; PostgreSQL apart."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


async def timed(name: str, work: Awaitable[T], taken: dict[str, tuple[float, float]]) -> T:
    """The result of a step, its seconds by the clock and of the processor noted."""
    began, used = time.perf_counter(), processor_seconds()
    done = await work
    taken[name] = time.perf_counter() - began, processor_seconds() - used
    return done


async def measure(owner: str, rows: int, items: int) -> dict[str, Any]:
    """Every step once, in a clerk's order."""
    await migrate(owner, "bench", KEY)
    connection = await asyncpg.connect(owner)
    await connection.execute(
        "INSERT INTO identity.org (code, name, region) VALUES ($1, $2, '621000')", ORG, NAME
    )
    await connection.close()
    dsn = zone_dsn(owner, Zone.CONTROL, "bench", KEY)
    database, log = (
        await Database.open(dsn, Storage(), size=2),
        await AuditLog.open(dsn, Audit(), node="bench"),
    )
    ring = KeyRing(database, 3600, Vault(KEY, "signing keys"))
    sheets = Sheets(
        database,
        log,
        Identity(database, log, Tokens("bench", ring, Revocations(database), Lives())),
        Limits(rows_max=rows, work_seconds=600),
    )
    taken: dict[str, tuple[float, float]] = {}
    file = workbook(rows, items)

    def progress(step: str, count: int) -> None:
        print(f"\r{step} {count}   ", end="", flush=True)

    checked = await timed("check", sheets.check(ACTOR, file, progress), taken)
    stored = await timed("import", sheets.store(ACTOR, file, progress=progress), taken)
    again = await timed("import again", sheets.store(ACTOR, file, progress=progress), taken)
    out = await timed("export", sheets.export(ACTOR, Wanted(False, None, "xlsx"), progress), taken)
    assert (checked.faults_total, stored.drafted, again.unchanged) == (0, rows // items, rows // items)
    await log.close()
    await database.close()
    return {
        "rows": rows,
        "entries": rows // items,
        "file_bytes": len(file),
        "export_bytes": len(out),
        "seconds": taken,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--items", type=int, default=10, help="rows to a resource")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    given = parser.parse_args()
    with throwaway_server() as dsn:
        found = asyncio.run(measure(dsn, given.rows, given.items))
    if given.as_json:
        print(json.dumps(found))
        return
    print(
        f"\r{found['rows']} rows, {found['entries']} entries, {found['file_bytes']} bytes; load {os.getloadavg()[0]:.1f}"
    )
    for step, (seconds, used) in found["seconds"].items():
        print(f"{step:<13} {seconds:>6.1f} s   processor {used:>6.1f} s")


if __name__ == "__main__":
    main()
