"""What others gave the log is checked again as it is stored: a changed checkpoint, cosignature or time stamp is found."""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import stampers
from ledgers import INSERT, event_bytes

from gateway.audit import Finding, Problem
from gateway.audit.publisher import Publisher
from gateway.audit.rollover.model import Logs
from gateway.audit.witnessing import store
from gateway.audit.witnessing.rechecking import Rechecking
from gateway.names import new_id
from gateway.seals.cosigner import Cosigner
from gateway.seals.recognition import Recognition
from gateway.seals.recognition_files import load_recognition
from gateway.seals.timestamps import granted_token, read_timestamp, timestamp_query
from gateway.storage import Zone

LOGS = Logs("11621000MB00000011", bytes(32))
WITNESS = Cosigner("witness.next-city.example", bytes(range(32)))
DRILL = [
    ("a checkpoint's signature", "UPDATE audit.checkpoint SET note = set_byte(note, octet_length(note) - 9, get_byte(note, octet_length(note) - 9) # 1) WHERE size = 2",
     Problem.CHECKPOINT_DIFFERS),
    ("a checkpoint's root", "UPDATE audit.checkpoint SET note = convert_to(replace(convert_from(note, 'UTF8'), E'\\n2\\n', E'\\n3\\n'), 'UTF8') WHERE size = 2",
     Problem.CHECKPOINT_DIFFERS),
    ("an older checkpoint in its place", "UPDATE audit.checkpoint SET note = (SELECT note FROM audit.checkpoint WHERE size = 1) WHERE size = 2",
     Problem.CHECKPOINT_DIFFERS),
    ("a cosignature's byte", "UPDATE audit.cosignature SET line = set_byte(line, octet_length(line) - 9, get_byte(line, octet_length(line) - 9) # 1) WHERE size = 2", Problem.COSIGNATURE_DIFFERS),
    ("another size's cosignature", "UPDATE audit.cosignature SET line = (SELECT line FROM audit.cosignature WHERE size = 1) WHERE size = 2",
     Problem.COSIGNATURE_DIFFERS),
    ("a cosignature's time", "UPDATE audit.cosignature SET cosigned_at = cosigned_at - interval '1 day' WHERE size = 2", Problem.COSIGNATURE_DIFFERS),
    ("a token's byte", "UPDATE audit.stamp SET token = set_byte(token, octet_length(token) - 9, get_byte(token, octet_length(token) - 9) # 1) WHERE size = 2", Problem.STAMP_DIFFERS),
    ("another size's token", "UPDATE audit.stamp SET (token, stamped_at) = (SELECT token, stamped_at FROM audit.stamp WHERE size = 1) WHERE size = 2",
     Problem.STAMP_DIFFERS),
    ("a token's time", "UPDATE audit.stamp SET stamped_at = stamped_at - interval '1 day' WHERE size = 2", Problem.STAMP_DIFFERS),
]  # fmt: skip


def token(authority: Path, note: bytes) -> bytes:
    """A time stamp by openssl's own authority."""
    (authority / "q").write_bytes(timestamp_query(note, 7))
    stampers.run(authority, "ts", "-reply", "-config", "c.cnf", "-section", "one", "-queryfile", "q", "-signer", "tsa.pem",
                 "-inkey", "tsa.key", "-out", "reply")  # fmt: skip
    return granted_token((authority / "reply").read_bytes())


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the openssl command is not installed")
async def test_each_change_of_what_others_gave_is_found_with_its_size(
    database: Any, owner: asyncpg.Connection, integrate: Callable[[], Awaitable[None]], tmp_path: Path
) -> None:
    authority, now = tmp_path / "tsa", datetime.now(UTC).replace(microsecond=0)
    stampers.make(authority)
    zone = await database.open(Zone.INTEGRATOR)
    for size in (1, 2):
        await owner.execute(INSERT, new_id(), [event_bytes(size)])
        await integrate()
        await Publisher(zone, LOGS.signer(1), None, 1).publish()
        note = await store.signed_note(owner, size)
        assert note is not None
        await store.add_cosignature(owner, size, "one", WITNESS.cosign(note, now)[len(note) :], now)
        stamped = token(authority, note)
        await store.add_stamp(owner, store.Stamped(size, "tsa", stamped, read_timestamp(stamped).time))

    keys = {"one": WITNESS.key}
    recheck = Rechecking(LOGS, keys, load_recognition(authority / "authorities"), None)
    strangers = Rechecking(LOGS, {}, Recognition(), None)
    reader = await database.open(Zone.READER)
    async with reader.transaction() as connection:
        assert astuple(await recheck.look(connection)) == (2, 2, 2, 0)
        assert astuple(await recheck.look(connection, 1)) == (1, 1, 1, 0)
        assert astuple(await strangers.look(connection)) == (2, 0, 0, 4)
    for told, statement, problem in DRILL:
        found = await after(owner, statement, recheck)
        assert isinstance(found, Finding), told
        assert (found.problem, found.idx) == (problem, 1), told
    took_over = "INSERT INTO audit.log VALUES (2, 1, 'x', now())"  # a log that has signed nothing itself
    found = await after(owner, took_over, recheck)
    assert (found.problem, found.what) == (
        Problem.CHECKPOINT_DIFFERS,
        "checkpoint of 2 records: signed by log 1, not 2",
    )


async def after(owner: asyncpg.Connection, statement: str, recheck: Rechecking) -> Any:
    """What is found after a change, which is then taken back."""
    undone = owner.transaction()
    await undone.start()
    try:
        for table in ("checkpoint", "cosignature", "stamp"):
            await owner.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER USER")
        await owner.execute(statement)
        return await recheck.look(owner)
    finally:
        await undone.rollback()
