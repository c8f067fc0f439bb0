"""The checker's command line: the words of ``./gw audit``, without the gateway.

Exit code 0: it holds; 1: it does not, and the reason says why; 2: the command cannot be understood, or a file not read.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from .answers import Answer, answered, checkpoint, consistency, inclusion, receipt, tree_root
from .pack_answer import Beside, pack

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    given = _parser().parse_args(arguments)
    try:
        answer: Answer = answered(lambda: given.check(given))
    except OSError as fault:
        sys.stderr.write(f"{fault.filename}: {fault.strerror}\n")
        return USAGE
    sys.stdout.write(f"{answer.shown(as_json=given.json)}\n")
    return OK if answer.ok else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="checker",
        description="Check evidence of an audit log offline (审计举证离线核验).",
        allow_abbrev=False,
    )
    groups = parser.add_subparsers(required=True, metavar="COMMAND")
    _receipt(groups)
    _pack(groups)
    _checkpoint(groups)
    _prove(groups)
    one = _command(groups, "tree-root", "Root over the leaf hashes in FILE, one a line (树根).", _tree_root)
    one.add_argument("file", type=Path)
    return parser


def _receipt(groups: Any) -> None:
    commands = _group(groups, "receipt", "Check receipts, C2SP tlog-proof (回执).")
    one = _command(
        commands, "verify", "Check that a record stands in a log you trust (核验回执).", _verify_receipt
    )
    one.add_argument("file", type=Path)
    one.add_argument("--policy", type=Path, required=True, help="whom you trust, C2SP tlog-policy (信任策略)")
    one.add_argument("--body", type=Path, help="the bytes of the call's answer (应答原文)")
    one.add_argument("--nonce", help="of the call, hexadecimal: Receipt-Nonce of the answer (随机数)")
    one.add_argument("--opening", help="of its personal detail, as an auditor was given it (开启值)")


def _pack(groups: Any) -> None:
    commands = _group(groups, "pack", "Check evidence packs of records (举证包).")
    one = _command(
        commands,
        "verify",
        "Check that records are in the log and none is left out (核验举证包).",
        _verify_pack,
    )
    one.add_argument("path", type=Path, metavar="PACK", help="the ZIP archive, or a folder of its files")
    one.add_argument("--policy", type=Path, required=True, help="whom you trust, C2SP tlog-policy (信任策略)")
    one.add_argument(
        "--response", default="", help="event id or request id of a response to trace back (应答编号)"
    )
    one.add_argument(
        "--jwks", type=Path, help="the gateway's seal keys: check an archive pack's seal too (出证公钥集)"
    )
    one.add_argument("--body", type=Path, help="the bytes of that response (应答原文)")
    several: dict[str, Any] = {"type": Path, "action": "append", "default": []}
    one.add_argument(
        "--document", **several, help="a sealed application or decision; may be given again (签章文书)"
    )
    one.add_argument("--stamp", **several, help="a seal on one; may be given again (签章)")


def _checkpoint(groups: Any) -> None:
    commands = _group(groups, "checkpoint", "Check what a log published of itself (检查点).")
    one = _command(commands, "verify", "Check a signed checkpoint (检查点核验).", _verify_checkpoint)
    one.add_argument("file", type=Path)
    one.add_argument("--key", action="append", required=True, help="name+hash+base64; may be given again")
    one.add_argument("--origin", help="the log it must be of")


def _prove(groups: Any) -> None:
    commands = _group(groups, "prove", "Check a proof about the log's tree (证明核验).")
    one = _command(commands, "inclusion", "A record stands at its place (存在证明).", _inclusion)
    for name in ("--leaf-hash", "--root"):
        one.add_argument(name, required=True)
    for name in ("--index", "--size"):
        one.add_argument(name, required=True, type=int)
    two = _command(commands, "consistency", "A later tree only appended (一致性证明).", _consistency)
    for name in ("--size1", "--size2"):
        two.add_argument(name, required=True, type=int)
    for name in ("--root1", "--root2"):
        two.add_argument(name, required=True)
    for each in (one, two):
        each.add_argument("--proof", default="", help="hashes separated by commas")


def _group(groups: Any, name: str, words: str) -> Any:
    group = groups.add_parser(name, help=words, description=words, allow_abbrev=False)
    return group.add_subparsers(required=True, metavar="COMMAND")


def _command(groups: Any, name: str, words: str, check: Any) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = groups.add_parser(
        name, help=words, description=words, allow_abbrev=False
    )
    command.add_argument("--json", action="store_true", help="print one JSON object")
    command.set_defaults(check=check)
    return command


def _verify_receipt(given: argparse.Namespace) -> Answer:
    body = given.body.read_bytes() if given.body else None
    return receipt(given.file.read_bytes(), given.policy.read_bytes(), body, given.nonce, given.opening)


def _verify_pack(given: argparse.Namespace) -> Answer:
    body = given.body.read_bytes() if given.body else None
    papers = [tuple(one.read_bytes() for one in files) for files in (given.document, given.stamp)]
    jwks = given.jwks.read_bytes() if given.jwks else None
    return pack(given.path, given.policy.read_bytes(), given.response, Beside(body, *papers), jwks)


def _verify_checkpoint(given: argparse.Namespace) -> Answer:
    return checkpoint(given.file.read_bytes(), given.key, given.origin)


def _inclusion(given: argparse.Namespace) -> Answer:
    return inclusion(given.leaf_hash, given.index, given.size, given.root, given.proof)


def _consistency(given: argparse.Namespace) -> Answer:
    return consistency(given.size1, given.root1, given.size2, given.root2, given.proof)


def _tree_root(given: argparse.Namespace) -> Answer:
    with given.file.open(encoding="utf-8") as lines:
        return tree_root(lines)
