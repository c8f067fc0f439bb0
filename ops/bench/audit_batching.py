"""Durable audit events per second: group commit against one row per commit, A B A B in one run.

    python ops/bench/audit_batching.py [--events 4000] [--callers 256] [--json]

Starts a durable embedded PostgreSQL on a throw-away directory. Only the ratio travels between machines.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from statistics import median

import asyncpg
from throwaway import throwaway_server

from gateway.audit import AuditLog, Event, EventType, Outcome, Who, emit
from gateway.audit.writer import utc_now
from gateway.settings import Audit
from gateway.storage import Zone, zone_dsn
from gateway.storage.migrate import migrate

KEY = bytes(32)
EVENT = Event(
    EventType.CALL_RELEASED,
    Outcome.ALLOW,
    Who("client", "realty-registration", "11621000MB00000011", address="10.20.30.40"),
    consumer_org="11621000MB00000011",
    provider_org="11621000MB00000011",
    resource="307011024701/000001",
    detail={"fields": ["name", "status", "registered_on"], "bytes": 512, "records": 1},
)


async def batched(log: AuditLog, events: int, callers: int) -> float:
    """Events per second of many callers over one audit log."""

    async def call(share: int) -> None:
        for _ in range(share):
            await log.append(EVENT)

    started = time.perf_counter()
    await asyncio.gather(*(call(events // callers) for _ in range(callers)))
    return events // callers * callers / (time.perf_counter() - started)


async def single(connection: asyncpg.Connection, log: AuditLog, events: int) -> float:
    """Events per second, one row per commit on one connection."""
    started = time.perf_counter()
    for _ in range(events):
        await emit(connection, EVENT, log.origin, utc_now())
    return events / (time.perf_counter() - started)


async def measure(owner_dsn: str, events: int, callers: int) -> dict[str, list[float]]:
    """Two rounds of each, in turn; the first of all is thrown away."""
    await migrate(owner_dsn, "bench", KEY)
    dsn = zone_dsn(owner_dsn, Zone.EXCHANGE, "bench", KEY)
    log, connection = await AuditLog.open(dsn, Audit(), node="bench"), await asyncpg.connect(dsn)
    rounds: dict[str, list[float]] = {"batched": [], "single": []}
    ways: dict[str, Callable[[], Awaitable[float]]] = {
        "batched": lambda: batched(log, events, callers),
        "single": lambda: single(connection, log, max(events // 10, 100)),
    }
    async with asyncio.TaskGroup() as workers:
        workers.create_task(log.run())
        await ways["batched"]()
        for name in ("batched", "single", "batched", "single"):
            rounds[name].append(await ways[name]())
        await log.close()
    await connection.close()
    return rounds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=4000, help="events of a batched round")
    parser.add_argument("--callers", type=int, default=256, help="callers that wait at the same time")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    given = parser.parse_args()
    with throwaway_server() as dsn:
        rounds = asyncio.run(measure(dsn, given.events, given.callers))
    ratio = median(rounds["batched"]) / median(rounds["single"])
    if given.as_json:
        print(json.dumps({"ratios": {"batched_over_single": ratio}, "events_per_second": rounds}))
        return
    for name, speeds in rounds.items():
        print(f"{name:<8} {'  '.join(f'{speed:>9,.0f}/s' for speed in speeds)}")
    print(f"batched over single: {ratio:.1f}")


if __name__ == "__main__":
    main()
