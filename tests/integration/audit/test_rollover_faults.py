"""A rollover that fails at any step, done or not done, is finished by running it again: one new log, one signature, no fork."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from faults import Failing, Fault
from ledgers import INSERT, event_bytes

from gateway.audit import AuditUnavailable, Verdict, Who, store
from gateway.audit.errors import LogRolledBack
from gateway.audit.publisher import BadSignedHead, Publisher
from gateway.audit.rollover.errors import NothingLost
from gateway.audit.rollover.model import Logs
from gateway.audit.rollover.service import Rollover
from gateway.audit.rollover.store import current
from gateway.audit.verify import verify_stream
from gateway.audit.writer import utc_now
from gateway.names import new_id
from gateway.proof.checkpoint import Checkpoint
from gateway.storage import Zone

ORG = "11621000MB00000011"
LOGS = Logs(ORG, bytes(32))
PERSONS = [Who("person", "security-admin", ORG, "security-admin"), Who("person", "auditor", ORG, "auditor")]
NO_FAULT = 1000


class Ground:
    """A database whose log lost records again and again, and everything that was ever signed about it."""

    def __init__(self, owner: asyncpg.Connection, integrator: Any, file: Path) -> None:
        self.owner, self.integrator, self.file = owner, integrator, file
        self.signed: dict[tuple[str, int], bytes] = {}
        self.events = 0

    async def number(self) -> int:
        begun = await current(self.owner)
        return begun.number if begun else 1

    async def lose(self) -> None:
        """The present log signed more than the database holds: what a restore of an old backup leaves."""
        signer, head = LOGS.signer(await self.number()), await store.newest_head(self.owner)
        self.file.write_bytes(
            signer.sign(Checkpoint(signer.name, head.size + 3, bytes([head.size % 256]) * 32).text)
        )

    async def roll(self, fault: Fault | None = None) -> Checkpoint:
        """What ``./gw audit rollover`` does, once the persons have signed."""
        connection = Failing(self.owner, fault) if fault else self.owner
        act = Rollover(cast(Any, connection), LOGS, self.file, utc_now)
        loss = await act.loss([(str(self.file), self.file.read_bytes())])
        return await act.take_over(loss, PERSONS, "storage failed", "node")

    async def agree(self) -> None:
        """No log signed a size twice with different roots; what is published is of the ledger; each log began once."""
        notes = [row["note"] for row in await self.owner.fetch("SELECT note FROM audit.checkpoint")]
        for note in (*notes, self.file.read_bytes()):
            point = LOGS.known(note).checkpoint
            assert self.signed.setdefault((point.origin, point.size), point.root) == point.root
        for note in notes:
            point = LOGS.known(note).checkpoint
            head = await store.head_of(self.owner, point.size)
            assert head is not None
            assert head.root == point.root
        begun = await self.owner.fetch("SELECT number, first_idx FROM audit.log ORDER BY number")
        told = await self.owner.fetch(
            "SELECT idx FROM audit.ledger WHERE type = 'log.taken_over' ORDER BY idx"
        )
        assert [row["number"] for row in begun] == list(range(2, 2 + len(begun)))
        assert [row["first_idx"] for row in begun] == [row["idx"] for row in told]
        assert isinstance(await verify_stream(store.everything(self.owner)), Verdict)

    async def goes_on(self, integrate: Callable[[], Awaitable[None]]) -> None:
        """A gateway starts on it and signs what follows, in the new log's name."""
        begun = await current(self.owner)
        assert begun is not None
        publisher = Publisher(
            self.integrator, LOGS.signer(begun.number), self.file, 1, logs=LOGS, begun=begun
        )
        await publisher.check()
        await self.owner.execute(INSERT, new_id(), [event_bytes(self.events)])
        self.events += 1
        await integrate()
        point = await publisher.publish()
        assert point is not None
        assert point.origin == LOGS.signer(begun.number).name
        await self.agree()


@pytest.fixture
async def ground(
    database: Any, owner: asyncpg.Connection, integrate: Callable[[], Awaitable[None]], tmp_path: Path
) -> Ground:
    """A log of a few records that were signed."""
    made = Ground(owner, await database.open(Zone.INTEGRATOR), tmp_path / "audit-head")
    await owner.execute(INSERT, new_id(), [event_bytes(number) for number in range(5)])
    made.events = 5
    await integrate()
    await Publisher(made.integrator, LOGS.signer(1), made.file, 1).publish()
    return made


async def test_a_fault_at_any_step_is_made_good_by_running_it_again(
    ground: Ground, integrate: Callable[[], Awaitable[None]]
) -> None:
    await ground.lose()
    plain = Fault(NO_FAULT, done=False)
    await ground.roll(plain)
    await ground.goes_on(integrate)
    committing = len(plain.names) - 1 - plain.names[::-1].index("commit")  # the one before only read
    for at in range(plain.steps):
        for done in (False, True):
            await ground.lose()
            before, fault = await ground.number(), Fault(at, done=done)
            with pytest.raises(AuditUnavailable):
                await ground.roll(fault)
            await ground.agree()
            written = at > committing or (at == committing and done)
            assert await ground.number() == before + written, (at, done, "all of the beginning, or nothing")
            try:
                point = await ground.roll()
            except NothingLost:  # the very last answer was lost: all of it is done
                assert (at, done) == (plain.steps - 1, True)
            else:
                assert point.origin == LOGS.signer(before + 1).name
            assert await ground.number() == before + 1, (at, done, "never two logs for one loss")
            with pytest.raises(NothingLost):
                await ground.roll()
            await ground.goes_on(integrate)


async def test_a_gateway_that_went_on_before_the_beginning_was_published_is_finished_too(
    ground: Ground, integrate: Callable[[], Awaitable[None]]
) -> None:
    """Hosts that hold the old log's head find the new one's first checkpoint in the database, or they do not start."""
    await ground.lose()
    elsewhere = ground.file.with_name("other-host")
    elsewhere.write_bytes(ground.file.read_bytes())
    plain = Fault(NO_FAULT, done=False)
    await ground.roll(plain)
    await ground.goes_on(integrate)
    await ground.lose()
    elsewhere.write_bytes(ground.file.read_bytes())
    with pytest.raises(AuditUnavailable):
        await ground.roll(Fault(plain.steps - 1, done=False))
    await ground.goes_on(integrate)
    newest = ground.file.read_bytes()
    begun = await current(ground.owner)
    assert begun is not None
    other = Publisher(ground.integrator, LOGS.signer(begun.number), elsewhere, 1, logs=LOGS, begun=begun)
    with pytest.raises(LogRolledBack, match="again on the host where that was begun"):
        await other.check()
    point = await ground.roll()
    assert (point.origin, point.size) == (LOGS.signer(begun.number).name, begun.first_idx + 1)
    assert ground.file.read_bytes() == newest, "the head that was signed last stays"
    await other.check()
    await ground.agree()
    with pytest.raises(NothingLost):
        await ground.roll()


@pytest.mark.parametrize("call", ["fsync", "replace"])
async def test_a_disk_that_fails_between_commit_and_signature_leaves_no_second_beginning(
    call: str, ground: Ground, integrate: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., Any] = getattr(os, call)
    for at in range(
        4 if call == "fsync" else 2
    ):  # the old head's copy, then the new head; each file, then its folder
        for done in (False, True):
            await ground.lose()
            before, fault = await ground.number(), Fault(at, done=done)

            def failing(*values: Any, fault: Fault = fault, **named: Any) -> Any:
                lost = fault.before(call)
                answer = real(*values, **named)
                if lost:
                    fault.after(call)
                return answer

            with monkeypatch.context() as patch:
                patch.setattr(os, call, failing)
                with pytest.raises(BadSignedHead):
                    await ground.roll()
            await ground.agree()
            assert await ground.number() == before + 1
            assert (await ground.roll()).origin == LOGS.signer(before + 1).name
            assert await ground.number() == before + 1
            await ground.goes_on(integrate)
