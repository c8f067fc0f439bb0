"""``./gw calendar``: publish working-day calendars, see before what moves, and check that no deadline drifted."""

import asyncio
import json
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click

from gateway.audit import AuditLog
from gateway.cli.context import Installation, installation, installation_options
from gateway.cli.exits import FAILED
from gateway.deadlines import SHANGHAI, Clockwork, calendar_of, read_source
from gateway.settings import config_dir
from gateway.storage import Database, Zone
from gateway.supervision.calendars import Calendars, Shift
from gateway.supervision.calendars.making import open_calendars

_LEAD_LEAST: Final = timedelta(seconds=5)
_LEAD_REFRESHES: Final = 3


@click.group("calendar")
def command() -> None:
    """Publish working-day calendars (工作日历); the files lie in config/calendars."""


@command.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Compute every open deadline anew and compare it with the stored one (核对在办时限); 1 if any differs."""
    shown = asyncio.run(_check(installation(ctx)))
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
    else:
        click.echo(f"Calendar in force 现行工作日历: {shown['in_force']}")
        if shown["in_folder"] != shown["in_force"]:
            click.echo(
                f"The folder holds {shown['in_folder']}, which is not published: ./gw calendar diff\n"
                f"目录中的 {shown['in_folder']} 尚未发布，请先运行 ./gw calendar diff"
            )
        click.echo(
            f"{len(shown['drift'])} open deadlines differ from what is computed. 与计算结果不一致的在办时限：{len(shown['drift'])} 项"
        )
        _tell(shown["drift"])
    if shown["drift"]:
        ctx.exit(FAILED)


@command.command("diff")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def diff(ctx: click.Context, as_json: bool) -> None:
    """Show which open deadlines the calendar of the folder would move (发布影响预览). Nothing is stored."""
    shown = asyncio.run(_diff(installation(ctx)))
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    _told_diff(shown)


@command.command("publish")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; needs --yes.")
@installation_options
@click.pass_context
def publish(ctx: click.Context, yes: bool, as_json: bool) -> None:
    """Publish the calendar of the folder: it shows what moves, asks, then moves it (发布工作日历). No restart is needed."""
    if as_json and not yes:
        raise click.UsageError("--json needs --yes: there is nobody to ask.")
    where = installation(ctx)
    if not yes:
        _told_diff(asyncio.run(_diff(where)))
        click.confirm("Publish and move these deadlines 发布并调整上述时限?", abort=True)
    shown = asyncio.run(_publish(where))
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(
        f"Published {shown['in_force']}; {len(shown['moved'])} open deadlines moved, each with its record. "
        f"已发布，调整在办时限 {len(shown['moved'])} 项，均已留痕。"
    )


async def _check(where: Installation) -> dict[str, Any]:
    async with _calendars(where) as (calendars, work):
        found = [_row(each) for each in await calendars.drift()]
        in_folder = calendar_of(read_source(_folder()), work.region).version
        return {"in_force": work.almanac.editions.newest.version, "in_folder": in_folder, "drift": found}


async def _diff(where: Installation) -> dict[str, Any]:
    source = read_source(_folder())
    async with _calendars(where) as (calendars, work):
        found = [_row(each) for each in await calendars.preview(source)]
        in_folder = calendar_of(source, work.region).version
        return {"in_force": work.almanac.editions.newest.version, "in_folder": in_folder, "moves": found}


async def _publish(where: Installation) -> dict[str, Any]:
    source = read_source(_folder())
    lead = max(
        _LEAD_LEAST, timedelta(seconds=_LEAD_REFRESHES * where.settings.supervision.calendar_refresh_seconds)
    )
    async with _calendars(where) as (calendars, work):
        moved = [_row(each) for each in await calendars.publish(source, lead)]
        return {"in_force": work.almanac.editions.newest.version, "moved": moved}


@asynccontextmanager
async def _calendars(where: Installation) -> AsyncIterator[tuple[Calendars, Clockwork]]:
    dsn, settings = where.zone_dsn(Zone.CONTROL), where.settings
    node = platform.node()[:100] or "console"
    database = await Database.open(dsn, settings.storage, size=2)
    try:
        log = await AuditLog.open(dsn, settings.audit, node=node)
        try:
            yield await open_calendars(
                database, log, settings.platform, config_dir(), node, lambda: datetime.now(UTC)
            )
        finally:
            await log.close()
    finally:
        await database.close()


def _folder() -> Path:
    return config_dir() / "calendars"


def _row(shift: Shift) -> dict[str, Any]:
    clock, new = shift.clock, shift.deadline
    return {
        "kind": clock.kind,
        "id": str(clock.id),
        "rule": clock.rule,
        "holder": clock.holder,
        "old_due_at": clock.due_at.astimezone(SHANGHAI).isoformat(),
        "new_due_at": new.due_at.isoformat() if new else None,
        "was_provisional": clock.provisional,
        "provisional": new.provisional if new else None,
    }


def _told_diff(shown: dict[str, Any]) -> None:
    click.echo(f"In force 现行: {shown['in_force']}\nIn the folder 目录: {shown['in_folder']}")
    click.echo(f"Open deadlines it would change 受影响的在办时限: {len(shown['moves'])}")
    _tell(shown["moves"])


def _tell(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        final = "" if row["provisional"] else "  final 确定"
        new = row["new_due_at"] or "its rule is no longer in config/rules 规则已不在目录中"
        click.echo(f"  {row['kind']} {row['id']}  {row['rule']}  {row['old_due_at']} → {new}{final}")
