"""``./gw token verify``: why a token is accepted or refused, rule by rule."""

import json
import sys
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.exits import INVALID, OK
from gateway.cli.instants import instant
from gateway.cli.jwks import read_keys
from gateway.identity.access import ACCESS_TYPES, Party
from gateway.identity.examination import Examined, examine, examine_keys
from gateway.identity.jose import Reading
from gateway.settings import Identity


@click.command("verify")
@click.argument("token")
@click.option(
    "--jwks",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The issuer's public keys (JWK Set).",
)
@click.option("--issuer", help="Compare iss with this (签发者).")
@click.option("--audience", help="Compare aud with this (受众).")
@click.option("--any-claims", "foreign", is_flag=True, help="A foreign token: signature and JOSE rules only.")
@click.option("--allow-rs256", is_flag=True, help="Let keys declared for RS256 verify RS256 (legacy).")
@click.option(
    "--longest",
    type=click.IntRange(1),
    default=600,
    show_default=True,
    help="Longest life (exp - iat) in seconds; a person's token lives longer.",
)
@click.option("--at", "at", metavar="TIME", callback=instant, help="Verify as of this time.  [default: now]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def verify(
    ctx: click.Context,
    token: str,
    file: Path,
    issuer: str | None,
    audience: str | None,
    foreign: bool,
    allow_rs256: bool,
    longest: int,
    at: datetime | None,
    as_json: bool,
) -> None:
    """Verify TOKEN, or the one on standard input if TOKEN is "-", by the gateway's own rules (令牌核验).

    Exit code 0: every rule passed; 2: the first rule that failed says why. Nothing is issued or used up.
    """
    text = sys.stdin.read(100_000).strip() if token == "-" else token
    now = int(at.timestamp()) if at else int(time.time())
    reading = Reading(text, ACCESS_TYPES, Identity().clock_skew_seconds, longest, now)
    keys = examine_keys(read_keys(file), with_rs256=allow_rs256)
    outcome = examine(reading, keys, Party(issuer, audience), foreign=foreign)
    click.echo(json.dumps(shown(outcome), ensure_ascii=False) if as_json else told(outcome))
    ctx.exit(OK if outcome.is_valid else INVALID)


def shown(outcome: Examined) -> dict[str, Any]:
    """The verdict and every rule, for programs."""
    failed = [finding for finding in outcome.findings if finding.result == "fail"]
    return {
        "verdict": "valid" if outcome.is_valid else "invalid",
        "reason": failed[0].reason if failed else None,
        "rules": [asdict(finding) for finding in outcome.findings],
        "header": outcome.header,
        "claims": outcome.claims,
    }


def told(outcome: Examined) -> str:
    """The same for people: a line a rule."""
    lines = [
        f"{finding.result:<8}{finding.rule:<12}{finding.detail} {finding.detail_zh}".rstrip()
        for finding in outcome.findings
    ]
    return "\n".join([*lines, "valid 有效" if outcome.is_valid else "invalid 无效"])
