"""A certificate chain judged for one purpose, with every check's result: 多 CA 互认 on the gateway's own rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from gateway.seals.certificates import BadCertificate, Certificate
from gateway.seals.files import read_chain
from gateway.seals.ocsp import known
from gateway.seals.paths import PathRefused, Purpose, check_leaf, path
from gateway.seals.report import Result, Verdict, verdict_of
from gateway.seals.revocation import Evidence
from gateway.seals.verification import Trust, revocation_standing


@dataclass(frozen=True, slots=True)
class Check:
    """One check's result; ``code`` is a stable word."""

    check: str
    result: Result
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a chain is worth, and the path that was found."""

    checks: tuple[Check, ...]
    leaf: Certificate | None = None
    path: tuple[Certificate, ...] = ()
    relied_on: tuple[tuple[Certificate, Evidence], ...] = ()
    """For each certificate below the anchor, the list or answer that said something of it."""

    @property
    def verdict(self) -> Verdict:
        """Any fail: invalid; any unknown: indeterminate; else valid."""
        return verdict_of(check.result for check in self.checks)


def verify_chain(data: bytes, trust: Trust, at: datetime, purpose: Purpose) -> ChainReport:
    """Judge a chain, end certificate first, in PEM or DER; ``trust.signers`` are its anchors."""
    try:
        leaf, *others = read_chain(data)
    except BadCertificate as fault:
        return ChainReport((Check("format", "fail", "FORMAT", str(fault)),))
    checks = [Check("format", "pass", "OK"), _leaf(leaf, purpose)]
    try:
        found = path(leaf, others, trust.signers, at, purpose)
    except PathRefused as fault:
        checks.append(Check("path", "unknown" if fault.unknown else "fail", fault.code, fault.detail))
        checks.append(Check("revocation", "unknown", "NO_REVOCATION_INFO", "no path, so no issuer to ask"))
        return ChainReport(tuple(checks), leaf)
    checks.append(Check("path", "pass", "OK"))
    checks.append(Check("revocation", *revocation_standing(found, trust, at, at, at)))
    return ChainReport(tuple(checks), leaf, found, tuple(_relied_on(found, trust, at)))


def _relied_on(
    found: tuple[Certificate, ...], trust: Trust, at: datetime
) -> Iterator[tuple[Certificate, Evidence]]:
    for subject, issuer in pairwise(found):
        told = known(subject, issuer, trust.lists, trust.responses, at, trust.sm2)
        if told.proof is not None:
            yield subject, told


def _leaf(leaf: Certificate, purpose: Purpose) -> Check:
    try:
        check_leaf(leaf, purpose)
    except PathRefused as fault:
        return Check("leaf", "fail", fault.code, fault.detail)
    return Check("leaf", "pass", "OK")
