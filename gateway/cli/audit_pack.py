"""``./gw audit pack``: evidence packs checked without the gateway, and their seals."""

from pathlib import Path

import click

from gateway.cli.exits import FAILED, OK
from gateway.proof.answers import answered
from gateway.proof.pack_answer import Beside
from gateway.proof.pack_answer import pack as checked

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("pack")
def pack() -> None:
    """Check evidence packs of records (举证包)."""


@pack.command("verify")
@click.argument("path", metavar="PACK", type=click.Path(exists=True, path_type=Path))
@click.option("--policy", type=_FILE, required=True, help="Whom you trust, C2SP tlog-policy (信任策略).")
@click.option("--response", default="", help="Event id or request id of a response to trace back (应答编号).")
@click.option("--body", type=_FILE, help="The bytes of that response (应答原文).")
@click.option("--document", type=_FILE, help="The sealed application or decision (签章文书).")
@click.option("--stamp", type=_FILE, help="A seal on it (签章).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def verify(
    ctx: click.Context, path: Path, policy: Path, response: str, body: Path | None, document: Path | None,
    stamp: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Check PACK, a ZIP archive or a folder: its records are in the log, and none is left out (核验举证包).

    The checker that ./gw audit checker writes says the same without the gateway. Exit code 0: all holds; 1: it does not, and
    the place says where.
    """
    held = [one.read_bytes() if one else None for one in (body, document, stamp)]
    answer = answered(lambda: checked(path, policy.read_bytes(), response, Beside(*held)))
    click.echo(answer.shown(as_json=as_json))
    ctx.exit(OK if answer.ok else FAILED)
