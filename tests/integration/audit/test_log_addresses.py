"""What the log shows of itself to everybody is enough to follow it: checkpoint, tiles, consistency (C2SP tlog-tiles)."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import pytest
from ledgers import INSERT, event_bytes
from world import PLATFORM, World, running_world

from gateway.audit.rollover.model import log_signer
from gateway.names import new_id
from gateway.proof.checkpoint import Checkpoint, verify_checkpoint
from gateway.proof.proofs import check_consistency, root_of


@pytest.fixture
async def grown(database: Any, owner: Any) -> AsyncIterator[tuple[World, Checkpoint]]:
    """A gateway whose log was signed over more than 520 records."""
    await owner.execute(INSERT, new_id(), [event_bytes(number) for number in range(520)])
    async with running_world(database, audit={"publish_seconds": 0.05}) as world:
        for _ in range(600):
            signed = await checkpoint(world, database)
            if signed is not None and signed.size >= 520:
                break
            await asyncio.sleep(0.05)
        assert signed is not None
        yield world, signed


async def checkpoint(world: World, database: Any) -> Checkpoint | None:
    answer = await world.as_("", "GET", "/v1/audit/log/checkpoint")
    if answer.status != HTTPStatus.OK:
        return None
    return verify_checkpoint(answer.body, [log_signer(PLATFORM, database.master_key).key])[0]


async def tile(world: World, level: int, place: str) -> bytes:
    answer = await world.as_("", "GET", f"/v1/audit/log/tile/{level}/{place}")
    assert answer.status == HTTPStatus.OK, answer.body
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "immutable" in answer.headers["Cache-Control"]
    return answer.body


def rows(data: bytes) -> list[bytes]:
    return [data[at : at + 32] for at in range(0, len(data), 32)]


async def test_whoever_reads_the_tiles_gets_the_root_that_was_signed(
    grown: tuple[World, Checkpoint],
) -> None:
    world, signed = grown
    full, rest = divmod(signed.size, 256)
    leaves = [leaf for n in range(full) for leaf in rows(await tile(world, 0, f"{n:03}"))]
    leaves += rows(await tile(world, 0, f"{full:03}.p/{rest}"))
    assert root_of(leaves) == signed.root
    assert rows(await tile(world, 1, f"000.p/{full}")) == [
        root_of(leaves[256 * n : 256 * n + 256]) for n in range(full)
    ]
    assert await tile(world, 0, "001.p/7") == b"".join(leaves[256:263])


async def test_consistency_holds_between_any_two_sizes_and_to_the_newest_checkpoint(
    grown: tuple[World, Checkpoint],
) -> None:
    world, signed = grown
    for earlier, later in ((1, 2), (255, 256), (256, 512), (300, signed.size), (7, 7)):
        told = (await world.as_("", "GET", f"/v1/audit/consistency?from={earlier}&to={later}")).ok()
        root1, root2, *proof = (bytes.fromhex(one) for one in (told["root1"], told["root2"], *told["proof"]))
        assert (told["size1"], told["size2"]) == (earlier, later)
        check_consistency(earlier, root1, later, root2, proof)
        if later == signed.size:
            assert root2 == signed.root
    assert (await world.as_("", "GET", "/v1/audit/consistency?from=3")).ok()["size2"] >= signed.size


async def test_nothing_is_shown_beyond_what_was_signed_nor_at_addresses_that_are_none(
    grown: tuple[World, Checkpoint],
) -> None:
    world, _ = grown
    for path in (
        "/v1/audit/log/tile/0/x001/000", "/v1/audit/log/tile/0/009.p/1", "/v1/audit/log/tile/2/000.p/1",
        "/v1/audit/log/tile/0/000.p/256", "/v1/audit/log/tile/00/000", "/v1/audit/log/tile/0/000/", "/v1/audit/log/tile/0",
        "/v1/audit/consistency?from=1&to=1000000", "/v1/audit/consistency?from=9&to=8",
    ):  # fmt: skip
        assert (await world.as_("", "GET", path)).status == HTTPStatus.NOT_FOUND, path
    for path in (
        "/v1/audit/consistency?from=0",
        "/v1/audit/consistency?from=x",
        "/v1/audit/consistency?to=-1",
    ):
        assert (await world.as_("", "GET", path)).status == HTTPStatus.UNPROCESSABLE_ENTITY, path
