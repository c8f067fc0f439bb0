"""``./gw token proof``: why a DPoP proof is accepted or refused, rule by rule."""

import json
import sys
import time
from datetime import datetime

import click

from gateway.cli.exits import INVALID, OK
from gateway.cli.instants import instant
from gateway.cli.token_verify import shown, told
from gateway.identity.examination import Examined, follow, skipped
from gateway.identity.proof import PROOF_RULES, PROOF_TYPES, ProofReading, normalised
from gateway.settings import Identity


@click.command("proof")
@click.argument("proof")
@click.option("--method", default="POST", show_default=True, help="The request's method.")
@click.option("--url", required=True, help="The request's address as its caller knows it (htu).")
@click.option("--access-token", help="The token it comes with; without one it is for the token endpoint.")
@click.option("--at", "at", metavar="TIME", callback=instant, help="Verify as of this time.  [default: now]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def proof(
    ctx: click.Context,
    proof: str,
    method: str,
    url: str,
    access_token: str | None,
    at: datetime | None,
    as_json: bool,
) -> None:
    """Verify the DPoP proof PROOF, or the one on standard input if it is "-", by the gateway's own rules (DPoP 证明核验).

    Whether the nonce is the gateway's and the proof was used before, only the gateway can say: POST /v1/token/check.
    Exit code 0: every other rule passed; 2: the first rule that failed says why.
    """
    try:
        address = normalised(url)
    except ValueError:
        raise click.BadParameter("must be an http(s) address", param_hint="'--url'") from None
    text = sys.stdin.read(100_000).strip() if proof == "-" else proof
    now, limits = int(at.timestamp()) if at else int(time.time()), Identity()
    reading = ProofReading(
        text, PROOF_TYPES, limits.clock_skew_seconds, limits.proof_seconds, now, method=method, url=address,
        access_token=access_token,
    )  # fmt: skip
    held = follow((rule for rule in PROOF_RULES if rule.name != "nonce"), reading)
    held["nonce"] = skipped("nonce", "not-given", "only the gateway knows its nonces", "nonce 须由网关核验")
    outcome = Examined(tuple(held.values()), reading.header, reading.claims)
    click.echo(json.dumps(shown(outcome), ensure_ascii=False) if as_json else told(outcome))
    ctx.exit(OK if outcome.is_valid else INVALID)
