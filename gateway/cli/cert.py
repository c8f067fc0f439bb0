"""``./gw cert verify``: a certificate chain judged for a purpose, with revocation."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import click

from gateway.cli.instants import instant
from gateway.cli.trusting import EXITS, FILE, FOLDER, trust_from
from gateway.seals.certificates import Certificate
from gateway.seals.chains import ChainReport, verify_chain
from gateway.seals.paths import Purpose


@click.group("cert")
def command() -> None:
    """Verify certificates of several authorities (数字证书, 多 CA 互认)."""


@command.command("verify")
@click.argument("chain", type=FILE)
@click.option("--anchors", type=FOLDER, required=True, help="Authorities trusted for this purpose (信任锚).")
@click.option(
    "--purpose",
    type=click.Choice(["client", "seal"]),
    required=True,
    help="What the certificate is used for.",
)
@click.option("--crl", "crls", type=FILE, multiple=True, help="A revocation list (吊销列表); repeatable.")
@click.option("--at", "at", metavar="TIME", callback=instant, help="Verify as of this time.  [default: now]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def verify(
    ctx: click.Context,
    chain: Path,
    anchors: Path,
    purpose: str,
    crls: tuple[Path, ...],
    at: datetime | None,
    as_json: bool,
) -> None:
    """Verify CHAIN, in PEM with the end certificate first, up to an anchor (证书核验).

    Exit code 0: valid; 2: invalid; 3: indeterminate, an anchor or a current revocation list is missing.
    """
    trust, remarks = trust_from(anchors, None, None, crls)
    report = verify_chain(chain.read_bytes(), trust, at or datetime.now(UTC), cast(Purpose, purpose))
    if as_json:
        click.echo(json.dumps({**_shown(report), "remarks": remarks}, ensure_ascii=False))
    else:
        lines = [
            f"{each.result:<8}{each.check:<12}{each.code} {each.detail}".rstrip() for each in report.checks
        ]
        click.echo("\n".join([*lines, *remarks, report.verdict]))
    ctx.exit(EXITS[report.verdict])


def _shown(report: ChainReport) -> dict[str, Any]:
    told = [check for check in report.checks if check.code != "OK"]
    return {
        "verdict": report.verdict,
        "codes": [check.code for check in sorted(told, key=lambda check: check.result != "fail")],
        "checks": [asdict(check) for check in report.checks],
        "certificate": _certificate(report.leaf) if report.leaf else None,
        "path": [_certificate(each) for each in report.path],
    }


def _certificate(certificate: Certificate) -> dict[str, Any]:
    return {
        "subject": certificate.subject,
        "serial": f"{certificate.serial:x}",
        "key": certificate.key_kind,
        "not_before": certificate.not_before.isoformat(),
        "not_after": certificate.not_after.isoformat(),
        "deviations": [asdict(deviation) for deviation in certificate.deviations],
    }
