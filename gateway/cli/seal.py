"""``./gw seal``: verify a seal or what was stamped with it; make test seals."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.instants import instant
from gateway.cli.seal_make import make
from gateway.cli.trusting import EXITS, FILE, FOLDER, trust_from
from gateway.seals.documents import verify_any
from gateway.seals.report import Report, shown
from gateway.seals.verification import Outside


@click.group("seal")
def command() -> None:
    """Verify electronic seals (电子印章) and stamps (电子签章); make seals to test with."""


@command.command("verify")
@click.argument("file", type=FILE)
@click.option("--document", type=FILE, help="The stamped document, where it lies outside FILE (原文).")
@click.option("--seal", "copy", type=FILE, help="The seal as a file of its own, to compare with the stamp's.")
@click.option("--anchors", type=FOLDER, help="Authorities of signers (签章者信任锚).")
@click.option(
    "--maker-anchors", type=FOLDER, help="Authorities of seal makers (制章者信任锚).  [default: --anchors]"
)
@click.option("--tsa-anchors", type=FOLDER, help="Authorities of timestamps (时间戳信任锚).")
@click.option("--crl", "crls", type=FILE, multiple=True, help="A revocation list (吊销列表); repeatable.")
@click.option("--at", "at", metavar="TIME", callback=instant, help="Verify as of this time.  [default: now]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def verify(
    ctx: click.Context,
    file: Path,
    document: Path | None,
    copy: Path | None,
    anchors: Path | None,
    maker_anchors: Path | None,
    tsa_anchors: Path | None,
    crls: tuple[Path, ...],
    at: datetime | None,
    as_json: bool,
) -> None:
    """Verify FILE step by step: a seal, a stamp, or a document with stamps in it (核验).

    Exit code 0: valid; 2: invalid, a failed step says why; 3: indeterminate, something needed is missing.
    The time of verification counts as the first receipt.
    """
    trust, remarks = trust_from(anchors, maker_anchors, tsa_anchors, crls)
    outside = Outside(
        document=document.read_bytes() if document else None, seal_copy=copy.read_bytes() if copy else None
    )
    report = verify_any(file, trust, at or datetime.now(UTC), outside)
    if as_json:
        click.echo(json.dumps({**shown(report), "remarks": remarks}, ensure_ascii=False))
    else:
        click.echo("\n".join([*told(report), *remarks]))
    ctx.exit(EXITS[report.verdict])


command.add_command(make)


def told(report: Report) -> list[str]:
    """A report as lines for a person."""
    holder = f"{report.holder.name} ({report.holder.es_id})" if report.holder else "-"
    lines = [f"{report.kind}, version {report.version or '-'}, holder 印章所有者: {holder}"]
    for step in report.steps:
        code = "" if step.code == "OK" else f"{step.code} {step.detail}"
        lines.append(f"{step.step:<4}{step.result:<8}{step.name_zh} {step.name}  {code}".rstrip())
        lines += [f"            deviation 偏差: {each.code} {each.detail}" for each in step.deviations]
    for part in report.parts:
        lines += ["", *told(part)]
    return [*lines, f"{report.verdict} {_ZH[report.verdict]}"]


_ZH = {"valid": "有效", "invalid": "无效", "indeterminate": "无法判定"}
