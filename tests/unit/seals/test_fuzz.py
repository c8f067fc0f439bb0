"""Certificates, lists, CMS and timestamps broken at random: refused in their own words, never a crash."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sealing import DOCUMENT, NOW, seal_world

from gateway.seals.certificates import BadCertificate, read_certificate
from gateway.seals.chains import verify_chain
from gateway.seals.cms_seal import verify_cms
from gateway.seals.revocation import CrlRefused, read_crl
from gateway.seals.timestamps import TimestampRefused, read_timestamp
from gateway.seals.verification import Outside

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


@settings(deadline=None, max_examples=300)
@given(mangled(W.signer.der))
def test_a_broken_certificate_is_refused_or_leads_nowhere(raw: bytes) -> None:
    if raw == W.signer.der:
        return
    with suppress(BadCertificate):
        read_certificate(raw)
    assert verify_chain(raw, W.trust(), NOW, "seal").verdict != "valid"


@settings(deadline=None, max_examples=300)
@given(mangled(CRL))
def test_a_broken_list_never_clears_a_certificate(raw: bytes) -> None:
    try:
        read_crl(raw)
    except CrlRefused:
        return
    verdict = verify_chain(W.signer.der, W.trust(raw), NOW, "seal").verdict
    assert verdict == "invalid" if raw == CRL else verdict != "valid"


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_random_bytes_are_no_signed_data_and_no_timestamp(raw: bytes) -> None:
    assert verify_cms(raw, W.trust(), NOW, Outside(DOCUMENT)).verdict == "invalid"
    with pytest.raises(TimestampRefused):
        read_timestamp(raw)
