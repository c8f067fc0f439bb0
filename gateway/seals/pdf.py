"""Signatures in PDF documents (PAdES, ISO 32000): the whole file must be covered, then the steps of CMS or a stamp.

A byte appended after signing is a change nobody signed, so the last signature must reach the end of the file; an
earlier one is left undecided, never called valid.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import gateway
from gateway.seals.cms_seal import verify_cms
from gateway.seals.report import Report, Result, Step
from gateway.seals.signed_data import is_signed_data
from gateway.seals.verification import Outside, Trust, verify

LARGEST: Final = 50_000_000
_SECONDS: Final = 20.0
_HEX: Final = re.compile(rb"<([0-9A-Fa-f]*)>")


class PdfRefused(ValueError):
    """Not a PDF whose signatures can be found; ``step`` is the one that fails."""

    def __init__(self, step: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.step = step
        self.code = code


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature field: what its bytes cover, and the CMS or stamp in it."""

    field: str
    content: bytes
    value: bytes
    reaches_end: bool


def verify_pdf(data: bytes, trust: Trust, now: datetime, outside: Outside) -> Report:
    """Verify every signature of a PDF; one signature's steps are the report's own, several are its parts."""
    try:
        found = read_signatures(data)
    except PdfRefused as fault:
        return Report("pdf", (Step(fault.step, "fail", fault.code, "", str(fault)),))
    parts = tuple(_verify(each, found, trust, now, outside) for each in found)
    if len(parts) == 1:
        return replace(parts[0], kind="pdf")
    return Report("pdf", (Step("S0", "pass", "OK", ""), Step("S1", "pass", "OK", "ISO 32000")), parts=parts)


def _verify(
    signature: Signature, all_of_them: list[Signature], trust: Trust, now: datetime, outside: Outside
) -> Report:
    known = replace(outside, document=signature.content, property_info=None)
    judge = verify_cms if is_signed_data(signature.value) else verify
    report = judge(signature.value, trust, now, known)
    coverage = _coverage(signature, all_of_them)
    steps = [step for step in report.steps if step.step not in ("S0", "S10")]
    steps += [Step("S0", "pass", "OK", ""), Step("S10", *coverage)]
    return replace(report, steps=tuple(sorted(steps, key=lambda step: int(step.step[1:]))))


def _coverage(signature: Signature, all_of_them: list[Signature]) -> tuple[Result, str, str, str]:
    if signature.reaches_end:
        return "pass", "OK", "ISO 32000 ByteRange", ""
    if any(each.reaches_end for each in all_of_them):
        detail = f"{signature.field} covers an earlier state; the changes since are not judged"
        return "unknown", "LATER_CHANGES", "ISO 32000 ByteRange", detail
    return "fail", "COVERAGE", "ISO 32000 ByteRange", "bytes were added after the last signature"


def read_signatures(data: bytes) -> list[Signature]:
    """The signatures, found by a process that is killed when it takes too long.

    Raises:
        PdfRefused: too large, too slow, no PDF, no signature, or a byte range that leaves more than the signature out.
    """
    if len(data) > LARGEST:
        raise PdfRefused("S0", "LIMITS", f"larger than {LARGEST} bytes")
    answer = _asked(data)
    if "refused" in answer:
        raise PdfRefused("S1", "FORMAT", str(answer["refused"]))
    if not answer["signatures"]:
        raise PdfRefused("S1", "NOT_SIGNED", "the document holds no signature")
    return [_signature(data, each) for each in answer["signatures"]]


def _asked(data: bytes) -> dict[str, Any]:
    root = str(Path(gateway.__file__).parents[1])
    environment = {"PYTHONPATH": root, "PATH": os.environ.get("PATH", ""), "PYTHONWARNINGS": "ignore"}
    try:
        told = subprocess.run(
            [sys.executable, "-P", "-m", "gateway.seals.pdf_worker"],
            input=data, capture_output=True, timeout=_SECONDS, check=False, env=environment,
        )  # fmt: skip
        answer: dict[str, Any] = json.loads(told.stdout)
    except subprocess.TimeoutExpired:
        raise PdfRefused("S0", "LIMITS", "reading the document takes too long") from None
    except ValueError:
        raise PdfRefused("S0", "LIMITS", "reading the document was stopped at its limits") from None
    return answer


def _signature(data: bytes, told: dict[str, Any]) -> Signature:
    """The range must leave out exactly the hexadecimal text of this signature's own contents."""
    if len(told["range"]) != 4:
        raise PdfRefused("S1", "BYTE_RANGE", "the byte range has not four numbers")
    start, first, second, length = told["range"]
    if not (start == 0 < first < second <= second + length <= len(data)):
        raise PdfRefused("S1", "BYTE_RANGE", "the byte range does not lie in the file")
    gap = _HEX.fullmatch(data[first:second])
    if gap is None or gap[1].lower() != told["contents"].encode():
        raise PdfRefused("S1", "BYTE_RANGE", "the byte range leaves out more than the signature")
    value = _without_filling(bytes.fromhex(told["contents"]))
    content = data[:first] + data[second : second + length]
    return Signature(told["field"], content, value, second + length == len(data))


def _without_filling(value: bytes) -> bytes:
    """The DER at the beginning; the place is reserved before signing and filled up with zeros."""
    size = len(value)
    if len(value) > 2 and value[1] < 0x80:
        size = 2 + value[1]
    elif len(value) > 6 and 0x81 <= value[1] <= 0x84:
        more = value[1] & 0x7F
        size = 2 + more + int.from_bytes(value[2 : 2 + more])
    return value[:size] if not any(value[size:]) else value
