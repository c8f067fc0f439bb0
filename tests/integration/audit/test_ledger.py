"""What the tables themselves refuse, even to their owner."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from ledgers import INSERT, an_event, event_bytes

from gateway.names import new_id

HEAD = (
    "INSERT INTO audit.head (size, prev_size, root, frontier, recorded_at) "
    "VALUES ($1, $2, sha256(''), $3, now())"
)


async def head(owner: asyncpg.Connection, size: int, prev: int | None) -> None:
    await owner.execute(HEAD, size, prev, bytes(32 * max(size, 0).bit_count()))


@pytest.mark.parametrize(
    ("size", "prev", "constraint"),
    [
        (6, 0, "a_head_has_one_successor"),
        (6, 1, "a_head_follows_a_head"),
        (3, 3, "a_head_grows"),
        (2, 3, "a_head_grows"),
        (-1, None, "a_frontier_has_one_hash_a_bit"),
        (7, None, "only_the_first_head_follows_none"),
        (0, None, "a_size_has_one_head"),
        (0, 3, "a_head_grows"),
        (3, 0, "a_size_has_one_head"),
    ],
)
async def test_a_fork_a_gap_a_loop_and_a_second_beginning_are_refused(
    size: int, prev: int | None, constraint: str, owner: asyncpg.Connection
) -> None:
    await head(owner, 3, 0)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refusal:
        await head(owner, size, prev)
    assert refusal.value.constraint_name == constraint


async def test_a_frontier_of_another_size_is_refused(owner: asyncpg.Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="a_frontier_has_one_hash_a_bit"):
        await owner.execute(HEAD, 3, 0, bytes(32))


async def test_not_even_the_owner_changes_records_or_heads(
    writing: Any, integrate: Any, owner: asyncpg.Connection
) -> None:
    async with writing() as log:
        await log.append(an_event())
    await integrate()
    partition = await owner.fetchval("SELECT tableoid::regclass::text FROM audit.ledger")
    for statement in ("UPDATE {} SET recorded_at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
        for table in ("audit.ledger", partition, "audit.head"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed"):
                await owner.execute(statement.format(table))
    for (name,) in await owner.fetch("SELECT name FROM audit.partition_map"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed"):
            await owner.execute(f"TRUNCATE audit.{name}")


def months(first: datetime, last: datetime) -> int:
    """How many months later."""
    return (last.year - first.year) * 12 + last.month - first.month


async def test_the_ledger_reaches_three_months_ahead_and_has_no_catch_all(owner: asyncpg.Connection) -> None:
    covered = "SELECT min(lower), max(upper) FROM audit.partition_map"
    lower, upper = await owner.fetchrow(covered)
    assert months(lower, upper) == 5  # of which the month before is one
    await owner.execute("SELECT audit.extend_ledger()")  # a month may have ended since the schema was made
    lower, upper = await owner.fetchrow(covered)
    now = datetime.now(UTC)
    assert (months(now, upper), lower < now) == (4, True)
    with pytest.raises(asyncpg.CheckViolationError, match="no partition"):
        await owner.execute(
            "INSERT INTO audit.ledger (idx, recorded_at, cseq, pseq, event_id, type, outcome, leaf_hash, event) "
            "VALUES (0, '2001-01-01Z', 0, 0, gen_random_uuid(), 't', 'done', sha256(''), 'x')"
        )


async def test_partitions_are_made_once_and_each_has_its_guards(owner: asyncpg.Connection) -> None:
    await owner.execute("SELECT audit.extend_ledger()")  # a month may have ended since the schema was made
    before = await owner.fetch("SELECT name, lower, upper FROM audit.partition_map ORDER BY lower")
    await owner.execute("SELECT audit.extend_ledger()")
    await owner.execute("SELECT audit.add_partition('2031-12-31')")
    after = await owner.fetch("SELECT name, lower, upper FROM audit.partition_map ORDER BY lower")
    assert after[:-1] == before
    assert after[-1][0] == "ledger_2031_12"
    assert after[-1][1:] == (datetime(2031, 12, 1, tzinfo=UTC), datetime(2032, 1, 1, tzinfo=UTC))
    guards = await owner.fetch(
        "SELECT c.relname FROM pg_class AS c JOIN pg_inherits AS i ON i.inhrelid = c.oid "
        "WHERE i.inhparent = 'audit.ledger'::regclass AND NOT EXISTS ("
        "  SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND t.tgname = 'partition_stays')"
    )
    assert guards == []
    unique = await owner.fetchval(
        "SELECT count(*) FROM pg_index AS x JOIN pg_inherits AS i ON i.inhrelid = x.indrelid "
        "WHERE i.inhparent = 'audit.ledger'::regclass AND x.indisunique"
    )
    assert unique == len(after)


async def test_the_inbox_keeps_events_uncompressed_and_is_vacuumed_early(owner: asyncpg.Connection) -> None:
    storage = await owner.fetchval(
        "SELECT attstorage FROM pg_attribute WHERE attrelid = 'audit.inbox'::regclass AND attname = 'events'"
    )
    options = await owner.fetchval("SELECT reloptions FROM pg_class WHERE oid = 'audit.inbox'::regclass")
    assert storage == b"e"
    assert {"autovacuum_vacuum_threshold=2000", "autovacuum_vacuum_cost_delay=0"} <= set(options)


TEXTS = ('plain "quoted" \\ back', "[不动产]", "\x01\x1f\x7f\t\n\r\b\f", "\u2028 😀 /", "]", "x" * 200)


async def test_what_the_columns_say_of_an_event_is_kept_once_and_gives_its_bytes_again(
    owner: asyncpg.Connection, integrate: Any
) -> None:
    events = [
        event_bytes(
            number, matter=text, case=text, reason=text, resource=text, application_id=str(UUID(int=number))
        )
        for number, text in enumerate(TEXTS)
    ]
    await owner.execute(INSERT, new_id(), events)
    await integrate()
    rows = await owner.fetch("SELECT audit.event_of(ledger) AS event, rest FROM audit.ledger ORDER BY idx")
    assert [row["event"] for row in rows] == events
    assert all(event.endswith(row["rest"]) for row, event in zip(rows, events, strict=True))
    assert max(len(row["rest"]) for row in rows) < 200


async def test_an_event_that_the_columns_cannot_give_again_is_kept_whole(
    owner: asyncpg.Connection, integrate: Any
) -> None:
    events = [
        event_bytes(0, matter="x" * 201),
        event_bytes(1, matter="a\x00b"),
        event_bytes(2, request_id="42"),
        event_bytes(3).replace(b"[2,", b"[2, "),
        event_bytes(4).replace(b'"call.', b'"\\u0063all.'),
        b"no event",
    ]
    await owner.execute(INSERT, new_id(), events)
    await integrate()
    rows = await owner.fetch("SELECT audit.event_of(ledger) AS bytes, event FROM audit.ledger ORDER BY idx")
    assert [row["bytes"] for row in rows] == [row["event"] for row in rows] == events
