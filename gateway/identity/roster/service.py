"""Acts on the roster: check, import, export."""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from gateway.audit import AuditLog, Event, EventType, Outcome
from gateway.errors import FieldFault, Invalid, TooMany
from gateway.identity.evidence import who
from gateway.identity.model import Client, Person, Role
from gateway.identity.roster import store
from gateway.identity.roster.columns import CLIENT_SHEET, CLIENTS, ENDED, IN_USE, PEOPLE, PEOPLE_SHEET
from gateway.identity.roster.model import ROLE_NAMES, Plan, Row, plan
from gateway.identity.sessions.model import Because
from gateway.identity.sessions.store import end_sessions
from gateway.identity.store import (
    add_client,
    add_key,
    add_person,
    disable_client,
    disable_person,
    replace_roles,
)
from gateway.settings import Sheets as Limits
from gateway.storage import Connection, Database
from gateway.web import Principal
from gateway.workbooks import (
    CellFault,
    Sheet,
    WorkbookRefused,
    WorkerStopped,
    look_at_beginning,
    run_worker,
    write_workbook,
)

_WORKER: Final = "gateway.identity.roster.worker"


class UnreadableRoster(Invalid):
    """The file cannot be read as a roster（文件无法作为名册读取）."""

    remedy = ("Do what the detail says and send the file again.", "请按说明处理后重新提交文件。")


class RosterFaulty(Invalid):
    """The roster has faults, so nothing was stored（名册存在问题，未保存任何内容）.

    ``faults`` lists them by cell, up to the limit of the settings; ``faults_total`` counts all.
    """

    remedy = (
        "Correct the cells named in faults and send the file again.",
        "请按 faults 所列单元格修改后重新提交。",
    )

    def __init__(self, report: "Report") -> None:
        super().__init__(*(one.on_field() for one in report.faults))
        self.extra |= {
            "faults_total": report.faults_total,
            "faults": [one.shown() for one in report.faults],
        }


class RosterTooLarge(TooMany):
    """There are more than one file takes（超出单个文件的行数上限）."""

    remedy = ("Raise [sheets] export_rows_max.", "请调整 [sheets] export_rows_max。")


@dataclass(frozen=True, slots=True)
class Report:
    """What a file holds and what was, or would be, done with it; ``changed`` counts people and systems."""

    sha256: str
    rows: int
    stored: bool
    registered: int
    changed: int
    ended: int
    unchanged: int
    faults_total: int
    faults: tuple[CellFault, ...]


@dataclass(frozen=True, slots=True)
class _File:
    sha256: str
    count: int
    rows: list[Row]
    faults: list[CellFault]
    faults_total: int


class Roster:
    """The room's acts."""

    def __init__(self, database: Database, log: AuditLog, limits: Limits) -> None:
        self._database = database
        self._log = log
        self._limits = limits

    @staticmethod
    async def template() -> bytes:
        """The empty form: two sheets with titles, and one that explains them."""
        return await asyncio.to_thread(write_workbook, _sheets((), ()))

    async def export(self) -> bytes:
        """Everybody and every system as the form; the key column stays empty, which changes nothing on import.

        Raises:
            RosterTooLarge: more than the settings allow in one file.
        """
        most = self._limits.export_rows_max
        async with self._database.connection() as connection:
            people, clients = await store.everybody(connection, most + 1)
        if max(len(people), len(clients)) > most:
            raise RosterTooLarge(f"more than {most} rows", f"超过 {most} 行")
        return await asyncio.to_thread(write_workbook, _sheets(people, clients))

    async def check(self, actor: Principal, file: bytes) -> Report:
        """Everything an import would find and do; nothing is stored.

        Raises:
            UnreadableRoster: not a workbook, or beyond the limits.
        """
        read = await self._read(file)
        async with self._database.connection() as connection:
            return self._report(read, await self._plan(connection, actor, read), stored=False)

    async def store(self, actor: Principal, file: bytes) -> Report:
        """Register, change and end what the rows say: all of it or nothing; in force with the next request.

        Raises:
            RosterFaulty: a row is wrong.
            UnreadableRoster: not a workbook, or beyond the limits.
            LoginTaken, ClientKnown, KeyKnown: somebody else took it meanwhile; nothing is stored.
        """
        read = await self._read(file)
        async with self._database.transaction() as tx:
            planned = await self._plan(tx, actor, read)
            report = self._report(read, planned, stored=True)
            if report.faults_total:
                raise RosterFaulty(replace(report, stored=False))
            if report.registered or report.changed or report.ended:
                await self._write(tx, actor, planned, report)
        return report

    async def _read(self, file: bytes) -> _File:
        try:
            look_at_beginning(file)
        except WorkbookRefused as refused:
            raise _unreadable(refused.en, refused.zh) from None
        payload = orjson.dumps(self._limits.model_dump()) + b"\n" + file
        try:
            said = await run_worker(_WORKER, payload, self._limits.work_seconds)
        except WorkerStopped:
            raise _unreadable(
                "reading the file was stopped at its limits of time and memory; copy the cells into the template",
                "读取文件超出时间或内存限制，已停止；请把内容复制到模板中重新提交",
            ) from None
        answer = await asyncio.to_thread(orjson.loads, said)
        if "refused" in answer:
            raise _unreadable(*answer["refused"])
        return _File(
            hashlib.sha256(file).hexdigest(), answer["count"], [_row(one) for one in answer["rows"]],
            [CellFault(**one) for one in answer["faults"]], answer["faults_total"],
        )  # fmt: skip

    async def _plan(self, connection: Connection, actor: Principal, read: _File) -> Plan:
        return plan(read.rows, await store.known(connection, read.rows), actor.id)

    def _report(self, read: _File, planned: Plan, *, stored: bool) -> Report:
        faults = [*read.faults, *planned.faults]
        return Report(
            read.sha256, read.count, stored, len(planned.register), planned.changed, len(planned.disable),
            planned.unchanged, read.faults_total + len(planned.faults), tuple(faults[: self._limits.faults_max]),
        )  # fmt: skip

    async def _write(self, tx: Connection, actor: Principal, planned: Plan, report: Report) -> None:
        detail = {
            "rows": report.rows, "registered": report.registered, "changed": report.changed, "ended": report.ended,
            "unchanged": report.unchanged,
        }  # fmt: skip
        imported = await self._log.emit(tx, _event(
            actor, EventType.ROSTER_IMPORTED, "sheet", report.sha256, "", detail
        ))  # fmt: skip
        events = [await _registered(tx, actor, row) for row in planned.register]
        events += [await _renamed(tx, actor, row) for row in planned.rename]
        events += [await _roles_set(tx, actor, row, before) for row, before in planned.set_roles]
        for row, keys in planned.add_keys:
            events += [await _key_added(tx, actor, row, key) for key in keys]
        events += [await _ended(tx, actor, row) for row in planned.disable]
        await self._log.emit_all(tx, [replace(one, cause=(imported.cause,)) for one in events])


async def _registered(tx: Connection, actor: Principal, row: Row) -> Event:
    said = row.values
    if row.kind == "people":
        await add_person(tx, said["login"], said["name"], said["org"], said["roles"])
        return _event(
            actor, EventType.PERSON_REGISTERED, "person", said["login"], "", {"roles": said["roles"]}
        )
    await add_client(tx, said["id"], said["name"], said["org"], said["keys"])
    kids = [key["kid"] for key in said["keys"]]
    return _event(actor, EventType.CLIENT_REGISTERED, "client", said["id"], said["org"], {"kids": kids})


async def _renamed(tx: Connection, actor: Principal, row: Row) -> Event:
    said = row.values
    if row.kind == "people":
        await store.rename_person(tx, said["login"], said["name"])
        return _event(actor, EventType.PERSON_RENAMED, "person", said["login"], "", {})
    await store.rename_client(tx, said["id"], said["name"])
    return _event(actor, EventType.CLIENT_RENAMED, "client", said["id"], "", {"name": said["name"]})


async def _roles_set(tx: Connection, actor: Principal, row: Row, before: frozenset[Role]) -> Event:
    login, roles = row.values["login"], row.values["roles"]
    await replace_roles(tx, login, roles)
    ended = await end_sessions(tx, login, Because.ROLES_CHANGED)
    detail = {"before": sorted(before), "after": sorted(roles), "sessions_ended": ended}
    return _event(actor, EventType.PERSON_ROLES_CHANGED, "person", login, "", detail)


async def _key_added(tx: Connection, actor: Principal, row: Row, key: dict[str, Any]) -> Event:
    await add_key(tx, row.values["id"], key)
    return _event(actor, EventType.CLIENT_KEY_ADDED, "client", row.values["id"], "", {"kid": key["kid"]})


async def _ended(tx: Connection, actor: Principal, row: Row) -> Event:
    if row.kind == "people":
        login = row.values["login"]
        await disable_person(tx, login)
        ended = await end_sessions(tx, login, Because.DISABLED)
        return _event(actor, EventType.PERSON_DISABLED, "person", login, "", {"sessions_ended": ended})
    await disable_client(tx, row.values["id"])
    return _event(actor, EventType.CLIENT_DISABLED, "client", row.values["id"], "", {})


def _event(
    actor: Principal, kind: EventType, what: str, which: str, consumer_org: str, detail: dict[str, Any]
) -> Event:
    return Event(
        kind, Outcome.DONE, who(actor, Role.SECURITY_ADMIN), object_kind=what, object_id=which,
        consumer_org=consumer_org, detail=detail,
    )  # fmt: skip


def _row(found: dict[str, Any]) -> Row:
    values = found["values"]
    if "roles" in values:
        values["roles"] = [Role(role) for role in values["roles"]]
    return Row(**found)


def _unreadable(en: str, zh: str) -> UnreadableRoster:
    return UnreadableRoster(FieldFault("", en, zh))


def _sheets(people: Iterable[Person], clients: Iterable[Client]) -> Sequence[Sheet]:
    persons = [
        (
            one.login,
            one.name,
            one.org,
            "、".join(ROLE_NAMES[role] for role in sorted(one.roles)),
            _state(one.active),
        )
        for one in people
    ]
    systems = [(one.id, one.name, one.org, "", _state(one.active)) for one in clients]
    made = []
    for name, columns, rows in ((PEOPLE_SHEET, PEOPLE, persons), (CLIENT_SHEET, CLIENTS, systems)):
        needed = frozenset(at for at, column in enumerate(columns.values()) if column.needed)
        titles = [column.title for column in columns.values()]
        made.append(Sheet(name, titles, rows, [column.width for column in columns.values()], needed))
    said = [
        (sheet, column.title, column.zh, column.en)
        for sheet, columns in ((PEOPLE_SHEET, PEOPLE), (CLIENT_SHEET, CLIENTS))
        for column in columns.values()
    ]
    said.append((PEOPLE_SHEET, "角色", "可选：" + "、".join(ROLE_NAMES.values()), "of: " + ", ".join(Role)))
    return [*made, Sheet("说明", ("工作表", "列", "填写说明", "What to write"), said, (12, 14, 50, 60))]


def _state(active: bool) -> str:
    return IN_USE if active else ENDED
