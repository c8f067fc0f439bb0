"""``./gw audit``: verify the audit log, copy it to a file, list its records."""

import asyncio
import json
import os
import platform
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Final

import click

from gateway.audit import (
    AuditReader,
    Finding,
    Origin,
    Verdict,
    verify_dump,
)
from gateway.audit.checking.service import Checking
from gateway.audit.rollover.model import Logs
from gateway.audit.witnessing.rechecking import Rechecking
from gateway.audit.writer import utc_now
from gateway.cli.audit_archive import archive
from gateway.cli.audit_chain import chain
from gateway.cli.audit_export import export
from gateway.cli.audit_list import list_records
from gateway.cli.audit_pack import pack
from gateway.cli.audit_proofs import checkpoint, prove, receipt, tree_root
from gateway.cli.audit_reading import local_person, reading, reading_zone
from gateway.cli.audit_rollover import rollover
from gateway.cli.audit_trust import checker, log_number, policy
from gateway.cli.audit_types import show_types
from gateway.cli.context import installation, installation_options, open_zone
from gateway.cli.exits import FAILED, OK
from gateway.names import new_id
from gateway.proof.checkpoint import Checkpoint, verify_checkpoint
from gateway.proof.notes import NoteKey
from gateway.storage import Zone

_MOST_RECORDS: Final = 1000
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group("audit")
def command() -> None:
    """Verify the audit log, copy it to a file, list its records, check proofs about it (审计)."""


for _each in (
    archive,
    list_records,
    chain,
    show_types,
    prove,
    tree_root,
    checkpoint,
    receipt,
    policy,
    checker,
    export,
    pack,
    rollover,
):
    command.add_command(_each)


@command.command("verify")
@click.option(
    "--dump",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Verify this file, written by gw audit dump; needs no database.",
)
@click.option(
    "--checkpoint",
    "note",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A signed checkpoint the log must still fit.  [default without --dump: the installation's own]",
)
@click.option("--key", metavar="VKEY", help="Who signed it; see gw audit key.  [default: this installation]")
@click.option(
    "--incremental",
    is_flag=True,
    help="Only what came since the last verification; it is kept and leaves a record.",
)
@_as_json
@installation_options
@click.pass_context
def verify(
    ctx: click.Context,
    file: Path | None,
    note: Path | None,
    key: str | None,
    incremental: bool,
    as_json: bool,
) -> None:
    """Rebuild the tree from the stored bytes and name the first record that does not fit (核验).

    A checkpoint signed earlier shows also a log that was cut short or rewritten as a whole. What others gave the log
    (cosignatures, time stamps) is checked again where their keys are in the settings. Exit code 0: every record
    fits; 1: the finding says which does not, or the checkpoint is not signed by the key; 4: no database.
    """
    if file and incremental:
        raise click.UsageError("--incremental goes with the database, not with --dump.")
    signed = _signed(ctx, note, key, own=file is None)
    if incremental:
        outcome = asyncio.run(_verify_on(ctx, signed))
    else:
        outcome = verify_dump(file, signed) if file else asyncio.run(_verify(ctx, signed))
    click.echo(json.dumps(_outcome(outcome), ensure_ascii=False) if as_json else _told(outcome))
    ctx.exit(OK if isinstance(outcome, Verdict) else FAILED)


@command.command("dump")
@click.argument("file", type=click.Path(path_type=Path))
@_as_json
@installation_options
@click.pass_context
def dump(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Copy the whole ledger to a new FILE that can be verified anywhere (导出)."""
    try:
        with _new_file(file) as out:
            records, heads = asyncio.run(_dump(ctx, out))
    except FileExistsError:
        raise click.BadParameter(f"{file} exists; name a new file.", param_hint="'FILE'") from None
    except OSError as fault:
        raise click.BadParameter(
            f"{file} cannot be written: {fault.strerror}.", param_hint="'FILE'"
        ) from None
    counted = {"file": str(file), "records": records, "heads": heads}
    click.echo(
        json.dumps(counted, ensure_ascii=False) if as_json else f"{records} records, {heads} heads: {file}"
    )


async def _verify(ctx: click.Context, signed: Checkpoint | None) -> Finding | Verdict:
    async with reading_zone(ctx) as (zone, record):
        outcome = await AuditReader(zone, record).verify(signed)
        if isinstance(outcome, Finding):
            return outcome
        async with (
            zone.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            again = await _rechecking(ctx).look(connection)
        return again if isinstance(again, Finding) else outcome


def _rechecking(ctx: click.Context) -> Rechecking:
    where = installation(ctx)
    return Rechecking.of(where.settings, where.master_key())


async def _verify_on(ctx: click.Context, signed: Checkpoint | None) -> Finding | Verdict:
    async with AsyncExitStack() as stack:
        read = await open_zone(ctx, Zone.READER)
        stack.push_async_callback(read.close)
        keep = await open_zone(ctx, Zone.CONTROL)
        stack.push_async_callback(keep.close)
        origin = Origin(platform.node() or "local", new_id())
        checking = Checking(read, keep, origin, utc_now, _rechecking(ctx))
        return await checking.verify(local_person(), whole=False, signed=signed)


def _signed(ctx: click.Context, note: Path | None, key: str | None, *, own: bool) -> Checkpoint | None:
    """The checkpoint to compare with: the one named, or this installation's own where the log is its own too."""
    if note is None and own:
        kept = installation(ctx).settings.audit.signed_head_file
        note = kept if kept is not None and kept.exists() else None
    if note is None:
        return None
    if key:
        return verify_checkpoint(note.read_bytes(), [NoteKey.parse(key)])[0]
    return _own_logs(ctx).known(note.read_bytes()).checkpoint


def _own_logs(ctx: click.Context) -> Logs:
    where = installation(ctx)
    return Logs(where.settings.platform.org_code, where.master_key())


@command.command("key")
@_as_json
@installation_options
@click.pass_context
def show_key(ctx: click.Context, as_json: bool) -> None:
    """Print the public key the log's checkpoints are signed with (签名公钥).

    Give it to auditors and neighbouring cities on paper: what they hold shows them a log that was rewritten.
    """
    logs = _own_logs(ctx)
    signer = logs.signer(asyncio.run(log_number(ctx, logs)))
    click.echo(json.dumps({"origin": signer.name, "key": str(signer.key)}) if as_json else str(signer.key))


async def _dump(ctx: click.Context, out: BinaryIO) -> tuple[int, int]:
    async with reading(ctx) as reader:
        return await reader.dump(local_person(), out)


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file only its owner may read; it does not stay if writing it fails."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        try:
            yield out
        except BaseException:
            path.unlink()
            raise


def _outcome(outcome: Finding | Verdict) -> dict[str, Any]:
    if isinstance(outcome, Verdict):
        return {"ok": True, "size": outcome.size, "root": outcome.root.hex(), "finding": None}
    finding = asdict(outcome) | {"event_id": str(outcome.event_id) if outcome.event_id else None}
    return {"ok": False, "size": outcome.idx, "root": None, "finding": finding}


def _told(outcome: Finding | Verdict) -> str:
    if isinstance(outcome, Verdict):
        return (
            f"Intact: {outcome.size} records, root {outcome.root.hex()}.\n"
            f"完整：{outcome.size} 条记录，与树根一致。"
        )
    place = f"record {outcome.idx}" + (f" to {outcome.last_idx}" if outcome.last_idx is not None else "")
    lines = [f"Broken: {outcome.problem} at {place}: {outcome.what}"]
    lines += [f"  event    {outcome.event_id}"] if outcome.event_id else []
    lines += [f"  line     {outcome.line}"] if outcome.line else []
    lines += [f"  expected {outcome.expected}"] if outcome.expected else []
    lines += [f"  found    {outcome.found}"] if outcome.found else []
    return "\n".join([*lines, f"{outcome.idx} records before it fit.", f"不一致：第 {outcome.idx} 号记录。"])
