"""``./gw audit policy|checker``: what others need to check this log by themselves: whom to believe, and a program."""

import asyncio
import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

import gateway.proof
from gateway.audit.publisher import BadSignedHead, origin_of
from gateway.audit.rollover.model import FIRST, Logs
from gateway.audit.rollover.store import current
from gateway.cli.context import installation, installation_options, open_zone
from gateway.errors import BadSettings, Unavailable
from gateway.proof.refusal import Refused
from gateway.settings import Settings
from gateway.storage import Zone

_START: Final = "import sys\n\nfrom proof.command import main\n\nsys.exit(main())\n"
_SHEBANG: Final = b"#!/usr/bin/env python3\n"
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)


@click.command("policy")
@installation_options
@click.pass_context
def policy(ctx: click.Context) -> None:
    """Print whom to believe about this log, C2SP tlog-policy: its key, its witnesses and how many of them (信任策略).

    After a rollover the keys of the logs before it are listed too: what they signed stays verifiable.

    Give it to departments on paper or by another trusted way, not beside the receipts: whoever can change the policy can
    make anything hold.
    """
    where = installation(ctx)
    logs = Logs(where.settings.platform.org_code, where.master_key())
    keys = logs.keys(asyncio.run(log_number(ctx, logs)))
    click.echo(policy_text([str(key) for key in keys], where.settings), nl=False)


async def log_number(ctx: click.Context, logs: Logs) -> int:
    """Which log the installation signs: as the file of the signed head says, else the database; said where neither can."""
    file = installation(ctx).settings.audit.signed_head_file
    if file is not None and file.exists():
        try:
            return logs.number_of(origin_of(file.read_bytes()))
        except Refused as refused:
            raise BadSignedHead(f"{file}: {refused.detail}", f"{file}：{refused.detail_zh}") from None
    try:
        zone = await open_zone(ctx, Zone.READER)
    except (Unavailable, BadSettings):
        click.echo(
            "Neither the signed head nor the database is at hand: taken for the installation's first log.\n"
            "未找到已签名检查点文件，也无法连接数据库：按首个日志输出。",
            err=True,
        )
        return FIRST
    try:
        async with zone.connection() as connection:
            begun = await current(connection)
    finally:
        await zone.close()
    return begun.number if begun else FIRST


def policy_text(keys: list[str], settings: Settings) -> str:
    """The policy: this log and those before it, the witnesses of the settings, and the quorum the settings ask for."""
    url = f" {settings.platform.base_url}/v1/audit/log" if settings.platform.base_url else ""
    lines = [f"log {keys[0]}{url}", *(f"log {key}" for key in keys[1:])]
    lines += [f"witness {one.name} {one.key} {one.url}" for one in settings.witnessing.witnesses]
    if settings.witnessing.quorum_min:
        names = " ".join(one.name for one in settings.witnessing.witnesses)
        lines += [f"group witnesses {settings.witnessing.quorum_min} {names}", "quorum witnesses"]
    else:
        lines.append("quorum none")
    return "\n".join([*lines, ""])


@click.command("checker")
@click.argument("file", type=click.Path(path_type=Path))
def checker(file: Path) -> None:
    """Write the offline checker to a new FILE: one program that needs Python and the package cryptography only (离线核验程序).

    The same version always writes the same bytes, so its SHA-256 can be published.
    """
    try:
        with file.open("xb") as out:
            out.write(checker_bytes())
    except FileExistsError:
        raise click.BadParameter(f"{file} exists; name a new file.", param_hint="'FILE'") from None
    except OSError as fault:
        raise click.BadParameter(
            f"{file} cannot be written: {fault.strerror}.", param_hint="'FILE'"
        ) from None
    file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    click.echo(f"python3 {file} receipt verify RECEIPT --policy POLICY")


def checker_bytes() -> bytes:
    """The room of proofs as one executable file (PEP 441)."""
    packed = io.BytesIO()
    packed.write(_SHEBANG)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("__main__.py", _START.encode()), *_sources()):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def _sources() -> Iterator[tuple[str, bytes]]:
    for source in sorted(Path(gateway.proof.__path__[0]).glob("*.py")):
        yield f"proof/{source.name}", source.read_bytes()
