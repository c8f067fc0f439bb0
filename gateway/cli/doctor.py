"""``./gw doctor``: the effective settings, and what is wrong with this installation, with the next step."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import click

from gateway import __version__
from gateway.cli.context import Installation, installation, installation_options
from gateway.cli.doctoring import (
    Check,
    State,
    Words,
    examined,
    from_error,
    is_set_up,
    machine_checks,
    present,
)
from gateway.cli.doctoring_certificates import authorities
from gateway.cli.doctoring_database import NotReachable, database_checks
from gateway.cli.doctoring_seals import seal_trust
from gateway.cli.doctoring_software import software_checks
from gateway.cli.exits import FAILED, OK, UNAVAILABLE
from gateway.errors import GatewayError
from gateway.settings import Settings, config_dir

_HIDDEN = "***"
_COLOURS = {State.OK: "green", State.WARNING: "yellow", State.FAULT: "red"}
_NEXT: dict[str, Words] = {
    "begin": ("Everything is ready. Next: ./gw up", "已就绪。下一步：./gw up"),
    "mend": ("Mend the faults above, then run ./gw doctor again.", "请先处理上述故障，再运行 ./gw doctor。"),
    "done": ("No fault was found.", "未发现故障。"),
}


@dataclass
class Report:
    """What was found so far; ``settings`` None where they could not be read."""

    settings: dict[str, Any] | None = None
    checks: list[Check] = field(default_factory=list)
    is_reachable: bool = True
    is_set_up: bool = True

    @property
    def has_fault(self) -> bool:
        """Whether anything must be mended."""
        return any(check.state is State.FAULT for check in self.checks)

    @property
    def exit_code(self) -> int:
        """4 without the database, 1 with a fault; warnings do not count."""
        if not self.is_reachable:
            return UNAVAILABLE
        return FAILED if self.has_fault else OK

    @property
    def next_step(self) -> Words:
        """What to do now."""
        if self.has_fault:
            return _NEXT["mend"]
        return _NEXT["done" if self.is_set_up else "begin"]


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@installation_options
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Check the installation and say what is wrong (自检). Changes nothing.

    Shows the effective settings with secrets masked, then checks the software, the files, the calendars, the
    database and its logins. Exit code 0: no fault, warnings allowed; 1: a fault; 4: no database.
    """
    where = installation(ctx)
    report = examine(where)
    click.echo(json.dumps(_as_json(where, report), ensure_ascii=False) if as_json else _told(where, report))
    ctx.exit(report.exit_code)


def examine(where: Installation) -> Report:
    """Look at everything that can be looked at."""
    report = Report()
    try:
        report.settings = masked(where.settings)
    except GatewayError as error:
        report.checks.append(from_error("settings", error))
        return report
    report.checks += software_checks(where)
    report.checks += machine_checks(where, present())
    folder = where.settings.certificates.folder or config_dir() / "authorities"
    report.checks.append(examined("authorities", lambda: authorities(folder, present())))
    trust = where.settings.sealing.trust_dir
    report.checks.append(examined("seals", lambda: seal_trust(trust, present())))
    try:
        report.is_set_up = is_set_up(where)
        asyncio.run(_database(where, report))
    except NotReachable:
        report.is_reachable = False
    except (GatewayError, OSError) as error:
        report.checks.append(from_error("database", error))
        report.is_reachable = False
    return report


async def _database(where: Installation, report: Report) -> None:
    async for check in database_checks(where):
        report.checks.append(check)


def masked(settings: Settings) -> dict[str, Any]:
    """The settings as JSON, without the password of the database's address; paths of secrets are no secrets."""
    shown: dict[str, Any] = settings.model_dump(mode="json")
    if dsn := shown["storage"]["dsn"]:
        shown["storage"]["dsn"] = masked_dsn(dsn)
    return shown


def masked_dsn(dsn: str) -> str:
    """``dsn`` with every password replaced; all of it where it cannot be taken apart."""
    try:
        parts = urlsplit(dsn)
    except ValueError:
        return _HIDDEN
    if not parts.scheme:
        return _HIDDEN
    login, at, address = parts.netloc.rpartition("@")
    user, colon, _ = login.partition(":")
    query = [
        (name, _HIDDEN if "password" in name.lower() else value) for name, value in parse_qsl(parts.query)
    ]
    shown = f"{parts.scheme}://{user}{colon and ':' + _HIDDEN}{at}{address}{parts.path}"
    return f"{shown}?{urlencode(query, safe='/*')}" if query else shown


def _as_json(where: Installation, report: Report) -> dict[str, Any]:
    return {
        "ok": not report.has_fault,
        "version": __version__,
        "data_dir": str(where.data_dir),
        "config": str(where.config_file) if where.config_file else None,
        "settings": report.settings,
        "checks": [_check_as_json(check) for check in report.checks],
        "next_step": report.next_step[0],
        "next_step_zh": report.next_step[1],
    }


def _check_as_json(check: Check) -> dict[str, Any]:
    remedy, remedy_zh = check.remedy or (None, None)
    said, said_zh = check.said
    return {
        "name": check.name,
        "state": check.state,
        "detail": said,
        "detail_zh": said_zh,
        "remedy": remedy,
        "remedy_zh": remedy_zh,
    }


def _told(where: Installation, report: Report) -> str:
    lines = [
        f"data-sharing-gateway {__version__}",
        f"data directory (数据目录)  {where.data_dir}",
        f"settings file  (配置文件)  {where.config_file or 'none: environment and defaults (未指定)'}",
    ]
    for section, values in (report.settings or {}).items():
        lines += ["", f"[{section}]"]
        lines += [
            f"{name} = {json.dumps(value, ensure_ascii=False)}"
            for name, value in values.items()
            if value is not None
        ]
        lines += [f"# {name} is not set" for name, value in values.items() if value is None]
    lines.append("")
    for check in report.checks:
        lines += _check_told(check)
    return "\n".join([*lines, "", *report.next_step])


def _check_told(check: Check) -> list[str]:
    state = click.style(f"{check.state:<8}", fg=_COLOURS[check.state])
    lines = [f"{state} {check.name:<17} {check.said[0]}"]
    if check.remedy is None:
        return lines
    indent = " " * 27
    return [
        *lines,
        f"{indent}{check.said[1]}",
        f"{indent}→ {check.remedy[0]}",
        f"{indent}→ {check.remedy[1]}",
    ]
