"""Authorities, keys and signature forms that do not belong together, and some that do."""

import time
from dataclasses import dataclass

import pytest
from asn1crypto import core
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from sealing import DOCUMENT, NOW, new_key, seal_world, wish

from gateway.seals.authority import Issued, certify
from gateway.seals.certificates import SM2_WITH_SM3, BadCertificate, read_certificate
from gateway.seals.chains import ChainReport, verify_chain
from gateway.seals.files import read_anchors, to_pem
from gateway.seals.model import Version
from gateway.seals.paths import Anchors
from gateway.seals.reading import explicit, sequence
from gateway.seals.revocation import read_crl
from gateway.seals.signed_data import SignedDataRefused, read_signed_data
from gateway.seals.signing import Signer
from gateway.seals.verification import Outside, Trust, verify

W = seal_world("sm2")


@dataclass(frozen=True)
class Disguised:
    """A signer that says or writes something else than it is."""

    inner: Signer
    algorithm: str
    raw: bool = False

    @property
    def spki(self) -> bytes:
        return self.inner.spki

    def sign(self, message: bytes) -> bytes:
        value = self.inner.sign(message)
        if not self.raw:
            return value
        r, s = decode_dss_signature(value)
        return r.to_bytes(32) + s.to_bytes(32)


def chain(leaf: Issued, root: Issued) -> ChainReport:
    trust = Trust(
        signers=Anchors((read_certificate(root.der),)), lists=(read_crl(W.crl(root=root)),), sm2=W.trust().sm2
    )
    return verify_chain(leaf.der, trust, NOW, "seal")


@pytest.mark.parametrize(
    ("above", "below"), [("sm2", "rsa"), ("rsa", "sm2"), ("p256", "sm2"), ("sm2", "p256")]
)
def test_an_authority_may_certify_keys_of_another_kind(above: str, below: str) -> None:
    root = certify(wish("root", is_ca=True), new_key(above))
    report = chain(certify(wish("leaf"), new_key(below), root), root)
    assert report.verdict == "valid", report.checks


def test_a_p256_authority_that_says_sm2_is_invalid() -> None:
    root = certify(wish("root", is_ca=True), new_key("p256"))
    liar = Issued(root.der, Disguised(root.signer, SM2_WITH_SM3))
    assert chain(certify(wish("leaf"), new_key("sm2"), liar), root).verdict == "invalid"


def test_a_stamp_that_says_another_algorithm_than_its_key_is_invalid() -> None:
    liar = Issued(W.signer.der, Disguised(W.signer.signer, "1.2.840.10045.4.3.2"))
    report = verify(W.stamp(Version.V4, signer=liar), W.trust(), NOW, Outside(DOCUMENT))
    assert {step.step: step.code for step in report.steps if step.result == "fail"} == {
        "S2": "ALGORITHM",
        "S3": "SIGNATURE",
    }


@pytest.mark.parametrize("version", list(Version))
def test_a_raw_signature_value_is_accepted_and_recorded(version: Version) -> None:
    signer = Issued(W.signer.der, Disguised(W.signer.signer, SM2_WITH_SM3, raw=True))
    maker = Issued(W.maker.der, Disguised(W.maker.signer, SM2_WITH_SM3, raw=True))
    raw = W.stamp(version, W.seal(version, maker), signer)
    report = verify(raw, W.trust(), NOW, Outside(DOCUMENT))
    assert report.verdict == "valid"
    assert [each.code for each in report.deviations] == ["RAW_SIGNATURE", "RAW_SIGNATURE"]


def test_an_intermediate_needs_its_own_revocation_list() -> None:
    root = certify(wish("root", is_ca=True), new_key("sm2"))
    between = certify(wish("between", is_ca=True), new_key("sm2"), root)
    leaf = certify(wish("leaf"), new_key("sm2"), between)
    chained = to_pem("CERTIFICATE", leaf.der) + to_pem("CERTIFICATE", between.der)
    anchors = Anchors((read_certificate(root.der),))
    both = tuple(read_crl(W.crl(root=each)) for each in (root, between))
    trust = Trust(signers=anchors, lists=both, sm2=W.trust().sm2)
    assert verify_chain(chained, trust, NOW, "seal").verdict == "valid"
    assert verify_chain(
        chained, Trust(signers=anchors, lists=both[1:], sm2=trust.sm2), NOW, "seal"
    ).verdict == ("indeterminate")


def test_a_key_beside_the_anchors_is_passed_over(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "root.pem").write_bytes(to_pem("CERTIFICATE", W.root.der))
    (tmp_path / "key.pem").write_bytes(to_pem("PRIVATE KEY", b"key"))
    (tmp_path / "root.der").write_bytes(W.maker_root.der)
    assert len(read_anchors(tmp_path).certificates) == 2


def test_structures_made_to_be_walked_forever_are_refused_at_once() -> None:
    start = time.process_time()
    with pytest.raises(BadCertificate):
        read_certificate(sequence(b"\5\0" * 500_000))
    swollen = b"\x31" + sequence(b"\x30\0" * 400_000)[1:]
    inner = sequence(core.ObjectIdentifier("1.2.840.113549.1.7.1").dump())
    body = sequence(b"\2\1\1", swollen, inner, explicit(0, b""), b"\x31\0")
    raw = sequence(core.ObjectIdentifier("1.2.840.113549.1.7.2").dump(), explicit(0, body))
    with pytest.raises(SignedDataRefused):
        read_signed_data(raw)
    assert time.process_time() - start < 2
