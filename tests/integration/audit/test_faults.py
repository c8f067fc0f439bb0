"""A fault at every step of the integrator, the publisher and the messenger to witnesses, done or not done.

Whatever fails and wherever: never a fork, never a record lost or there twice, never a signature over what is not in the log.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from faults import Failing, FailingDatabase, Fault
from ledgers import INSERT, event_bytes
from witnessing import a_witness

from gateway.audit import AuditUnavailable, Verdict, integrate_once, store
from gateway.audit.publisher import BadSignedHead, Publisher
from gateway.audit.rollover.model import log_signer
from gateway.audit.verify import verify_stream
from gateway.audit.witnessing import store as outward
from gateway.audit.witnessing.cosigning import Cosigning
from gateway.errors import Unavailable
from gateway.names import new_id
from gateway.proof.checkpoint import Checkpoint, verify_checkpoint
from gateway.settings import Exchange, WitnessAt, Witnessing
from gateway.storage import Zone
from gateway.web.egress import Egress
from gateway.web.posting import Posting

SIGNER = log_signer("11621000MB00000011", bytes(32))
NO_FAULT = 1000


class Inbox:
    """Puts events in and knows what must come out."""

    def __init__(self, owner: asyncpg.Connection) -> None:
        self.owner = owner
        self.count = 0

    async def put(self, events: int) -> None:
        """As one batch; so many that tiles fill in between."""
        fresh = [event_bytes(self.count + number) for number in range(events)]
        self.count += events
        await self.owner.execute(INSERT, new_id(), fresh)

    async def is_whole(self) -> None:
        """Every event is in the ledger once, the ledger is intact, nothing waits."""
        verdict = await verify_stream(store.everything(self.owner))
        assert isinstance(verdict, Verdict), verdict
        assert verdict.size == self.count
        assert await self.owner.fetchval("SELECT count(DISTINCT event_id) FROM audit.ledger") == self.count
        assert await self.owner.fetchval("SELECT count(*) FROM audit.inbox") == 0


async def test_a_fault_at_any_step_of_the_integrator_loses_and_doubles_nothing(
    database: Any, owner: asyncpg.Connection
) -> None:
    zone, inbox = await database.open(Zone.INTEGRATOR), Inbox(owner)

    async def integrate(fault: Fault) -> None:
        async with zone.connection() as connection:
            await integrate_once(cast(Any, Failing(connection, fault)))

    await inbox.put(200)
    plain = Fault(NO_FAULT, done=False)
    await integrate(plain)
    assert plain.names[-1] == "commit"
    for at in range(plain.steps + 2):  # a pass that fills a tile has more steps
        for done in (False, True):
            await inbox.put(90)
            before = (await store.newest_head(owner)).size
            fault = Fault(at, done=done)
            if at < plain.steps:
                with pytest.raises(AuditUnavailable):
                    await integrate(fault)
            else:
                await integrate_or_fail(integrate, fault)
            # all or nothing; everything only where the commit itself went through
            committed = done and fault.names[-1] == "commit"
            assert (await store.newest_head(owner)).size == before + (
                90 if committed or not fault.struck else 0
            )
            await integrate(Fault(NO_FAULT, done=False))
            assert (await store.newest_head(owner)).size == before + 90
    await inbox.is_whole()


async def integrate_or_fail(integrate: Callable[[Fault], Any], fault: Fault) -> None:
    try:
        await integrate(fault)
    except AuditUnavailable:
        assert fault.struck
    else:
        assert not fault.struck


async def test_a_batch_sent_again_after_a_lost_answer_is_there_once(
    database: Any, owner: asyncpg.Connection
) -> None:
    zone, inbox, batch = await database.open(Zone.INTEGRATOR), Inbox(owner), new_id()
    events = [event_bytes(number) for number in range(3)]
    inbox.count = 3
    for _ in range(3):
        await owner.execute(INSERT, batch, events)
        async with zone.connection() as connection:
            await integrate_once(connection)
    await inbox.is_whole()


class Signing:
    """A publisher on a file; every note it ever signed is kept, as a caller might have kept it."""

    def __init__(self, database: Any, owner: asyncpg.Connection, file: Path) -> None:
        self.database = database
        self.owner = owner
        self.file = file
        self.seen: set[Checkpoint] = set()

    def publisher(self, fault: Fault) -> Publisher:
        return Publisher(cast(Any, FailingDatabase(self.database, fault)), SIGNER, self.file, 1)

    async def agree(self) -> None:
        """No size was signed with two roots, and what is in the file and in the database is of the log."""
        notes = [row["note"] for row in await self.owner.fetch("SELECT note FROM audit.checkpoint")]
        if self.file.exists():
            notes.append(self.file.read_bytes())
        self.seen |= {verify_checkpoint(note, [SIGNER.key])[0] for note in notes}
        for point in self.seen:
            head = await store.head_of(self.owner, point.size)
            assert head is not None
            assert head.root == point.root


async def checked_and_published(one: Publisher) -> None:
    await one.check()
    await one.publish()


async def test_a_fault_at_any_step_of_the_publisher_signs_nothing_twice_and_nothing_else(
    database: Any, owner: asyncpg.Connection, integrate: Any, tmp_path: Path
) -> None:
    zone, inbox = await database.open(Zone.INTEGRATOR), Inbox(owner)
    signing = Signing(zone, owner, tmp_path / "head")
    await inbox.put(3)
    await integrate()
    await signing.publisher(Fault(NO_FAULT, done=False)).publish()
    await inbox.put(3)
    await integrate()
    plain = Fault(NO_FAULT, done=False)
    one = signing.publisher(plain)
    await one.check()
    assert await one.publish() is not None
    for at in range(plain.steps):
        for done in (False, True):
            for grows, restarts in ((False, False), (False, True), (True, True)):
                await inbox.put(3)
                await integrate()
                fault = Fault(at, done=done)
                one = signing.publisher(fault)
                with pytest.raises(Unavailable):
                    await checked_and_published(one)
                await signing.agree()
                if grows:
                    await inbox.put(2)
                    await integrate()
                if restarts:
                    one = signing.publisher(Fault(NO_FAULT, done=False))
                await one.check()
                await one.publish()
                await signing.agree()
                found = await outward.newest(owner)
                assert found is not None
                assert found[0] == inbox.count, (at, done, grows, restarts)
                assert verify_checkpoint(signing.file.read_bytes(), [SIGNER.key])[0].size == inbox.count
    await inbox.is_whole()


@pytest.mark.parametrize("call", ["fsync", "replace"])
async def test_a_disk_that_fails_while_the_signed_head_is_kept_publishes_nothing(
    call: str, database: Any, owner: asyncpg.Connection, integrate: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    zone, inbox = await database.open(Zone.INTEGRATOR), Inbox(owner)
    signing = Signing(zone, owner, tmp_path / "head")
    await inbox.put(3)
    await integrate()
    await signing.publisher(Fault(NO_FAULT, done=False)).publish()
    real: Callable[..., Any] = getattr(os, call)
    for at in range(2 if call == "fsync" else 1):  # the file, then its folder
        for done in (False, True):
            await inbox.put(1)
            await integrate()
            fault = Fault(at, done=done)

            def failing(*values: Any, fault: Fault = fault, **named: Any) -> Any:
                lost = fault.before(call)
                answer = real(*values, **named)
                if lost:
                    fault.after(call)
                return answer

            with monkeypatch.context() as patch:
                patch.setattr(os, call, failing)
                one = signing.publisher(Fault(NO_FAULT, done=False))
                await one.check()
                with pytest.raises(BadSignedHead):
                    await one.publish()
            found = await outward.newest(owner)
            assert found is not None
            assert found[0] == inbox.count - 1
            again = signing.publisher(Fault(NO_FAULT, done=False))
            await again.check()
            assert await again.publish() is not None
            await signing.agree()


async def test_a_fault_at_any_step_of_the_messenger_is_mended_by_the_next_round(
    database: Any, owner: asyncpg.Connection, integrate: Any, tmp_path: Path
) -> None:
    zone, inbox = await database.open(Zone.INTEGRATOR), Inbox(owner)
    publisher = Publisher(zone, SIGNER, None, 1)
    async with (
        a_witness(tmp_path, [SIGNER.key]) as (url, signer, memory),
        Posting(Exchange(), Egress(["127.0.0.0/8"])) as posting,
    ):
        seat = WitnessAt(name="one", key=str(signer.key), url=url, monitoring_url=url)
        settings = Witnessing(witnesses=(seat,), quorum_min=1, answer_seconds=20)

        def cosigning(fault: Fault) -> Cosigning:
            return Cosigning(cast(Any, FailingDatabase(zone, fault)), posting, settings, SIGNER.key)

        async def grow() -> None:
            await inbox.put(2)
            await integrate()
            await publisher.publish()

        await grow()
        await cosigning(Fault(NO_FAULT, done=False)).round()
        await grow()
        plain = Fault(NO_FAULT, done=False)
        assert await cosigning(plain).round() == 1
        for at in range(plain.steps):
            for done in (False, True):
                await grow()
                with pytest.raises(Unavailable):
                    await cosigning(Fault(at, done=done)).round()
                assert await cosigning(Fault(NO_FAULT, done=False)).round() == 1, (at, done)
                assert await outward.reached(owner, outward.Stage.UNWITNESSED) == inbox.count
                latest = memory.latest(SIGNER.name)
                assert latest is not None
                assert latest.size == inbox.count
        note = await outward.note_of(owner, inbox.count)
        assert note is not None
        assert len(verify_checkpoint(note, [SIGNER.key, signer.key])[1]) == 2
