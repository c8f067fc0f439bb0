"""``./gw audit rollover``: after a restore another log takes over; two persons sign for it."""

import asyncio
import json
import platform
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import click

from gateway.audit import Who
from gateway.audit.rollover.errors import LogInUse, NotASignatory
from gateway.audit.rollover.model import FIRST, Logs
from gateway.audit.rollover.service import Loss, taking_over
from gateway.audit.witnessing.making import Outward
from gateway.audit.writer import utc_now
from gateway.cli.context import (
    Installation,
    NotRunning,
    database,
    installation,
    installation_options,
    open_zone,
)
from gateway.cli.setting_up import local_sign_in
from gateway.identity import Role
from gateway.identity.directory.service import Directory
from gateway.names import Login
from gateway.proof.checkpoint import Checkpoint
from gateway.storage import Zone
from gateway.telemetry import Metrics

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_LONGEST_INCIDENT: Final = 2000
_HERE: Final = "127.0.0.1"


@click.command("rollover")
@click.option("--incident", required=True, help="What happened, in words; it is recorded (事件说明).")
@click.option(
    "--security", default="security-admin", show_default=True, help="The security administrator's login."
)
@click.option("--audit", default="auditor", show_default=True, help="The auditor's login.")
@click.option(
    "--checkpoint",
    "files",
    type=_FILE,
    multiple=True,
    help="A signed checkpoint that somebody else holds, beside this host's and the witnesses'; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def rollover(
    ctx: click.Context, incident: str, security: str, audit: str, files: tuple[Path, ...], as_json: bool
) -> None:
    """Let a new log take over after the database was restored from a backup (审计日志换代).

    For a gateway that does not start because records it signed are gone. The records that are left go on under a new name
    and key; the first new one tells the last known checkpoint and the incident, and is signed for by a security
    administrator and an auditor: each gives password and six digits here, or is vouched for by whoever runs the machine
    while no password was ever set. The old log stays verifiable. Exit code 1: nothing was lost, or somebody may not sign.
    """
    if not 1 <= len(incident.strip()) <= _LONGEST_INCIDENT:
        raise click.BadParameter(f"1 to {_LONGEST_INCIDENT} characters", param_hint="'--incident'")
    where = installation(ctx)
    _stopped(where)
    with database(where) as owner_dsn:
        told = asyncio.run(_roll(ctx, owner_dsn, files, incident.strip(), (security, audit)))
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _shown(told))


async def _roll(
    ctx: click.Context, owner_dsn: str, files: tuple[Path, ...], incident: str, logins: tuple[str, str]
) -> dict[str, Any]:
    where = installation(ctx)
    settings, logs = where.settings, Logs(where.settings.platform.org_code, where.master_key())
    notes = [(str(file), file.read_bytes()) for file in files]
    own = settings.audit.signed_head_file
    notes += [(str(own), own.read_bytes())] if own is not None and own.exists() else []
    async with taking_over(owner_dsn, settings.audit, logs, utc_now) as act:
        notes += [("witness", note) for note in await _witnessed(ctx, logs)]
        loss = await act.loss(notes)
        click.echo(_lost(loss), err=True)
        async with local_sign_in(where) as ways:
            roles = (Role.SECURITY_ADMIN, Role.AUDITOR)
            signed = [
                await _signature(ways.directory, login, role)
                for login, role in zip(logins, roles, strict=True)
            ]
        point = await act.take_over(loss, signed, incident, platform.node()[:100] or "console")
    return _told(loss, point, str(logs.signer(logs.number_of(point.origin)).key))


async def _witnessed(ctx: click.Context, logs: Logs) -> list[bytes]:
    """What the witnesses of the settings show of the installation's first log and of those that took over."""
    settings = installation(ctx).settings
    if not settings.witnessing.witnesses:
        return []
    async with AsyncExitStack() as stack:
        zone = await open_zone(ctx, Zone.INTEGRATOR)
        stack.push_async_callback(zone.close)
        found, number = list[bytes](), FIRST
        while shown := await Outward(zone, settings, logs.signer(number).key, Metrics()).shown():
            found, number = found + shown, number + 1
    return found


async def _signature(directory: Directory, login: str, role: Role) -> Who:
    kept = await directory.credential(Login(login))
    if kept is None or not kept.person.active or role not in kept.person.roles:
        raise NotASignatory(f"{login} is no active {role}", f"{login} 不是在岗的{role}")
    how = "the machine's account"
    if kept.password_hash is not None:
        password = click.prompt(f"Password of {login} (密码)", hide_input=True, err=True)
        digits = click.prompt("Six digits (动态口令)", default="", show_default=False, err=True)
        await directory.sign_in(login, password, digits or None, None, _HERE)
        how = "password and second factor" if digits else "password"
    return Who(kind="person", id=login, org=str(kept.person.org), role=role.value, authenticated_by=how)


def _stopped(where: Installation) -> None:
    try:
        found = where.addresses()
    except NotRunning:
        return
    raise LogInUse(f"process {found['pid']} serves it", f"进程 {found['pid']} 正在运行")


def _lost(loss: Loss) -> str:
    last, kept = loss.last.checkpoint, loss.kept
    what, what_zh = (
        (f"{loss.records} are lost at least", f"至少缺失 {loss.records} 条")
        if loss.records
        else ("the records were rewritten", "记录曾被改写")
    )
    return (
        f"{last.origin} signed {last.size} records, the database holds {kept.size}: {what}.\n"
        f"已签名 {last.size} 条，数据库现有 {kept.size} 条：{what_zh}。"
    )


def _told(loss: Loss, point: Checkpoint, key: str) -> dict[str, Any]:
    last = loss.last.checkpoint
    return {
        "origin": point.origin,
        "key": key,
        "size": point.size,
        "root": point.root.hex(),
        "retired": {"origin": last.origin, "size": last.size, "root": last.root.hex()},
        "lost": loss.records,
    }


def _shown(told: dict[str, Any]) -> str:
    return (
        f"{told['origin']} took over at record {told['size'] - 1} from {told['retired']['origin']}.\n"
        f"审计日志已换代：{told['origin']}，自第 {told['size'] - 1} 号记录起。\n"
        f"key {told['key']}\n"
        "Next (下一步): give the key to the witnesses (见证方), ./gw audit policy to the departments (部门), then start the gateway."
    )
