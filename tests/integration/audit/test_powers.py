"""Each zone really tries: what is not listed here is refused by the database."""

from typing import Any

import asyncpg
import pytest

from gateway.storage import Zone

TABLES = ("inbox", "batch", "counter", "ledger", "head", "checkpoint", "tile", "node", "partition_map", "rollup",
          "rolled_up", "hold", "disposal", "saved_query", "cosignature",
          "stamp", "anchor", "reached", "lateness", "export", "export_piece")  # fmt: skip
ALLOWED = {
    Zone.CONTROL: {
        ("INSERT", "inbox"),
        ("SELECT", "saved_query"),
        ("INSERT", "saved_query"),
        ("DELETE", "saved_query"),
        ("SELECT", "export"),
        ("INSERT", "export"),
        ("UPDATE", "export"),
        ("SELECT", "export_piece"),
        ("INSERT", "export_piece"),
        ("DELETE", "export_piece"),
        ("SELECT", "lateness"),
        ("INSERT", "lateness"),
    },
    Zone.EXCHANGE: {
        ("INSERT", "inbox"),
        ("SELECT", "ledger"),  # five columns of it: see the next test
        ("SELECT", "cosignature"),
        ("SELECT", "reached"),
        ("SELECT", "checkpoint"),
        ("SELECT", "tile"),
        ("SELECT", "node"),
    },
    Zone.INTEGRATOR: {
        ("SELECT", "inbox"),
        ("DELETE", "inbox"),
        ("SELECT", "batch"),
        ("INSERT", "batch"),
        ("DELETE", "batch"),
        ("SELECT", "counter"),
        ("INSERT", "counter"),
        ("UPDATE", "counter"),
        ("SELECT", "ledger"),
        ("INSERT", "ledger"),
        ("SELECT", "head"),
        ("INSERT", "head"),
        ("SELECT", "checkpoint"),
        ("INSERT", "checkpoint"),
        ("SELECT", "tile"),
        ("INSERT", "tile"),
        ("SELECT", "node"),
        ("INSERT", "node"),
        ("SELECT", "rollup"),
        ("INSERT", "rollup"),
        ("UPDATE", "rollup"),
        ("SELECT", "rolled_up"),
        ("UPDATE", "rolled_up"),
        ("SELECT", "cosignature"),
        ("INSERT", "cosignature"),
        ("SELECT", "stamp"),
        ("INSERT", "stamp"),
        ("SELECT", "anchor"),
        ("INSERT", "anchor"),
        ("SELECT", "reached"),
        ("INSERT", "reached"),
    },
    Zone.READER: {
        ("SELECT", "ledger"),
        ("SELECT", "head"),
        ("SELECT", "checkpoint"),
        ("SELECT", "tile"),
        ("SELECT", "node"),
        ("SELECT", "partition_map"),
        ("SELECT", "rollup"),
        ("SELECT", "rolled_up"),
        ("SELECT", "cosignature"),
        ("SELECT", "stamp"),
        ("SELECT", "anchor"),
        ("SELECT", "reached"),
        ("SELECT", "lateness"),
    },
    Zone.RETENTION: {
        ("INSERT", "inbox"),
        ("SELECT", "ledger"),
        ("SELECT", "head"),
        ("SELECT", "checkpoint"),
        ("SELECT", "tile"),
        ("SELECT", "partition_map"),
        ("SELECT", "rolled_up"),
        ("SELECT", "hold"),
        ("INSERT", "hold"),
        ("UPDATE", "hold"),
        ("SELECT", "disposal"),
        ("INSERT", "disposal"),
        ("UPDATE", "disposal"),
    },
}
TRY = {
    "SELECT": "SELECT 1 FROM audit.{table} LIMIT 1",
    "INSERT": "INSERT INTO audit.{table} DEFAULT VALUES",
    "UPDATE": "UPDATE audit.{table} SET {column} = {column}",
    "DELETE": "DELETE FROM audit.{table}",
    "TRUNCATE": "TRUNCATE audit.{table}",
}
COLUMN = {
    "inbox": "node",
    "batch": "id",
    "counter": "last",
    "ledger": "event",
    "head": "root",
    "checkpoint": "note",
    "tile": "data",
    "node": "hash",
    "partition_map": "name",
    "rollup": "records",
    "rolled_up": "beyond",
    "cosignature": "line",
    "stamp": "token",
    "anchor": "answer",
    "reached": "stage",
    "lateness": "kind",
    "hold": "lifted_by",
    "disposal": "approved_by",
    "saved_query": "name",
    "export": "rows_done",
    "export_piece": "content",
}


async def is_allowed(connection: asyncpg.Connection, verb: str, table: str) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(TRY[verb].format(table=table, column=COLUMN.get(table, "event")))
    except asyncpg.InsufficientPrivilegeError:
        return False
    except asyncpg.IntegrityConstraintViolationError:
        pass  # the right was there, the row was not
    return True


@pytest.mark.parametrize("zone", list(Zone))
async def test_a_zone_can_do_exactly_what_it_needs(zone: Zone, database: Any) -> None:
    opened = await database.open(zone)
    async with opened.connection() as connection:
        done = {
            (verb, table) for verb in TRY for table in TABLES if await is_allowed(connection, verb, table)
        }
    assert done == ALLOWED[zone]


async def test_calls_may_read_where_records_stand_and_nothing_of_what_they_say(database: Any) -> None:
    opened = await database.open(Zone.EXCHANGE)
    async with opened.connection() as connection:
        columns = await connection.fetch(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'audit.ledger'::regclass AND attnum > 0"
        )
        readable = {
            row["attname"]
            for row in columns
            if await connection.fetchval(
                "SELECT has_column_privilege('audit.ledger', $1, 'SELECT')", row["attname"]
            )
        }
        assert readable == {"idx", "recorded_at", "cseq", "pseq", "event_id", "leaf_hash"}
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT event FROM audit.ledger")


@pytest.mark.parametrize("zone", list(Zone))
async def test_nobody_reaches_a_partition_past_the_ledger(
    zone: Zone, database: Any, owner: asyncpg.Connection
) -> None:
    partition = await owner.fetchval("SELECT name FROM audit.partition_map ORDER BY lower LIMIT 1")
    opened = await database.open(zone)
    async with opened.connection() as connection:
        done = [verb for verb in TRY if await is_allowed(connection, verb, partition)]
    assert done == []


@pytest.mark.parametrize("zone", [Zone.CONTROL, Zone.EXCHANGE, Zone.READER, Zone.RETENTION])
async def test_only_the_integrator_makes_partitions(zone: Zone, database: Any) -> None:
    opened = await database.open(zone)
    async with opened.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT audit.extend_ledger()")
    integrator = await database.open(Zone.INTEGRATOR)
    async with integrator.connection() as connection:
        assert await connection.fetchval("SELECT audit.extend_ledger()")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT audit.add_partition('2030-01-01')")


@pytest.mark.parametrize("zone", list(Zone))
async def test_no_zone_can_make_anything_in_the_schema(zone: Zone, database: Any) -> None:
    opened = await database.open(zone)
    async with opened.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE audit.mine (id integer)")
