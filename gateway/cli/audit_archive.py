"""``./gw audit archive``: what an archived month holds, for whoever has the installation's master key (归档包)."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from gateway.audit.dump import encode
from gateway.audit.record import Record
from gateway.audit.retention.archive import archive_vault, read_records
from gateway.cli.context import installation, installation_options
from gateway.cli.exits import OK
from gateway.seals.archives import ArchiveReader

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group("archive")
def archive() -> None:
    """Read the encrypted archive of a month that was disposed of (归档包)."""


@archive.command("verify")
@click.argument("file", type=_FILE)
@_as_json
@installation_options
@click.pass_context
def verify(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Check that FILE is whole and every record in it fits its leaf; needs the master key, no database.

    Compare the SHA-256 with the one in the record of the disposal (retention.dropped), which is signed and witnessed.
    """
    found = _examined(ctx, file)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        click.echo(
            f"{found['records']} records of {found['month']}, {found['first']} to {found['beyond'] - 1}: all fit their leaves\n"
            f"{found['month']} 的 {found['records']} 条记录均与叶子一致\nsha256 {found['sha256']}"
        )
    ctx.exit(OK)


@archive.command("open")
@click.argument("file", type=_FILE)
@click.argument("out", type=click.Path(path_type=Path))
@installation_options
@click.pass_context
def open_archive(ctx: click.Context, file: Path, out: Path) -> None:
    """Write the records of FILE to a new file OUT, one JSON object a line; personal detail in them stays sealed."""
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.BadParameter(f"{out} exists; name a new file.", param_hint="'OUT'") from None
    count = 0
    with os.fdopen(handle, "wb") as written:
        for number, record in enumerate(_records(ctx, file), 1):
            written.write(encode(record))
            count = number
    click.echo(f"{count} records: {out}")


def _records(ctx: click.Context, file: Path) -> Iterator[Record]:
    return read_records(file, archive_vault(installation(ctx).master_key()))


def _examined(ctx: click.Context, file: Path) -> dict[str, Any]:
    count = sum(1 for _ in _records(ctx, file))
    about = ArchiveReader(file, archive_vault(installation(ctx).master_key())).about
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return {**about, "records": count, "sha256": digest}
