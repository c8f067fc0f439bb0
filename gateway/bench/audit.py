"""All figures of the audit log in one run, beside what they should be."""

from dataclasses import dataclass
from typing import Any, Final

from gateway.bench.inbox import HotPath, hot_path
from gateway.bench.ledger import Grown, grown
from gateway.bench.machine import Place, machine
from gateway.bench.receipts import Receipted, receipted
from gateway.storage import Zone, zone_dsn
from gateway.storage.migrate import migrate

_KEY: Final = bytes(32)
_PREFIX: Final = "bench"
_FLUSHES_MOST: Final = 2
_BESIDE_SECONDS: Final = 0.001


@dataclass(frozen=True, slots=True)
class Load:
    """How much is measured.

    Args:
        events, callers: of a batched round.
        rate, seconds: of the steady load.
        records: in the ledger that is ordered and verified.
        receipts, receipts_a_second: records whose receipts are waited for, and how many of them come a second.
    """

    events: int = 8192
    callers: int = 256
    rate: int = 10_200
    seconds: float = 5
    records: int = 100_000
    receipts: int = 200
    receipts_a_second: float = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure beside its goal. ``least`` says whether the goal is a lower bound, else it is an upper one."""

    name: str
    value: float
    unit: str
    goal: float
    least: bool

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.value >= self.goal if self.least else self.value <= self.goal


@dataclass(frozen=True, slots=True)
class Measured:
    """A whole run."""

    machine: dict[str, Any]
    fsync_seconds: float
    inbox: HotPath
    ledger: Grown
    receipts: Receipted

    @property
    def figures(self) -> list[Figure]:
        """What was promised of the log, and what this run found."""
        steady, ledger = self.inbox.paced, self.ledger
        p50 = _FLUSHES_MOST * self.fsync_seconds + _BESIDE_SECONDS
        return [
            Figure("batched over single", self.inbox.ratio, "×", 10, True),
            Figure("durable events at a steady load", steady.per_second, "/s", 10_000, True),
            Figure("p50 until durable, at that load", steady.p50_seconds * 1e3, "ms", p50 * 1e3, False),
            Figure("CPU of the gateway per event", self.inbox.cpu_seconds * 1e6, "µs", 15, False),
            Figure("records verified per core", ledger.verify_per_cpu_second, "/s", 300_000, True),
            Figure("p99 until a receipt is ready", self.receipts.ready_p99_seconds * 1e3, "ms", 100, False),
            Figure("one receipt checked", self.receipts.check_seconds * 1e3, "ms", 1, False),
        ]

    def shown(self) -> dict[str, Any]:
        """The run as JSON: ``ratios`` travel between machines, ``absolute`` does not."""
        steady = self.inbox.paced
        return {
            "machine": self.machine,
            "ratios": {"batched_over_single": self.inbox.ratio},
            "absolute": {
                "fsync_seconds": self.fsync_seconds,
                "batched_per_second": self.inbox.batched,
                "single_per_second": self.inbox.single,
                "hot_path_cpu_seconds": self.inbox.cpu_seconds,
                "steady_per_second": steady.per_second,
                "steady_refused": steady.refused,
                "durable_p50_seconds": steady.p50_seconds,
                "durable_p99_seconds": steady.p99_seconds,
                "integrate_cpu_seconds": self.ledger.integrate_cpu_seconds,
                "verify_per_second": self.ledger.verify_per_second,
                "verify_per_cpu_second": self.ledger.verify_per_cpu_second,
                "ledger_records": self.ledger.records,
                "receipt_ready_p50_seconds": self.receipts.ready_p50_seconds,
                "receipt_ready_p99_seconds": self.receipts.ready_p99_seconds,
                "receipt_make_seconds": self.receipts.make_seconds,
                "receipt_check_seconds": self.receipts.check_seconds,
            },
            "figures": [
                {"name": f.name, "value": f.value, "unit": f.unit, "goal": f.goal, "met": f.met} for f in self.figures
            ],
        }  # fmt: skip


async def measure(place: Place, load: Load) -> Measured:
    """Measure the log on an empty server.

    Raises:
        DatabaseDown, AuditUnavailable: the server failed. LedgerDamaged: the log does not verify.
    """
    await migrate(place.dsn, _PREFIX, _KEY)
    dsns = {zone: zone_dsn(place.dsn, zone, _PREFIX, _KEY) for zone in Zone}
    inbox = await hot_path(
        dsns[Zone.EXCHANGE], events=load.events, callers=load.callers, rate=load.rate, seconds=load.seconds
    )
    ledger = await grown(dsns[Zone.EXCHANGE], dsns[Zone.INTEGRATOR], dsns[Zone.READER], load.records)
    receipts = await receipted(
        dsns[Zone.EXCHANGE], dsns[Zone.INTEGRATOR], count=load.receipts, rate=load.receipts_a_second
    )
    return Measured(machine(), place.fsync_seconds, inbox, ledger, receipts)
