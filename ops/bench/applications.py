"""The list of applications at a million rows: p50 and p95 of a page of 50 for each filter, beside the page unfiltered.

    python ops/bench/applications.py [--rows 1000000] [--pages 40] [--json]

Starts an embedded PostgreSQL on a throw-away directory and writes the rows with generate_series: 200 departments, 2 000
resources, 500 matters; nine of ten closed, the open ones the newest. Each page is what the service does for
``GET /v1/applications``: a transaction, the statement, and the rows as values; each time another department, resource or
matter. HTTP and JSON of the answer are not in it.
"""

import argparse
import asyncio
import json
import time
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import asyncpg
from throwaway import throwaway_server

from gateway.authz.applications import store
from gateway.authz.applications.model import Holder, State, Wanted
from gateway.settings import Storage
from gateway.storage import Database, Zone, zone_dsn
from gateway.storage.migrate import migrate

KEY = bytes(32)
ROWS = """
INSERT INTO authz.application (id, resource_id, resource_version, consumer_org, provider_org, client_id, sharing_class,
    route, state, rule_sets, form, filed_by, filed_at, reviewed_by, reviewed_at, closed_at, version, event_id, event_digest)
SELECT lpad(to_hex(n), 32, '0')::uuid, lpad(to_hex(n % 2000), 32, '0')::uuid, 1,
    '11621000MB' || lpad((n % 200)::text, 8, '0'), '11621000MB' || lpad((n % 10)::text, 8, '0'), 'registration',
    'conditional', 'department', state, '{qy132,tl809}',
    jsonb_build_object('resource_id', lpad(to_hex(n % 2000), 32, '0')::uuid, 'client', 'registration', 'basis', 'x',
        'purpose', 'real-estate-registration', 'scene', 'x', 'scope', 'x', 'mode', 'interface',
        'fields', '["uscc", "name"]'::jsonb, 'parameters', '{}'::jsonb, 'daily_quota', 100,
        'valid_from', '2026-01-01', 'valid_until', '2026-12-31', 'matter', 'M-' || n % 500,
        'sign_off', '{"name": "x", "position": "x", "on": "2026-01-01"}'::jsonb),
    'requester', now(), 'platform', CASE WHEN state <> 'filed' THEN now() END,
    CASE WHEN state NOT IN ('filed', 'accepted') THEN now() END, 1, gen_random_uuid(), sha256('')
FROM (
    SELECT n, CASE WHEN n < $1 * 0.9 THEN (ARRAY['approved', 'refused', 'withdrawn'])[1 + n % 3]
        ELSE (ARRAY['filed', 'accepted'])[1 + n % 2] END AS state
    FROM generate_series(0, $1::integer - 1) AS n
) AS numbered"""


def org(number: int) -> str:
    """A department of the rows."""
    return f"11621000MB{number:08}"


def wanted(number: int) -> dict[str, tuple[str | None, Wanted]]:
    """Each kind of list: whose, and narrowed by what."""
    resource, matter = UUID(int=number % 2000), f"M-{number % 500}"
    return {
        "all": (None, Wanted()),
        "own": (org(number % 200), Wanted()),
        "own, refused": (org(number % 200), Wanted(state=State.REFUSED)),
        "a provider's": (org(number % 10), Wanted(holder=Holder.PROVIDER)),
        "filed": (None, Wanted(state=State.FILED)),
        "a state that is nowhere": (None, Wanted(state=State.PROVIDED)),
        "a resource": (None, Wanted(resource_id=resource)),
        "a resource of the own": (org(number % 200), Wanted(resource_id=resource)),
        "a provider": (None, Wanted(provider_org=org(number % 10))),
        "a matter": (None, Wanted(matter=matter)),
        "held by the platform": (None, Wanted(holder=Holder.PLATFORM)),
        "held by the requester": (None, Wanted(holder=Holder.REQUESTER)),
    }


async def page(database: Database, whose: str | None, what: Wanted) -> float:
    """Milliseconds of one page."""
    started = time.perf_counter()
    async with database.transaction() as tx:
        await store.listed(tx, whose, what, None, 51)
    return (time.perf_counter() - started) * 1000


async def measure(owner_dsn: str, rows: int, pages: int) -> dict[str, Any]:
    """Milliseconds of each kind of page, and how long the rows took."""
    await migrate(owner_dsn, "bench", KEY)
    owner, started = await asyncpg.connect(owner_dsn), time.perf_counter()
    await owner.execute("SET session_replication_role = replica; SET synchronous_commit = off")
    await owner.execute(ROWS.replace("$1::integer", str(rows)).replace("$1", str(rows)))
    await owner.execute("VACUUM ANALYZE authz.application")
    took = time.perf_counter() - started
    await owner.close()
    database = await Database.open(zone_dsn(owner_dsn, Zone.CONTROL, "bench", KEY), Storage())
    found: dict[str, list[float]] = {}
    for number in range(pages + 3):
        for name, (whose, what) in wanted(number * 37).items():
            spent = await page(database, whose, what)
            if number >= 3:
                found.setdefault(name, []).append(spent)
    await database.close()
    return {"rows": rows, "seconds_to_write": round(took, 1), "ms": found}


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--pages", type=int, default=40)
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    with throwaway_server() as dsn:
        found = asyncio.run(measure(dsn, given.rows, given.pages))
    if given.json:
        print(json.dumps(found))
        return
    print(
        f"{found['rows']} applications, written in {found['seconds_to_write']} s; a page of 50, {given.pages} times"
    )
    for name, spent in found["ms"].items():
        print(f"{name:26} p50 {median(spent):7.2f} ms   p95 {quantiles(spent, n=20)[-1]:7.2f} ms")


if __name__ == "__main__":
    main()
