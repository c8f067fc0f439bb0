"""Asking for exports, looking at them, fetching and deleting their packs; each act leaves a record before anything leaves."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from gateway.audit.exports import shelf
from gateway.audit.exports.errors import (
    ExportEnded,
    ExportNotReady,
    ExportStoreFull,
    NoSuchExport,
    NotYoursToExport,
    TooManyExports,
)
from gateway.audit.exports.events import about
from gateway.audit.exports.keeping import Keeping
from gateway.audit.exports.making import Making
from gateway.audit.exports.model import OPEN, USE_RECORDS, Export, State
from gateway.audit.model import Event, Outcome, Who
from gateway.audit.types import EventType
from gateway.audit.writer import AuditLog
from gateway.proof.pack_asked import Asked
from gateway.sections import Exports as Settings
from gateway.storage import Connection, Database
from gateway.web import Principal
from gateway.web.ranges import Piece, Span, parts_in

AUDITOR: Final = "auditor"
REQUESTER: Final = "requester"


@dataclass(frozen=True, slots=True)
class Taking:
    """A pack on its way out, or the part of it that was asked for."""

    export: Export
    span: Span
    pieces: AsyncIterator[bytes]


class Exports:
    """The auditors' way to packs, and each department's to that of its own use.

    Args:
        control: the control zone's database, where packs are kept.
        log: takes the records of asking, fetching and deleting.
        making: goes on with what is asked for.
        now: the present instant with its zone.
    """

    def __init__(
        self,
        control: Database,
        log: AuditLog,
        keeping: Keeping,
        making: Making,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._control = control
        self._log = log
        self._keeping = keeping
        self._making = making
        self._settings = settings
        self._now = now

    async def ask(self, actor: Principal, asked: Asked, request_id: str) -> Export:
        """Put on record what is exported; the record is the department's last number in the pack, and its id the export's.

        Raises:
            NotYoursToExport, TooManyExports, ExportStoreFull, AuditUnavailable.
        """
        role, detail = _role(actor, asked.kind, asked.org), asked.detail()
        event = Event(
            EventType.AUDIT_EXPORTED, Outcome.ALLOW, Who.of(actor, role), consumer_org=asked.org, provider_org=asked.org,
            object_kind="export", request_id=request_id, detail={"export": detail},
        )  # fmt: skip
        async with self._control.transaction() as tx:
            await self._check_room(tx, actor.id)
            written = await self._log.emit(tx, event)
            key = self._keeping.new_key(written.event_id)
            await shelf.add(
                tx,
                written.event_id,
                actor.id,
                asked.org,
                asked.kind,
                detail,
                self._now(),
                key,
                written.digest,
            )
            export = await self._found(tx, actor, written.event_id)
        self._making.call()
        return export

    async def _check_room(self, tx: Connection, who: str) -> None:
        await shelf.hold_asker(tx, who)
        exports, used = await shelf.kept(tx, who)
        if exports >= self._settings.kept_max:
            raise TooManyExports(
                f"at most {self._settings.kept_max} exports of a person are open or kept",
                f"每人未完成及保留中的导出最多 {self._settings.kept_max} 个",
            )
        if used >= self._settings.stored_bytes:
            raise ExportStoreFull(
                "packs of other exports wait for their download", "待下载的举证包已占满空间"
            )

    async def show(self, actor: Principal, export: UUID) -> Export:
        """How far an export is.

        Raises:
            NoSuchExport: also for others.
        """
        async with self._control.connection() as connection:
            return await self._found(connection, actor, export)

    async def listed(self, actor: Principal, after: UUID | None, count: int) -> list[Export]:
        """Exports, newest first: an auditor sees all, others their own."""
        async with self._control.connection() as connection:
            return await shelf.listed(connection, actor.id, after, count, everybodys=AUDITOR in actor.roles)

    async def end(self, actor: Principal, export: UUID, request_id: str) -> Export:
        """Cancel an export that is open, or destroy the pack of one that is done.

        Raises:
            NoSuchExport. ExportEnded: it had ended before. AuditUnavailable.
        """
        async with self._control.transaction() as tx:
            found = _seen(await shelf.lock(tx, export), actor, export)
            if found.state not in OPEN and found.state is not State.DONE:
                raise _gone(found)
            state = State.CANCELLED if found.state in OPEN else State.DESTROYED
            reason = "cancelled" if state is State.CANCELLED else "deleted"
            who = Who.of(actor, _role(actor, found.kind, found.org))
            said: dict[str, Any] = {"rows_done": found.rows_done, "bytes": found.size}
            ended = about(
                found, EventType.AUDIT_EXPORT_ENDED, who, reason=reason, request_id=request_id, **said
            )
            await shelf.stop(tx, export, state, reason, self._now(), await self._log.emit(tx, ended))
            return await self._found(tx, actor, export)

    async def ready(self, actor: Principal, export: UUID) -> Export:
        """An export whose pack can be fetched.

        Raises:
            NoSuchExport. ExportNotReady. ExportEnded: it failed, was deleted, or its time is over.
        """
        found = await self.show(actor, export)
        if found.state in OPEN:
            raise ExportNotReady(
                f"{found.rows_done} of {found.rows or '?'} rows are written",
                f"已写 {found.rows_done} 行，共 {found.rows or '?'} 行", state=found.state.value,
            )  # fmt: skip
        if found.state is not State.DONE:
            raise _gone(found)
        return found

    async def take(self, actor: Principal, export: Export, span: Span, request_id: str) -> Taking:
        """Record that bytes of a pack leave; only then can they be had.

        Raises:
            AuditUnavailable: then no byte leaves.
        """
        who = Who.of(actor, _role(actor, export.kind, export.org))
        taken = about(
            export, EventType.AUDIT_EXPORT_TAKEN, who, outcome=Outcome.ALLOW, request_id=request_id,
            first_byte=span.start, bytes=span.end - span.start, sha256=(export.sha256 or b"").hex(),
        )  # fmt: skip
        await self._log.append(taken)
        async with self._control.connection() as connection:
            pieces = await shelf.pieces(connection, export.id)
        return Taking(export, span, self._pieces(export, pieces, span))

    async def _pieces(self, export: Export, pieces: list[Piece], span: Span) -> AsyncIterator[bytes]:
        for number, part in parts_in(pieces, span):
            async with self._control.connection() as connection:
                sealed = await shelf.piece(connection, export.id, number)
            if sealed is None:
                raise ExportEnded("it was destroyed while it was fetched", "下载期间举证包已被销毁")
            yield self._keeping.open_piece(export, number, sealed)[part]

    async def _found(self, connection: Connection, actor: Principal, export: UUID) -> Export:
        return _seen(await shelf.find(connection, export), actor, export)


def _role(actor: Principal, kind: str, org: str) -> str:
    if AUDITOR in actor.roles:
        return AUDITOR
    if kind == USE_RECORDS and org == actor.org:
        return REQUESTER
    raise NotYoursToExport(
        "only auditors export records of others", "仅审计管理员可导出其他部门的记录或指定范围的记录"
    )


def _seen(export: Export | None, actor: Principal, named: UUID) -> Export:
    unknown = NoSuchExport(f"no export {named}", f"没有编号为 {named} 的导出")
    if export is None:
        raise unknown
    try:
        _role(actor, export.kind, export.org)
    except NotYoursToExport:
        raise unknown from None
    return export


def _gone(export: Export) -> ExportEnded:
    return ExportEnded(
        f"it is {export.state}: {export.reason}", f"当前状态为 {export.state}：{export.reason}",
        state=export.state.value, reason=export.reason,
    )  # fmt: skip
