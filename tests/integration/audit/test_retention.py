"""Old records go: two persons, an archive compared with the tree, a signed record first; what is left still verifies."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from ledgers import an_event

from gateway.audit import (
    AuditLog,
    AuditReader,
    EventType,
    Finding,
    Problem,
    Verdict,
    Who,
    integrate_once,
    verify_dump,
)
from gateway.audit.figures.store import roll_up
from gateway.audit.publisher import Publisher
from gateway.audit.retention import errors
from gateway.audit.retention.archive import archive_vault, read_records
from gateway.audit.retention.disposing import Disposing
from gateway.audit.retention.due import Due
from gateway.audit.retention.model import PROCESS_TYPES, Disposal, Keep, Kind, Stage
from gateway.audit.retention.service import Retention
from gateway.audit.rollover.model import log_signer
from gateway.audit.writer import utc_now
from gateway.seals.archives import ArchiveDamaged
from gateway.storage import Zone
from gateway.storage.pool import DatabaseBusy

OLD, NEXT = date(2020, 1, 1), date(2020, 2, 1)
CHEN, ZHOU = (Who("person", name, role="security_admin") for name in ("chen", "zhou"))
IN_OLD = 300
IN_NEXT = 5


@dataclass
class Archivist:
    """Retention on a database of its own, its worker, and what an auditor sees."""

    database: Any
    owner: asyncpg.Connection
    log: AuditLog
    folder: Path
    retention: Retention
    disposing: Disposing
    reader: AuditReader

    async def integrate(self, clock: Callable[[], datetime] = utc_now) -> None:
        zone = await self.database.open(Zone.INTEGRATOR)
        async with zone.connection() as connection:
            while await integrate_once(connection, clock):
                pass
            while await roll_up(connection):
                pass

    async def sign(self) -> None:
        signer = log_signer("11621000MB00000011", self.database.master_key)
        await Publisher(await self.database.open(Zone.INTEGRATOR), signer, None, 1).publish()

    async def decided(self, kind: Kind = Kind.RECORDS, month: date = OLD) -> Disposal:
        made = await self.retention.propose(CHEN, kind, month, "保存期满", None)
        return await self.retention.approve(ZHOU, made.id)

    async def carried_out(self, kind: Kind = Kind.RECORDS) -> Disposal:
        decided = await self.decided(kind)
        await self.disposing.step()
        await self.integrate()
        await self.sign()
        await self.disposing.step()
        return await self.retention.show(decided.id)

    async def months(self) -> list[tuple[date, int, int]]:
        return [(one.month, one.first, one.beyond) for one in await self.retention.months()][:2]


@pytest.fixture
async def archivist(
    database: Any, owner: asyncpg.Connection, writing: Any, tmp_path: Path
) -> AsyncIterator[Archivist]:
    """Months of 2020 in the ledger, and enough records of today behind them."""
    for month in (OLD, NEXT):
        await owner.execute("SELECT audit.add_partition($1)", month)
    due = Due(Keep(6, 36), has_archives=True, now=utc_now)
    retention_zone = await database.open(Zone.RETENTION)
    vault, folder = archive_vault(database.master_key), tmp_path / "archives"
    async with writing() as log:
        disposing = Disposing(retention_zone, due, folder, vault, "node", 1)
        reader = AuditReader(await database.open(Zone.READER), log.append)
        made = Archivist(database, owner, log, folder, Retention(retention_zone, log, due), disposing, reader)
        for count, at in ((IN_OLD, OLD), (IN_NEXT, NEXT), (260, None)):
            await log.emit_all(owner, [an_event() for _ in range(count)])
            await made.integrate(_at(at) if at else utc_now)
        yield made


def _at(month: date) -> Callable[[], datetime]:
    return lambda: datetime(month.year, month.month, 15, tzinfo=UTC)


async def test_a_month_goes_and_everything_left_still_verifies(archivist: Archivist, tmp_path: Path) -> None:
    before = await archivist.reader.verify()
    assert isinstance(before, Verdict)
    done = await archivist.carried_out()
    assert (done.stage, done.first, done.beyond) == (Stage.DONE, 0, IN_OLD)
    assert (await archivist.months())[0] == (NEXT, IN_OLD, IN_OLD + IN_NEXT)
    after = await archivist.reader.verify()
    assert isinstance(after, Verdict)
    assert after.size > before.size

    with (tmp_path / "dump").open("wb") as out:
        await archivist.reader.dump(CHEN, out)
    await archivist.integrate()
    assert verify_dump(tmp_path / "dump") == after

    path = archivist.folder / str(done.archive)
    assert b"realty" not in path.read_bytes()
    kept = [*read_records(path, archive_vault(archivist.database.master_key))]
    assert [record.idx for record in kept] == [*range(IN_OLD)]
    shown = await archivist.reader.get(CHEN, done.recorded_id or done.id)
    assert shown.content()["detail"] == {
        "kind": "records",
        "month": "2020-01",
        "first": 0,
        "beyond": IN_OLD,
        "archive": "audit-2020-01.archive",
        "sha256": (done.archive_sha256 or b"").hex(),
    }


async def test_nobody_disposes_alone(archivist: Archivist) -> None:
    made = await archivist.retention.propose(CHEN, Kind.RECORDS, OLD, "保存期满", None)
    with pytest.raises(errors.SecondPersonNeeded):
        await archivist.retention.approve(CHEN, made.id)
    with pytest.raises(errors.DisposalUnderWay):
        await archivist.retention.propose(ZHOU, Kind.RECORDS, OLD, "保存期满", None)
    assert await archivist.disposing.step() is None
    with pytest.raises(asyncpg.CheckViolationError, match="a_disposal_is_approved_by_another"):
        await archivist.owner.execute("UPDATE audit.disposal SET approved_by = proposed_by")


async def test_months_go_in_order_when_their_time_is_over_and_nothing_holds_them(
    archivist: Archivist,
) -> None:
    retention = archivist.retention
    with pytest.raises(errors.NotTheOldestMonth):
        await retention.propose(CHEN, Kind.RECORDS, NEXT, "保存期满", None)
    with pytest.raises(errors.NoSuchMonth):
        await retention.propose(CHEN, Kind.RECORDS, date(2019, 1, 1), "保存期满", None)
    with pytest.raises(errors.MustBeKept):
        await retention.propose(CHEN, Kind.KEYS, utc_now().date().replace(day=1), "保存期满", None)

    decided = await archivist.decided()
    hold = await retention.hold(CHEN, date(2019, 6, 1), OLD, "行政诉讼", None)
    with pytest.raises(errors.UnderHold):
        await archivist.disposing.step()
    with pytest.raises(errors.SecondPersonNeeded):
        await retention.lift(CHEN, hold.id, "结案")
    await retention.lift(ZHOU, hold.id, "结案")
    with pytest.raises(errors.HoldOver):
        await retention.lift(ZHOU, hold.id, "结案")
    await archivist.disposing.step()
    assert (await retention.show(decided.id)).stage is Stage.RECORDED


async def test_nothing_goes_before_its_record_is_signed_or_under_a_hold_placed_meanwhile(
    archivist: Archivist,
) -> None:
    decided = await archivist.decided()
    await archivist.disposing.step()
    await archivist.disposing.step()
    assert (await archivist.retention.show(decided.id)).stage is Stage.RECORDED
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="no signed record"):
        await _dropped_by_hand(archivist, decided)

    await archivist.integrate()
    await archivist.sign()
    hold = await archivist.retention.hold(CHEN, OLD, OLD, "行政诉讼", None)
    with pytest.raises(errors.UnderHold):
        await archivist.disposing.step()
    await archivist.retention.lift(ZHOU, hold.id, "结案")
    with pytest.raises(errors.DisposalDecided):
        await archivist.retention.withdraw(CHEN, decided.id, "改主意")
    await archivist.disposing.step()
    assert (await archivist.retention.show(decided.id)).stage is Stage.DONE


async def _dropped_by_hand(archivist: Archivist, decided: Disposal) -> None:
    zone = await archivist.database.open(Zone.RETENTION)
    async with zone.connection() as connection:
        await connection.execute("SELECT audit.drop_partition($1)", decided.id)


async def test_a_month_stays_until_the_tree_and_the_figures_hold_it(archivist: Archivist) -> None:
    await archivist.decided()
    await archivist.owner.execute("UPDATE audit.rolled_up SET beyond = $1", IN_OLD - 1)
    with pytest.raises(errors.MonthOpen):
        await archivist.disposing.step()
    await archivist.owner.execute("UPDATE audit.rolled_up SET beyond = $1", IN_OLD)
    assert await archivist.disposing.step()


async def test_the_database_itself_keeps_what_must_be_kept(archivist: Archivist) -> None:
    decided = await archivist.decided()
    for forged in (
        "month = date_trunc('month', now() - interval '35 months')",
        "approved_by = NULL",
        "withdrawn_at = now()",
        "recorded_id = NULL",
    ):
        transaction = archivist.owner.transaction()
        await transaction.start()
        await archivist.owner.execute(f"UPDATE audit.disposal SET {forged}")  # noqa: S608  # written above
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await archivist.owner.execute("SELECT audit.drop_partition($1)", decided.id)
        await transaction.rollback()
    for zone in (Zone.CONTROL, Zone.EXCHANGE, Zone.INTEGRATOR, Zone.READER):
        opened = await archivist.database.open(zone)
        async with opened.connection() as connection:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("SELECT audit.drop_partition($1)", decided.id)


async def test_a_month_dropped_past_the_gateway_is_found(archivist: Archivist) -> None:
    await archivist.owner.execute("DROP TABLE audit.ledger_2020_01")
    found = await archivist.reader.verify()
    assert isinstance(found, Finding)
    assert (found.problem, found.idx, found.last_idx) == (Problem.DROP_UNRECORDED, 0, IN_OLD - 1)


async def test_a_leaf_of_a_dropped_record_cannot_be_changed_unnoticed(archivist: Archivist) -> None:
    await archivist.carried_out()
    await archivist.owner.execute("SET session_replication_role = replica")
    await archivist.owner.execute(
        "UPDATE audit.tile SET data = set_byte(data, 0, get_byte(data, 0) # 1) WHERE n = 0"
    )
    found = await archivist.reader.verify()
    assert isinstance(found, Finding)
    assert (found.problem, found.idx) == (Problem.TILE_DIFFERS, 0)


async def test_no_archive_that_differs_from_the_tree_lets_a_month_go(archivist: Archivist) -> None:
    await archivist.owner.execute("SET session_replication_role = replica")
    await archivist.owner.execute("UPDATE audit.ledger SET leaf_hash = sha256('x') WHERE idx = 7")
    decided = await archivist.decided()
    with pytest.raises(ArchiveDamaged):
        await archivist.disposing.step()
    assert (await archivist.retention.show(decided.id)).stage is Stage.APPROVED
    assert [*archivist.folder.glob("*.*[0-9]")] == []


async def test_a_reader_of_the_records_is_waited_for(archivist: Archivist) -> None:
    decided = await archivist.decided()
    await archivist.disposing.step()
    await archivist.integrate()
    await archivist.sign()
    async with archivist.owner.transaction():
        await archivist.owner.fetch("SELECT idx FROM audit.ledger LIMIT 1")
        with pytest.raises(DatabaseBusy):
            await archivist.disposing.step()
    await archivist.disposing.step()
    assert (await archivist.retention.show(decided.id)).stage is Stage.DONE


async def test_keys_are_destroyed_by_the_same_two_persons(archivist: Archivist) -> None:
    await archivist.owner.execute(
        "INSERT INTO audit_keys.secret (kind, period, org, wrapped) VALUES ('detail', '2020-01-01', '', '\\x01'), "
        "('detail', '2020-02-01', '', '\\x01')"
    )
    done = await archivist.carried_out(Kind.KEYS)
    assert done.stage is Stage.DONE
    left = await archivist.owner.fetch("SELECT period FROM audit_keys.secret WHERE wrapped IS NOT NULL")
    assert [row["period"] for row in left] == [NEXT]


async def test_the_database_and_the_program_name_the_same_process_records(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch("SELECT type FROM audit.process_type")
    assert {row["type"] for row in rows} == PROCESS_TYPES
    assert {EventType(name).value for name in PROCESS_TYPES} == PROCESS_TYPES
