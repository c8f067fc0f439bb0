"""Every SQL block of every room is prepared against the migrated schema: names, types and arguments are true."""

from pathlib import Path

import gateway
from gateway.storage import Queries

ROOT = Path(gateway.__file__).parent


def rooms_with_sql() -> list[str]:
    files = sorted(ROOT.rglob("queries.sql"))
    return [".".join(("gateway", *file.parent.relative_to(ROOT).parts)) for file in files]


async def test_every_block_is_valid_against_the_migrated_schema(database) -> None:
    owner = await database.owner()
    blocks = [(room, block) for room in rooms_with_sql() for block in Queries(room)]
    assert len(blocks) > 50
    try:
        for _room, block in blocks:
            statement = await owner.prepare(block.text)
            assert len(statement.get_parameters()) == len(block.arguments), block.name
    finally:
        await owner.close()


async def test_every_file_of_sql_stands_in_named_blocks_with_a_reason() -> None:
    for room in rooms_with_sql():
        text = (ROOT / Path(*room.split(".")[1:]) / "queries.sql").read_text()
        for header in (chunk for chunk in text.split("\n\n") if chunk.startswith("-- ")):
            assert header.splitlines()[1].startswith("-- "), header


async def test_no_statement_of_a_pool_leaves_anything_behind_in_its_session() -> None:
    """A connection goes back to its pool as it is: settings and locks must be of transactions."""
    own_connections = {"gateway.audit", "gateway.storage"}
    for room in set(rooms_with_sql()) - own_connections:
        for block in Queries(room):
            said = block.text.lower()
            assert not any(
                word in said for word in ("advisory_lock(", "listen ", "create temp", "set session")
            )
            assert not said.startswith("set "), block.name
            assert "set_config(" not in said or ", true)" in said, block.name
