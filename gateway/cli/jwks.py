"""``./gw jwks``: which keys of a set the gateway accepts, and why not the others."""

import json
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli.exits import INVALID, OK
from gateway.errors import BadSettings
from gateway.identity.examination import KeyFinding, examine_keys

_LARGEST: Final = 1_000_000
_MOST_KEYS: Final = 1000


@click.group("jwks")
def command() -> None:
    """Check sets of public keys (公钥集, RFC 7517)."""


@command.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--allow-rs256", is_flag=True, help="Accept keys declared for RS256 (legacy).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def check(ctx: click.Context, file: Path, allow_rs256: bool, as_json: bool) -> None:
    """Say of every key in FILE, a JWK Set or one JWK, whether it is accepted, and why not (公钥检查).

    Exit code 0: every key is accepted; 2: at least one is refused, or the file holds none.
    """
    found = examine_keys(read_keys(file), with_rs256=allow_rs256)
    good = bool(found) and all(finding.accepted for finding in found)
    if as_json:
        shown = {"verdict": "valid" if good else "invalid", "keys": [_shown(finding) for finding in found]}
        click.echo(json.dumps(shown, ensure_ascii=False))
    else:
        click.echo("\n".join(map(_told, found)) or "no key 没有密钥")
    ctx.exit(OK if good else INVALID)


def read_keys(file: Path) -> list[Any]:
    """The keys of a JWK Set, or a single JWK as a set of one.

    Raises:
        BadSettings: the file is not a JSON object with unique members, is too large, or holds too many keys.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise ValueError("too large")
        content = json.loads(file.read_bytes().decode("utf-8"), object_pairs_hook=_unique)
        if not isinstance(content, dict):
            raise ValueError("not an object")
        keys = content.get("keys", [content])
        if not isinstance(keys, list) or len(keys) > _MOST_KEYS:
            raise ValueError("not a key set")
    except (OSError, ValueError, RecursionError):
        raise BadSettings(
            f'{file} is not a JWK Set: {{"keys": [...]}}, at most {_MOST_KEYS} keys', f"{file} 不是 JWK Set"
        ) from None
    return keys


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate member")
    return found


def _shown(finding: KeyFinding) -> dict[str, Any]:
    return {
        "index": finding.index,
        "kid": finding.kid,
        "alg": finding.algorithm,
        "accepted": finding.accepted,
        "result": "accepted" if finding.accepted else "refused",
        "reason": finding.detail or None,
        "reason_zh": finding.detail_zh or None,
    }


def _told(finding: KeyFinding) -> str:
    what = f"accepted for {finding.algorithm}" if finding.accepted else "refused"
    return f"{finding.index}  {finding.kid or '-'}  {what}  {finding.detail} {finding.detail_zh}".rstrip()
