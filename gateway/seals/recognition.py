"""Which certification authorities are recognised for what (多 CA 互认), and a chain judged by the policy of its authority.

Electronic Signature Law (电子签名法) Art. 16, 22: certificates of licensed services are relied on; which of them this
place recognises, for which use and since when, is its own decision and stands in data, one file for each authority.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final, Literal

from gateway.seals.certificates import Certificate
from gateway.seals.chains import ChainReport, Check, verify_chain
from gateway.seals.ocsp import OcspResponse
from gateway.seals.paths import Anchors, Purpose
from gateway.seals.revocation import RevocationList
from gateway.seals.sm2 import Sm2
from gateway.seals.verification import Trust

Use = Literal["seal_maker", "seal_signer", "timestamp", "client", "peer"]
USES: Final[dict[Use, Purpose]] = {
    "seal_maker": "seal", "seal_signer": "seal", "timestamp": "timestamp", "client": "client", "peer": "peer",
}  # fmt: skip
"""One pool of anchors for each use; the purpose whose rules the end certificate must meet."""

Family = Literal["SM2", "RSA", "ECDSA", "Ed25519"]
_CHINA: Final = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Authority:
    """A recognised authority (认可的电子认证服务机构) and what is accepted of it; see ``config/authorities``."""

    id: str
    name: str
    anchors: tuple[Certificate, ...]
    uses: frozenset[Use]
    algorithms: frozenset[Family]
    revocation_required: bool
    by_list: bool
    by_answer: bool
    binding: Literal["certificate", "subject"]
    recognised_from: date
    recognised_until: date | None
    crl_urls: tuple[str, ...] = ()
    ocsp_url: str | None = None
    ocsp_nonce: bool = True

    def is_recognised_at(self, at: datetime) -> bool:
        """Whether recognition holds on the day of ``at`` in Asia/Shanghai, both ends included."""
        day = (at.astimezone(UTC) + _CHINA).date()
        return self.recognised_from <= day and (self.recognised_until is None or day <= self.recognised_until)


@dataclass(frozen=True, slots=True)
class Sources:
    """What is at hand to judge by: revocation lists, OCSP responses, the SM2 engine."""

    lists: tuple[RevocationList, ...] = ()
    responses: tuple[OcspResponse, ...] = ()
    sm2: Sm2 | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A chain's report after its authority's policy, and the authority it leads to, if any."""

    report: ChainReport
    authority: Authority | None


class Recognition:
    """The recognised authorities. Two of them never share an anchor for one use (the loader sees to it)."""

    def __init__(self, authorities: Iterable[Authority] = ()) -> None:
        self.authorities = tuple(authorities)

    def pool(self, use: Use, at: datetime) -> Anchors:
        """The anchors trusted for a use on the day of ``at``."""
        return Anchors(tuple(anchor for each in self._of(use, at) for anchor in each.anchors))

    def issuers(self) -> tuple[tuple[Authority, Certificate], ...]:
        """Each authority with each of its certificates."""
        return tuple((each, anchor) for each in self.authorities for anchor in each.anchors)

    def judge(self, data: bytes, use: Use, at: datetime, sources: Sources) -> Judgement:
        """Judge a chain (PEM or DER, end certificate first) for a use, by the policy of the authority it leads to."""
        trust = Trust(
            signers=self.pool(use, at), lists=sources.lists, responses=sources.responses, sm2=sources.sm2
        )
        report = verify_chain(data, trust, at, USES[use])
        if not report.path:
            return Judgement(report, None)
        authority = next(each for each in self._of(use, at) if report.path[-1] in each.anchors)
        limited = replace(
            trust,
            lists=trust.lists if authority.by_list else (),
            responses=trust.responses if authority.by_answer else (),
        )
        if limited != trust:
            report = verify_chain(data, limited, at, USES[use])
        checks = (*_by_policy(report.checks, authority), _algorithms(report.path, authority))
        return Judgement(replace(report, checks=checks), authority)

    def _of(self, use: Use, at: datetime) -> list[Authority]:
        return [each for each in self.authorities if use in each.uses and each.is_recognised_at(at)]


def family_of(certificate: Certificate) -> str:
    """The family of the certificate's key, as policies name it."""
    return "ECDSA" if certificate.key_kind in ("P-256", "P-384") else certificate.key_kind


def _by_policy(checks: tuple[Check, ...], authority: Authority) -> tuple[Check, ...]:
    """The checks, the missing revocation information of an authority that need not give it turned into a remark."""
    if authority.revocation_required:
        return checks
    return tuple(
        Check("revocation", "pass", "REVOCATION_NOT_KNOWN", each.detail)
        if each.code == "NO_REVOCATION_INFO"
        else each
        for each in checks
    )


def _algorithms(path: tuple[Certificate, ...], authority: Authority) -> Check:
    """The keys below the anchor, and through :func:`pairwise` the keys that signed them, are of accepted families."""
    found = {family_of(each) for pair in pairwise(path) for each in pair} or {family_of(path[0])}
    if foreign := sorted(found - authority.algorithms):
        return Check(
            "policy", "fail", "ALGORITHM_NOT_RECOGNISED", f"{authority.id} is not recognised for {foreign[0]}"
        )
    return Check("policy", "pass", "OK", authority.id)
