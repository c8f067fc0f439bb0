"""Making packs: any number of processes, each export with one of them at a time, a piece after the other.

What decides a pack is fixed before its first byte: the signed checkpoint, the numbers, the place of every record. Each piece is kept
in one transaction with how far the pack is, so whoever takes over writes the bytes that the one before would have written. Only
the last piece makes an archive of it, and holds the list and the seal: until then there is nothing that a checker could take for a
pack.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn
from uuid import UUID

from gateway.audit.exports import shelf, store
from gateway.audit.exports.errors import NotSignedYet, PackTooLarge, RecordsDropped
from gateway.audit.exports.events import SYSTEM, about
from gateway.audit.exports.keeping import Keeping
from gateway.audit.exports.model import USE_RECORDS, Export, Plan, State
from gateway.audit.exports.packing import Packer
from gateway.audit.exports.planning import pages_of, planned
from gateway.audit.exports.proving import roots_between
from gateway.audit.exports.sealing import Sealer, statement
from gateway.audit.model import Outcome
from gateway.audit.record import Record
from gateway.audit.types import EventType
from gateway.audit.writer import AuditLog
from gateway.errors import GatewayError
from gateway.names import new_id
from gateway.proof.pack_asked import Asked
from gateway.proof.pack_seal import STATEMENT
from gateway.sections import Exports as Settings
from gateway.storage import Connection, Database
from gateway.storage.turns import Turns
from gateway.telemetry import get_logger
from gateway.web.problems import InternalFault
from gateway.web.ranges import Piece, Span, parts_in

_log = get_logger()
_FINAL: Final = (PackTooLarge, RecordsDropped)
_ATTEMPTS: Final = 20
_LATER: Final = timedelta(seconds=10)
_TURN_SECONDS: Final = 20
_PARTING_SECONDS: Final = 2


class LeaseLost(Exception):
    """Another process goes on with the export, or it was cancelled."""


class Making:
    """One process's worker.

    Args:
        reader: the reader zone's database; ``control`` the control zone's, where packs are kept and seals are recorded.
        seal: seals archive packs; ``issuer`` is the gateway's own name in seals.
        now: the present instant with its zone.
    """

    def __init__(
        self,
        reader: Database,
        control: Database,
        log: AuditLog,
        keeping: Keeping,
        seal: Sealer,
        issuer: str,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._reader = reader
        self._control = control
        self._log = log
        self._keeping = keeping
        self._seal = seal
        self._issuer = issuer
        self._settings = settings
        self._now = now
        self._turns = Turns(self._swept_turn, settings.poll_seconds, "exports")

    def call(self) -> None:
        """There is something to do."""
        self._turns.call()

    async def run(self) -> NoReturn:
        """Go on with whatever there is until cancelled."""
        await self._turns.run()

    async def _swept_turn(self) -> bool:
        await self.sweep()
        return await self.turn()

    async def turn(self) -> bool:
        """Some pieces of one pack; whether there was one to go on with.

        Raises:
            DatabaseDown, AuditUnavailable: the turn is lost; the export is gone on with when its lease is over.
        """
        lease = new_id()
        async with self._control.connection() as connection:
            export = await shelf.claim(connection, self._now(), self._until(), lease)
        if export is None:
            return False
        try:
            why = await self._held_while(export, lease)
        except (
            asyncio.CancelledError
        ):  # the gateway stops in order: whoever starts next need not wait for the lease's end
            with suppress(GatewayError, TimeoutError):
                async with asyncio.timeout(_PARTING_SECONDS), self._control.connection() as connection:
                    await shelf.give_back(connection, export.id, lease, self._now())
            raise
        if why is None:
            return True
        if isinstance(why, _FINAL) or (export.attempts >= _ATTEMPTS and not isinstance(why, NotSignedYet)):
            await self._fail(export.id, lease, why)
            return True
        waits = isinstance(why, NotSignedYet)
        pause = timedelta(seconds=self._settings.poll_seconds) if waits else _LATER
        async with self._control.connection() as connection:
            attempts = 0 if waits else export.attempts + 1
            await shelf.give_back(connection, export.id, lease, self._now() + pause, attempts, why.slug())
        return False

    async def _held_while(self, export: Export, lease: UUID) -> GatewayError | None:
        """A turn; what it failed of. The lease is renewed meanwhile; what is written without it is refused in any case."""
        async with asyncio.TaskGroup() as tasks:
            renewing = tasks.create_task(self._renew(export.id, lease))
            try:
                if not await self._some(export, lease):
                    async with self._control.connection() as connection:
                        await shelf.give_back(connection, export.id, lease, self._now())
            except LeaseLost:
                return None
            except GatewayError as why:
                if not isinstance(why, NotSignedYet):
                    _log.error(
                        "exports.turn_failed", export=str(export.id), problem=why.slug(), said=why.detail
                    )
                return why
            except Exception:
                _log.exception("exports.turn_broke", export=str(export.id))
                return InternalFault("the pack failed inside the gateway", "举证包在网关内部制作失败")
            finally:
                renewing.cancel()
        return None

    async def _renew(self, export: UUID, lease: UUID) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            with suppress(GatewayError):
                async with self._control.connection() as connection:
                    await shelf.renew(connection, export, lease, self._until())

    def _until(self) -> datetime:
        return self._now() + timedelta(seconds=self._settings.lease_seconds)

    async def _some(self, export: Export, lease: UUID) -> bool:
        """As many pieces as go into a turn; whether the pack is whole now."""
        began, plan = time.monotonic(), await self._plan(export, lease)
        packer = await self._packer(export, plan)
        async for rows in self._pieces(plan, packer):
            export = await self._keep(export, lease, packer, rows)
            if time.monotonic() - began > _TURN_SECONDS:
                return False
        await self._finish(export, lease, plan, packer)
        return True

    async def _plan(self, export: Export, lease: UUID) -> Plan:
        async with self._reader.connection() as connection:
            exported = await store.exported(connection, export.id)
        async with self._control.connection() as connection:
            sealed = await shelf.plan(connection, export.id)
        if exported is None:
            if sealed is None:
                raise NotSignedYet("the record of the export is not ordered yet", "导出记录尚未入账")
            raise RecordsDropped(
                "the record of the export is not in the ledger any more", "导出记录已移出账本"
            )
        asked = Asked.read(export.asked)
        if sealed is not None:
            return await asyncio.to_thread(
                Plan.read, asked, exported, self._keeping.open_plan(export, sealed)
            )
        made = await planned(self._reader, asked, exported, self._settings.records_max)
        sealed = self._keeping.seal_plan(export, await asyncio.to_thread(made.written))
        async with self._control.connection() as connection:
            await shelf.keep_plan(connection, export.id, lease, made, sealed)
        return made

    async def _packer(self, export: Export, plan: Plan) -> Packer:
        """The writer, where the one before stopped."""
        packer = await asyncio.to_thread(Packer, plan, export.position)
        if export.position is not None:
            async for content in self._written(export, Span(packer.begun_at, export.size, is_part=True)):
                await asyncio.to_thread(packer.recall, content)
        return packer

    async def _written(self, export: Export, span: Span) -> AsyncIterator[bytes]:
        async with self._control.connection() as connection:
            pieces = await shelf.pieces(connection, export.id)
        for number, part in parts_in(pieces, span):
            async with self._control.connection() as connection:
                sealed = await shelf.piece(connection, export.id, number)
            if sealed is None:
                raise LeaseLost
            yield (await asyncio.to_thread(self._keeping.open_piece, export, number, sealed))[part]

    async def _pieces(self, plan: Plan, packer: Packer) -> AsyncIterator[int]:
        """Write the next piece; how many rows it has. Compressing takes tens of milliseconds, so it is done beside the loop."""
        tables = plan.asked.tables
        if packer.part == 0:
            async for page in self._pages(plan, packer.row):
                await asyncio.to_thread(packer.add_records, page)
                yield len(page)
            packer.add_proof(await roots_between(self._reader, plan.size, plan.places))
            await asyncio.to_thread(_begin, packer, tables)
            yield 0
        while 0 < packer.part <= len(tables):
            async for page in self._pages(plan, packer.row):
                await asyncio.to_thread(packer.add_rows, page)
                yield len(page)
            packer.end_table(tables[packer.part - 1])
            await asyncio.to_thread(_begin, packer, tables)
            yield 0

    async def _pages(self, plan: Plan, row: int) -> AsyncIterator[list[Record]]:
        """The records from a row on, each in its place.

        Raises:
            RecordsDropped: one is not.
        """
        if row < len(plan.places):
            async for page in pages_of(self._reader, plan, plan.places[row]):
                if [one.idx for one in page] != list(plan.places[row : row + len(page)]):
                    break
                yield page
                row += len(page)
        if row != len(plan.places):
            raise RecordsDropped("records were dropped while the pack was made", "制作期间有记录移出账本")

    async def _keep(self, export: Export, lease: UUID, packer: Packer, rows: int) -> Export:
        """What was written, and how far the pack is now, in one transaction."""
        content, position = packer.taken(), packer.state()
        async with self._control.transaction() as tx:
            held = await self._held(tx, export, lease)
            piece = Piece(held.pieces, held.size, len(content))
            sealed = await asyncio.to_thread(self._keeping.seal_piece, held, piece.number, content)
            await shelf.add_piece(tx, held.id, piece, sealed)
            held = replace(
                held, rows_done=held.rows_done + rows, size=held.size + len(content), pieces=held.pieces + 1,
                position=position,
            )  # fmt: skip
            await shelf.go_on(tx, held)
        return held

    async def _finish(self, export: Export, lease: UUID, plan: Plan, packer: Packer) -> None:
        """The last piece, sealed where a seal belongs, and the record of the whole: one transaction."""
        digest = hashlib.sha256()
        async for content in self._written(export, Span(0, export.size, is_part=False)):
            await asyncio.to_thread(digest.update, content)
        now = self._now()
        async with self._control.transaction() as tx:
            held = await self._held(tx, export, lease)
            packer.finish(await self._sealed(tx, plan, held, packer.listed(), now))
            content = packer.taken()
            digest.update(content)
            piece = Piece(held.pieces, held.size, len(content))
            await shelf.add_piece(tx, held.id, piece, self._keeping.seal_piece(held, piece.number, content))
            held = replace(held, size=held.size + len(content), pieces=held.pieces + 1, position=None)
            await shelf.go_on(tx, held)
            detail: dict[str, Any] = {
                "records": held.records, "bytes": held.size, "sha256": digest.hexdigest(), "checkpoint": plan.size,
                "numbers": [[one.side, one.first, one.last] for one in plan.spans],
            }  # fmt: skip
            written = await self._log.emit(tx, about(held, EventType.AUDIT_EXPORT_MADE, SYSTEM, **detail))
            expires = now + timedelta(days=self._settings.keep_days)
            await shelf.finish(tx, held.id, digest.digest(), now, expires, written)

    async def _held(self, tx: Connection, export: Export, lease: UUID) -> Export:
        held = await shelf.lock_leased(tx, export.id, lease)
        if held is None:
            _log.warning("exports.lease_lost", export=str(export.id))
            raise LeaseLost
        return held

    async def _sealed(
        self, tx: Connection, plan: Plan, export: Export, listed: bytes, now: datetime
    ) -> bytes:
        if plan.asked.kind != USE_RECORDS:
            return b""
        content = statement(plan, listed, self._issuer, now.astimezone(UTC))
        sealed = await self._seal(tx, STATEMENT, content)
        digest = content["list_sha256"]
        await self._log.emit(tx, about(export, EventType.ARCHIVE_SEALED, SYSTEM, list_sha256=digest))
        return json.dumps(sealed).encode() + b"\n"

    async def _fail(self, export: UUID, lease: UUID, why: GatewayError) -> None:
        now = self._now()
        async with self._control.transaction() as tx:
            held = await shelf.lock_leased(tx, export, lease)
            if held is not None:
                said: dict[str, Any] = {"rows_done": held.rows_done, "bytes": held.size}
                failed = about(
                    held,
                    EventType.AUDIT_EXPORT_FAILED,
                    SYSTEM,
                    outcome=Outcome.ERROR,
                    reason=why.slug(),
                    **said,
                )
                written = await self._log.emit(tx, failed)
                await shelf.stop(tx, export, State.FAILED, why.slug(), now, written)

    async def sweep(self) -> int:
        """Destroy packs whose time is over; how many."""
        now = self._now()
        async with self._control.connection() as connection:
            due = await shelf.expired(connection, now)
        for one in due:
            async with self._control.transaction() as tx:
                export = await shelf.lock(tx, one)
                if export is not None and export.state is State.DONE:
                    ended = about(export, EventType.AUDIT_EXPORT_ENDED, SYSTEM, reason="expired")
                    await shelf.stop(
                        tx, one, State.DESTROYED, "expired", now, await self._log.emit(tx, ended)
                    )
        return len(due)


def _begin(packer: Packer, tables: tuple[str, ...]) -> None:
    """Begin the next table, if there is one, in the same piece that ends what was before."""
    if packer.part <= len(tables):
        packer.begin_table(tables[packer.part - 1])
