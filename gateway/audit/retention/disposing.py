"""The worker that carries out what two persons decided: archive, compare with the tree, record, wait for the signature, drop.

Each step is kept before the next begins, so after any crash it goes on where it stopped; a month that was not recorded as
gone is archived anew.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Final, NoReturn

from gateway.audit.model import JSON, Event, Outcome, Who
from gateway.audit.record import Origin
from gateway.audit.retention import store
from gateway.audit.retention.archive import check_archive, write_archive
from gateway.audit.retention.due import Due
from gateway.audit.retention.errors import MonthOpen
from gateway.audit.retention.model import Disposal, Kind, Month, Stage
from gateway.audit.tiles.model import TILE_WIDTH
from gateway.audit.types import EventType
from gateway.audit.writer import emit, utc_now
from gateway.errors import GatewayError
from gateway.names import new_id
from gateway.seals import Vault
from gateway.storage import Connection, Database
from gateway.telemetry import get_logger

_log = get_logger()
_RECORDED: Final = {Kind.RECORDS: EventType.RETENTION_DROPPED, Kind.KEYS: EventType.KEYS_DESTROYED}


class Disposing:
    """Carries out approved disposals; :meth:`run` is a worker, one or more in an installation.

    Args:
        database: the retention zone's.
        folder: where archives are written.
        vault: of the archives' keys, see :func:`gateway.audit.retention.archive.archive_vault`.
    """

    def __init__(
        self,
        database: Database,
        due: Due,
        folder: Path | None,
        vault: Vault,
        node: str,
        every_seconds: float,
    ) -> None:
        self._database = database
        self._due = due
        self._folder = folder
        self._vault = vault
        self._origin = Origin(node, new_id())
        self._every = every_seconds

    async def run(self) -> NoReturn:
        """Look for work until cancelled; what fails is tried again."""
        while True:
            try:
                await self.step()
            except (GatewayError, OSError) as fault:
                _log.error("audit.disposal.failed", why=str(fault))
            await asyncio.sleep(self._every)

    async def step(self) -> Disposal | None:
        """Take the next disposal one step further; as it stood before, or None if nothing waits.

        Raises:
            ArchiveDamaged: the archive does not fit the tree; nothing was dropped.
            MustBeKept, UnderHold, NotTheOldestMonth: meanwhile. DatabaseBusy: somebody reads the records.
            OSError: the archive cannot be written or read.
        """
        async with self._database.transaction() as tx:
            found = await store.next_approved(tx)
            if found is not None and found.stage is Stage.APPROVED:
                await self._due.check(tx, found.kind, found.month)
                await self._recorded(tx, found)
        if found is not None and found.stage is Stage.RECORDED:
            await self._carried_out(found)
        return found

    async def _recorded(self, tx: Connection, one: Disposal) -> None:
        if one.kind is Kind.RECORDS:
            one = await self._archived(tx, one)
        said: dict[str, JSON] = {"kind": one.kind.value, "month": f"{one.month:%Y-%m}"}
        if one.archive_sha256 is not None:
            said |= {"first": one.first, "beyond": one.beyond, "archive": one.archive}
            said["sha256"] = one.archive_sha256.hex()
        who = Who(kind="system", id=self._origin.node)
        event = Event(
            _RECORDED[one.kind], Outcome.DONE, who, object_kind="disposal", object_id=str(one.id), detail=said,
            cause=(one.cause,),
        )  # fmt: skip
        written = await emit(tx, event, self._origin, utc_now())
        await store.recorded(tx, replace(one, recorded_id=written.event_id))

    async def _archived(self, tx: Connection, one: Disposal) -> Disposal:
        month = await self._due.oldest(tx, one.month)
        await _check_closed(tx, month)
        assert self._folder is not None  # it was looked at
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path, digest = await write_archive(tx, month, self._folder, self._vault)
        await check_archive(tx, month, path, digest, self._vault)
        _log.info("audit.archive.written", file=path.name, records=month.beyond - month.first)
        return replace(one, first=month.first, beyond=month.beyond, archive=path.name, archive_sha256=digest)

    async def _carried_out(self, one: Disposal) -> None:
        async with self._database.connection() as connection:
            assert one.recorded_id is not None  # its stage says so
            if await store.is_signed(connection, one.recorded_id):
                await store.carry_out(connection, one)
                _log.info("audit.disposal.done", kind=one.kind, month=f"{one.month:%Y-%m}")


async def _check_closed(tx: Connection, month: Month) -> None:
    """Nothing is written to the month any more; the tree's hashes over it and its figures stay when it goes."""
    grown = await store.grown(tx)
    kept = min(grown.size // TILE_WIDTH * TILE_WIDTH, grown.counted)
    if grown.recorded_at < month.ends or kept < month.beyond:
        raise MonthOpen(
            f"{month.month:%Y-%m} is not followed by enough records yet",
            f"{month.month:%Y-%m} 之后的记录尚不足",
        )
