"""Tiles and nodes grow with the ledger, in its transaction; what is changed in them is found and named."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from ledgers import INSERT, event_bytes

from gateway.audit import Finding, Verdict, integrate_once, store
from gateway.audit.errors import TilesMissing
from gateway.audit.tiles import proving
from gateway.audit.tiles.store import catch_up
from gateway.audit.verify import Problem, verify_stream
from gateway.names import new_id
from gateway.proof.proofs import check_consistency, check_inclusion, root_of
from gateway.storage import Zone

FREE = "SET session_replication_role = replica"
Integrate = Callable[[], Awaitable[None]]


async def grow(owner: asyncpg.Connection, integrate: Integrate, first: int, count: int) -> None:
    await owner.execute(INSERT, new_id(), [event_bytes(number) for number in range(first, first + count)])
    await integrate()


async def outcome(owner: asyncpg.Connection) -> Finding | Verdict:
    return await verify_stream(store.everything(owner))


async def kept(owner: asyncpg.Connection) -> tuple[list[int], list[tuple[int, int]]]:
    tiles = [row[0] for row in await owner.fetch("SELECT n FROM audit.tile ORDER BY n")]
    nodes = [tuple(row) for row in await owner.fetch("SELECT level, n FROM audit.node ORDER BY level, n")]
    return tiles, nodes


async def test_tiles_grow_with_the_ledger_however_the_passes_fall(
    owner: asyncpg.Connection, integrate: Integrate
) -> None:
    assert await kept(owner) == ([], [])
    first = 0
    for count, tiles in ((255, []), (1, [0]), (1, [0]), (254, [0]), (300, [0, 1, 2])):
        await grow(owner, integrate, first, count)
        first += count
        assert await kept(owner) == (tiles, [(1, n) for n in tiles])
    assert isinstance(await outcome(owner), Verdict)


TAMPERS = {
    "a bit of a tile": (
        "UPDATE audit.tile SET data = set_byte(data, 32 * 44, get_byte(data, 32 * 44) # 1) WHERE n = 1",
        Problem.TILE_DIFFERS, 300, None,
    ),
    "a tile": ("DELETE FROM audit.tile WHERE n = 1", Problem.TILE_MISSING, 256, 511),
    "a node": ("UPDATE audit.node SET hash = sha256('x') WHERE n = 1", Problem.TILE_DIFFERS, 256, 511),
    "a missing node": ("DELETE FROM audit.node WHERE n = 0", Problem.TILE_MISSING, 0, 255),
    "all tiles": (
        "DELETE FROM audit.tile",
        Problem.TILE_MISSING, 0, 255,
    ),
    "a tile that is none": (
        "INSERT INTO audit.tile (n, data) VALUES (2, decode(repeat('00', 8192), 'hex'))",
        Problem.TILE_DIFFERS, 520, None,
    ),
}  # fmt: skip


async def test_each_change_of_the_kept_hashes_is_found_and_named(
    owner: asyncpg.Connection, integrate: Integrate
) -> None:
    await grow(owner, integrate, 0, 520)
    await owner.execute(FREE)
    for name, (statement, problem, idx, last) in TAMPERS.items():
        change = owner.transaction(isolation="repeatable_read")
        await change.start()
        await owner.execute(statement)
        found = await outcome(owner)
        assert isinstance(found, Finding), name
        assert (found.problem, found.idx, found.last_idx) == (problem, idx, last), name
        await change.rollback()
    assert isinstance(await outcome(owner), Verdict)


@pytest.mark.parametrize("zone", list(Zone))
async def test_nobody_changes_a_tile(zone: Zone, database: Any, owner: asyncpg.Connection) -> None:
    opened = await database.open(zone)
    async with opened.connection() as connection:
        for statement in ("DELETE FROM audit.tile", "UPDATE audit.node SET hash = hash"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changed"):
        await owner.execute("TRUNCATE audit.tile")


async def test_a_ledger_that_grew_without_tiles_gets_them(
    owner: asyncpg.Connection, integrate: Integrate, database: Any
) -> None:
    await grow(owner, integrate, 0, 700)
    wanted = await owner.fetch("SELECT n, data FROM audit.tile ORDER BY n")
    await owner.execute(FREE)
    for last in (1, 0):
        await owner.execute("DELETE FROM audit.tile WHERE n <= $1", last)
        await owner.execute("DELETE FROM audit.node WHERE n <= $1", last)
        integrator = await database.open(Zone.INTEGRATOR)
        async with integrator.connection() as connection:
            assert await catch_up(connection, await store.newest_head(connection)) == last + 1
            assert await catch_up(connection, await store.newest_head(connection)) == 0
        assert await owner.fetch("SELECT n, data FROM audit.tile ORDER BY n") == wanted
        assert isinstance(await outcome(owner), Verdict)


async def test_tiles_are_not_made_of_leaves_that_are_not_the_logs(
    owner: asyncpg.Connection, integrate: Integrate, database: Any
) -> None:
    await grow(owner, integrate, 0, 700)
    await owner.execute(FREE)
    await owner.execute("DELETE FROM audit.tile WHERE n = 0")
    await owner.execute("UPDATE audit.ledger SET leaf_hash = sha256('x') WHERE idx = 3")
    integrator = await database.open(Zone.INTEGRATOR)
    async with integrator.connection() as connection:
        with pytest.raises(TilesMissing, match="1 tiles"):
            await catch_up(connection, await store.newest_head(connection))
    assert (await kept(owner))[0] == [1]


async def test_a_pass_that_fails_at_its_tiles_leaves_nothing(
    owner: asyncpg.Connection, integrate: Integrate, database: Any
) -> None:
    await grow(owner, integrate, 0, 250)
    await owner.execute("INSERT INTO audit.tile (n, data) VALUES (0, decode(repeat('00', 8192), 'hex'))")
    await owner.execute(INSERT, new_id(), [event_bytes(number) for number in range(250, 260)])
    integrator = await database.open(Zone.INTEGRATOR)
    async with integrator.connection() as connection:
        with pytest.raises(store.AuditUnavailable):
            await integrate_once(connection)
    assert await owner.fetchval("SELECT count(*) FROM audit.ledger") == 250
    assert await owner.fetchval("SELECT count(*) FROM audit.inbox") == 1


async def test_proofs_come_from_tiles_nodes_and_the_open_tile(
    owner: asyncpg.Connection, integrate: Integrate, database: Any
) -> None:
    await grow(owner, integrate, 0, 700)
    leaves = [row[0] for row in await owner.fetch("SELECT leaf_hash FROM audit.ledger ORDER BY idx")]
    roots = {size: root_of(leaves[:size]) for size in (1, 256, 300, 512, 513, 700)}
    await owner.execute(FREE)
    await owner.execute(
        "DELETE FROM audit.ledger WHERE idx < 512"
    )  # as if the months were archived and dropped
    reader = await database.open(Zone.READER)
    async with reader.connection() as connection:
        for size, root in roots.items():
            assert await proving.root_at(connection, size) == root
            for index in {0, size // 2, size - 1}:
                proof = await proving.inclusion(connection, index, size)
                check_inclusion(leaves[index], index, size, root, proof)
            for earlier in [one for one in roots if one <= size]:
                proof = await proving.consistency(connection, earlier, size)
                check_consistency(earlier, roots[earlier], size, root, proof)
        with pytest.raises(TilesMissing, match="of level"):
            await proving.root_at(connection, 702)
