"""Figures are those of the ledger, at every moment, and a rollup that is not is found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ledgers import CONSUMER, PROVIDER, an_event

from gateway.audit import (
    AuditReader,
    EventType,
    Finding,
    Outcome,
    Problem,
    Verdict,
    Who,
    integrate_once,
)
from gateway.audit.figures.model import Asked, By
from gateway.audit.figures.service import Counting, Rolling
from gateway.names import OrgCode
from gateway.storage import Zone

AUDITOR = Who("person", "zhao-min", CONSUMER, "auditor")


@pytest.fixture
def midnight() -> datetime:
    """Midnight in Shanghai, some days before this month."""
    first = datetime.now(UTC).replace(day=1, hour=16, minute=0, second=0, microsecond=0)
    return first - timedelta(days=4)


@pytest.fixture
async def story(database: Any, writing: Any, midnight: datetime) -> Any:
    """Two records before midnight, two after, two of today; the integrator's login."""
    zone = await database.open(Zone.INTEGRATOR)

    async def order(now: datetime, *events: Any) -> None:
        async with writing() as log:
            for event in events:
                await log.append(event)
        async with zone.connection() as connection:
            while await integrate_once(connection, lambda: now):
                pass

    await order(midnight - timedelta(seconds=1), an_event(), an_event())
    await order(midnight, an_event(), an_event(type=EventType.CALL_REFUSED, outcome=Outcome.DENY))
    await order(
        datetime.now(UTC), an_event(consumer_org=PROVIDER, provider_org=CONSUMER), an_event(consumer_org="")
    )
    return zone


async def lines(database: Any, *by: By, **asked: Any) -> list[tuple[Any, ...]]:
    """The lines of an answer; each asking leaves its record."""
    recorded: list[Any] = []

    async def record(event: Any) -> Any:
        recorded.append(event)

    counting = Counting(await database.open(Zone.READER), record)
    found = await counting.figures(AUDITOR, Asked(frozenset(by), **asked))
    assert [(event.type, event.detail["found"]) for event in recorded] == [
        (EventType.AUDIT_QUERIED, len(found.lines))
    ]
    named = {By.MONTH: "period", By.DAY: "period"}
    return [
        (*(getattr(line, named.get(each, each.value)) for each in by), line.records) for line in found.lines
    ]


async def test_figures_are_exact_before_and_after_they_are_rolled_up(
    story: Any, database: Any, midnight: datetime
) -> None:
    day, next_day = midnight.date(), midnight.date() + timedelta(days=1)
    for _ in range(2):
        assert await lines(database) == [(6,)]
        assert (await lines(database, By.DAY))[:2] == [(f"{day}", 2), (f"{next_day}", 2)]
        assert (await lines(database, By.MONTH))[0] == (f"{day:%Y-%m}", 4)
        assert await lines(database, By.OUTCOME) == [("allow", 5), ("deny", 1)]
        assert await lines(database, By.TYPE, last_day=next_day, first_day=next_day) == [
            ("call.intended", 1),
            ("call.refused", 1),
        ]
        assert await lines(database, By.CONSUMER) == [("", 1), (CONSUMER, 4), (PROVIDER, 1)]
        assert await lines(database, org=OrgCode(CONSUMER)) == [(5,)]
        assert await lines(database, By.PROVIDER, consumer_org=OrgCode(CONSUMER)) == [(PROVIDER, 4)]
        assert await lines(database, By.TYPE, type=EventType.SIGNED_IN) == []
        while await Rolling(story, 1).step():
            pass


async def test_a_record_is_rolled_up_once_whoever_does_it(story: Any, database: Any, owner: Any) -> None:
    assert [await Rolling(story, 1).step() for _ in range(2)] == [6, 0]
    assert await Rolling(await database.open(Zone.INTEGRATOR), 1).step() == 0
    assert await owner.fetchval("SELECT sum(records) FROM audit.rollup") == 6


async def test_a_rollup_that_was_changed_is_found_with_its_day(
    story: Any, database: Any, owner: Any, midnight: datetime
) -> None:
    await Rolling(story, 1).step()
    reader = AuditReader(await database.open(Zone.READER), None)  # type: ignore[arg-type]  # records nothing here
    assert isinstance(await reader.verify(), Verdict)
    for tampering in (
        "UPDATE audit.rollup SET records = records + 1 WHERE outcome = 'deny'",
        "DELETE FROM audit.rollup WHERE outcome = 'deny'",
        "UPDATE audit.rollup SET outcome = 'error' WHERE outcome = 'deny'",
    ):
        await owner.execute(tampering)
        found = await reader.verify()
        assert isinstance(found, Finding)
        assert found.problem is Problem.FIGURE_DIFFERS
        assert f"{midnight.date() + timedelta(days=1)}" in found.what
        await owner.execute("DELETE FROM audit.rollup; UPDATE audit.rolled_up SET beyond = 0")
        await Rolling(story, 1).step()
    assert isinstance(await reader.verify(), Verdict)
