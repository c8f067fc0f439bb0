"""Sweeps for due steps over a million open clocks, on a durable embedded PostgreSQL in a throw-away directory.

    .venv/bin/python ops/bench/supervision.py [--clocks 1000000] [--due 500] [--json]

Method: the clocks are made by one statement over ``generate_series``, each binding, with its next step planned over the
coming hundred days, then VACUUM ANALYZE. Measured by wall clock with the gateway's own timers: a sweep that finds nothing
due (median of nine); the look for the first 500 of those due (median of nine); a sweep that takes these steps, each in its
own transaction with its audit record; and planning anew what moved. The first page of the list of cases comes with it.
"""

import argparse
import asyncio
import json
import os
import platform
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from statistics import median

import asyncpg
from throwaway import throwaway_server

from gateway.audit import AuditLog
from gateway.deadlines import Almanac, Editions, load_calendar
from gateway.names import OrgCode
from gateway.settings import Audit, Storage, Supervision, config_dir
from gateway.storage import Database, Zone, zone_dsn
from gateway.storage.migrate import migrate
from gateway.supervision import store
from gateway.supervision.ladder_file import edition_of, load_ladder
from gateway.supervision.steps import Steps
from gateway.supervision.timers import Timers
from gateway.supervision.timing import Timing
from gateway.telemetry import Metrics

KEY = bytes(32)
ORG = "11621000MB00000011"
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
MAKE_ORG = (
    "INSERT INTO identity.org (code, name, region, registered_at) VALUES ($1, '示例部门', '621000', $2)"
)
MAKE_CLOCKS = """
INSERT INTO supervision.clock (case_kind, case_id, rule, subject, actor, holder, parties, state, is_open, is_binding,
    started_at, due_at, provisional, rest_day, overdue, reckoned, next_at, planned_by)
SELECT 'application', gen_random_uuid(), 'tl809.reply_cond', '307011024701/' || n, 'provider', $1, ARRAY[$1], 'running',
    true, true, $2::timestamptz, $2::timestamptz + interval '14 days' + n * interval '1 second', false, 'same', false, '{}',
    $2::timestamptz + interval '1 hour' + n * interval '100 days' / $3::integer, $4
FROM generate_series(1, $3::integer) AS n"""
MAKE_DUE = """
UPDATE supervision.clock SET next_at = $1 WHERE case_id IN (SELECT case_id FROM supervision.clock LIMIT $2)"""
MAKE_UNPLANNED = """
UPDATE supervision.clock SET next_at = '-infinity'
WHERE case_id IN (SELECT case_id FROM supervision.clock ORDER BY case_id LIMIT $1)"""


async def timed(act: Callable[[], Awaitable[object]]) -> float:
    """Seconds of one act."""
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


async def measure(owner_dsn: str, clocks: int, due: int) -> dict[str, float]:
    """All figures, in seconds."""
    await migrate(owner_dsn, "bench", KEY)
    dsn = zone_dsn(owner_dsn, Zone.CONTROL, "bench", KEY)
    calendar, ladder = (
        load_calendar(config_dir() / "calendars"),
        load_ladder(config_dir() / "supervision.toml"),
    )
    owner = await asyncpg.connect(owner_dsn, command_timeout=900)
    await owner.execute(MAKE_ORG, ORG, NOW)
    await owner.execute(MAKE_CLOCKS, ORG, NOW, clocks, edition_of(ladder, calendar.version))
    await owner.execute("VACUUM ANALYZE supervision.clock")
    pool = await Database.open(dsn, Storage())
    log = await AuditLog.open(dsn, Audit(), node="bench")
    hand = [NOW]
    timers = Timers(
        pool, ladder, Almanac(Editions.sole(calendar)), Steps(log, "bench", OrgCode(ORG)), Supervision(batch_max=due),
        Metrics(), Timing(lambda: hand[0]),
    )  # fmt: skip
    figures = {"sweep_first": await timed(timers.sweep)}
    figures["sweep_nothing_due"] = median([await timed(timers.sweep) for _ in range(9)])
    hand[0] = NOW + timedelta(days=50)
    async with pool.connection() as connection:
        figures["look_half_of_all_due"] = median(
            [await timed(lambda: store.due(connection, hand[0], due)) for _ in range(9)]
        )
        figures["list_first_page"] = median(
            [
                await timed(lambda: store.open_cases(connection, None, None, None, None, None, 51))
                for _ in range(9)
            ]
        )
    hand[0] = NOW + timedelta(days=7)
    await owner.execute(
        "UPDATE supervision.clock SET next_at = next_at + interval '100 days' WHERE next_at <= $1", hand[0]
    )
    await owner.execute(MAKE_DUE, NOW, due)
    figures["sweep_taking_steps"] = await timed(timers.sweep)
    hand[0] = NOW
    await owner.execute(MAKE_UNPLANNED, 1000)
    figures["plan_1000"] = await timed(timers.sweep)
    await log.close()
    await pool.close()
    await owner.close()
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--clocks", type=int, default=1_000_000, help="open clocks")
    parser.add_argument("--due", type=int, default=500, help="steps due at once")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    given = parser.parse_args()
    with throwaway_server() as dsn:
        figures = asyncio.run(measure(dsn, given.clocks, given.due))
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    if given.as_json:
        print(json.dumps({"machine": machine, "clocks": given.clocks, "due": given.due, "seconds": figures}))
        return
    print(f"{given.clocks:,} open clocks; {machine}")
    for name, seconds in figures.items():
        print(f"{name:<22} {seconds * 1000:>10,.1f} ms")


if __name__ == "__main__":
    main()
