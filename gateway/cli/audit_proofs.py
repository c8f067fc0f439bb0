"""``./gw audit prove|tree-root|checkpoint``: proofs about a log, checked without it.

They need no installation, no database and no network: whoever was given a proof can check it with these alone.
"""

import json
from pathlib import Path
from typing import Any, NoReturn

import click

from gateway.cli.exits import FAILED, OK
from gateway.proof.checkpoint import verify_checkpoint
from gateway.proof.notes import NoteKey
from gateway.proof.proofs import check_consistency, check_inclusion
from gateway.proof.refusal import Refused
from gateway.proof.tree import HASH_BYTES, Tree

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
    with_what = {"index": index, "size": size, "root": root}
    try:
        check_inclusion(_hash(leaf_hash), index, size, _hash(root), _hashes(proof))
    except Refused as refusal:
        _refused(ctx, refusal, as_json)
    _holds(ctx, with_what, f"The record stands at {index} in the tree of {size}.", "该记录在树中。", as_json)


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
    with_what = {"size1": size1, "root1": root1, "size2": size2, "root2": root2}
    try:
        check_consistency(size1, _hash(root1), size2, _hash(root2), _hashes(proof))
    except Refused as refusal:
        _refused(ctx, refusal, as_json)
    said = f"The tree of {size2} leaves begins with the tree of {size1}."
    _holds(ctx, with_what, said, "后一棵树仅在前一棵树之后追加。", as_json)


@click.command("tree-root")
@click.argument("file", type=click.File("r"))
@_as_json
@click.pass_context
def tree_root(ctx: click.Context, file: Any, as_json: bool) -> None:
    """Compute the RFC 6962 root over the leaf hashes in FILE, one in hexadecimal per line; - reads them from stdin (树根)."""
    tree = Tree()
    try:
        for line in file:
            tree.append(_hash(line))
    except (Refused, UnicodeDecodeError) as fault:
        said = f"line {tree.size + 1}: {fault.detail if isinstance(fault, Refused) else 'not text'}"
        zh = f"第 {tree.size + 1} 行：须为 64 位十六进制散列值"
        _refused(ctx, Refused("hash", said, zh), as_json)
    root = tree.root().hex()
    click.echo(json.dumps({"ok": True, "size": tree.size, "root": root}) if as_json else root)


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
    try:
        found, signed = verify_checkpoint(file.read_bytes(), _keys(keys), origin)
    except Refused as refusal:
        _refused(ctx, refusal, as_json)
    signers = [{"key": str(one.key), "at": one.at.isoformat() if one.at else None} for one in signed]
    what = {"origin": found.origin, "size": found.size, "root": found.root.hex(), "signed_by": signers}
    names = ", ".join(one.key.name for one in signed)
    said = f"{found.origin}: {found.size} records, root {found.root.hex()}, signed by {names}."
    _holds(ctx, what, said, "签名有效。", as_json)


def _keys(given: tuple[str, ...]) -> list[NoteKey]:
    texts: list[str] = []
    for one in given:
        path = Path(one)
        is_file = "+" not in one and path.is_file()
        texts += [line for line in path.read_text("utf-8").splitlines() if line.strip()] if is_file else [one]
    return [NoteKey.parse(text) for text in texts]


def _hash(text: str) -> bytes:
    try:
        raw = bytes.fromhex(text.strip())
    except ValueError:
        raw = b""
    if len(raw) != HASH_BYTES or len(text.strip()) != 2 * HASH_BYTES:
        raise Refused("hash", "a hash is 64 hexadecimal digits", "散列值须为 64 位十六进制")
    return raw


def _hashes(text: str) -> list[bytes]:
    return [_hash(one) for one in text.split(",")] if text.strip() else []


def _refused(ctx: click.Context, refusal: Refused, as_json: bool) -> NoReturn:
    told = {
        "ok": False,
        "verdict": "invalid",
        "reason": refusal.reason,
        "detail": refusal.detail,
        "detail_zh": refusal.detail_zh,
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        click.echo(f"Does not hold: {refusal.detail}.\n不成立：{refusal.detail_zh}。")
    ctx.exit(FAILED)


def _holds(ctx: click.Context, what: dict[str, Any], said: str, said_zh: str, as_json: bool) -> None:
    told = json.dumps({"ok": True, "verdict": "valid", "reason": None, **what}, ensure_ascii=False)
    click.echo(told if as_json else f"{said}\n成立：{said_zh}")
    ctx.exit(OK)
