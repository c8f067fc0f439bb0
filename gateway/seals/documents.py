"""A file of unknown kind, told by its first bytes and verified as what it is."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from gateway.seals.cms_seal import verify_cms
from gateway.seals.containers import LARGEST as CONTAINER
from gateway.seals.ofd import verify_ofd
from gateway.seals.pdf import verify_pdf
from gateway.seals.reading import LARGEST
from gateway.seals.report import Report, Step, clause
from gateway.seals.signed_data import is_signed_data
from gateway.seals.verification import Outside, Trust, verify


def verify_any(file: Path, trust: Trust, now: datetime, outside: Outside) -> Report:
    """Verify a seal, a stamp, a CMS signature, an OFD or a PDF document."""
    if file.stat().st_size > CONTAINER:
        return _too_large("unknown", CONTAINER)
    data = file.read_bytes()
    if data[:2] == b"PK":
        return verify_ofd(data, trust, now, outside)
    if b"%PDF-" in data[:1024]:
        return verify_pdf(data, trust, now, outside)
    return verify_detached(data, trust, now, outside)


def holds_a_document(data: bytes) -> bool:
    """Whether the bytes are a PDF or a zip such as OFD, which hold a document of their own."""
    return data[:2] == b"PK" or b"%PDF-" in data[:1024]


def verify_detached(data: bytes, trust: Trust, now: datetime, outside: Outside) -> Report:
    """Verify a seal, a stamp or a CMS signature whose document, if it has one, lies outside."""
    if len(data) > LARGEST:
        return _too_large("unknown", LARGEST)
    if is_signed_data(data):
        return verify_cms(data, trust, now, outside)
    return _with_limits(verify(data, trust, now, outside))


def _too_large(kind: str, limit: int) -> Report:
    return Report(kind, (Step("S0", "fail", "LIMITS", "", f"larger than {limit} bytes"),))


def _with_limits(report: Report) -> Report:
    if any(step.step == "S0" for step in report.steps):
        return report
    return replace(report, steps=(Step("S0", "pass", "OK", clause("S0", None)), *report.steps))
