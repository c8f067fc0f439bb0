"""PDF signatures made by pyHanko and by ourselves: the whole file or nothing."""

import io
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from asn1crypto import keys, x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore
from sealing import DAY, SealWorld, seal_world

from gateway.seals import pdf, pdf_worker
from gateway.seals.authority import revoke
from gateway.seals.model import Version
from gateway.seals.pdf import verify_pdf
from gateway.seals.report import Report
from gateway.seals.revocation import read_crl
from gateway.seals.verification import Outside

W = seal_world("rsa")


def plain() -> bytes:
    """A document of one empty page."""
    writer, out = PdfFileWriter(), io.BytesIO()
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 100, 100)))
    content = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.insert_page(PageObject(contents=content, media_box=box))
    writer.write(out)
    return out.getvalue()


def signed(data: bytes, field: str = "S1") -> bytes:
    key = W.signer.signer.key.private_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(W.signer.der),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=SimpleCertificateStore(),
    )
    about = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
    out = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), about, signer=signer)
    return bytes(out.getvalue())


@pytest.fixture(scope="module")
def good() -> bytes:
    return signed(plain())


def check(data: bytes, world: SealWorld = W) -> Report:
    now = datetime.now(UTC)  # pyHanko signs with the clock's time
    lists = [read_crl(revoke(root, (), now - DAY, now + DAY)) for root in (world.root, world.maker_root)]
    return verify_pdf(data, replace(world.trust(), lists=tuple(lists)), now, Outside())


def failed(report: Report) -> dict[str, str]:
    return {step.step: step.code for step in report.steps if step.result in ("fail", "unknown")}


def gap(data: bytes) -> tuple[int, int]:
    """Where the contents of the first signature stand, brackets included."""
    _, first, second, _ = pdf._asked(data)["signatures"][0]["range"]
    return first, second


def test_a_signed_document_is_valid_in_every_step(good: bytes) -> None:
    report = check(good)
    assert (report.kind, report.verdict) == ("pdf", "valid"), failed(report)
    passed = {step.step for step in report.steps if step.result == "pass"}
    assert {"S0", "S1", "S2", "S3", "S5", "S6", "S8", "S10"} <= passed


@pytest.mark.parametrize("more", [b" ", b"\n%%EOF\n", b"x" * 1000])
def test_bytes_after_the_signature_are_a_change_nobody_signed(good: bytes, more: bytes) -> None:
    assert check(good + more).verdict == "invalid"


def test_a_changed_byte_fails_the_signature(good: bytes) -> None:
    changed = good.replace(b"BT ET", b"BT EX")
    assert changed != good
    assert failed(check(changed))["S3"] == "SIGNATURE"


def test_of_two_signatures_the_earlier_is_left_undecided(good: bytes) -> None:
    report = check(signed(good, "S2"))
    assert [part.verdict for part in report.parts] == ["indeterminate", "valid"]
    assert failed(report.parts[0]) == {"S10": "LATER_CHANGES"}
    assert report.verdict == "indeterminate"


@pytest.mark.parametrize("version", list(Version))
def test_a_stamp_in_the_contents_is_verified_as_a_stamp(good: bytes, version: Version) -> None:
    first, second = gap(good)
    now = datetime.now(UTC)
    world = seal_world("sm2")
    seal = world.seal(version, end=now + DAY)
    value = world.stamp(version, seal, document=good[:first] + good[second:], at=now)
    filled = good[:first] + b"<" + value.hex().encode().ljust(second - first - 2, b"0") + b">" + good[second:]
    assert len(filled) == len(good)
    report = check(filled, world)
    assert (report.version, report.verdict) == (version.value, "valid"), failed(report)
    assert report.holder is not None


def test_a_range_that_leaves_out_more_than_the_signature_is_refused(good: bytes) -> None:
    first, second = gap(good)
    numbers = f"[0 {first} {second} ".encode()
    assert good.count(numbers) == 1
    moved = good.replace(numbers, f"[0 {first - 1} {second} ".encode())
    assert failed(check(moved)) == {"S1": "BYTE_RANGE"}


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7", b"%PDF-1.7\n" + b"[" * 100_000, plain()[:-200]],
    ids=["empty", "header", "open", "cut"],
)
def test_what_is_no_signed_document_is_invalid(data: bytes) -> None:
    report = check(data)
    assert report.verdict == "invalid"
    assert "S1" in failed(report)


def test_an_unsigned_document_says_so() -> None:
    assert failed(check(plain())) == {"S1": "NOT_SIGNED"}


def test_a_reader_that_does_not_come_back_is_killed(good: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_SECONDS", 0.01)
    assert failed(check(good)) == {"S0": "LIMITS"}


@settings(max_examples=30)
@given(data=st.data())
def test_a_mangled_document_is_read_or_refused(good: bytes, data: st.DataObject) -> None:
    raw = bytearray(good)
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with suppress(*pdf_worker.REFUSED):
        assert isinstance(pdf_worker.signatures(bytes(raw)), list)


def told_in_process(data: bytes) -> dict[str, object]:
    """What the reading process answers, without starting one for each example."""
    try:
        return {"signatures": pdf_worker.signatures(data)}
    except pdf_worker.REFUSED as fault:
        return {"refused": str(fault)}


@pytest.fixture(scope="module")
def place(good: bytes) -> tuple[int, int]:
    """Where the contents of its signature stand."""
    return gap(good)


def meant(raw: bytes, place: tuple[int, int]) -> bytes:
    """The document with the letters of its hexadecimal contents made small."""
    first, second = place
    return raw[:first] + raw[first:second].lower() + raw[second:]


@settings(max_examples=40)
@given(data=st.data())
def test_a_mangled_document_is_never_valid(good: bytes, place: tuple[int, int], data: st.DataObject) -> None:
    """But for the letters of the hexadecimal contents, which may be small or large."""
    raw = bytearray(good)
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    if meant(bytes(raw), place) == meant(good, place):
        return
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pdf, "_asked", told_in_process)
        verdict = check(bytes(raw)).verdict
    assert verdict != "valid"
