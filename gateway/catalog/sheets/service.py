"""Acts on the catalogue by the form: check, import, export."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from gateway.audit import AuditLog, Cause, Event, EventType, Outcome
from gateway.catalog.acts import event
from gateway.catalog.description import Description
from gateway.catalog.sheets import store
from gateway.catalog.sheets.assembly import make_fault
from gateway.catalog.sheets.columns import BY_KEY
from gateway.catalog.sheets.model import Entry, Plan, Report, plan
from gateway.catalog.sheets.rows import sheets_of
from gateway.errors import FieldFault, Invalid, TooMany, Unavailable
from gateway.identity import Identity, Role, who
from gateway.names import OrgCode, ResourceId, new_id
from gateway.settings import Sheets as Limits
from gateway.storage import Connection, Database
from gateway.web import Principal
from gateway.workbooks import (
    CellFault,
    WorkbookRefused,
    WorkerStopped,
    look_at_beginning,
    run_worker,
    write_workbook,
)

_WORKER: Final = "gateway.catalog.sheets.worker"
_SPARE_ROWS: Final = 1000
Progress = Callable[[str, int], None]
"""Told the step (``read``, ``compare``, ``store``, ``write``) and how many rows or entries it has done."""


class UnreadableWorkbook(Invalid):
    """The file cannot be read as an Excel workbook（文件无法作为 Excel 工作簿读取）."""

    remedy = ("Do what the detail says and send the file again.", "请按说明处理后重新提交文件。")


class SheetFaulty(Invalid):
    """The sheet has faults, so nothing was stored（表格存在问题，未保存任何内容）.

    ``faults`` lists them by cell, up to the limit of the settings; ``faults_total`` counts all.
    """

    remedy = (
        "Correct the cells named in faults and send the file again; or send it with store=clean to keep what is clean.",
        "请按 faults 所列单元格修改后重新提交；也可用 store=clean 先保存无问题的资源。",
    )

    def __init__(self, report: Report) -> None:
        shown = [one.on_field() for one in report.faults]
        super().__init__(*shown)
        self.report = report
        self.extra |= {
            "rows": report.rows, "entries": report.entries, "faults_total": report.faults_total,
            "faults": [one.shown() for one in report.faults],
        }  # fmt: skip


class ExportTooLarge(TooMany):
    """There is more than one file takes（超出单个文件的行数上限）."""

    remedy = ("Narrow the export to one department: provider_org.", "请用 provider_org 按部门分别导出。")


class SheetTooMuchWork(Unavailable):
    """The file could not be written within its limits（未能在限制内生成文件）."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an export holds: published entries of all or one department, or else the own department's in any state."""

    published: bool
    provider_org: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class _Sheet:
    sha256: str
    rows: int
    entries: list[Entry]
    all_entries: int
    faults: list[CellFault]
    faults_total: int


class Sheets:
    """The room's acts."""

    def __init__(self, database: Database, log: AuditLog, identity: Identity, limits: Limits) -> None:
        self._database = database
        self._log = log
        self._identity = identity
        self._limits = limits

    @staticmethod
    async def template() -> bytes:
        """The empty form as XLSX, with lists to choose from and a help sheet in Chinese and English."""
        return await asyncio.to_thread(write_workbook, sheets_of([], _SPARE_ROWS))

    async def check(self, actor: Principal, file: bytes, progress: Progress | None = None) -> Report:
        """Everything an import would find; nothing is stored.

        Raises:
            UnreadableWorkbook: not a workbook, or beyond the limits.
        """
        sheet = await self._read(actor, file, progress)
        async with self._database.connection() as connection:
            planned = await self._plan(connection, actor, sheet)
        return self._report(sheet, planned, stored=False)

    async def store(
        self, actor: Principal, file: bytes, *, only_clean: bool = False, progress: Progress | None = None
    ) -> Report:
        """Import as drafts of the actor's department; entries known by their code are changed, equal ones left.

        Args:
            only_clean: store what has no fault although other entries have some.

        Raises:
            SheetFaulty: there are faults and ``only_clean`` was not asked for; nothing is stored.
            UnreadableWorkbook: not a workbook, or beyond the limits.
            CodeTaken, ServiceNameTaken, NameTaken: somebody else took it meanwhile; nothing is stored.
        """
        sheet = await self._read(actor, file, progress)
        if sheet.faults and not only_clean:
            raise SheetFaulty(await self.check_read(actor, sheet))
        async with self._database.transaction() as tx:
            await store.lock(tx, [str(entry.carried["code"]) for entry in sheet.entries], actor.org)
            planned = await self._plan(tx, actor, sheet)
            report = self._report(sheet, planned, stored=True)
            if report.faults_total and not only_clean:
                raise SheetFaulty(replace(report, stored=False))
            if planned.drafts or planned.changes:
                _tell(progress, "store", len(planned.drafts) + len(planned.changes))
                await self._write(tx, actor, planned, report)
        return report

    async def check_read(self, actor: Principal, sheet: _Sheet) -> Report:
        """The report of a sheet already read, with what the catalogue has against it."""
        async with self._database.connection() as connection:
            return self._report(sheet, await self._plan(connection, actor, sheet), stored=False)

    async def export(self, actor: Principal, wanted: Wanted, progress: Progress | None = None) -> bytes:
        """Entries as the form, XLSX or CSV.

        Raises:
            ExportTooLarge: more rows than the settings allow in one file.
            SheetTooMuchWork: not written within the limits.
        """
        async with self._database.connection() as connection:
            asked = (actor.org, wanted.published, wanted.provider_org)
            rows = await store.count_rows(connection, *asked)
            if rows > self._limits.export_rows_max:
                most = self._limits.export_rows_max
                raise ExportTooLarge(
                    f"the export would have {rows} rows; at most {most} fit in one file",
                    f"导出共 {rows} 行，单个文件最多 {most} 行",
                )
            lines = await store.exported(connection, *asked)
        order = {"do": "write", "kind": wanted.kind, "rows_to_fill": rows + _SPARE_ROWS}
        payload = "\n".join((self._order(order), *lines)).encode() + b"\n"
        try:
            return await run_worker(
                _WORKER, payload, self._limits.work_seconds, lambda said: _tell(progress, "write", int(said))
            )
        except WorkerStopped as stopped:
            raise SheetTooMuchWork(
                f"the file was not written in time: {stopped}", "未能在限制内生成文件，请按部门分别导出"
            ) from None

    async def _read(self, actor: Principal, file: bytes, progress: Progress | None) -> _Sheet:
        try:
            look_at_beginning(file)
        except WorkbookRefused as refused:
            raise _unreadable(refused.en, refused.zh) from None
        own = await self._identity.org(OrgCode(actor.org))
        order = {"do": "read", "own_code": own.code, "own_name": own.name}
        payload = self._order(order).encode() + b"\n" + file
        try:
            said = await run_worker(
                _WORKER, payload, self._limits.work_seconds, lambda rows: _tell(progress, "read", int(rows))
            )
        except WorkerStopped:
            raise _unreadable(
                "reading the file was stopped at its limits of time and memory; copy the cells into the template",
                "读取文件超出时间或内存限制，已停止；请把内容复制到模板中重新提交",
            ) from None
        answer = await asyncio.to_thread(orjson.loads, said)
        if "refused" in answer:
            raise _unreadable(*answer["refused"][1:])
        return _sheet(answer, hashlib.sha256(file).hexdigest())

    async def _plan(self, connection: Connection, actor: Principal, sheet: _Sheet) -> Plan:
        carried = [entry.carried for entry in sheet.entries]
        known = await store.known(
            connection,
            [str(one["code"]) for one in carried],
            [str(one["service"]) for one in carried],
            actor.org,
            [str(one["name"]) for one in carried],
        )
        return await asyncio.to_thread(plan, sheet.entries, known, actor.org)

    async def _write(self, tx: Connection, actor: Principal, planned: Plan, report: Report) -> None:
        written = await self._log.emit(tx, _import_event(actor, report))
        added = [(ResourceId(new_id()), what) for what in planned.drafts]
        events = [
            event(EventType.RESOURCE_DRAFTED, actor, Role.PROVIDER, new, actor.org, 1, what)
            for new, what in added
        ]
        events += [
            event(
                EventType.RESOURCE_CHANGED,
                actor,
                Role.PROVIDER,
                before.id,
                actor.org,
                before.version + 1,
                what,
            )
            for before, what in planned.changes
        ]
        causes = [(written.cause,)] * len(added) + [
            (before.cause, written.cause) for before, _ in planned.changes
        ]
        records = await self._log.emit_all(
            tx, [_caused(one, by) for one, by in zip(events, causes, strict=True)]
        )
        changed = [(before.id, what) for before, what in planned.changes]
        found_by = await asyncio.to_thread(_found_by, [what for _, what in (*added, *changed)], actor.org)
        rows = [
            (one, what, words, record)
            for (one, what), words, record in zip((*added, *changed), found_by, records, strict=True)
        ]
        await store.add_all(tx, actor.org, actor.id, rows[: len(added)])
        await store.change_all(tx, rows[len(added) :])

    def _report(self, sheet: _Sheet, planned: Plan, *, stored: bool) -> Report:
        more = [
            make_fault(code, entry.sheet, entry.row, entry.cells[key], BY_KEY[key], details)
            for entry, key, code, details in planned.faults
        ]
        planned_for = len(planned.drafts) + len(planned.changes) + planned.unchanged
        return Report(
            sha256=sheet.sha256, rows=sheet.rows, entries=sheet.all_entries,
            faults=tuple([*sheet.faults, *more][: self._limits.faults_max]), faults_total=sheet.faults_total + len(more),
            left_out=sheet.all_entries - planned_for, drafted=len(planned.drafts), changed=len(planned.changes),
            unchanged=planned.unchanged, stored=stored,
        )  # fmt: skip

    def _order(self, order: dict[str, Any]) -> str:
        return orjson.dumps({**order, "limits": self._limits.model_dump()}).decode()


def _sheet(answer: dict[str, Any], sha256: str) -> _Sheet:
    entries = [
        Entry(one["sheet"], one["row"], one["cells"], one["covers"], one["carried"])
        for one in answer["entries"]
        if one["carried"] is not None
    ]
    faults = [CellFault(**fault) for fault in answer["faults"]]
    return _Sheet(sha256, answer["rows"], entries, len(answer["entries"]), faults, answer["faults_total"])


def _found_by(whats: Sequence[Description], org: str) -> list[tuple[list[str], str]]:
    return [store.found_by(what, org) for what in whats]


def _tell(progress: Progress | None, step: str, count: int) -> None:
    if progress is not None:
        progress(step, count)


def _unreadable(en: str, zh: str) -> UnreadableWorkbook:
    return UnreadableWorkbook(FieldFault("", en, zh))


def _import_event(actor: Principal, report: Report) -> Event:
    detail = {
        "rows": report.rows, "entries": report.entries, "drafted": report.drafted, "changed": report.changed,
        "unchanged": report.unchanged, "left_out": report.left_out, "faults": report.faults_total,
    }  # fmt: skip
    return Event(
        EventType.CATALOG_IMPORTED, Outcome.DONE, who(actor, Role.PROVIDER), provider_org=actor.org,
        object_kind="sheet", object_id=report.sha256, detail=detail,
    )  # fmt: skip


def _caused(one: Event, by: tuple[Cause, ...]) -> Event:
    return replace(one, cause=by)
