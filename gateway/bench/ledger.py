"""The ledger: what ordering one event costs the integrator, and how fast the whole log is verified."""

import time
from dataclasses import dataclass
from typing import Final

from gateway.audit import Origin, Verdict, integrate_once, store
from gateway.audit.verify import verify_stream
from gateway.audit.writer import emit_all, utc_now
from gateway.bench.inbox import EVENT
from gateway.errors import Unavailable
from gateway.names import new_id
from gateway.settings import Storage
from gateway.storage import Database

_AT_ONCE: Final = 10_000


class LedgerDamaged(Unavailable):
    """The ledger that was to be measured does not verify（被测日志未通过核验）."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A ledger made for the measurement.

    Attributes:
        integrate_cpu_seconds: of this process per event, the database apart.
        verify_per_second, verify_per_cpu_second: records verified, by the clock and by this process's CPU time.
    """

    records: int
    integrate_cpu_seconds: float
    verify_per_second: float
    verify_per_cpu_second: float


async def grown(writer_dsn: str, integrator_dsn: str, reader_dsn: str, records: int) -> Grown:
    """Write so many events, order them, verify the whole ledger.

    Raises:
        LedgerDamaged: it does not verify.
    """
    await _write(writer_dsn, records)
    database = await Database.open(integrator_dsn, Storage(), size=1)
    async with database.connection() as connection:
        before = time.process_time()
        while await integrate_once(connection):
            pass
        integrated = time.process_time() - before
    await database.close()
    size, clock, cpu = await _verify(reader_dsn)
    return Grown(size, integrated / size, size / clock, size / cpu)


async def _write(dsn: str, records: int) -> None:
    database, origin = await Database.open(dsn, Storage(), size=1), Origin("bench", new_id())
    for start in range(0, records, _AT_ONCE):
        async with database.transaction() as tx:
            await emit_all(tx, [EVENT] * min(_AT_ONCE, records - start), origin, utc_now())
    await database.close()


async def _verify(dsn: str) -> tuple[int, float, float]:
    database = await Database.open(dsn, Storage(statement_timeout_seconds=300), size=1)
    async with database.connection() as connection:
        clock, cpu = time.perf_counter(), time.process_time()
        verdict = await verify_stream(store.everything(connection))
        took = time.perf_counter() - clock, time.process_time() - cpu
    await database.close()
    if not isinstance(verdict, Verdict):
        raise LedgerDamaged(f"{verdict.problem} at record {verdict.idx}", f"第 {verdict.idx} 条记录不一致")
    return verdict.size, *took
