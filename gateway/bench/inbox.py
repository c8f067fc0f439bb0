"""The hot path of the audit log: durable events per second, their latency, and what one costs the gateway's process."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from gateway.audit import AuditLog, AuditUnavailable, Event, EventType, Form, Outcome, Particulars, Who, emit
from gateway.audit.writer import utc_now
from gateway.settings import Audit, Storage
from gateway.storage import Connection, Database

_TICK_SECONDS: Final = 0.001
EVENT: Final = Event(
    EventType.CALL_RELEASED,
    Outcome.ALLOW,
    Who("client", "realty-registration", "11621000MB00000011", address="10.20.30.40"),
    consumer_org="11621000MB00000011",
    provider_org="11621000MB00000011",
    resource="307011024701/000001",
    detail={"fields": ["name", "status", "registered_on"], "bytes": 512, "records": 1},
)

FORM: Final = Form(EVENT)
"""Made once, as a call's two forms are for all calls that come by one token under one grant."""
SAID: Final = Particulars.of(EVENT)


@dataclass(frozen=True, slots=True)
class Paced:
    """A steady load: durable events per second, how many were refused because too many waited, and seconds from when an
    event was due until it was durable."""

    per_second: float
    refused: int
    p50_seconds: float
    p99_seconds: float


@dataclass(frozen=True, slots=True)
class HotPath:
    """Rounds of events per second, batched and one row a commit; CPU of this process per event; a steady load."""

    batched: list[float]
    single: list[float]
    cpu_seconds: float
    paced: Paced

    @property
    def ratio(self) -> float:
        """Batched over single."""
        return median(self.batched) / median(self.single)


async def hot_path(dsn: str, *, events: int, callers: int, rate: int, seconds: float) -> HotPath:
    """Measure, A B A B; the first round is thrown away.

    Args:
        dsn: the exchange zone's.
        events: of a batched round, by this many callers that wait at the same time.
        rate: events per second of the steady load, for so many seconds.
    """
    log, database = (
        await AuditLog.open(dsn, Audit(), node="bench"),
        await Database.open(dsn, Storage(), size=1),
    )
    rounds: dict[str, list[float]] = {"batched": [], "single": []}
    async with asyncio.TaskGroup() as workers, database.connection() as connection:
        workers.create_task(log.run())
        ways: dict[str, Callable[[], Awaitable[float]]] = {
            "batched": lambda: batched(log, events, callers),
            "single": lambda: single(connection, log, max(events // 10, 100)),
        }
        await ways["batched"]()
        cpu = 0.0
        for name in ("batched", "single", "batched", "single"):
            before = time.process_time()
            rounds[name].append(await ways[name]())
            if name == "batched":
                cpu += time.process_time() - before
        steady = await paced(log, rate, seconds)
        await log.close()
    await database.close()
    return HotPath(rounds["batched"], rounds["single"], cpu / (2 * events), steady)


async def batched(log: AuditLog, events: int, callers: int) -> float:
    """Events per second of many callers over one audit log."""

    async def call(share: int) -> None:
        for _ in range(share):
            await log.append_filled(FORM, SAID)

    started = time.perf_counter()
    await asyncio.gather(*(call(events // callers) for _ in range(callers)))
    return events // callers * callers / (time.perf_counter() - started)


async def single(connection: Connection, log: AuditLog, events: int) -> float:
    """Events per second, one row per commit on one connection."""
    started = time.perf_counter()
    for _ in range(events):
        await emit(connection, EVENT, log.origin, utc_now())
    return events / (time.perf_counter() - started)


async def paced(log: AuditLog, rate: int, seconds: float) -> Paced:
    """A load that does not wait for its answers: what comes late counts from when it was due."""
    took, refused = list[float](), 0
    start = time.perf_counter()

    async def one(due: float) -> None:
        nonlocal refused
        try:
            await log.append_filled(FORM, SAID)
        except AuditUnavailable:
            refused += 1
        else:
            took.append(time.perf_counter() - due)

    total, sent = int(rate * seconds), 0
    async with asyncio.TaskGroup() as group:
        while sent < total:
            due_by_now = min(total, int((time.perf_counter() - start) * rate))
            for place in range(sent, due_by_now):
                group.create_task(one(start + place / rate))
            sent = due_by_now
            await asyncio.sleep(_TICK_SECONDS)
    reached = len(took) / (time.perf_counter() - start)
    return Paced(reached, refused, median(took), quantiles(took, n=100)[98])
