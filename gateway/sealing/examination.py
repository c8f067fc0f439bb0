"""Seals and stamps verified for the gateway: the steps of the seals room, with registry (S15, S16) and binding (S17).

Signatures and paths cost CPU and block: they run in a few threads of their own, never on the event loop. Formats that
could burn CPU without end (PDF, OFD) are not taken here: what is stamped are the bytes the gateway gives.
"""

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import rfc8785

from gateway.names import without_control_signs
from gateway.sealing.model import NewSeal, RegisteredSeal, SealStatus, status_at
from gateway.sealing.trust import TrustFolder, widened
from gateway.seals.certificates import BadCertificate, Certificate, read_certificate
from gateway.seals.documents import holds_a_document, verify_detached
from gateway.seals.model import Seal
from gateway.seals.reading import FormatRefused, read, read_seal
from gateway.seals.recognition import Recognition, Sources
from gateway.seals.report import Report, Result, Step, clause, shown
from gateway.seals.signed_data import SignedDataRefused, is_signed_data, read_signed_data
from gateway.seals.verification import NOT_REGISTERED, Outside, Trust, sm3, verify

_T = TypeVar("_T")
_SKEW: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Mark:
    """By what the registry finds the seal of a stamp: esID and vid, or SM3 of a CMS signer's certificate.

    ``certificates`` are those in the stamp or seal, about whose revocation something may be held.
    """

    es_id: str = ""
    vid: str = ""
    seal_sha256: bytes = b""
    signer: bytes = b""
    certificates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What a stamp must prove: this document, by this department, with the seal the registry knows.

    ``document_made_at``: no stamp on it can be older. ``received_at``: when the gateway first saw the stamp.
    """

    stamp: bytes
    document: bytes
    acting: str
    registered: RegisteredSeal | None
    seal_content: bytes | None
    document_made_at: datetime
    received_at: datetime
    sources: Sources


@dataclass(frozen=True, slots=True)
class Examined:
    """A report, fit to be stored, its digest, and the revocation lists and OCSP responses it rests on (DER)."""

    report: Report
    shown: dict[str, Any]
    sha256: bytes
    evidence: tuple[bytes, ...]


class Examiner:
    """Verifies in at most ``threads`` at once, relying on the folder and on the recognised authorities."""

    def __init__(self, trust: TrustFolder, recognition: Recognition, threads: int) -> None:
        self._trust = trust
        self._recognition = recognition
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sealing")

    def close(self) -> None:
        """Take no more; what runs is finished."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def mark(self, raw: bytes) -> Mark:
        """By what the registry finds a stamp's seal; an empty one for what is no stamp."""
        return await self._run(lambda: _mark(raw))

    async def seal(self, raw: bytes, sources: Sources, now: datetime) -> tuple[NewSeal | None, Report]:
        """A seal by S1, S2 and S11 to S14; it is None unless the report is valid."""
        return await self._run(lambda: _seal(raw, self._relied_on(raw, sources, now), now))

    async def stamp(self, question: Question, now: datetime) -> Examined:
        """A stamp by all steps."""
        return await self._run(
            lambda: _stamp(question, self._relied_on(question.stamp, question.sources, now), now)
        )

    def _relied_on(self, raw: bytes, sources: Sources, now: datetime) -> Trust:
        signer, maker = _signer_and_maker(raw)
        return widened(self._trust.current(), self._recognition, sources, now, signer, maker)

    async def _run(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)


def _seal(raw: bytes, trust: Trust, now: datetime) -> tuple[NewSeal | None, Report]:
    if holds_a_document(raw):
        return None, _stopped("NOT_A_SEAL", "a document, not a seal")
    report = verify(raw, trust, now)
    if report.kind == "stamp":
        return None, _stopped("NOT_A_SEAL", "a stamp, not a seal")
    try:
        found = read_seal(raw)
    except FormatRefused:
        return None, report
    if found.type != 1:
        report = _with(report, "S1", "fail", "PERSONAL_SEAL", "the seal's type is 2, a person")
    if any(text != without_control_signs(text) for text in (found.es_id, found.vid, found.name)):
        report = _with(report, "S1", "fail", "FORMAT", "a name holds control characters")
    return (_new(found, report) if report.verdict == "valid" else None), report


def _new(found: Seal, report: Report) -> NewSeal:
    return NewSeal(
        es_id=found.es_id, vid=found.vid, name=found.name, format=found.version.value,
        maker=without_control_signs(report.maker or ""), signers=found.digests or tuple(map(sm3, found.certs)),
        content=found.raw, sha256=hashlib.sha256(found.raw).digest(), created_at=found.created, starts_at=found.start,
        ends_at=found.end, report=_clean(shown(report)),
    )  # fmt: skip


def _mark(raw: bytes) -> Mark:
    certificates = tuple(_certificates(raw))
    try:
        if is_signed_data(raw):
            return Mark(signer=sm3(read_signed_data(raw).signer.der), certificates=certificates)
        found = read(raw)
    except (FormatRefused, SignedDataRefused):
        return Mark()
    if isinstance(found, Seal) or any("\0" in text for text in (found.seal.es_id, found.seal.vid)):
        return Mark(certificates=certificates)
    digest = hashlib.sha256(found.seal.raw).digest()
    return Mark(found.seal.es_id, found.seal.vid, digest, certificates=certificates)


def _signer_and_maker(raw: bytes) -> tuple[Certificate | None, Certificate | None]:
    held = _certificates(raw)
    if is_signed_data(raw):
        return (held[0] if held else None), None
    return (held[0], held[1]) if len(held) == 2 else (None, held[0] if held else None)


def _stamp(question: Question, trust: Trust, now: datetime) -> Examined:
    report = _judged(question, trust, now)
    plain = _clean(shown(report))
    return Examined(
        report, plain, hashlib.sha256(rfc8785.dumps(plain)).digest(), _evidence(question.stamp, trust)
    )


def _judged(question: Question, trust: Trust, now: datetime) -> Report:
    if holds_a_document(question.stamp):
        return _stopped("OTHER_KIND", "a PDF or a zip")
    known = question.registered
    standing = NOT_REGISTERED if known is None else _standing(known, question.received_at)
    outside = Outside(
        document=question.document,
        seal_copy=question.seal_content,
        status=lambda _es_id, _vid: standing,
        acting=question.acting,
        holder=lambda _es_id, _vid: known.org if known else None,
        received=question.received_at,
    )
    report = verify_detached(question.stamp, trust, now, outside)
    if report.kind == "seal":
        return _with(report, "S3", "fail", "NOT_A_STAMP", "a seal, not a stamp")
    if report.kind == "cms":
        report = _bound(report, question, standing)
    judged_at = report.times.judged_at
    if judged_at is not None and judged_at < question.document_made_at - _SKEW:
        made = question.document_made_at.isoformat()
        report = _with(report, "S17", "fail", "BEFORE_DOCUMENT", f"the document is of {made}")
    return report


def _standing(seal: RegisteredSeal, at: datetime) -> str | None:
    """S15: in force when the stamp was first received; what was claimed before proves nothing."""
    status = status_at(seal.changes, at)
    return None if status is SealStatus.IN_FORCE else str(status or NOT_REGISTERED)


def _bound(report: Report, question: Question, standing: str | None) -> Report:
    """S15 and S17 of a signature that carries no seal: through the seal that names its signer."""
    if question.registered is None:
        report = _with(report, "S15", "unknown", "NOT_REGISTERED", "no registered seal names this signer")
        return _with(report, "S17", "unknown", "HOLDER_UNKNOWN", "no registered seal names this signer")
    if standing is not None:
        report = _with(report, "S15", "fail", "SEAL_STATUS", standing)
    else:
        report = _with(report, "S15", "pass", "OK", "")
    if question.registered.org != question.acting:
        detail = f"the seal is held by {question.registered.org}, not by {question.acting}"
        return _with(report, "S17", "fail", "OTHER_HOLDER", detail)
    return _with(report, "S17", "pass", "OK", "")


def _with(report: Report, step: str, result: Result, code: str, detail: str) -> Report:
    """The report with one step answered anew."""
    others = [each for each in report.steps if each.step != step]
    answered = Step(step, result, code, clause(step, report.version), detail)
    return replace(report, steps=tuple(sorted([*others, answered], key=lambda each: int(each.step[1:]))))


def _stopped(code: str, detail: str) -> Report:
    return Report("unknown", (Step("S1", "fail", code, clause("S1", None), detail),))


def _evidence(raw: bytes, trust: Trust) -> tuple[bytes, ...]:
    """The lists of every authority that may stand on the paths, and the answers about its certificates.

    They show a later check what was known: lists drop certificates that have expired.
    """
    held = (*_certificates(raw), *trust.intermediates)
    issuers, serials = {each.issuer_der for each in held}, {each.serial for each in held}
    lists = [each.der for each in trust.lists if each.issuer_der in issuers]
    answers = [
        each.der for each in trust.responses if any(answer.serial in serials for answer in each.answers)
    ]
    return (*lists, *answers)


def _certificates(raw: bytes) -> list[Certificate]:
    try:
        if is_signed_data(raw):
            signed = read_signed_data(raw)
            return [signed.signer, *signed.others]
        found = read(raw)
        held = [found.maker] if isinstance(found, Seal) else [found.signer, found.seal.maker]
        return [read_certificate(each.cert) for each in held]
    except (FormatRefused, SignedDataRefused, BadCertificate):
        return []


def _clean(value: Any) -> Any:
    """JSON with the texts of strangers fit to be stored."""
    match value:
        case str():
            return without_control_signs(value)
        case dict():
            return {name: _clean(each) for name, each in value.items()}
        case list() | tuple():
            return [_clean(each) for each in value]
    return value
