"""How soon a record can be proven, and how fast a receipt is made and checked."""

import asyncio
import time
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from gateway.audit import AuditLog, Integrator, Written
from gateway.audit.bell import Bell
from gateway.audit.publisher import Publisher
from gateway.audit.receipts.inline import InlineReceipts
from gateway.audit.rollover.model import log_signer
from gateway.bench.inbox import EVENT
from gateway.proof.policy import read_policy
from gateway.proof.receipts import verify_receipt
from gateway.settings import Audit, Storage
from gateway.storage import Database

_SIGNER: Final = log_signer("11621000MB00000011", bytes(32))
_LOOK_SECONDS: Final = 0.005


@dataclass(frozen=True, slots=True)
class Receipted:
    """Seconds from an acknowledged record to its receipt, to make one that is ready, and to check one."""

    count: int
    ready_p50_seconds: float
    ready_p99_seconds: float
    make_seconds: float
    check_seconds: float


async def receipted(exchange_dsn: str, integrator_dsn: str, *, count: int, rate: float) -> Receipted:
    """Append events at a steady rate, with integrator and publisher in this process, and get the receipt of each."""
    settings = Audit()
    waiting, grown = Bell(), Bell()
    log = await AuditLog.open(exchange_dsn, settings, node="bench", bell=waiting)
    exchange = await Database.open(exchange_dsn, Storage())
    ordering = await Database.open(integrator_dsn, Storage())
    integrator = Integrator(integrator_dsn, settings, bell=waiting, grown=grown)
    publisher = Publisher(ordering, _SIGNER, None, settings.publish_seconds, bell=grown)
    async with asyncio.TaskGroup() as workers:
        running = [workers.create_task(one) for one in (log.run(), integrator.run(), publisher.run())]
        receipts = InlineReceipts(exchange, witnessed=False)
        tasks = []
        for _ in range(count):
            tasks.append(workers.create_task(_ready(log, receipts)))
            await asyncio.sleep(1 / rate)
        done = await asyncio.gather(*tasks)
        made = [await _timed_making(receipts, written) for _, written, _ in done[-100:]]
        await log.close()
        for task in running[1:]:
            task.cancel()
    for database in (exchange, ordering):
        await database.close()
    waits = sorted(wait for wait, _, _ in done)
    checks = [_timed_check(receipt) for _, _, receipt in done[-100:]]
    return Receipted(count, median(waits), quantiles(waits, n=100)[98], median(made), median(checks))


async def _ready(log: AuditLog, receipts: InlineReceipts) -> tuple[float, Written, bytes]:
    written = await log.append(EVENT)
    began = time.perf_counter()
    while (receipt := await receipts.made(written)) is None:  # noqa: ASYNC110  # the time until it is there is measured
        await asyncio.sleep(_LOOK_SECONDS)
    return time.perf_counter() - began, written, receipt


async def _timed_making(receipts: InlineReceipts, written: Written) -> float:
    began = time.perf_counter()
    await receipts.made(written)
    return time.perf_counter() - began


def _timed_check(receipt: bytes) -> float:
    policy = f"log {_SIGNER.key}\nquorum none\n".encode()
    began = time.perf_counter()
    verify_receipt(receipt, read_policy(policy))
    return time.perf_counter() - began
