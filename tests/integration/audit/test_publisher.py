"""What is signed stays true: a log rolled back, cut short or rewritten is noticed by what lies outside the database."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from ledgers import INSERT, a_ledger, event_bytes
from world import PLATFORM, running_world

from gateway.audit import AuditReader, Finding, Verdict, store
from gateway.audit.errors import LogRolledBack
from gateway.audit.publisher import BadSignedHead, Publisher
from gateway.audit.rollover.model import log_signer
from gateway.audit.verify import Problem, verify_stream
from gateway.names import new_id
from gateway.proof.checkpoint import Checkpoint, verify_checkpoint
from gateway.storage import Zone

SIGNER = log_signer("11621000MB00000011", bytes(32))
Integrate = Callable[[], Awaitable[None]]
FREE = "SET session_replication_role = replica"
"""The owner of the database, who can switch off every trigger and every foreign key."""


async def publisher(database: Any, file: Path | None) -> Publisher:
    return Publisher(await database.open(Zone.INTEGRATOR), SIGNER, file, 0.01)


async def grow(owner: asyncpg.Connection, integrate: Integrate, first: int, count: int) -> None:
    for number in range(first, first + count):
        await owner.execute(INSERT, new_id(), [event_bytes(number)])
    await integrate()


async def newest(owner: asyncpg.Connection) -> Checkpoint:
    note = await store.newest_checkpoint(owner)
    assert note is not None
    return verify_checkpoint(note, [SIGNER.key], SIGNER.name)[0]


async def test_each_growth_is_signed_once_in_the_database_and_in_the_file(
    database: Any, owner: asyncpg.Connection, integrate: Integrate, tmp_path: Path
) -> None:
    file = tmp_path / "head"
    one = await publisher(database, file)
    await one.check()
    for first, count in ((0, 3), (3, 1), (4, 9)):
        await grow(owner, integrate, first, count)
        point = await one.publish()
        assert point is not None
        assert point.size == first + count
        assert await newest(owner) == point
        assert verify_checkpoint(file.read_bytes(), [SIGNER.key])[0] == point
        assert await one.publish() is None
    assert os.listdir(tmp_path) == ["head"]
    assert await owner.fetchval("SELECT count(*) FROM audit.checkpoint") == 3
    again = await publisher(database, file)
    await again.check()
    assert await again.publish() is None


async def test_two_hosts_sign_one_log_and_agree(
    database: Any, owner: asyncpg.Connection, integrate: Integrate, tmp_path: Path
) -> None:
    one, other = await publisher(database, tmp_path / "one"), await publisher(database, tmp_path / "other")
    await grow(owner, integrate, 0, 5)
    points = await asyncio.gather(one.publish(), other.publish())
    assert points[0] == points[1] == await newest(owner)
    await grow(owner, integrate, 5, 5)
    assert await other.publish() == await newest(owner)
    assert (tmp_path / "one").read_bytes() != (tmp_path / "other").read_bytes()
    await one.check()


async def cut_the_tail(owner: asyncpg.Connection) -> None:
    await owner.execute("DELETE FROM audit.checkpoint WHERE size > 2")
    await owner.execute("DELETE FROM audit.head WHERE size > 2")
    await owner.execute("DELETE FROM audit.ledger WHERE idx >= 2")


async def rewrite_all(owner: asyncpg.Connection) -> None:
    """Another history of the same length, leaf by leaf, tree and heads proper."""
    records, heads = a_ledger([event_bytes(number, reason="other") for number in range(4)], split=[2])
    await owner.execute("DELETE FROM audit.checkpoint")
    for head in heads[1:]:
        await owner.execute(
            "UPDATE audit.head SET root = $2, frontier = $3 WHERE size = $1",
            head.size,
            head.root,
            head.frontier,
        )
    for record in records:
        await owner.execute(
            "UPDATE audit.ledger SET event = $2, rest = NULL, leaf_hash = $3 WHERE idx = $1",
            record.idx,
            record.event,
            record.leaf_hash,
        )


async def change_a_leaf(owner: asyncpg.Connection) -> None:
    await owner.execute("UPDATE audit.ledger SET leaf_hash = sha256('x') WHERE idx = 4")


@pytest.mark.parametrize("tamper", [cut_the_tail, rewrite_all])
async def test_a_history_that_is_no_longer_the_signed_one_is_neither_signed_nor_started_on(
    tamper: Callable[[asyncpg.Connection], Awaitable[None]],
    database: Any, owner: asyncpg.Connection, integrate: Integrate, tmp_path: Path,
) -> None:  # fmt: skip
    file = tmp_path / "head"
    one = await publisher(database, file)
    await grow(owner, integrate, 0, 2)
    await grow(owner, integrate, 2, 2)
    signed = await one.publish()
    kept = file.read_bytes()
    await owner.execute(FREE)
    await tamper(owner)
    for act in (one.publish, (await publisher(database, file)).check, one.run):
        with pytest.raises(LogRolledBack):
            await act()
    assert file.read_bytes() == kept
    found = await verify_stream(store.everything(owner), signed)
    assert isinstance(found, Finding)
    if tamper is cut_the_tail:
        assert isinstance(await verify_stream(store.everything(owner)), Verdict)
        assert (found.problem, found.idx) == (Problem.SIGNED_HEAD_MISSING, 2)


async def test_records_changed_after_the_last_signature_are_not_signed(
    database: Any, owner: asyncpg.Connection, integrate: Integrate, tmp_path: Path
) -> None:
    one = await publisher(database, tmp_path / "head")
    await grow(owner, integrate, 0, 4)
    await one.publish()
    await grow(owner, integrate, 4, 4)
    await owner.execute(FREE)
    await change_a_leaf(owner)
    with pytest.raises(LogRolledBack, match="do not lead"):
        await one.publish()


async def test_the_whole_verification_compares_with_what_was_signed(
    database: Any, owner: asyncpg.Connection, integrate: Integrate
) -> None:
    one = await publisher(database, None)
    await grow(owner, integrate, 0, 3)
    signed = await one.publish()
    assert signed is not None
    await grow(owner, integrate, 3, 3)
    reader = AuditReader(await database.open(Zone.READER), None)  # type: ignore[arg-type]  # records nothing here
    assert isinstance(await reader.verify(signed), Verdict)
    other = Checkpoint(signed.origin, signed.size, bytes(32))
    found = await reader.verify(other)
    assert isinstance(found, Finding)
    assert (found.problem, found.expected) == (Problem.SIGNED_HEAD_DIFFERS, "00" * 32)
    between = await reader.verify(Checkpoint(signed.origin, 2, bytes(32)))
    assert isinstance(between, Finding)
    assert between.problem is Problem.SIGNED_HEAD_MISSING


@pytest.mark.parametrize("content", [b"", b"nonsense", b"x" * 100_000], ids=["empty", "nonsense", "huge"])
async def test_a_file_that_is_no_signed_head_stops_the_start(
    content: bytes, database: Any, owner: asyncpg.Connection, integrate: Integrate, tmp_path: Path
) -> None:
    file = tmp_path / "head"
    file.write_bytes(content)
    with pytest.raises(BadSignedHead):
        await (await publisher(database, file)).check()


async def test_a_head_signed_by_another_installation_stops_the_start(database: Any, tmp_path: Path) -> None:
    file = tmp_path / "head"
    file.write_bytes(
        log_signer("11621000MB00000011", b"y" * 32).sign(Checkpoint(SIGNER.name, 0, bytes(32)).text)
    )
    with pytest.raises(BadSignedHead):
        await (await publisher(database, file)).check()


async def test_a_folder_that_is_gone_is_said_and_nothing_is_published(
    database: Any, owner: asyncpg.Connection, integrate: Integrate, tmp_path: Path
) -> None:
    one = await publisher(database, tmp_path / "gone" / "head")
    await grow(owner, integrate, 0, 2)
    with pytest.raises(BadSignedHead):
        await one.publish()
    assert await store.newest_checkpoint(owner) is None


async def test_a_running_gateway_publishes_and_shows_its_checkpoint(database: Any, tmp_path: Path) -> None:
    file = tmp_path / "head"
    async with running_world(database, audit={"signed_head_file": file, "publish_seconds": 0.05}) as world:
        key = log_signer(PLATFORM, database.master_key).key
        shown = None
        async with asyncio.timeout(20):
            while shown is None or shown.size == 0:  # the first head may be signed over the empty log
                await asyncio.sleep(0.05)
                answer = await world.as_("requester", "GET", "/v1/audit/checkpoint")
                if answer.status == HTTPStatus.OK:
                    assert answer.headers["Content-Type"].startswith("text/plain")
                    shown, _ = verify_checkpoint(answer.body, [key])
                else:
                    assert answer.status == HTTPStatus.NOT_FOUND
        assert verify_checkpoint(file.read_bytes(), [key])[0].size >= shown.size


async def test_what_was_signed_and_not_published_is_published_by_the_next_process(
    database: Any, owner: asyncpg.Connection, integrate: Integrate, tmp_path: Path
) -> None:
    file = tmp_path / "head"
    one = await publisher(database, file)
    await grow(owner, integrate, 0, 3)
    signed = await one.publish()
    note = file.read_bytes()
    await owner.execute(FREE)
    await owner.execute("DELETE FROM audit.checkpoint")  # it died between the file and the database
    again = await publisher(database, file)
    await again.check()
    assert await again.publish() == signed
    assert await store.newest_checkpoint(owner) == note == file.read_bytes()
    assert await again.publish() is None
