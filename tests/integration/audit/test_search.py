"""What auditors ask for is found: by every filter, over months, page by page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from ledgers import CONSUMER, PROVIDER, an_event

from gateway.audit import AuditReader, Event, EventType, Filter, Outcome, Who, integrate_once
from gateway.names import OrgCode
from gateway.storage import Zone

AUDITOR = Who("person", "zhao-min", CONSUMER, "auditor")
BOTH = OrgCode("11621000MB0000004A")
SUBJECT = "5" * 32
PLAN = "EXPLAIN SELECT idx FROM audit.ledger WHERE {} = '7' ORDER BY idx >> 12 DESC, idx DESC LIMIT 5"


@pytest.fixture
def recorded_at(database: Any, writing: Any) -> Callable[..., Any]:
    """Write events and order them at an instant."""

    async def record(now: datetime, *events: Event) -> None:
        async with writing() as log:
            for event in events:
                await log.append(event)
        zone = await database.open(Zone.INTEGRATOR)
        async with zone.connection() as connection:
            while await integrate_once(connection, lambda: now):
                pass

    return record


@pytest.fixture
async def reader(database: Any, writing: Any) -> Any:
    zone = await database.open(Zone.READER)
    async with writing() as log:
        yield AuditReader(zone, log.append)


async def found(reader: AuditReader, limit: int = 50, **asked: Any) -> list[int]:
    """The indexes of one page."""
    return [record.idx for record in (await reader.find(AUDITOR, Filter(**asked), limit=limit)).records]


async def test_every_filter_finds_its_records_and_all_given_must_hold(
    recorded_at: Any, reader: AuditReader
) -> None:
    await recorded_at(
        datetime.now(UTC),
        an_event(),
        an_event(type=EventType.CALL_REFUSED, outcome=Outcome.DENY, reason="outside-hours", matter="m1"),
        an_event(who=Who("person", "li-na", CONSUMER, "requester"), resource="307011024701/000001"),
        an_event(case="2026-1", subject=SUBJECT, grade="important", matter="m1"),
        an_event(consumer_org=PROVIDER, provider_org=BOTH),
        an_event(consumer_org=BOTH, provider_org=PROVIDER),
        an_event(consumer_org=BOTH, provider_org=BOTH, outcome=Outcome.ERROR),
    )
    for asked, places in (
        ({"type": EventType.CALL_REFUSED}, [1]),
        ({"outcome": Outcome.ERROR}, [6]),
        ({"reason": "outside-hours"}, [1]),
        ({"actor": "person:li-na"}, [2]),
        ({"actor": "client:realty"}, [6, 5, 4, 3, 1, 0]),
        ({"resource": "307011024701/000001"}, [2]),
        ({"matter": "m1"}, [3, 1]),
        ({"matter": "m1", "outcome": Outcome.DENY}, [1]),
        ({"case_id": "2026-1"}, [3]),
        ({"subject": SUBJECT}, [3]),
        ({"subject": "6" * 32}, []),
        ({"grade": "important"}, [3]),
        ({"grant_id": UUID(int=99)}, [6, 5, 4, 3, 2, 1, 0]),
        ({"org": BOTH}, [6, 5, 4]),
        ({"org": BOTH, "outcome": Outcome.ALLOW}, [5, 4]),
        ({"org": BOTH, "consumer_org": BOTH}, [6, 5]),
        ({"org": BOTH, "consumer_org": PROVIDER}, [4]),
        ({"org": BOTH, "consumer_org": CONSUMER}, []),
        ({"org": PROVIDER, "provider_org": BOTH}, [4]),
    ):
        assert await found(reader, **asked) == places, asked
    assert await found(reader, limit=2, org=BOTH) == [6, 5]


async def test_a_search_goes_from_month_to_month_and_pages_do_not_move(
    recorded_at: Any, reader: AuditReader
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    before = now.replace(day=1) - timedelta(days=3)
    await recorded_at(before, an_event(case="a"), an_event(case="b"))
    await recorded_at(before + timedelta(hours=1), an_event(case="a"))
    await recorded_at(now, an_event(case="a"), an_event(case="b"), an_event(case="a"))
    for asked in ({}, {"case_id": "a"}, {"org": CONSUMER}):
        every = await found(reader, **asked)
        pages: list[int] = []
        at: int | None = None
        while True:
            page = await reader.find(AUDITOR, Filter(**asked), limit=2, before=at)
            pages += [record.idx for record in page.records]
            if (at := page.next_before) is None:
                break
            await recorded_at(now, an_event(case="a"))
        assert pages == every
    assert await found(reader, since=before, until=now) == [2, 1, 0]
    assert await found(reader, case_id="a", since=before + timedelta(seconds=1), until=now) == [2]
    assert await found(reader, case_id="a", until=before + timedelta(seconds=1)) == [0]
    assert await found(reader, case_id="b", since=now) == [4]
    assert await found(reader, case_id="a", until=before) == []


async def test_an_empty_log_answers_nothing(reader: AuditReader) -> None:
    assert await found(reader) == []
    assert await found(reader, org=CONSUMER) == []


async def test_a_search_is_answered_from_the_index_of_its_filter(
    recorded_at: Any, database: Any, owner: Any
) -> None:
    """The order a page asks for is that of the filter's index, so no record is read that does not pass."""
    await recorded_at(datetime.now(UTC), *(an_event(case=str(number)) for number in range(300)))
    await owner.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
    for column in ("type", "outcome", "reason", "consumer_org", "provider_org", "actor", "resource", "matter", "case_id",
                   "subject", "grade"):  # fmt: skip
        plan = await owner.fetch(PLAN.format(column))
        said = "\n".join(row[0] for row in plan)
        assert f"_{column}_expr_idx" in said, said
        assert "Presorted Key" in said, said
