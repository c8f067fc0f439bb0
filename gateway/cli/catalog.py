"""``./gw catalog``: the Excel form of the catalogue on the gateway's own machine: template, check, import, export."""

import asyncio
import json
import platform
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from gateway.audit import AuditLog
from gateway.catalog.sheets import Report, SheetFaulty, Sheets
from gateway.catalog.sheets.service import Progress, Wanted
from gateway.catalog.sheets.wire import SheetReport
from gateway.cli.context import Installation, installation, installation_options
from gateway.cli.exits import FAILED, OK
from gateway.cli.setting_up import local_identity
from gateway.errors import Forbidden
from gateway.identity import Role
from gateway.names import Login
from gateway.storage import Database, Zone
from gateway.web import Principal
from gateway.workbooks import CellFault

_SHOWN = 200
_STEPS = {
    "read": "rows read 已读行数",
    "store": "entries to store 待保存资源",
    "write": "rows written 已写行数",
}
_T = TypeVar("_T")
_as = click.option("--as", "login", metavar="LOGIN", required=True, help="The person acting (办理人).")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_out = click.option(
    "-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)


class NotAProvider(Forbidden):
    """Only a person of the providing department may do this（须由数据提供部门的人员办理）."""

    remedy = ("Name a person with the role provider: --as LOGIN.", "请用 --as 指定具有 provider 角色的人员。")


@click.group("catalog")
def command() -> None:
    """The catalogue as an Excel form: template, check, import, export (目录表格)."""


@command.command("template")
@_out
def template(out: Path) -> None:
    """Write the empty form with its lists and help (模板)."""
    out.write_bytes(asyncio.run(Sheets.template()))
    click.echo(f"{out}: fill in one row per data item, then ./gw catalog check {out} --as LOGIN")


@command.command("check")
@_file
@_as
@_as_json
@installation_options
@click.pass_context
def check(ctx: click.Context, file: Path, login: str, as_json: bool) -> None:
    """Name every fault of FILE by its cell; store nothing (检查).

    Exit code 0: clean; 1: there are faults.
    """
    content = file.read_bytes()

    async def act(sheets: Sheets, actor: Principal) -> Report:
        return await sheets.check(_provider(actor), content, _progress(as_json))

    report = asyncio.run(_acting(ctx, login, act))
    _say(report, as_json)
    ctx.exit(FAILED if report.faults_total else OK)


@command.command("import")
@_file
@_as
@click.option(
    "--store-clean", is_flag=True, help="Store the entries without fault although others have some."
)
@_as_json
@installation_options
@click.pass_context
def import_(ctx: click.Context, file: Path, login: str, store_clean: bool, as_json: bool) -> None:
    """Import FILE as drafts of the person's department; nothing is stored unless all is clean (导入).

    Exit code 0: stored and clean; 1: there are faults.
    """
    content = file.read_bytes()

    async def act(sheets: Sheets, actor: Principal) -> Report:
        try:
            return await sheets.store(
                _provider(actor), content, only_clean=store_clean, progress=_progress(as_json)
            )
        except SheetFaulty as faulty:
            return faulty.report

    report = asyncio.run(_acting(ctx, login, act))
    _say(report, as_json)
    ctx.exit(FAILED if report.faults_total else OK)


@command.command("export")
@_out
@_as
@click.option(
    "--published", is_flag=True, help="Published entries of all departments instead of the own ones."
)
@click.option(
    "--provider", metavar="CODE", help="With --published: of this department only (统一社会信用代码)."
)
@installation_options
@click.pass_context
def export(ctx: click.Context, out: Path, login: str, published: bool, provider: str | None) -> None:
    """Write entries as the form: XLSX, or CSV if the name ends so (导出)."""
    wanted = Wanted(published, provider, "csv" if out.suffix.lower() == ".csv" else "xlsx")

    async def act(sheets: Sheets, actor: Principal) -> bytes:
        return await sheets.export(actor, wanted, _progress(False))

    out.write_bytes(asyncio.run(_acting(ctx, login, act)))
    click.echo(f"{out}: written 已导出")


async def _acting(ctx: click.Context, login: str, act: Callable[[Sheets, Principal], Awaitable[_T]]) -> _T:
    where = installation(ctx)
    issuer = where.issuer()
    async with local_identity(where, issuer) as identity, _log(where) as (database, log):
        token = (await identity.console_token(Login(login)))[0]
        actor = await identity.identify(token, "console")
        return await act(Sheets(database, log, identity, where.settings.sheets), actor)


@asynccontextmanager
async def _log(where: Installation) -> AsyncIterator[tuple[Database, AuditLog]]:
    dsn, settings = where.zone_dsn(Zone.CONTROL), where.settings
    database = await Database.open(dsn, settings.storage, size=2)
    try:
        log = await AuditLog.open(dsn, settings.audit, node=platform.node()[:100] or "console")
        try:
            yield database, log
        finally:
            await log.close()
    finally:
        await database.close()


def _provider(actor: Principal) -> Principal:
    if Role.PROVIDER not in actor.roles:
        raise NotAProvider(f"{actor.id} has not the role provider", f"{actor.id} 没有 provider 角色")
    return actor


def _progress(silent: bool) -> Progress | None:
    """Progress on the error stream, one line that is written over."""
    if silent:
        return None

    def tell(step: str, count: int) -> None:
        click.echo(f"\r{_STEPS[step]}: {count}   ", nl=False, err=True)

    return tell


def _say(report: Report, as_json: bool) -> None:
    if as_json:
        shown: dict[str, Any] = SheetReport.of(report).model_dump()
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo("", err=True)
    for fault in report.faults[:_SHOWN]:
        click.echo(_told(fault))
    if report.faults_total > _SHOWN:
        click.echo(f"… {report.faults_total - _SHOWN} more, see --json 其余见 --json")
    click.echo(
        f"{report.rows} rows, {report.entries} entries, {report.faults_total} faults; "
        f"drafted {report.drafted}, changed {report.changed}, unchanged {report.unchanged}, left out {report.left_out}"
        + ("" if report.stored else " (nothing stored)")
    )
    click.echo(
        f"共 {report.rows} 行、{report.entries} 个资源、{report.faults_total} 处问题；"
        f"新建 {report.drafted}、修改 {report.changed}、未变 {report.unchanged}、未采用 {report.left_out}"
        + ("" if report.stored else "（未保存）")
    )


def _told(fault: CellFault) -> str:
    title = f" {fault.title}" if fault.title else ""
    return f"{fault.cell}{title}: {fault.zh}。{fault.remedy_zh}\n    {fault.en}. {fault.remedy}"
