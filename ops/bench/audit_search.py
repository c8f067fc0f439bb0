"""The auditors' search at size: milliseconds of a page for every filter, of a month's figures, and bytes per event.

    python ops/bench/audit_search.py [--records 5000000] [--seconds 15] [--json]

Starts an embedded PostgreSQL on a throw-away directory and writes the ledger as the integrator does: events of a city
of 200 departments (calls of 400 services nine in ten, a third of them for a named 当事人, the rest applications, grants,
catalogue and administration) are ordered, numbered, hashed and copied in passes of 256 over the last 60 days. Then one
question after the other is asked through the store, as the control API does, each again and again with another value
that occurs, first and later pages alike; then for the figures of a month. Bytes are those of the ledger with its indexes and of the rollup.
"""

import argparse
import asyncio
import json
import os
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from throwaway import throwaway_server

from gateway.audit import Event, EventType, Filter, Origin, Outcome, Who
from gateway.audit import store as ledger_store
from gateway.audit.figures.model import Asked, By
from gateway.audit.figures.store import figures, roll_up
from gateway.audit.forms import numbered, serialise
from gateway.audit.ledger import GENESIS, Head, Reading, grow, seats
from gateway.audit.search.store import find_records
from gateway.names import is_org_code
from gateway.settings import Storage
from gateway.storage import Database, Zone, zone_dsn
from gateway.storage.migrate import migrate

KEY = bytes(32)
DAYS, PASS, PASSES_A_COMMIT = 60, 256, 40
ORIGIN = Origin("bench", UUID(int=7))
CALLS = (
    (EventType.CALL_INTENDED, Outcome.ALLOW, "granted", 47),
    (EventType.CALL_RELEASED, Outcome.ALLOW, "granted", 45),
    (EventType.CALL_REFUSED, Outcome.DENY, "quota-exceeded", 4),
    (EventType.CALL_REFUSED, Outcome.DENY, "outside-hours", 2),
    (EventType.CALL_FAILED, Outcome.ERROR, "provider-timeout", 2),
)
FILTERS = (
    "type", "outcome", "reason", "org", "consumer_org", "provider_org", "application_id", "grant_id", "request_id",
    "actor", "resource", "matter", "case_id", "subject", "grade",
)  # fmt: skip
ACTS = (
    EventType.TOKEN_ISSUED,
    EventType.SIGNED_IN,
    EventType.APPLICATION_FILED,
    EventType.APPLICATION_APPROVED,
    EventType.GRANT_ISSUED,
    EventType.GRANT_REVOKED,
    EventType.RESOURCE_PUBLISHED,
    EventType.AUDIT_QUERIED,
)


class City:
    """Who exchanges what: makes events and remembers nothing."""

    def __init__(self) -> None:
        self.made = random.Random(11)
        self.orgs = [_org(number) for number in range(200)]
        self.grants = [self._grant(number) for number in range(1000)]

    def _grant(self, number: int) -> dict[str, str]:
        service = self.made.randrange(400)
        return {
            "consumer_org": self.made.choice(self.orgs[40:]),
            "provider_org": self.orgs[service % 40],
            "resource": f"307011{service // 20:06}/{service % 20:06}",
            "grade": "important" if service % 25 == 0 else "general",
            "grant_id": str(self._uuid()),
            "application_id": str(self._uuid()),
            "purpose": "不动产登记",
            "matter": f"0001140{service % 90:05}",
        }

    def _uuid(self) -> UUID:
        return UUID(int=self.made.getrandbits(128))

    def event(self, number: int, at: datetime) -> bytes:
        """One event's bytes."""
        made = self.made
        grant = self.grants[min(made.randrange(1000), made.randrange(1000))]
        if made.random() < 0.9:
            kind, outcome, reason, _ = made.choices(CALLS, [each[3] for each in CALLS])[0]
            client = f"system-{int(grant['grant_id'][:4], 16) % 300}"
            who = Who(
                "client", client, grant["consumer_org"], "", client, "10.20.30.40", f"token {self._uuid()}"
            )
            about = dict(grant)
            about["object_kind"], about["object_id"] = "service", f"s{grant['resource'][-6:]}"
            about["case"] = f"2026-{number // 2 % 900000:08}" if made.random() < 0.4 else ""
            about["subject"] = f"{made.randrange(300_000) * 2654435761:032x}" if made.random() < 0.33 else ""
            about["request_id"] = str(_ordered(at, number // 2))
            detail: dict[str, Any] = {
                "fields": ["name", "status", "valid_until"], "request": "5" * 64, "nonce": "5" * 32, "token": str(self._uuid()),
            }  # fmt: skip
        else:
            kind, outcome, reason = made.choice(ACTS), Outcome.DONE, ""
            who = Who("person", f"person-{made.randrange(800)}", grant["consumer_org"], "requester")
            about, detail = (dict(grant) if "." in kind and kind < "g" else {}), {"because": "业务办理"}
        event = Event(kind, outcome, who, reason, detail=detail, **about)
        body = serialise(
            event, ORIGIN, event_id=_ordered(at, number), occurred_at=at, nonce=made.randbytes(16)
        )
        return numbered(body, number)


def _org(number: int) -> str:
    """A department's code with its check digit."""
    stem = f"1162{number:013}"
    return next(stem + last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if is_org_code(stem + last))


def _ordered(at: datetime, number: int) -> UUID:
    """An id that grows with time, as ours do (UUIDv7)."""
    return UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | number * 2654435761 % (1 << 60))


async def fill(owner: str, records: int) -> float:
    """The ledger over that many events; the seconds it took."""
    connection = await asyncpg.connect(owner)
    began, city, head = time.perf_counter(), City(), GENESIS
    start = datetime.now(UTC) - timedelta(days=DAYS)
    await connection.execute("SET synchronous_commit = off")
    for month in sorted({f"{start + timedelta(days=day):%Y-%m-01}" for day in range(DAYS + 1)}):
        if not await connection.fetchval(
            "SELECT EXISTS (SELECT FROM audit.partition_map WHERE lower = $1::text::timestamptz)",
            f"{month} 00:00Z",
        ):
            await connection.execute(f"SELECT audit.add_partition('{month}')")
    counters: dict[Any, int] = {}
    for first in range(0, records, PASS * PASSES_A_COMMIT):
        async with connection.transaction():
            for at in range(first, min(first + PASS * PASSES_A_COMMIT, records), PASS):
                head = await _pass(connection, city, head, counters, at, start, records)
    while await roll_up(connection):
        pass
    await connection.execute("VACUUM (ANALYZE) audit.ledger")
    await connection.execute("VACUUM (ANALYZE) audit.rollup")
    await connection.close()
    return time.perf_counter() - began


async def _pass(
    connection: Any, city: City, head: Head, counters: dict[Any, int], first: int, start: datetime, records: int
) -> Head:  # fmt: skip
    now = start + timedelta(days=DAYS) * (first / records)
    readings = [Reading.of(city.event(number, now)) for number in range(first, min(first + PASS, records))]
    known = {seat: counters.get(seat, 0) for seat in seats(readings)}
    growth = grow(head, known, readings, now)
    counters.update(growth.counters)
    await ledger_store.keep(connection, growth)
    return growth.head


async def values_of(owner: str) -> dict[str, list[Any]]:
    """For each filter some values that occur, as often as they occur: hot and rare ones alike."""
    connection = await asyncpg.connect(owner)
    size = await connection.fetchval("SELECT max(size) FROM audit.head")
    picked = random.Random(3).sample(range(size), 400)
    rows = await connection.fetch("SELECT * FROM audit.ledger WHERE idx = ANY ($1::bigint[])", picked)
    kinds = await connection.fetch("SELECT DISTINCT type FROM audit.ledger WHERE idx < 100000")
    await connection.close()
    found = {
        name: [row[name] for row in rows if row[name] is not None]
        for name in FILTERS
        if name not in ("org", "type")
    }
    return found | {
        "org": found["provider_org"] + found["consumer_org"],
        "type": [EventType(row[0]) for row in kinds],
    }


async def ask(owner: str, records: int, seconds: float) -> dict[str, dict[str, float]]:
    """Milliseconds of every page, by filter."""
    values = await values_of(owner)
    now = datetime.now(UTC)
    questions: dict[str, Any] = {
        name: lambda made, name=name: {name: made.choice(values[name])} for name in FILTERS
    }
    questions |= {
        "everything": lambda made: {},
        "one hour": lambda made: _hour(now, made),
        "department in one hour": lambda made: {"org": made.choice(values["org"])} | _hour(now, made),
        "department, refused": lambda made: {
            "consumer_org": made.choice(values["consumer_org"]),
            "outcome": Outcome.DENY,
        },
        "nothing such": lambda made: {"subject": f"{made.getrandbits(120):032x}"},
    }
    database = await Database.open(zone_dsn(owner, Zone.READER, "bench", KEY), Storage(), size=1)
    taken: dict[str, dict[str, float]] = {}
    try:
        async with database.connection() as connection:
            for kind, question in questions.items():
                taken[kind] = await _timed(connection, question, records, seconds / len(questions))
            taken |= await _figures(connection, values["org"])
    finally:
        await database.close()
    return taken


def _hour(now: datetime, made: random.Random) -> dict[str, datetime]:
    since = now - timedelta(hours=made.randrange(1, DAYS * 24))
    return {"since": since, "until": since + timedelta(hours=1)}


async def _figures(connection: Any, orgs: list[Any]) -> dict[str, dict[str, float]]:
    """A month told apart in several ways, twelve times each."""
    last = datetime.now(UTC).date() - timedelta(days=1)
    month = {"first_day": last - timedelta(days=30), "last_day": last}
    taken = {}
    for kind, by, more in (
        ("month by department", {By.CONSUMER}, {}),
        ("month by type and outcome", {By.TYPE, By.OUTCOME}, {}),
        ("month by pair of departments", {By.CONSUMER, By.PROVIDER}, {}),
        ("month by day, one department", {By.DAY}, {"org": orgs[0]}),
    ):
        spent = []
        for _ in range(12):
            began = time.perf_counter()
            await figures(connection, Asked(frozenset(by), **month, **more), 10_000)
            spent.append((time.perf_counter() - began) * 1000)
        taken[kind] = _told(spent)
    return taken


async def _timed(connection: Any, question: Any, records: int, seconds: float) -> dict[str, float]:
    made, spent, until = random.Random(5), [], time.perf_counter() + seconds
    while time.perf_counter() < until or len(spent) < 12:
        wanted = Filter(**question(made))
        before = None if len(spent) % 3 else made.randrange(1, records)
        began = time.perf_counter()
        await find_records(connection, wanted, before=before, limit=51)
        spent.append((time.perf_counter() - began) * 1000)
    return _told(spent)


def _told(spent: list[float]) -> dict[str, float]:
    ordered = sorted(spent[2:])
    return {
        "answers": len(ordered), "p50_ms": ordered[len(ordered) // 2], "p95_ms": ordered[int(len(ordered) * 0.95)],
        "most_ms": ordered[-1],
    }  # fmt: skip


async def sizes(owner: str, records: int) -> dict[str, float]:
    """Bytes per event: all of it, and by table or index."""
    connection = await asyncpg.connect(owner)
    rows = await connection.fetch(
        "SELECT regexp_replace(c.relname, '_20[0-9]{2}_[0-9]{2}', '') AS name, sum(pg_relation_size(c.oid)) AS size"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'audit' AND c.relkind IN ('r', 'i') AND c.relname ~ '^(ledger|rollup|head|a_day_is)' GROUP BY 1"
    )
    event = float(
        await connection.fetchval(
            "SELECT avg(octet_length(audit.event_of(ledger))) FROM audit.ledger WHERE idx < 100000"
        )
    )
    await connection.close()
    parts = {row["name"]: float(row["size"]) / records for row in rows}
    return {
        "event alone": event,
        "all": sum(parts.values()),
        **dict(sorted(parts.items(), key=lambda each: -each[1])),
    }


async def measure(owner: str, records: int, seconds: float) -> dict[str, Any]:
    """Fill, then ask."""
    await migrate(owner, "bench", KEY)
    filled = await fill(owner, records)
    return {
        "records": records, "fill_seconds": filled, "bytes_an_event": await sizes(owner, records),
        "pages": await ask(owner, records, seconds),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--seconds", type=float, default=15, help="time for all questions")
    parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")
    given = parser.parse_args()
    with throwaway_server() as dsn:
        found = asyncio.run(measure(dsn, given.records, given.seconds))
    if given.as_json:
        print(json.dumps(found))
        return
    print(
        f"{found['records']} records, written in {found['fill_seconds']:.0f} s; load {os.getloadavg()[0]:.1f}"
    )
    for kind, spent in found["pages"].items():
        line = "  ".join(f"{name} {spent[name]:>7.1f}" for name in ("p50_ms", "p95_ms", "most_ms"))
        print(f"{kind:<30} {spent['answers']:>6} answers  {line}")
    for name, size in found["bytes_an_event"].items():
        print(f"{name:<40} {size:>8.1f} bytes an event")


if __name__ == "__main__":
    main()
