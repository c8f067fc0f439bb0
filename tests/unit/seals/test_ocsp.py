"""OCSP answers: whose word counts, about which certificate, and for how long."""

from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto import ocsp
from certifying import NO_CHECK, SHA1, SHA256, SM3, Pki, Said, answer, new_pki, unavailable
from cryptography.x509.ocsp import load_der_ocsp_request
from hypothesis import given
from hypothesis import strategies as st
from sealing import DAY, NOW
from sealing import SM2 as ENGINE

from gateway.seals.authority import Issued
from gateway.seals.certificates import read_certificate
from gateway.seals.chains import ChainReport, verify_chain
from gateway.seals.ocsp import OcspRefused, ocsp_request, read_ocsp
from gateway.seals.paths import Anchors
from gateway.seals.revocation import read_crl
from gateway.seals.verification import Trust

KINDS = {kind: new_pki(kind) for kind in ("sm2", "rsa", "p256")}
P = KINDS["p256"]
LEAF = P.issue("系统")
STRANGER = new_pki("p256", "别处的根")


def check(
    *answers: bytes, pki: Pki = P, leaf: Issued = LEAF, lists: tuple[bytes, ...] = (), **more: object
) -> ChainReport:
    trust = Trust(
        signers=Anchors((read_certificate(pki.root.der),)), lists=tuple(map(read_crl, lists)),
        responses=tuple(map(read_ocsp, answers)), sm2=ENGINE,
    )  # fmt: skip
    return verify_chain(leaf.der, replace(trust, **more), NOW, "client")


def result(report: ChainReport) -> tuple[str, str]:
    return report.verdict, report.checks[-1].code


GOOD, UNKNOWN = ("valid", "OK"), ("indeterminate", "NO_REVOCATION_INFO")


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("digest", [SHA1, SHA256, SM3])
def test_the_issuers_own_answer_is_the_evidence(kind: str, digest: str) -> None:
    pki = KINDS[kind]
    leaf = pki.issue("系统", kind)
    said = answer(leaf, pki.root, Said(digest=digest, by_key=True))
    report = check(said, pki=pki, leaf=leaf)
    assert result(report) == GOOD, report.checks
    assert [(told.source, told.proof) for _, told in report.relied_on] == [("ocsp", said)]


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_responder_certified_by_the_issuer_may_answer(kind: str) -> None:
    pki = KINDS[kind]
    leaf, responder = pki.issue("系统", kind), pki.responder(kind=kind)
    assert result(check(answer(leaf, pki.root, responder=responder), pki=pki, leaf=leaf)) == GOOD


def test_a_responder_without_the_mark_must_stand_on_the_issuers_list() -> None:
    responder = P.responder(extensions=())
    said = answer(LEAF, P.root, responder=responder)
    assert result(check(said, sm2=None)) == UNKNOWN
    assert result(check(said, lists=(P.crl(),))) == GOOD
    gone = P.crl((responder, NOW - DAY), (LEAF, NOW + 300 * DAY))
    assert check(said, lists=(gone,)).relied_on[0][1].source == "crl"


@pytest.mark.parametrize(
    "responder",
    [
        pytest.param(lambda: P.responder(extended_usage=()), id="no-ocsp-signing"),
        pytest.param(lambda: P.responder(extended_usage=("client_auth",)), id="another-purpose"),
        pytest.param(lambda: P.responder(usage=frozenset({"key_encipherment"})), id="no-signing-usage"),
        pytest.param(lambda: P.responder(end=NOW - DAY), id="expired"),
        pytest.param(lambda: STRANGER.responder(), id="of-another-authority"),
        pytest.param(lambda: STRANGER.root, id="another-root"),
        pytest.param(lambda: LEAF, id="the-certificate-itself"),
    ],
)
def test_anybody_elses_word_proves_nothing(responder: object) -> None:
    assert result(check(answer(LEAF, P.root, responder=responder()))) == UNKNOWN  # type: ignore[operator]


def test_a_responder_that_is_not_included_cannot_be_judged() -> None:
    assert result(check(answer(LEAF, P.root, responder=P.responder(), included=False))) == UNKNOWN


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(Said(status="unknown"), id="unknown"),
        pytest.param(Said(following=NOW - timedelta(seconds=1)), id="stale"),
        pytest.param(Said(following=None), id="no-next-update"),
        pytest.param(Said(this=NOW + timedelta(hours=1)), id="from-the-future"),
        pytest.param(Said(serial=1), id="another-serial"),
        pytest.param(Said(digest=SHA1, serial=None, status="unknown"), id="unknown-again"),
    ],
)
def test_an_answer_that_does_not_say_good_now_proves_nothing(said: Said) -> None:
    assert result(check(answer(LEAF, P.root, said))) == UNKNOWN


def test_an_answer_about_a_certificate_of_another_issuer_proves_nothing() -> None:
    """The certID names issuer and serial: an equal serial under another issuer is another certificate."""
    assert result(check(answer(LEAF, STRANGER.root))) == UNKNOWN
    namesake = new_pki("p256")  # the name of our root with another key: only the certID tells them apart
    assert result(check(answer(LEAF, namesake.root, responder=P.responder()))) == UNKNOWN


def test_one_changed_byte_of_the_signature_proves_nothing() -> None:
    said = answer(LEAF, P.root)
    assert result(check(said[:-1] + bytes((said[-1] ^ 1,)))) == UNKNOWN


def test_revoked_is_revoked_even_when_the_answer_is_old_or_a_list_says_nothing() -> None:
    said = Said(status="revoked", revoked_at=NOW - DAY, this=NOW - 3 * DAY, following=NOW - 2 * DAY)
    assert result(check(answer(LEAF, P.root, said))) == ("invalid", "REVOKED")
    assert result(check(answer(LEAF, P.root, said), lists=(P.crl(),))) == ("invalid", "REVOKED")
    later = answer(LEAF, P.root, replace(said, revoked_at=NOW + timedelta(hours=1)))
    assert result(check(later)) == ("valid", "REVOKED_LATER")


def test_a_list_counts_beside_an_answer_that_proves_nothing_but_not_against_one_that_knows_no_such_certificate() -> (
    None
):
    stale = answer(LEAF, P.root, Said(following=NOW - DAY))
    assert result(check(stale, lists=(P.crl(),))) == GOOD
    assert result(check(answer(LEAF, P.root), lists=(P.crl((LEAF, NOW - DAY)),))) == ("invalid", "REVOKED")
    assert result(check(answer(LEAF, P.root, Said(status="unknown")), lists=(P.crl(),))) == UNKNOWN


def test_the_newest_answer_counts() -> None:
    held = answer(LEAF, P.root, Said(status="revoked", revoked_at=NOW - 3 * DAY, this=NOW - 2 * DAY))
    assert result(check(answer(LEAF, P.root), held)) == GOOD
    assert result(check(held, answer(LEAF, P.root, Said(this=NOW - 3 * DAY)))) == ("invalid", "REVOKED")


def test_without_the_engine_an_answer_signed_with_sm2_is_unknown() -> None:
    pki = KINDS["sm2"]
    leaf = pki.issue("系统", "p256")
    assert result(check(answer(leaf, pki.root), pki=pki, leaf=leaf, sm2=None)) == UNKNOWN


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x30\x00", unavailable(), b"\x30" * 300, bytes(200_001), answer(LEAF, P.root) + b"\0",
     answer(LEAF, P.root, Said(critical="1.2.3.4"))],
    ids=["empty", "nothing", "try-later", "nested", "large", "trailing", "critical"],
)  # fmt: skip
def test_what_is_no_response_is_refused(raw: bytes) -> None:
    with pytest.raises(OcspRefused):
        read_ocsp(raw)


GENUINE = answer(LEAF, P.root, Said(status="unknown"), P.responder())


@given(at=st.integers(0, len(GENUINE) - 1), bit=st.integers(0, 7))
def test_no_broken_response_clears_a_certificate(at: int, bit: int) -> None:
    raw = bytearray(GENUINE)
    raw[at] ^= 1 << bit
    try:
        read_ocsp(bytes(raw))
    except OcspRefused:
        return
    assert check(bytes(raw)).verdict != "valid"


@pytest.mark.parametrize("kind", ["p256", "sm2"])
def test_a_question_names_the_certificate_and_carries_its_nonce(kind: str) -> None:
    pki = KINDS[kind]
    leaf, root = (read_certificate(each.der) for each in (pki.issue("系统", kind), pki.root))
    asked = ocsp_request(leaf, root, b"n" * 16)
    read = ocsp.OCSPRequest.load(asked, strict=True)
    assert read.nonce_value.native == b"n" * 16
    named = read["tbs_request"]["request_list"][0]["req_cert"]
    assert named["serial_number"].native == leaf.serial
    if kind == "p256":
        assert load_der_ocsp_request(asked).serial_number == leaf.serial


def test_the_mark_is_read_from_the_certificate() -> None:
    assert read_certificate(P.responder().der).is_never_checked
    assert not read_certificate(P.responder(extensions=()).der).is_never_checked
    assert NO_CHECK[0] == "1.3.6.1.5.5.7.48.1.5"
