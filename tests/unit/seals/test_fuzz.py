"""Certificates, lists, CMS, timestamps, OFD, PDF broken at random: refused in their own words, never a crash, never valid."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nationalcms import attributes, signed_data
from sealing import DOCUMENT, NOW, PATH, ofd_files, seal_world, zipped

from gateway.seals.certificates import BadCertificate, read_certificate
from gateway.seals.chains import verify_chain
from gateway.seals.cms_seal import verify_cms
from gateway.seals.containers import ContainerRefused, unpack
from gateway.seals.making import stamp
from gateway.seals.model import Version
from gateway.seals.ofd import verify_ofd
from gateway.seals.reading import FormatRefused, read, read_seal
from gateway.seals.revocation import CrlRefused, read_crl
from gateway.seals.strict_xml import XmlRefused, parse
from gateway.seals.timestamps import TimestampRefused, read_timestamp
from gateway.seals.verification import Outside, sm3, verify

W = seal_world("sm2")
CRL = W.crl((W.signer, NOW))


@st.composite
def mangled(draw: st.DrawFn, raw: bytes) -> bytes:
    """``raw`` with one to three places changed, cut or filled."""
    data = bytearray(raw)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["flip", "cut", "insert", "end"])):
            case "flip" if data:
                data[place] ^= draw(st.integers(1, 255))
            case "cut":
                del data[place : place + draw(st.integers(1, 30))]
            case "insert":
                data[place:place] = draw(st.binary(min_size=1, max_size=6))
            case _:
                del data[place:]
    return bytes(data)


@settings(max_examples=300)
@given(mangled(W.signer.der))
def test_a_broken_certificate_is_refused_or_leads_nowhere(raw: bytes) -> None:
    if raw == W.signer.der:
        return
    with suppress(BadCertificate):
        read_certificate(raw)
    assert verify_chain(raw, W.trust(), NOW, "seal").verdict != "valid"


@settings(max_examples=300)
@given(mangled(CRL))
def test_a_broken_list_never_clears_a_certificate(raw: bytes) -> None:
    try:
        read_crl(raw)
    except CrlRefused:
        return
    verdict = verify_chain(W.signer.der, W.trust(raw), NOW, "seal").verdict
    assert verdict == "invalid" if raw == CRL else verdict != "valid"


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_random_bytes_are_no_signed_data_and_no_timestamp(raw: bytes) -> None:
    assert verify_cms(raw, W.trust(), NOW, Outside(DOCUMENT)).verdict == "invalid"
    with pytest.raises(TimestampRefused):
        read_timestamp(raw)


CMS = {
    "with attributes": signed_data(DOCUMENT, attributes(sm3(DOCUMENT))),
    "plain": signed_data(sm3(DOCUMENT), None),
}


@pytest.mark.parametrize("form", CMS)
@settings(max_examples=70)
@given(data=st.data())
def test_a_broken_cms_signature_is_never_valid(form: str, data: st.DataObject) -> None:
    raw = data.draw(mangled(CMS[form]))
    if raw != CMS[form]:
        assert verify_cms(raw, W.trust(), NOW, Outside(DOCUMENT)).verdict != "valid"


SEALS = {version: W.seal(version) for version in Version}


@pytest.mark.parametrize("version", list(Version))
@settings(max_examples=50)
@given(data=st.data())
def test_a_broken_seal_is_never_valid_alone_nor_inside_a_stamp(version: Version, data: st.DataObject) -> None:
    """Whoever holds a signer's key may stamp with any bytes as seal: only the maker's signature makes it one."""
    raw = data.draw(mangled(SEALS[version]))
    if raw == SEALS[version]:
        return
    with suppress(FormatRefused):
        read_seal(raw)
    assert verify(raw, W.trust(), NOW, Outside(DOCUMENT)).verdict != "valid"
    stamped = stamp(version, raw, W.signer, DOCUMENT, NOW, PATH)
    assert verify(stamped, W.trust(), NOW, Outside(DOCUMENT)).verdict != "valid"


@settings(max_examples=200)
@given(st.binary(max_size=400).map(lambda tail: b"\x30\x82" + len(tail).to_bytes(2) + tail))
def test_any_sequence_is_read_or_refused_as_format(raw: bytes) -> None:
    with suppress(FormatRefused):
        read(raw)


FILES = ofd_files(W)
PACKED = zipped(FILES)


@settings(max_examples=120)
@given(mangled(PACKED))
def test_a_broken_container_is_valid_only_with_the_same_files_in_it(raw: bytes) -> None:
    verdict = verify_ofd(raw, W.trust(), NOW, Outside()).verdict
    assert verdict != "valid" or unpack(raw) == FILES


@settings(max_examples=150)
@given(st.binary(max_size=300).map(lambda tail: b"PK\x03\x04" + tail))
def test_random_containers_are_refused(raw: bytes) -> None:
    with pytest.raises(ContainerRefused):
        unpack(raw)


@settings(max_examples=200)
@given(mangled(FILES["Doc_0/Signs/Sign_0/Signature.xml"]) | st.text(max_size=100).map(str.encode))
def test_any_text_is_xml_or_refused(raw: bytes) -> None:
    with suppress(XmlRefused):
        parse(raw)
