"""Signatures in CMS and its national twin (GB/T 35275), judged by the same steps as a stamp.

Such a signature carries no seal: the steps on the seal and its maker are skipped.
"""

from datetime import datetime

from gateway.seals.certificates import fits
from gateway.seals.paths import PathRefused, path
from gateway.seals.report import Report, Result, Step, Times, clause
from gateway.seals.signed_data import GM_DATA, SignedData, SignedDataRefused, read_signed_data
from gateway.seals.sm2 import Sm2Unavailable
from gateway.seals.verification import Outside, Trust, revocation_standing, sm3, time_step


def verify_cms(raw: bytes, trust: Trust, now: datetime, outside: Outside) -> Report:
    """Verify one SignedData; a national one without signed attributes holds the document's SM3 as content."""
    try:
        signed = read_signed_data(raw)
    except SignedDataRefused as fault:
        return Report("cms", (_step("S0", "pass"), _step("S1", "fail", "FORMAT", str(fault))))
    told, at, proven = time_step(signed.signature, signed.timestamp, signed.claimed, trust, now)
    steps = [
        _step("S0", "pass"),
        _step("S1", "pass"),
        _algorithm(signed),
        *_content(signed, trust, outside),
        _step("S4", *told),
        *_path(signed, trust, at, now, proven or outside.received or now),
        *(_step(f"S{number}", "skipped", "NO_SEAL") for number in (7, *range(9, 17))),
        _step("S17", "skipped", "BY_CALLER"),
    ]
    steps.sort(key=lambda step: int(step.step[1:]))
    return Report("cms", tuple(steps), signer=signed.signer.subject, times=Times(signed.claimed, proven, at))


def _step(step: str, result: Result, code: str = "OK", detail: str = "") -> Step:
    return Step(step, result, code, clause(step, None) if step in ("S9", "S10") else "GB/T 35275", detail)


def _algorithm(signed: SignedData) -> Step:
    if fits(signed.algorithm, signed.signer.key_kind):
        return _step("S2", "pass")
    return _step("S2", "fail", "ALGORITHM", f"{signed.algorithm} with a key of kind {signed.signer.key_kind}")


def _content(signed: SignedData, trust: Trust, outside: Outside) -> list[Step]:
    """S3 and S8: the signature over the content inside, or over the document that was given."""
    content = signed.content if signed.content is not None else outside.document
    if content is None:
        missing = "the signed document was not given"
        return [
            _step("S3", "unknown", "NO_DOCUMENT", missing),
            _step("S8", "unknown", "NO_DOCUMENT", missing),
        ]
    try:
        signed.check(content, trust.sm2)
    except SignedDataRefused as fault:
        found = _step("S3", "fail", "SIGNATURE", str(fault))
    except Sm2Unavailable as fault:
        found = _step("S3", "unknown", "SM2_UNAVAILABLE", fault.detail)
    else:
        found = _step("S3", "pass")
    return [found, _document(signed, outside.document)]


def _document(signed: SignedData, document: bytes | None) -> Step:
    if signed.content is None or document == signed.content:
        return _step("S8", "pass")
    holds_digest = signed.content_type == GM_DATA and signed.attributes is None and len(signed.content) == 32
    if document is None:
        if holds_digest:
            return _step("S8", "unknown", "NO_DOCUMENT", "the content is a digest; give the document")
        return _step("S8", "pass", "OK", "the content lies inside")
    if holds_digest and sm3(document) == signed.content:
        return _step("S8", "pass")
    return _step("S8", "fail", "DATA_HASH", "the document is not the one that was signed")


def _path(signed: SignedData, trust: Trust, at: datetime, now: datetime, proven: datetime) -> list[Step]:
    try:
        chain = path(signed.signer, signed.others, trust.signers, at, "seal")
    except PathRefused as fault:
        return [
            _step("S5", "unknown" if fault.unknown else "fail", fault.code, fault.detail),
            _step("S6", "unknown", "NO_REVOCATION_INFO", "no path, so no issuer to ask"),
        ]
    late = any(each.not_after < now for each in chain)
    found = revocation_standing(chain, trust, at, now, proven)
    return [_step("S5", "pass", "SINCE_EXPIRED" if late else "OK"), _step("S6", *found)]
