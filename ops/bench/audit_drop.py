"""Dropping a month of audit records: milliseconds of the drop, and of what is asked before it, at a given size.

    python ops/bench/audit_drop.py [--records 5000000] [--json]

Starts an embedded PostgreSQL on a throw-away directory, fills January 2020 with that many records of about 640 bytes and all
the ledger's indexes, February with a tenth of it, and lets the retention login drop January through the function that asks
for everything once more. Beside it stand what the list of months takes and the bytes that were freed.
"""

import argparse
import asyncio
import json
import os
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from throwaway import throwaway_server

from gateway.audit.retention import store
from gateway.audit.retention.model import Kind
from gateway.settings import Storage
from gateway.storage import Database, Zone, zone_dsn
from gateway.storage.migrate import migrate

KEY, DISPOSAL, RECORDED = bytes(32), UUID(int=1), UUID(int=2)
FILL = """
INSERT INTO audit.ledger (idx, recorded_at, occurred_at, cseq, pseq, event_id, grant_id, request_id, type, outcome,
    consumer_org, provider_org, actor, resource, leaf_hash, event)
SELECT n, $3::timestamptz + n * interval '1 millisecond', $3, n, n, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
    CASE WHEN n = $4 THEN 'retention.dropped' ELSE 'call.released' END, 'allow', '11621000MB00000024', '11621000MB00000037',
    'client:realty', '307011024701/000001', sha256(n::text::bytea), decode(repeat(md5(n::text), 40), 'hex')
FROM generate_series($1::bigint, $2::bigint - 1) AS n
"""


async def fill(owner: asyncpg.Connection, records: int) -> None:
    """Two months, a head behind them, and a disposal as far as the drop."""
    for month in (1, 2):
        await owner.execute(f"SELECT audit.add_partition('2020-0{month}-01')")
    beyond = records + max(records // 10, 300)
    await owner.execute("SET synchronous_commit = off; SET session_replication_role = replica")
    for first, last, month in ((0, records, 1), (records, beyond, 2)):
        await owner.execute(FILL, first, last, datetime(2020, month, 1, tzinfo=UTC), beyond - 1, timeout=3600)
    await owner.execute("UPDATE audit.ledger SET event_id = $1 WHERE idx = $2", RECORDED, beyond - 1)
    frontier = bytes(32 * beyond.bit_count())
    await owner.execute("INSERT INTO audit.head VALUES ($1, 0, sha256(''), $2, now())", beyond, frontier)
    await owner.execute("INSERT INTO audit.checkpoint VALUES ($1, '', now())", beyond)
    await owner.execute(
        "INSERT INTO audit.disposal (id, kind, month, reason, proposed_by, proposed_at, approved_by, approved_at, first, beyond, "
        "archive, archive_sha256, event_id, event_digest, recorded_id) VALUES ($1, 'records', '2020-01-01', 'x', 'a', now(), 'b', "
        "now(), 0, $3, 'x', sha256(''), $2, sha256(''), $2)",
        DISPOSAL, RECORDED, records,
    )  # fmt: skip
    await owner.execute("SET session_replication_role = origin")
    await owner.execute("VACUUM ANALYZE audit.ledger", timeout=3600)
    await owner.execute("CHECKPOINT")


async def measured(dsn: str, records: int) -> dict[str, Any]:
    """Fill, ask, drop."""
    await migrate(dsn, "gxb", KEY)
    owner = await asyncpg.connect(dsn)
    await fill(owner, records)
    before = await owner.fetchval("SELECT pg_database_size(current_database())")
    pool = await Database.open(zone_dsn(dsn, Zone.RETENTION, "gxb", KEY), Storage())
    async with pool.connection() as connection:
        began = time.perf_counter()
        months = await store.months(connection, datetime.now(UTC))
        listed = time.perf_counter()
        found = await store.find(connection, DISPOSAL)
        assert found is not None
        assert found.kind is Kind.RECORDS
        start = time.perf_counter()
        await store.carry_out(connection, found)
        done = time.perf_counter()
    await pool.close()
    after = await owner.fetchval("SELECT pg_database_size(current_database())")
    await owner.close()
    assert [one.beyond for one in months][:1] == [records]
    return {
        "records": records,
        "months_ms": round((listed - began) * 1000, 1),
        "drop_ms": round((done - start) * 1000, 1),
        "freed_bytes": before - after,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--json", action="store_true", dest="as_json")
    given = parser.parse_args()
    with throwaway_server() as dsn:
        found = asyncio.run(measured(dsn, given.records)) | {"load": round(os.getloadavg()[0], 1)}
    print(
        json.dumps(found)
        if given.as_json
        else "\n".join(f"{name:<12} {value}" for name, value in found.items())
    )


if __name__ == "__main__":
    main()
