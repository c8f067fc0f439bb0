"""The command line: ``gw`` and its help page. Each command is a module here that is imported only when called.

A refusal or failure of the gateway's own kinds is printed with its next step and never as a traceback.
"""

from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

import click

from gateway import __version__
from gateway.cli.exits import FAILED, UNAVAILABLE, USAGE
from gateway.errors import BadSettings, GatewayError, Invalid, Malformed, Unavailable

COMMANDS: Final = {
    "Start here (从这里开始)": {
        "demo": "The whole story on a throw-away database, then a gateway to try (演示).",
        "up": "Start a gateway that keeps its data; the first start sets it up (启动).",
        "doctor": "Check the installation and say what is wrong (自检).",
    },
    "Work (业务)": {
        "person": "Invite people; set a password, sign in and out (人员登录).",
        "token": "Issue a token; verify one rule by rule (令牌签发与核验).",
        "jwks": "Check a set of public keys (公钥集检查).",
        "catalog": "The catalogue as an Excel form: check, import, export (目录表格).",
        "deadline": "When something is due, with every day counted (时限计算).",
        "audit": "Verify the audit log; list its records (审计).",
        "seal": "Verify seals and stamps step by step; make test seals (电子印章).",
        "cert": "Verify a certificate chain for a purpose (证书核验).",
        "receipt": "Verify a sealed receipt or decision offline (回执与决定核验).",
        "openapi": "Print the OpenAPI document of this version (接口文档).",
    },
    "Operate (运行维护)": {
        "serve": "Run the gateway on a database of your own (生产运行).",
        "calendar": "Publish working-day calendars; check deadlines (工作日历).",
        "migrate": "Bring the database to this version's schema (数据库升级).",
        "keys": "List and rotate the signing keys (密钥).",
        "witness": "Cosign the audit logs of neighbouring gateways (见证).",
    },
    "Develop (开发)": {
        "test": "Run every check: style, types, tests, coverage (测试).",
        "bench": "Measure parts of the gateway on this machine (基准测试).",
        "drill": "Break what a gateway stands on; account for every call (故障演练).",
    },
}

_EPILOG: Final = """\
Settings come from GATEWAY__SECTION__NAME in the environment, then a TOML file, then defaults; gw doctor
shows the effective set. Every command has its own --help, and --json for scripts.

Exit codes: 0 done · 1 the answer is negative, or it failed · 2 wrong arguments or settings
            3 cannot be determined · 4 a needed part (database, tool) is not available
"""


class Commands(click.Group):
    """The commands of :data:`COMMANDS`, imported when called; those whose module is not there are not listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the help page."""
        known = [name for section in COMMANDS.values() for name in section if find_spec(_module(name))]
        return [*known, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, from its module's ``command``."""
        if cmd_name in super().list_commands(ctx) or cmd_name not in self.list_commands(ctx):
            return super().get_command(ctx, cmd_name)
        command: click.Command = import_module(_module(cmd_name)).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, and an unknown name is answered with the nearest one."""
        known, name = self.list_commands(ctx), args[0]
        if name not in known and not name.startswith("-"):
            near = get_close_matches(name, known, 1)
            ctx.fail(f"there is no command {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The sections of the help page, without importing a command."""
        known = self.list_commands(ctx)
        for title, section in COMMANDS.items():
            rows = [(name, summary) for name, summary in section.items() if name in known]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Settings and exit codes, in the lines they are written in."""
        formatter.write_paragraph()
        formatter.write(_EPILOG)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of the gateway's kinds is printed and decides the exit code."""
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            click.echo(told(error), err=True)
            ctx.exit(exit_code(error))


def _module(name: str) -> str:
    return f"{__name__}.{name}"


def told(error: GatewayError) -> str:
    """An error as lines for a person: what, why, and the next step, in both languages."""
    step, step_zh = error.remedy
    more = error.faults[1:] if isinstance(error, Invalid) else ()
    return "\n".join(
        (
            f"error: {error.title()} — {error.detail}",
            *(f"       {fault.pointer}: {fault.detail}" for fault in more),
            f"next step: {step}",
            f"错误：{error.detail_zh}",
            f"下一步：{step_zh}",
        )
    )


def exit_code(error: GatewayError) -> int:
    """What a script sees of an error."""
    if isinstance(error, Unavailable):
        return UNAVAILABLE
    return USAGE if isinstance(error, BadSettings | Invalid | Malformed) else FAILED


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="data-sharing-gateway", message="%(prog)s %(version)s")
def main() -> None:
    """Government data-sharing exchange gateway (政务数据共享交换网关).

    Departments list the data they hold (目录) and others apply for it (申请). The legal time limits run by
    themselves (时限), an approval becomes a grant that is enforced on every call (授权), and whatever happens
    leaves a record that can be checked later (审计).

    \b
    New here?     ./gw demo        six applications and their calls, told step by step
    For real:     ./gw up          then follow the next step it prints
    A question?   ./gw deadline --from 2026-09-30 --days 10
    """
