"""The steps S1 to S16 over a seal or a stamp; every step answers, so that the owner sees every reason at once.

After the format is read, no step stops another. S17, whether the seal's holder is the acting department, is judged
when the caller says who acts; that the document is the one in question follows from handing over its bytes (S8).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

from cryptography.hazmat.primitives.hashes import SM3, Hash

from gateway.seals.certificates import (
    SM2_WITH_SM3,
    BadCertificate,
    Certificate,
    fits,
    read_certificate,
    verifies,
)
from gateway.seals.model import Deviation, Seal, Signed, Stamp
from gateway.seals.ocsp import OcspResponse, known
from gateway.seals.paths import NO_ANCHORS, Anchors, PathRefused, Purpose, path
from gateway.seals.raw_signatures import as_der
from gateway.seals.reading import FormatRefused, read
from gateway.seals.report import Holder, Report, Result, Step, Times, clause
from gateway.seals.revocation import RevocationList, standing
from gateway.seals.sm2 import Sm2, Sm2Unavailable
from gateway.seals.timestamps import TimestampRefused, read_timestamp

_LATEST: Final = timedelta(minutes=5)
NOT_REGISTERED: Final = "not_registered"
"""What a registry says of a seal it does not hold."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What is relied on: an anchor pool per purpose, revocation lists and OCSP responses, the SM2 engine, the policy.

    ``sealed_like_v1`` accepts seals of version 4 and 5 whose maker signed the form of version 1.
    """

    signers: Anchors = NO_ANCHORS
    makers: Anchors = NO_ANCHORS
    timestamps: Anchors = NO_ANCHORS
    intermediates: tuple[Certificate, ...] = ()
    lists: tuple[RevocationList, ...] = ()
    responses: tuple[OcspResponse, ...] = ()
    sm2: Sm2 | None = None
    sealed_like_v1: bool = False
    needs_proven_time: bool = False


@dataclass(frozen=True, slots=True)
class Outside:
    """What the caller knows beyond the bytes: the document, a separate copy of the seal, the seal's status."""

    document: bytes | None = None
    seal_copy: bytes | None = None
    property_info: str | None = None
    status: Callable[[str, str], str | None] | None = None
    """From esID and vid to ``revoked``, ``suspended``, :data:`NOT_REGISTERED`, or None for a seal in good standing."""
    acting: str | None = None
    """The department that must hold the seal, as :attr:`holder` names it."""
    holder: Callable[[str, str], str | None] | None = None
    """From esID and vid to the department registered as the seal's holder, or None for an unknown seal."""
    received: datetime | None = None
    """When it was first received, where that is on record: it existed by then. Left out: now."""


@dataclass(slots=True)
class _Steps:
    """Results as they come; the order of the report is that of the numbers."""

    version: str | None
    found: dict[str, Step] = field(default_factory=dict)

    def add(
        self,
        step: str,
        result: Result,
        code: str = "OK",
        detail: str = "",
        deviations: Iterable[Deviation] = (),
    ) -> None:
        self.found[step] = Step(step, result, code, clause(step, self.version), detail, tuple(deviations))

    def ordered(self) -> tuple[Step, ...]:
        return tuple(sorted(self.found.values(), key=lambda step: int(step.step[1:])))


def verify(raw: bytes, trust: Trust, now: datetime, outside: Outside | None = None) -> Report:
    """Verify a seal or a stamp.

    Args:
        raw: the bytes as received.
        trust: see there.
        now: when it is verified, which also counts as the first receipt.
        outside: what is known beyond the bytes.
    """
    steps = _Steps(None)
    try:
        found = read(raw)
    except FormatRefused as fault:
        steps.add("S1", "fail", "FORMAT", str(fault))
        return Report("unknown", steps.ordered())
    return verify_read(found, trust, now, outside or Outside())


def verify_read(found: Seal | Stamp, trust: Trust, now: datetime, outside: Outside) -> Report:
    """The same for what was read before."""
    stamp = found if isinstance(found, Stamp) else None
    seal = found.seal if isinstance(found, Stamp) else found
    steps = _Steps(seal.version.value)
    critical = (*seal.critical_extensions, *(stamp.critical_extensions if stamp else ()))
    if critical:
        steps.add(
            "S1", "fail", "CRITICAL_EXTENSION", f"the critical extension {critical[0]} is not understood"
        )
    else:
        steps.add("S1", "pass", deviations=(*seal.deviations, *(stamp.deviations if stamp else ())))
    steps.add("S0", "pass")
    maker = _certificate(seal.maker.cert)
    signer = _certificate(stamp.signer.cert) if stamp else None
    _algorithms(steps, [(stamp.signer, signer)] if stamp else [], (seal.maker, maker))
    times = Times(None, None, now, seal.created, seal.start, seal.end)
    if stamp is None:
        for number in range(3, 11):
            steps.add(f"S{number}", "skipped", "NOT_A_STAMP")
    else:
        times = _stamp_steps(steps, stamp, signer, trust, now, outside, times)
    _seal_steps(steps, seal, maker, trust, now, times.proven or outside.received or now, times)
    _status(steps, seal, outside)
    steps.add("S17", *_binding(seal, outside))
    return Report(
        kind="stamp" if stamp else "seal",
        steps=steps.ordered(),
        version=seal.version.value,
        holder=Holder(seal.name, seal.es_id, seal.vid, seal.type),
        signer=signer.subject if isinstance(signer, Certificate) else None,
        maker=maker.subject if isinstance(maker, Certificate) else None,
        times=times,
    )


def _certificate(der: bytes) -> Certificate | str:
    try:
        return read_certificate(der)
    except BadCertificate as fault:
        return str(fault)


def _algorithms(
    steps: _Steps,
    signers: list[tuple[Signed, Certificate | str | None]],
    maker: tuple[Signed, Certificate | str],
) -> None:
    for signed, certificate in (*signers, maker):
        if isinstance(certificate, Certificate) and not fits(signed.algorithm, certificate.key_kind):
            detail = f"{signed.algorithm} with a key of kind {certificate.key_kind}"
            steps.add("S2", "fail", "ALGORITHM", detail)
            return
        if isinstance(certificate, str):
            steps.add("S2", "fail", "CERTIFICATE_FORMAT", certificate)
            return
    steps.add("S2", "pass")


def _stamp_steps(
    steps: _Steps,
    stamp: Stamp,
    signer: Certificate | str | None,
    trust: Trust,
    now: datetime,
    outside: Outside,
    times: Times,
) -> Times:
    _signature(steps, "S3", stamp.signer, signer, trust)
    told, at, proven = time_step(stamp.signer.signature, stamp.signer.timestamp, stamp.claimed, trust, now)
    steps.add("S4", *told)
    times = replace(times, claimed=stamp.claimed, judged_at=at, proven=proven)
    _path_steps(
        steps, ("S5", "S6"), signer, trust, trust.signers, (at, now, proven or outside.received or now)
    )
    _listed(steps, stamp)
    _hash(steps, stamp, outside)
    if outside.property_info is None:
        steps.add("S9", "skipped", "NO_CONTAINER", f"the stamp says: {stamp.property_info}"[:300])
    elif outside.property_info.lstrip("/") == stamp.property_info.lstrip("/"):
        steps.add("S9", "pass")
    else:
        steps.add("S9", "fail", "PROPERTY_INFO", f"names {stamp.property_info}, not what was hashed"[:300])
    steps.add("S10", "skipped", "NO_CONTAINER")
    return times


def _seal_steps(
    steps: _Steps,
    seal: Seal,
    maker: Certificate | str,
    trust: Trust,
    now: datetime,
    existed: datetime,
    times: Times,
) -> None:
    _signature(steps, "S11", seal.maker, maker, trust)
    _path_steps(steps, ("S12", "S13"), maker, trust, trust.makers, (seal.created, now, existed))
    at = times.judged_at or now
    if not seal.start <= at <= seal.end:
        steps.add("S14", "fail", "OUTSIDE_SEAL_PERIOD", f"{seal.start.isoformat()} to {seal.end.isoformat()}")
    else:
        steps.add("S14", "pass", "SINCE_EXPIRED" if seal.end < now else "OK")


def _signature(
    steps: _Steps, step: str, signed: Signed, certificate: Certificate | str | None, trust: Trust
) -> None:
    if not isinstance(certificate, Certificate):
        steps.add(step, "fail", "CERTIFICATE_FORMAT", certificate or "")
        return
    judge = _judged_maker if step == "S11" else _judged
    steps.add(step, *judge(signed, certificate, trust.sm2, trust.sealed_like_v1))


def _judged(
    signed: Signed, certificate: Certificate, sm2: Sm2 | None, like_v1: bool
) -> tuple[Result, str, str, tuple[Deviation, ...]]:
    """One signature over the original bytes; the form of the signature's value may be raw r‖s."""
    value, deviations = signed.signature, list(certificate.deviations)
    if signed.algorithm == SM2_WITH_SM3:
        value, raw = as_der(signed.signature)
        deviations += [Deviation("RAW_SIGNATURE", "the signature value is r‖s, not DER")] if raw else []
    try:
        good = verifies(certificate, signed.algorithm, signed.over, value, sm2)
        if not good and signed.also_over is not None and like_v1:
            good = verifies(certificate, signed.algorithm, signed.also_over, value, sm2)
            deviations += [Deviation("SIGNED_LIKE_V1", "the maker signed the form of version 1")]
    except Sm2Unavailable as fault:
        return "unknown", "SM2_UNAVAILABLE", fault.detail, ()
    if good:
        return "pass", "OK", "", tuple(deviations)
    return "fail", "SIGNATURE", "the signature does not verify", ()


# A department stamps with the same seal again and again: its maker's signature and path are remembered under
# everything they depend on. Signers are judged anew each time, revocation always.
_judged_maker = lru_cache(maxsize=4096)(_judged)


def _path(
    certificate: Certificate,
    others: tuple[Certificate, ...],
    anchors: Anchors,
    at: datetime,
    purpose: Purpose,
) -> tuple[Certificate, ...] | PathRefused:
    try:
        return path(certificate, others, anchors, at, purpose)
    except PathRefused as fault:
        return fault.with_traceback(None)  # remembered, so without the frames it passed


_maker_path = lru_cache(maxsize=4096)(_path)


def time_step(
    value: bytes, token: bytes | None, claimed: datetime | None, trust: Trust, now: datetime
) -> tuple[tuple[Result, str, str], datetime, datetime | None]:
    """S4 over a signature's value: its result, the time to judge at, and the proven time.

    Proven is the time of a timestamp; otherwise the claim stands, with the remark that nothing proves it.
    """
    at, proven = claimed or now, None
    if token is not None:
        found, proven = _timestamp(value, token, trust, now)
        at = proven or at
    elif trust.needs_proven_time:
        found = ("unknown", "TIME_NOT_PROVEN", "the policy asks for a timestamp")
    else:
        found = ("skipped", "TIME_NOT_PROVEN", "the time is the signer's claim")
    if at > now + _LATEST:
        found = ("fail", "TIME_IN_FUTURE", "signed later than it was received")
    return found, at, proven


def _timestamp(
    value: bytes, token: bytes, trust: Trust, now: datetime
) -> tuple[tuple[Result, str, str], datetime | None]:
    try:
        read_token = read_timestamp(token)
        read_token.check(value, trust.sm2)
        time = read_token.time
        chain = path(read_token.signer, read_token.others, trust.timestamps, time, "timestamp")
    except TimestampRefused as fault:
        return ("fail", "TIMESTAMP", str(fault)), None
    except Sm2Unavailable as fault:
        return ("unknown", "SM2_UNAVAILABLE", fault.detail), None
    except PathRefused as fault:
        return ("unknown" if fault.unknown else "fail", f"TIMESTAMP_{fault.code}", fault.detail), None
    result, code, detail = revocation_standing(chain, trust, time, now, now)
    if result != "pass":
        return (result, f"TIMESTAMP_{code}", detail), None
    return ("pass", "OK", time.isoformat()), time


def _path_steps(
    steps: _Steps,
    names: tuple[str, str],
    certificate: Certificate | str | None,
    trust: Trust,
    anchors: Anchors,
    when: tuple[datetime, datetime, datetime],
) -> None:
    """Path and revocation at a time; ``when`` is the time, the present, and by when the signature existed."""
    at, now, proven = when
    if not isinstance(certificate, Certificate):
        steps.add(names[0], "fail", "CERTIFICATE_FORMAT", certificate or "")
        steps.add(names[1], "skipped", "NO_PATH")
        return
    find = _maker_path if names[0] == "S12" else _path
    chain = find(certificate, trust.intermediates, anchors, at, "seal")
    if isinstance(chain, PathRefused):
        steps.add(names[0], "unknown" if chain.unknown else "fail", chain.code, chain.detail)
        steps.add(names[1], "unknown", "NO_REVOCATION_INFO", "no path, so no issuer to ask")
        return
    late = any(each.not_after < now for each in chain)
    steps.add(names[0], "pass", "SINCE_EXPIRED" if late else "OK", deviations=certificate.deviations)
    worst = _worst(_revocations(chain, trust, at, now, proven))
    steps.add(names[1], *worst)


def revocation_standing(
    chain: tuple[Certificate, ...], trust: Trust, at: datetime, now: datetime, proven: datetime
) -> tuple[Result, str, str]:
    """The worst standing of a path's certificates, the anchor excepted."""
    return _worst(_revocations(chain, trust, at, now, proven))


def _worst(found: list[tuple[Result, str, str]]) -> tuple[Result, str, str]:
    order: dict[str, int] = {"fail": 0, "unknown": 1, "pass": 2}
    return min(found, key=lambda each: (order[each[0]], each[1] in ("OK", "NOT_REVOKED")))


def _revocations(
    chain: tuple[Certificate, ...], trust: Trust, at: datetime, now: datetime, proven: datetime
) -> list[tuple[Result, str, str]]:
    found: list[tuple[Result, str, str]] = []
    for subject, issuer in pairwise(chain):
        found_out = known(subject, issuer, trust.lists, trust.responses, now, trust.sm2)
        result = standing(found_out, at, proven)
        code = "OK" if result.code == "NOT_REVOKED" else result.code
        found.append((result.result, code, result.detail))
    return found or [("pass", "OK", "the certificate is an anchor")]


def _listed(steps: _Steps, stamp: Stamp) -> None:
    """S7: this binds the certificate of versions 4 and 5, which lies outside the signed bytes."""
    cert, seal = stamp.signer.cert, stamp.seal
    if cert in seal.certs or (seal.digests and sm3(cert) in seal.digests):
        steps.add("S7", "pass")
    else:
        steps.add("S7", "fail", "SIGNER_NOT_LISTED", "the seal does not list this certificate")


def _hash(steps: _Steps, stamp: Stamp, outside: Outside) -> None:
    if outside.document is None:
        steps.add("S8", "unknown", "NO_DOCUMENT", "the stamped document was not given")
    elif sm3(outside.document) == stamp.data_hash:
        steps.add("S8", "pass")
    else:
        steps.add("S8", "fail", "DATA_HASH", "the document is not the one that was stamped")


def _status(steps: _Steps, seal: Seal, outside: Outside) -> None:
    if outside.status is None:
        steps.add("S15", "skipped", "NO_REGISTRY")
    elif (status := outside.status(seal.es_id, seal.vid)) is None:
        steps.add("S15", "pass")
    elif status == NOT_REGISTERED:
        steps.add("S15", "unknown", "NOT_REGISTERED", f"no seal {seal.es_id} of {seal.vid} is registered")
    else:
        steps.add("S15", "fail", "SEAL_STATUS", status)
    if outside.seal_copy is None:
        steps.add("S16", "skipped", "NO_COPY")
    elif outside.seal_copy == seal.raw:
        steps.add("S16", "pass")
    else:
        steps.add("S16", "fail", "SEAL_COPY", "the separate seal differs from the one in the stamp")


def _binding(seal: Seal, outside: Outside) -> tuple[Result, str, str]:
    """S17: a genuine seal of another department proves nothing about this one."""
    if outside.acting is None or outside.holder is None:
        return "skipped", "BY_CALLER", "the caller compares holder and document with the application"
    holder = outside.holder(seal.es_id, seal.vid)
    if holder is None:
        return "unknown", "HOLDER_UNKNOWN", f"no holder is registered for the seal {seal.es_id}"
    if holder != outside.acting:
        return "fail", "OTHER_HOLDER", f"the seal is held by {holder}, not by {outside.acting}"
    return "pass", "OK", ""


def sm3(data: bytes) -> bytes:
    """The SM3 digest (GB/T 32905)."""
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()
