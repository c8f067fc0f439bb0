"""Timers built by hand on a test's database, cases under the real rules, and what was put on record."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from handclock import at
from world import PLATFORM

from gateway.audit import AuditLog
from gateway.deadlines import (
    Almanac,
    Clock,
    Editions,
    Event,
    clock_of,
    clocks_for,
    history_of,
    load_calendar,
    load_rule_sets,
)
from gateway.names import OrgCode
from gateway.settings import Audit
from gateway.settings import Supervision as Pace
from gateway.storage import Zone
from gateway.supervision import Case, CaseKind, keep
from gateway.supervision.ladder_file import load_ladder
from gateway.supervision.steps import Steps
from gateway.supervision.timers import Timers
from gateway.supervision.timing import Timing
from gateway.telemetry import Metrics

CONFIG = Path(__file__).resolve().parents[1] / "config"
EDITIONS = Editions.sole(load_calendar(CONFIG / "calendars"))
RULES = tuple(load_rule_sets(CONFIG / "rules"))


def clocks(now: str | None = None, **events: str) -> list[Clock]:
    """The clocks of a case of the department route for conditional data, by the real rules."""
    happened = {Event(name): at(when) for name, when in events.items()}
    moment = at(now) if now else max(happened.values()) + timedelta(minutes=1)
    return [
        clock_of(rule, history_of(happened), moment, EDITIONS)
        for rule in clocks_for(RULES, "department", "conditional")
    ]


class Bench:
    """Timers and cases on one database; ``now`` is the timers' clock, None for the database's own."""

    def __init__(self, database: Any, now: Callable[[], datetime] | None) -> None:
        self.database = database
        self.now = now
        self.metrics = Metrics()
        self.pool: Any = None
        self.log: Any = None

    async def open(self) -> "Bench":
        self.pool = await self.database.open(Zone.CONTROL)
        self.log = await AuditLog.open(self.database.dsn(Zone.CONTROL), Audit(), node="bench")
        return self

    def timers(self, steps: Steps | None = None, batch: int = 500, ladder: Path | None = None) -> Timers:
        """A sweeper of its own, as another process would have."""
        return Timers(
            self.pool, load_ladder(ladder or CONFIG / "supervision.toml"), Almanac(EDITIONS),
            steps or self.steps_taker(), Pace(batch_max=batch), self.metrics, Timing(self.now),
        )  # fmt: skip

    def steps_taker(self, kind: type[Steps] = Steps) -> Any:
        """What a sweeper takes its steps with."""
        return kind(self.log, "bench", OrgCode(PLATFORM))

    async def case(self, holder: str, now: str | None = None, **events: str) -> Case:
        """A made-up correction with that history, stored."""
        case = Case(CaseKind.CORRECTION, uuid4(), "企业登记信息：法定代表人", OrgCode(holder))
        await self.keep(case, now, **events)
        return case

    async def keep(self, case: Case, now: str | None = None, **events: str) -> None:
        async with self.pool.transaction() as tx:
            await keep(tx, case, clocks(now, **events))

    async def rows(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """Whatever the owner reads."""
        owner = await self.database.owner()
        try:
            return [dict(row) for row in await owner.fetch(statement, *values)]
        finally:
            await owner.close()

    async def steps(self, case: UUID | None = None) -> list[tuple[str, str]]:
        """Rule and step of every step taken, in the order of taking."""
        found = await self.rows(
            "SELECT case_id, rule, step FROM supervision.step ORDER BY taken_at, planned_at, rule"
        )
        return [(row["rule"], row["step"]) for row in found if case in (None, row["case_id"])]

    async def recorded(self) -> int:
        """How many records wait for or stand in the audit log, made here."""
        found = await self.rows(
            "SELECT (SELECT count(*) FROM audit.inbox) + (SELECT count(*) FROM audit.ledger) AS n"
        )
        return int(found[0]["n"])


@asynccontextmanager
async def bench(database: Any, now: Callable[[], datetime] | None) -> AsyncIterator[Bench]:
    """A bench with its log closed afterwards."""
    made = await Bench(database, now).open()
    try:
        yield made
    finally:
        await made.log.close()


async def until_quiet(timers: Timers) -> int:
    """Sweep until nothing is due; how much was done."""
    done = 0
    while busy := await timers.sweep():
        done += busy
    return done
