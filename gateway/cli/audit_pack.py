"""``./gw audit pack``: evidence packs checked without the gateway, and their seals."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.exits import FAILED, OK
from gateway.cli.jwks import read_keys
from gateway.cli.trusting import engine
from gateway.proof.answers import Answer, answered
from gateway.proof.pack_answer import Beside
from gateway.proof.pack_answer import pack as checked
from gateway.proof.pack_files import LIST, SEAL, Damage, opened_pack
from gateway.proof.pack_seal import STATEMENT
from gateway.proof.refusal import Refused
from gateway.seals.statement import StatementRefused, read_statement, verify_statement
from gateway.seals.statement_keys import accepted_keys

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("pack")
def pack() -> None:
    """Check evidence packs of records (举证包)."""


@pack.command("verify")
@click.argument("path", metavar="PACK", type=click.Path(exists=True, path_type=Path))
@click.option("--policy", type=_FILE, required=True, help="Whom you trust, C2SP tlog-policy (信任策略).")
@click.option("--response", default="", help="Event id or request id of a response to trace back (应答编号).")
@click.option("--body", type=_FILE, help="The bytes of that response (应答原文).")
@click.option(
    "--document",
    "documents",
    type=_FILE,
    multiple=True,
    help="A sealed application or decision; repeatable (签章文书).",
)
@click.option("--stamp", "stamps", type=_FILE, multiple=True, help="A seal on one; repeatable (签章).")
@click.option(
    "--jwks", type=_FILE, help="The gateway's seal keys: check the seal of an archive pack too (出证公钥集)."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def verify(
    ctx: click.Context, path: Path, policy: Path, response: str, body: Path | None, documents: tuple[Path, ...],
    stamps: tuple[Path, ...], jwks: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Check PACK, a ZIP archive or a folder: its records are in the log, and none is left out (核验举证包).

    The checker that ./gw audit checker writes says the same without the gateway; only a seal of SM2 is left to this command.
    Exit code 0: all holds; 1: it does not, and the place says where.
    """
    papers = [tuple(one.read_bytes() for one in files) for files in (documents, stamps)]
    held = Beside(body.read_bytes() if body else None, *papers)

    def check() -> Answer:
        answer = checked(path, policy.read_bytes(), response, held)
        return answer if jwks is None else _sealed(answer, path, accepted_keys(read_keys(jwks)))

    answer = answered(check)
    click.echo(answer.shown(as_json=as_json))
    ctx.exit(OK if answer.ok else FAILED)


def _sealed(answer: Answer, path: Path, keys: dict[str, dict[str, Any]]) -> Answer:
    """The answer, once the seal over the pack's list was checked as well.

    Raises:
        Damage: there is no seal, or it is not one over this pack by one of these keys.
    """
    with opened_pack(path) as files:
        sealed, listed = files.small(SEAL), files.small(LIST)
    try:
        statement = read_statement(sealed)
        verify_statement(statement, keys, engine())
    except StatementRefused as refused:
        raise Damage(Refused("seal", refused.detail, refused.detail_zh), SEAL) from None
    if (
        statement.kind != STATEMENT
        or statement.content.get("list_sha256") != hashlib.sha256(listed).hexdigest()
    ):
        raise Damage(Refused("seal", "it seals something else", "所签并非本包"), SEAL)
    at = statement.content.get("sealed_at")
    members = answer.members | {"seal": {"kid": statement.kid, "sealed_at": at}}
    return replace(
        answer, members=members, lines=(*answer.lines, f"sealed 签章       {at} with {statement.kid}")
    )
