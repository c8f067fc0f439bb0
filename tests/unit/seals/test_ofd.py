"""OFD documents: a good one, and every way to move, drop, add or hide a part."""

import io
import warnings
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealing import DOCUMENT, NOW, OFD, ofd_files, seal_world, zipped

from gateway.seals.containers import ContainerRefused, resolve, unpack
from gateway.seals.model import Version
from gateway.seals.ofd import verify_ofd
from gateway.seals.report import Report
from gateway.seals.strict_xml import XmlRefused, parse
from gateway.seals.verification import Outside

W = seal_world("sm2")
PAGE = "Doc_0/Pages/Page_0/Content.xml"
SIGN = "Doc_0/Signs/Sign_0/"
GOOD = ofd_files(W)


def check(files: dict[str, bytes]) -> Report:
    return verify_ofd(zipped(files), W.trust(), NOW, Outside())


def failed(report: Report) -> dict[str, str]:
    return {step.step: step.code for step in report.steps if step.result in ("fail", "unknown")}


@pytest.mark.parametrize("version", list(Version))
def test_a_good_document_is_valid_in_every_step(version: Version) -> None:
    report = check(ofd_files(W, version))
    assert (report.kind, report.verdict) == ("ofd", "valid"), failed(report)
    passed = {step.step for step in report.steps if step.result == "pass"}
    assert {"S0", "S8", "S9", "S10", "S16"} <= passed


BROKEN: dict[str, tuple[Callable[[], dict[str, bytes]], str, str]] = {
    "a changed page": (lambda: GOOD | {PAGE: GOOD[PAGE] + b" "}, "S10", "REFERENCE_DIGEST"),
    "a page taken out": (
        lambda: {name: content for name, content in GOOD.items() if name != PAGE}, "S10", "REFERENCE_MISSING",
    ),
    "a page put in": (lambda: GOOD | {"Doc_0/Pages/Page_1/Content.xml": b"<a/>"}, "S10", "REFERENCE_UNCOVERED"),
    "a dropped reference": (lambda: ofd_files(W, dropped=(PAGE,)), "S10", "REFERENCE_UNCOVERED"),
    "references by MD5": (lambda: ofd_files(W, method="MD5"), "S10", "REFERENCE_ALGORITHM"),
    "another path named": (lambda: ofd_files(W, path="/Doc_0/Signs/Sign_1/Signature.xml"), "S9", "PROPERTY_INFO"),
    "a changed signature file": (
        lambda: GOOD | {SIGN + "Signature.xml": GOOD[SIGN + "Signature.xml"] + b"\n"}, "S8", "DATA_HASH",
    ),
    "another copy of the seal": (
        lambda: GOOD | {SIGN + "Seal.esl": W.seal(Version.V4, name="x")}, "S16", "SEAL_COPY",
    ),
    "the stamp of another document": (
        lambda: GOOD | {SIGN + "SignedValue.dat": W.stamp(Version.V4)}, "S8", "DATA_HASH",
    ),
    "no stamp": (lambda: GOOD | {SIGN + "SignedValue.dat": b""}, "S1", "FORMAT"),
    "no signature": (
        lambda: GOOD | {"Doc_0/Signs/Signatures.xml": f"<ofd:Signatures {OFD}/>".encode()}, "S1", "NOT_SIGNED",
    ),
    "a way out": (
        lambda: GOOD | {"OFD.xml": GOOD["OFD.xml"].replace(b"/Doc_0/Signs", b"/../Signs")}, "S1", "FORMAT",
    ),
    "an entity": (
        lambda: GOOD | {"OFD.xml": b'<!DOCTYPE a [<!ENTITY x SYSTEM "a:///b">]>' + GOOD["OFD.xml"]}, "S1", "FORMAT",
    ),
    "no OFD.xml": (lambda: {PAGE: b""}, "S1", "FORMAT"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_document_is_invalid_and_the_right_step_says_why(name: str) -> None:
    make, step, code = BROKEN[name]
    report = check(make())
    assert report.verdict == "invalid"
    assert failed(report)[step] == code


def test_of_several_signatures_each_is_a_part_and_one_bad_spoils_all() -> None:
    entry = b'<ofd:Signature ID="2" Type="Seal" BaseLoc="Sign_1/Signature.xml"/></ofd:Signatures>'
    second = {name.replace("Sign_0", "Sign_1"): content for name, content in GOOD.items() if SIGN in name}
    listed = GOOD["Doc_0/Signs/Signatures.xml"].replace(b"</ofd:Signatures>", entry)
    report = check(GOOD | second | {"Doc_0/Signs/Signatures.xml": listed})
    assert [part.verdict for part in report.parts] == ["valid", "invalid"]
    assert report.verdict == "invalid"
    assert failed(report.parts[1]) == {"S9": "PROPERTY_INFO"}


def archive(*names: str, content: bytes = b"x") -> bytes:
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        warnings.simplefilter("ignore")  # it warns of the very doubles we want
        for name in names:
            file.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\3\4",
        archive("../a"),
        archive("a/../b"),
        archive("a\\b"),
        archive("a", "a"),
        archive("a", "A"),
        archive("a", "/a"),
        archive("bomb", content=bytes(3_000_000)),
        archive(*(str(number) for number in range(5001))),
        archive("a" * 20)[:-30],
    ],
    ids=[
        "empty",
        "head only",
        "up",
        "up inside",
        "backslash",
        "twice",
        "case",
        "slash",
        "bomb",
        "entries",
        "cut",
    ],
)
def test_a_container_beyond_the_limits_is_refused(data: bytes) -> None:
    with pytest.raises(ContainerRefused):
        unpack(data)
    report = verify_ofd(data, W.trust(), NOW, Outside(DOCUMENT))
    assert (report.verdict, failed(report)) == ("invalid", {"S0": "LIMITS"})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a>",
        b"<!DOCTYPE a><a/>",
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"),
        b"<a>" * 100 + b"</a>" * 100,
        b"<a>" + b"<b/>" * 100_001 + b"</a>",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"<a>&x;</a>",
    ],
    ids=["empty", "open", "doctype", "doctype in UTF-16", "deep", "many", "encoding", "entity"],
)
def test_xml_beyond_the_limits_is_refused(data: bytes) -> None:
    with pytest.raises(XmlRefused):
        parse(data)


def test_references_stay_inside() -> None:
    assert resolve("b.xml", "a/c.xml") == "a/b.xml"
    assert resolve("/b.xml", "a/c.xml") == "b.xml"
    with pytest.raises(ContainerRefused):
        resolve("../b.xml", "a/c.xml")


@settings(max_examples=80)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_any_changed_file_spoils_the_document(name: str, data: st.DataObject) -> None:
    content = bytearray(GOOD[name])
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 127))
    report = check(GOOD | {name: bytes(content)})
    assert report.verdict != "valid" or name == "Doc_0/Signs/Signatures.xml"


@settings(max_examples=80)
@given(st.data())
def test_a_mangled_container_never_crashes(data: st.DataObject) -> None:
    raw = bytearray(zipped(GOOD))
    for _ in range(3):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(0, 255))
    assert verify_ofd(bytes(raw), W.trust(), NOW, Outside()).verdict in ("valid", "invalid", "indeterminate")
