"""Asking for exports and fetching their packs; each leaves a record before anything is shown."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from gateway.audit.exports import store
from gateway.audit.exports.errors import ExportNotReady, NoSuchExport, NotYoursToExport
from gateway.audit.exports.model import USE_RECORDS, Plan
from gateway.audit.exports.packing import Packer
from gateway.audit.exports.planning import pages_of, planned, spanned
from gateway.audit.exports.proving import roots_between
from gateway.audit.model import JSON, Event, Outcome, Who
from gateway.audit.record import Record
from gateway.audit.types import EventType
from gateway.audit.writer import AuditLog
from gateway.proof.pack_asked import Asked
from gateway.proof.pack_seal import STATEMENT
from gateway.proof.refusal import Refused
from gateway.storage import Connection, Database
from gateway.web import Principal

AUDITOR: Final = "auditor"
REQUESTER: Final = "requester"
Sealer: TypeAlias = Callable[[Connection, str, dict[str, Any]], Awaitable[dict[str, str]]]
"""Makes a sealed statement of a kind in a transaction."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An export whose record is in the log; ``plan`` is None while no checkpoint covers it."""

    exported: Record
    asked: Asked
    plan: Plan | None


class Exports:
    """The auditors' way to packs, and each department's to that of its own use.

    Args:
        reader: the reader zone's database; ``control`` the control zone's, in which seals are recorded.
        log: takes the records of asking and fetching.
        seal: seals archive packs.
        issuer: the gateway's own name.
        records_max: the largest pack.
    """

    def __init__(
        self,
        reader: Database,
        control: Database,
        log: AuditLog,
        seal: Sealer,
        issuer: str,
        records_max: int,
        now: Callable[[], datetime],
    ) -> None:
        self._reader = reader
        self._control = control
        self._log = log
        self._seal = seal
        self._issuer = issuer
        self._records_max = records_max
        self._now = now

    async def ask(self, actor: Principal, asked: Asked, request_id: str) -> UUID:
        """Put on record what is exported; the record is the department's last number in the pack. The export's id.

        Raises:
            NotYoursToExport, AuditUnavailable.
        """
        role = _role(actor, asked)
        written = await self._log.append(
            Event(
                EventType.AUDIT_EXPORTED, Outcome.ALLOW, Who.of(actor, role), consumer_org=asked.org,
                provider_org=asked.org, object_kind="export", request_id=request_id, detail={"export": asked.detail()},
            )
        )  # fmt: skip
        return written.event_id

    async def show(self, actor: Principal, export: UUID, request_id: str) -> Standing:
        """How far an export is.

        Raises:
            NoSuchExport: also for others, and for a moment after it was asked for.
            PackTooLarge, RecordsDropped, AuditUnavailable.
        """
        exported, asked = await self._find(actor, export)
        await self._log.append(
            Event(
                EventType.AUDIT_QUERIED, Outcome.ALLOW, Who.of(actor, _role(actor, asked)), request_id=request_id,
                object_kind="export", object_id=str(export), detail={"export": asked.detail()},
            )
        )  # fmt: skip
        try:
            plan = await spanned(self._reader, asked, exported, self._records_max)
        except ExportNotReady:
            plan = None
        return Standing(exported, asked, plan)

    async def take(self, actor: Principal, export: UUID, request_id: str) -> AsyncIterator[bytes]:
        """The pack, piece by piece; what could refuse it is done before this returns.

        Raises:
            NoSuchExport, ExportNotReady, PackTooLarge, RecordsDropped, AuditUnavailable.
        """
        exported, asked = await self._find(actor, export)
        plan = await planned(self._reader, asked, exported, self._records_max)
        who = Who.of(actor, _role(actor, asked))
        detail: dict[str, JSON] = {
            "checkpoint": plan.size,
            "numbers": [[one.side, one.first, one.last] for one in plan.spans],
        }
        await self._log.append(
            Event(
                EventType.AUDIT_EXPORT_TAKEN, Outcome.ALLOW, who, object_kind="export", object_id=str(export),
                request_id=request_id, detail=detail,
            )
        )  # fmt: skip
        return self._pieces(plan, export, who)

    async def _find(self, actor: Principal, export: UUID) -> tuple[Record, Asked]:
        async with self._reader.connection() as connection:
            exported = await store.exported(connection, export)
        if exported is None or exported.columns.type != EventType.AUDIT_EXPORTED:
            raise _unknown(export)
        try:
            asked = Asked.read(exported.content()["detail"]["export"])
            _role(actor, asked)
        except (Refused, KeyError, NotYoursToExport):
            raise _unknown(export) from None
        return exported, asked

    async def _pieces(self, plan: Plan, export: UUID, who: Who) -> AsyncIterator[bytes]:
        # compressing a page takes tens of milliseconds, so it is done beside the loop
        packer, leaves = await asyncio.to_thread(Packer, plan), list[tuple[int, bytes]]()
        async for page in pages_of(self._reader, plan):
            leaves += await asyncio.to_thread(packer.add_records, page)
            yield packer.taken()
        packer.add_proof(await roots_between(self._reader, plan.size, [idx for idx, _ in leaves]))
        for table in plan.asked.tables:
            packer.begin_table(table)
            async for page in pages_of(self._reader, plan):
                await asyncio.to_thread(packer.add_rows, page)
                yield packer.taken()
            packer.end_table(table)
        packer.finish(await self._sealed(plan, packer.listed(), export, who))
        yield packer.taken()

    async def _sealed(self, plan: Plan, listed: bytes, export: UUID, who: Who) -> bytes:
        if plan.asked.kind != USE_RECORDS:
            return b""
        digest = hashlib.sha256(listed).hexdigest()
        content = {
            "v": 1,
            "statement": STATEMENT,
            "issuer": {"url": self._issuer},
            "sealed_at": self._now()
            .astimezone(UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "org": plan.asked.org,
            "origin": plan.origin,
            "checkpoint": plan.size,
            "list_sha256": digest,
        }
        async with self._control.transaction() as tx:
            sealed = await self._seal(tx, STATEMENT, content)
            event = Event(
                EventType.ARCHIVE_SEALED, Outcome.DONE, who, object_kind="export", object_id=str(export),
                detail={"list_sha256": digest},
            )  # fmt: skip
            await self._log.emit(tx, event)
        return json.dumps(sealed).encode() + b"\n"


def _role(actor: Principal, asked: Asked) -> str:
    if AUDITOR in actor.roles:
        return AUDITOR
    if asked.kind == USE_RECORDS and asked.org == actor.org:
        return REQUESTER
    raise NotYoursToExport(
        "only auditors export records of others", "仅审计管理员可导出其他部门的记录或指定范围的记录"
    )


def _unknown(export: UUID) -> NoSuchExport:
    return NoSuchExport(f"no export {export}", f"没有编号为 {export} 的导出")
