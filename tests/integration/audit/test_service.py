from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from ledgers import CONSUMER, PROVIDER, an_event, said

from gateway.audit import (
    AuditReader,
    AuditUnavailable,
    Event,
    EventType,
    Filter,
    Finding,
    NoSuchRecord,
    Outcome,
    Problem,
    Verdict,
    Who,
    Written,
    verify_dump,
)
from gateway.names import new_id
from gateway.storage import Zone

AUDITOR = Who("person", "zhao-min", CONSUMER, "auditor")
APPLICATION, GRANT, REQUEST = (str(UUID(int=number)) for number in (11, 12, 13))


@pytest.fixture
async def story(writing: Any, integrate: Any) -> list[Written]:
    """Seven records; the last is the newest."""
    async with writing() as log:
        written = [
            await log.append(event)
            for event in (
                an_event(type=EventType.APPLICATION_FILED, application_id=APPLICATION, grant_id=""),
                an_event(type=EventType.GRANT_ISSUED, application_id=APPLICATION, grant_id=GRANT),
                an_event(grant_id=GRANT, request_id=REQUEST),
                an_event(type=EventType.CALL_RELEASED, grant_id=GRANT, request_id=REQUEST),
                an_event(type=EventType.CALL_REFUSED, outcome=Outcome.DENY, reason="grant-revoked"),
                an_event(consumer_org=PROVIDER, provider_org=CONSUMER),
                an_event(consumer_org="", provider_org=""),
            )
        ]
    await integrate()
    return written


@pytest.fixture
async def reader(database: Any, writing: Any) -> Any:
    zone = await database.open(Zone.READER)
    async with writing() as log:
        yield AuditReader(zone, log.append)


async def asked(owner: asyncpg.Connection) -> list[dict[str, Any]]:
    rows = await owner.fetch("SELECT events FROM audit.inbox ORDER BY id")
    return [said(event) for row in rows for event in row[0].split(b"\n")]


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        (Filter(), [6, 5, 4, 3, 2, 1, 0]),
        (Filter(type=EventType.CALL_RELEASED), [3]),
        (Filter(outcome=Outcome.DENY), [4]),
        (Filter(consumer_org=PROVIDER), [5]),
        (Filter(provider_org=PROVIDER), [4, 3, 2, 1, 0]),
        (Filter(application_id=UUID(APPLICATION)), [1, 0]),
        (Filter(grant_id=UUID(GRANT)), [3, 2, 1]),
        (Filter(request_id=UUID(REQUEST)), [3, 2]),
        (Filter(grant_id=UUID(GRANT), type=EventType.CALL_INTENDED), [2]),
        (Filter(since=datetime.now(UTC) - timedelta(hours=1), until=datetime.now(UTC) + timedelta(hours=1)),
         [6, 5, 4, 3, 2, 1, 0]),
        (Filter(since=datetime.now(UTC) + timedelta(hours=1)), []),
        (Filter(until=datetime.now(UTC) - timedelta(hours=1)), []),
    ],
)  # fmt: skip
async def test_a_filter_finds_its_records_newest_first(
    wanted: Filter, places: list[int], story: list[Written], reader: AuditReader
) -> None:
    page = await reader.find(AUDITOR, wanted)
    assert [record.columns.event_id for record in page.records] == [story[place].event_id for place in places]
    assert page.next_before is None


async def test_pages_join_without_gap_or_overlap(story: list[Written], reader: AuditReader) -> None:
    found, before = [], None
    while True:
        page = await reader.find(AUDITOR, Filter(), limit=3, before=before)
        found.append([record.idx for record in page.records])
        if (before := page.next_before) is None:
            break
    assert found == [[6, 5, 4], [3, 2, 1], [0]]
    assert (await reader.find(AUDITOR, Filter(), limit=7)).next_before is None


async def test_every_query_leaves_a_record_of_who_asked_what(
    story: list[Written], reader: AuditReader, owner: asyncpg.Connection
) -> None:
    request = str(new_id())
    await reader.find(AUDITOR, Filter(outcome=Outcome.DENY), limit=5, before=6, request_id=request)
    await reader.get(AUDITOR, story[2].event_id)
    missing = new_id()
    with pytest.raises(NoSuchRecord, match=str(missing)):
        await reader.get(AUDITOR, missing)
    events = await asked(owner)
    assert [event["type"] for event in events] == ["audit.queried"] * 3
    assert events[0]["who"] == {"kind": "person", "id": "zhao-min", "org": CONSUMER, "role": "auditor"}
    assert events[0]["request_id"] == request
    assert [event["detail"] for event in events] == [
        {"outcome": "deny", "limit": 5, "found": 1, "before": 6},
        {"event_id": str(story[2].event_id), "found": 1},
        {"event_id": str(missing), "found": 0},
    ]


async def test_nothing_is_shown_if_the_query_cannot_be_recorded(
    story: list[Written], database: Any, tmp_path: Path
) -> None:
    async def fails(event: Event) -> Written:
        raise AuditUnavailable("down", "不可用")

    reader = AuditReader(await database.open(Zone.READER), fails)
    with pytest.raises(AuditUnavailable):
        await reader.find(AUDITOR, Filter())
    with pytest.raises(AuditUnavailable):
        await reader.get(AUDITOR, story[0].event_id)
    with (tmp_path / "dump").open("wb") as file, pytest.raises(AuditUnavailable):
        await reader.dump(AUDITOR, file)
    assert (tmp_path / "dump").read_bytes() == b""


async def test_one_record_shows_what_was_written(story: list[Written], reader: AuditReader) -> None:
    record = await reader.get(AUDITOR, story[4].event_id)
    assert record.content()["reason"] == record.columns.reason == "grant-revoked"
    assert record.idx == 4


async def test_the_head_is_read_without_leaving_a_record(
    story: list[Written], reader: AuditReader, owner: asyncpg.Connection
) -> None:
    assert (await reader.head()).size == 7
    assert isinstance(await reader.verify(), Verdict)
    assert await asked(owner) == []


async def test_a_dump_verifies_like_its_database(
    story: list[Written], reader: AuditReader, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "dump"
    with path.open("wb") as file:
        records, heads = await reader.dump(AUDITOR, file)
    assert (records, heads) == (7, await owner.fetchval("SELECT count(*) FROM audit.head"))
    assert verify_dump(path) == await reader.verify() == Verdict(7, (await reader.head()).root)
    assert [event["detail"] for event in await asked(owner)] == [{"dump": True}]


@pytest.mark.parametrize(
    ("tampering", "problem", "idx"),
    [
        ("UPDATE audit.ledger SET rest = set_byte(rest, 60, get_byte(rest, 60) # 1) WHERE idx = 3",
         None, 3),
        ("UPDATE audit.ledger SET outcome = 'allow' WHERE idx = 4", Problem.LEAF_DIFFERS, 4),
        ("UPDATE audit.ledger SET reason = NULL WHERE idx = 4", Problem.LEAF_DIFFERS, 4),
        ("UPDATE audit.ledger SET recorded_at = recorded_at + interval '1 second' WHERE idx = 6",
         Problem.LEAF_DIFFERS, 6),
        ("UPDATE audit.ledger SET leaf_hash = sha256('') WHERE idx = 2", Problem.LEAF_DIFFERS, 2),
        ("UPDATE audit.ledger SET cseq = cseq + 1 WHERE idx = 2", Problem.COUNTER_GAP, 2),
        ("DELETE FROM audit.ledger WHERE idx = 3", Problem.RECORD_MISSING, 3),
        ("DELETE FROM audit.ledger WHERE idx = 6", Problem.RECORD_MISSING, 6),
        ("UPDATE audit.ledger SET idx = CASE idx WHEN 2 THEN 102 ELSE 2 END WHERE idx IN (2, 3)", None, 2),
        ("UPDATE audit.head SET root = sha256('') WHERE size = 7", Problem.ROOT_DIFFERS, 0),
        ("INSERT INTO audit.ledger (idx, recorded_at, cseq, pseq, event_id, type, outcome, leaf_hash, event) "
         "SELECT 7, recorded_at, 0, 0, event_id, type, outcome, leaf_hash, audit.event_of(ledger) FROM audit.ledger WHERE idx = 6",
         None, 7),
    ],
)  # fmt: skip
async def test_what_was_changed_behind_the_triggers_is_found(
    tampering: str, problem: Problem | None, idx: int, story: list[Written], reader: AuditReader,
    owner: asyncpg.Connection,
) -> None:  # fmt: skip
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(tampering)
    found = await reader.verify()
    assert isinstance(found, Finding)
    assert found.idx == idx
    assert problem in (None, found.problem)
