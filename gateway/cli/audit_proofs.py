"""``./gw audit prove|tree-root|checkpoint|receipt``: evidence about a log, checked without it.

They need no installation, no database and no network: whoever was given a proof can check it with these alone, or with the
checker that ``./gw audit checker`` writes, which says the same.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gateway.cli.exits import FAILED, OK
from gateway.proof import answers
from gateway.proof.answers import Answer, answered

_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("prove")
def prove() -> None:
    """Check a proof about the log's tree by RFC 9162; hashes are hexadecimal (证明核验).

    Exit code 0: the proof holds; 1: it does not, and the reason says why.
    """


@prove.command("inclusion")
@click.option("--leaf-hash", required=True, help="The record's leaf hash.")
@click.option("--index", required=True, type=int, help="The record's place, from 0.")
@click.option("--size", required=True, type=int, help="Leaves of the tree.")
@click.option("--root", required=True, help="The tree's root.")
@click.option("--proof", default="", help="Hashes from the leaf upwards, separated by commas.")
@_as_json
@click.pass_context
def inclusion(
    ctx: click.Context, leaf_hash: str, index: int, size: int, root: str, proof: str, as_json: bool
) -> None:
    """Check that a record stands at its place in the tree (存在证明)."""
    _say(ctx, lambda: answers.inclusion(leaf_hash, index, size, root, proof), as_json)


@prove.command("consistency")
@click.option("--size1", required=True, type=int, help="Leaves of the earlier tree.")
@click.option("--root1", required=True, help="The earlier root.")
@click.option("--size2", required=True, type=int, help="Leaves of the later tree.")
@click.option("--root2", required=True, help="The later root.")
@click.option("--proof", default="", help="Hashes, separated by commas.")
@_as_json
@click.pass_context
def consistency(
    ctx: click.Context, size1: int, root1: str, size2: int, root2: str, proof: str, as_json: bool
) -> None:
    """Check that a later tree only appended to an earlier one (一致性证明)."""
    _say(ctx, lambda: answers.consistency(size1, root1, size2, root2, proof), as_json)


@click.command("tree-root")
@click.argument("file", type=click.File("r"))
@_as_json
@click.pass_context
def tree_root(ctx: click.Context, file: Any, as_json: bool) -> None:
    """Compute the RFC 6962 root over the leaves in FILE, one in hexadecimal per line; - reads them from stdin (树根).

    A first line of 64 digits says that all lines are leaf hashes; otherwise they are the leaves' own bytes, an empty line an
    empty leaf. The answer says which was taken.
    """
    _say(ctx, lambda: answers.tree_root(file), as_json)


@click.group("checkpoint")
def checkpoint() -> None:
    """Check what a log published of itself (检查点)."""


@checkpoint.command("verify")
@click.argument("file", type=_FILE)
@click.option(
    "--key", "keys", multiple=True, required=True, metavar="VKEY",
    help="A signer you trust, name+hash+base64, or a file that holds one key per line; may be given again.",
)  # fmt: skip
@click.option("--origin", help="The log the checkpoint must be of.")
@_as_json
@click.pass_context
def verify(ctx: click.Context, file: Path, keys: tuple[str, ...], origin: str | None, as_json: bool) -> None:
    """Check a signed checkpoint, C2SP tlog-checkpoint (检查点核验).

    Every given key that signed must verify, and at least one must have signed. Exit code 0 or 1.
    """
    _say(ctx, lambda: answers.checkpoint(file.read_bytes(), _keys(keys), origin), as_json)


@click.group("receipt")
def receipt() -> None:
    """Check receipts of records: that a record stands in the log (回执)."""


@receipt.command("verify")
@click.argument("file", type=_FILE)
@click.option("--policy", type=_FILE, required=True, help="Whom you trust; see gw audit policy (信任策略).")
@click.option("--body", type=_FILE, help="The bytes of the call's answer, to compare (应答原文).")
@click.option("--nonce", help="Of the call, in hexadecimal: Receipt-Nonce of its answer (随机数).")
@click.option(
    "--opening", help="Of its personal detail, in hexadecimal, as an auditor was given it (开启值)."
)
@_as_json
@click.pass_context
def verify_receipt(
    ctx: click.Context,
    file: Path,
    policy: Path,
    body: Path | None,
    nonce: str | None,
    opening: str | None,
    as_json: bool,
) -> None:
    """Check a receipt, C2SP tlog-proof, offline (回执核验).

    The event is the one in the leaf, the leaf is in the tree, the tree was signed by a log of the policy and cosigned by its
    quorum; with --body and --nonce also that these were the bytes of the call; with --opening what it says of persons.
    Exit code 0: it holds; 1: it does not.
    """
    given = body.read_bytes() if body else None
    _say(ctx, lambda: answers.receipt(file.read_bytes(), policy.read_bytes(), given, nonce, opening), as_json)


def _keys(given: tuple[str, ...]) -> list[str]:
    texts: list[str] = []
    for one in given:
        path = Path(one)
        is_file = "+" not in one and path.is_file()
        texts += [line for line in path.read_text("utf-8").splitlines() if line.strip()] if is_file else [one]
    return texts


def _say(ctx: click.Context, check: Callable[[], Answer], as_json: bool) -> None:
    answer = answered(check)
    click.echo(answer.shown(as_json=as_json))
    ctx.exit(OK if answer.ok else FAILED)
