"""``./gw witness``: cosign what the logs of other gateways say of themselves; needs no database and no gateway."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from gateway.errors import BadSettings
from gateway.proof.notes import ED25519, NoteKey
from gateway.proof.refusal import Refused
from gateway.seals.cosigner import Cosigner
from gateway.settings import Web
from gateway.telemetry import configure_logs
from gateway.web.door import Door as TlsDoor
from gateway.web.listener import bound, listener_of, listening
from gateway.witness.routes import Door
from gateway.witness.service import Witness
from gateway.witness.store import Memory

_FOLDER: Final = click.Path(file_okay=False, path_type=Path)
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_LOGS: Final = """\
# The logs this witness cosigns, one key a line, as ./gw audit key prints it there; get it on paper, not by mail.
# 本见证方会签的日志，每行一个公钥（由对方 ./gw audit key 输出），请通过可信途径取得。
"""


class NoLogs(BadSettings):
    """The list of logs cannot be used（日志清单不可用）."""

    remedy = (
        "One key a line, name+hash+base64, as ./gw audit key prints it on the gateway whose log it is.",
        "每行一个公钥（name+hash+base64），由日志所属网关的 ./gw audit key 输出。",
    )


@click.group("witness")
def command() -> None:
    """Cosign the audit logs of neighbouring gateways, so that none can show two histories (见证)."""


@command.command("make")
@click.argument("folder", type=_FOLDER)
@click.option(
    "--name", required=True, help="How others know it, e.g. witness.next-city.gov.cn; no spaces, no +."
)
def make(folder: Path, name: str) -> None:
    """Make a FOLDER with a new key and an empty list of logs, and print the public key (新建).

    Give the key to the operators of the gateways; write their logs' keys into FOLDER/logs.
    """
    try:
        NoteKey.parse(str(Cosigner.make(name).key))
    except Refused as refusal:
        raise click.BadParameter(f"{refusal.detail}.", param_hint="'--name'") from None
    signer = Cosigner.make(name)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(folder / "key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(signer.text)
        if not (folder / "logs").exists():
            (folder / "logs").write_text(_LOGS, "utf-8")
    except FileExistsError:
        raise click.BadParameter(f"{folder} holds a key already.", param_hint="'FOLDER'") from None
    except OSError as fault:
        raise click.BadParameter(
            f"{folder} cannot be written: {fault.strerror}.", param_hint="'FOLDER'"
        ) from None
    click.echo(str(signer.key))


@command.command("key")
@click.argument("folder", type=_FOLDER)
def key(folder: Path) -> None:
    """Print the public key of the witness in FOLDER (公钥)."""
    click.echo(str(Cosigner.load(folder / "key").key))


@command.command("serve")
@click.argument("folder", type=_FOLDER)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True, help="0: a free one.")
@click.option("--tls-certificate-file", type=_FILE, help="Speak TLS with this certificate (PEM).")
@click.option("--tls-key-file", type=_FILE, help="Its key.")
def serve(
    folder: Path, host: str, port: int, tls_certificate_file: Path | None, tls_key_file: Path | None
) -> None:
    """Cosign checkpoints of the logs listed in FOLDER/logs until stopped (运行).

    Keeps one small file for each log in FOLDER/state and needs nothing else. Prints its address when it listens.
    """
    if (tls_certificate_file is None) != (tls_key_file is None):
        raise click.UsageError("--tls-certificate-file and --tls-key-file go together.")
    configure_logs("info")
    tls = (
        TlsDoor(tls_certificate_file, tls_key_file, asks=False)
        if tls_certificate_file and tls_key_file
        else None
    )
    asyncio.run(_serve(folder, host, port, tls))


async def _serve(folder: Path, host: str, port: int, tls: TlsDoor | None) -> None:
    signer = Cosigner.load(folder / "key")
    logs = read_logs(folder / "logs")
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        opened = stack.enter_context(bound(host, port))
        memory = Memory.open(folder / "state", signer.key, logs)
        stack.callback(memory.close)
        limits = Web()
        door = Door(Witness(memory, signer, logs, lambda: datetime.now(UTC)), limits)
        # a submission that was begun ends: what it compared with must not change under it
        await stack.enter_async_context(
            listening(
                door.answer, opened, limits, cancel_on_disconnect=False, tls=tls.context if tls else None
            )
        )
        click.echo(listener_of(opened, secure=tls is not None).url)
        await stop.wait()


def read_logs(file: Path) -> list[NoteKey]:
    """The keys in the list.

    Raises:
        NoLogs: the file cannot be read, holds no key, or a line is none.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, ValueError) as fault:
        raise NoLogs(f"{file} cannot be read: {fault}", f"{file} 无法读取") from None
    keys = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            keys.append(NoteKey.parse(line))
        except Refused as refusal:
            raise NoLogs(
                f"{file}, line {number}: {refusal.detail}", f"{file} 第 {number} 行：{refusal.detail_zh}"
            ) from None
        if keys[-1].algorithm != ED25519:
            raise NoLogs(f"{file}, line {number}: a key for cosignatures", f"{file} 第 {number} 行：会签公钥")
    if not keys:
        raise NoLogs(f"{file} holds no key", f"{file} 中没有公钥")
    return keys
