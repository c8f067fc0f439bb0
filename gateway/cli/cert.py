"""``./gw cert verify``: a certificate chain judged for a purpose, with revocation."""

import hashlib
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
from gateway.seals.recognition import Sources, Use
from gateway.seals.recognition_files import load_recognition
from gateway.seals.revocation import Evidence
from gateway.seals.verification import Trust


@click.group("cert")
def command() -> None:
    """Verify certificates of several authorities (数字证书, 多 CA 互认)."""


@command.command("verify")
@click.argument("chain", type=FILE)
@click.option("--anchors", type=FOLDER, help="Authorities trusted for this purpose (信任锚).")
@click.option(
    "--authorities", type=FOLDER, help="Authorities with their policies, as in config/authorities (互认策略)."
)
@click.option(
    "--purpose",
    type=click.Choice(["client", "seal", "timestamp", "peer", "seal_signer", "seal_maker"]),
    required=True,
    help="What the certificate is used for.",
)
@click.option("--crl", "crls", type=FILE, multiple=True, help="A revocation list (吊销列表); repeatable.")
@click.option("--ocsp", "answers", type=FILE, multiple=True, help="An OCSP response in DER; repeatable.")
@click.option("--at", "at", metavar="TIME", callback=instant, help="Verify as of this time.  [default: now]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def verify(
    ctx: click.Context,
    chain: Path,
    anchors: Path | None,
    authorities: Path | None,
    purpose: str,
    crls: tuple[Path, ...],
    answers: tuple[Path, ...],
    at: datetime | None,
    as_json: bool,
) -> None:
    """Verify CHAIN, in PEM with the end certificate first, up to an anchor (证书核验).

    Give --anchors for a plain check, or --authorities for one by the policy of the authority the chain leads to.
    Exit code 0: valid; 2: invalid; 3: indeterminate, an anchor or current revocation information is missing.
    """
    if (anchors is None) == (authorities is None):
        raise click.UsageError("Give either --anchors or --authorities.")
    trust, remarks = trust_from(anchors, None, None, crls, answers)
    report = _judged(chain.read_bytes(), trust, authorities, at or datetime.now(UTC), purpose)
    if as_json:
        click.echo(json.dumps({**_shown(report), "remarks": remarks}, ensure_ascii=False))
    else:
        lines = [
            f"{each.result:<8}{each.check:<12}{each.code} {each.detail}".rstrip() for each in report.checks
        ]
        click.echo("\n".join([*lines, *remarks, report.verdict]))
    ctx.exit(EXITS[report.verdict])


def _judged(data: bytes, trust: Trust, authorities: Path | None, at: datetime, purpose: str) -> ChainReport:
    if authorities is None:
        plain = "seal" if purpose.startswith("seal") else purpose
        return verify_chain(data, trust, at, cast(Purpose, plain))
    use = "seal_signer" if purpose == "seal" else purpose
    sources = Sources(trust.lists, trust.responses, trust.sm2)
    return load_recognition(authorities).judge(data, cast(Use, use), at, sources).report


def _shown(report: ChainReport) -> dict[str, Any]:
    told = [check for check in report.checks if check.code != "OK"]
    return {
        "verdict": report.verdict,
        "codes": [check.code for check in sorted(told, key=lambda check: check.result != "fail")],
        "checks": [asdict(check) for check in report.checks],
        "certificate": _certificate(report.leaf) if report.leaf else None,
        "path": [_certificate(each) for each in report.path],
        "evidence": [_evidence(subject, told) for subject, told in report.relied_on],
    }


def _evidence(subject: Certificate, told: Evidence) -> dict[str, Any]:
    return {
        "serial": f"{subject.serial:x}",
        "source": told.source,
        "sha256": hashlib.sha256(told.proof or b"").hexdigest(),
        "revoked_at": told.revoked_at.isoformat() if told.revoked_at else None,
        "good_until": told.good_until.isoformat() if told.good_until else None,
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
