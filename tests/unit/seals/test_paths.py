"""From a certificate to an anchor: what may not stand in a path, and lists that say nothing (RFC 5280)."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from asn1crypto import x509 as loose
from certifying import Pki, new_pki, pem
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from sealing import DAY, NOW
from sealing import SM2 as ENGINE

from gateway.seals.authority import Issued
from gateway.seals.certificates import BadCertificate, read_certificate
from gateway.seals.chains import ChainReport, verify_chain
from gateway.seals.paths import Anchors
from gateway.seals.revocation import CrlRefused, read_crl
from gateway.seals.verification import Trust

P = new_pki("p256")
LEAF = P.issue("系统")
HOUR = timedelta(hours=1)


def check(*chain: Issued, lists: tuple[bytes, ...] = (), at: datetime = NOW, root: Pki = P) -> ChainReport:
    anchors = Anchors((read_certificate(root.root.der),))
    return verify_chain(
        pem(*chain), Trust(signers=anchors, lists=tuple(map(read_crl, lists)), sm2=ENGINE), at, "client"
    )


def code(report: ChainReport, name: str) -> str:
    return next(each.code for each in report.checks if each.check == name)


def test_the_time_is_an_instant_whatever_zone_it_is_told_in() -> None:
    """The library reads an aware time as if it were UTC: eight hours of a certificate's life would be wrong."""
    china = timezone(timedelta(hours=8))
    leaf = P.issue("系统", start=NOW, end=NOW + 4 * HOUR)
    for when, found in (
        (NOW - HOUR, "OUTSIDE_VALIDITY"),
        (NOW + HOUR, "OK"),
        (NOW + 5 * HOUR, "OUTSIDE_VALIDITY"),
    ):
        for told in (when, when.astimezone(china)):
            assert code(check(leaf, at=told), "path") == found, told


def steps(count: int, leaf: str = "深层系统") -> list[Issued]:
    """A leaf below ``count`` intermediate authorities, itself first."""
    above, found = P, []
    for number in range(count):
        above = Pki(above.issue(f"中间机构 {number}", is_ca=True))
        found.append(above.root)
    return [above.issue(leaf), *reversed(found)]


def test_a_path_has_at_most_five_steps_and_a_message_eight_certificates() -> None:
    assert code(check(*steps(4)), "path") == "OK"
    assert code(check(*steps(5)), "path") == "PATH_TOO_LONG"
    assert code(check(LEAF, *steps(4)[1:], *steps(4)[1:]), "path") == "TOO_MANY_CERTIFICATES"


def test_an_end_certificate_issues_nothing() -> None:
    for usage in (frozenset({"digital_signature"}), frozenset({"digital_signature", "key_cert_sign"})):
        between = Pki(P.issue("冒充机构", usage=usage))
        assert check(between.issue("系统"), between.root).verdict != "valid"


def test_another_root_of_the_same_name_is_no_anchor() -> None:
    twin = new_pki("p256")
    assert check(twin.issue("系统"), root=P).verdict != "valid"
    assert check(twin.issue("系统"), twin.root, root=P).verdict != "valid"


CRITICAL = ("1.2.3.4", True, b"\5\0")
TWICE = ("1.2.3.4", False, b"\5\0")


@pytest.mark.parametrize(
    ("extensions", "told"),
    [
        ((CRITICAL,), "critical"),
        ((TWICE, TWICE), "twice"),
        ((("2.5.29.15", True, b"\x03\x02\x07\x80"),), "twice"),
    ],
    ids=["unknown-critical", "twice-unknown", "twice-key-usage"],
)
def test_an_extension_that_could_be_read_two_ways_refuses_the_certificate(
    extensions: tuple[tuple[str, bool, bytes], ...], told: str
) -> None:
    with pytest.raises(BadCertificate, match=told):
        read_certificate(P.issue("系统", extensions=extensions).der)
    assert check(P.issue("系统", extensions=extensions)).checks[0].code == "FORMAT"


@pytest.mark.parametrize("serial", [0, -7])
def test_a_serial_number_is_positive(serial: int) -> None:
    parsed = loose.Certificate.load(LEAF.der)
    parsed["tbs_certificate"]["serial_number"] = serial
    with pytest.raises(BadCertificate, match="positive"):
        read_certificate(parsed.dump())


def test_the_inner_and_the_outer_algorithm_are_one() -> None:
    parsed = loose.Certificate.load(LEAF.der)
    parsed["signature_algorithm"] = {"algorithm": "sha384_ecdsa"}
    with pytest.raises(BadCertificate):
        read_certificate(parsed.dump())


def self_made(key: Any, digest: Any = None, signer: Any = None) -> bytes:
    """A certificate of any key under our root, or with any digest."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "系统")])
    usage = x509.KeyUsage(*(at == 0 for at in range(9)))
    issuer = x509.load_der_x509_certificate(P.root.der).subject
    built = x509.CertificateBuilder(issuer, name, key.public_key(), 5, NOW - DAY, NOW + DAY)
    built = built.add_extension(usage, True).add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(P.root.signer.key.public_key()),
        False,  # type: ignore[attr-defined]
    )
    made = built.sign(signer or P.root.signer.key, digest or hashes.SHA256())  # type: ignore[attr-defined]
    return made.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("make", "name", "found"),
    [
        (lambda: self_made(rsa.generate_private_key(65537, 1024)), "leaf", "WEAK_KEY"),
        (lambda: self_made(ec.generate_private_key(ec.SECP256K1())), "leaf", "WEAK_KEY"),
        (lambda: self_made(ec.generate_private_key(ec.SECP521R1())), "leaf", "WEAK_KEY"),
        (
            lambda: self_made(ec.generate_private_key(ec.SECP256R1()), hashes.SHA224()),
            "path",
            "WEAK_SIGNATURE",
        ),
    ],
    ids=["rsa-1024", "secp256k1", "p-521", "sha-224"],
)
def test_weak_keys_and_digests_are_refused(make: Callable[[], bytes], name: str, found: str) -> None:
    report = check(Issued(make(), P.root.signer))
    assert (report.verdict, code(report, name)) == ("invalid", found)


def listed(*extensions: tuple[Any, bool], pki: Pki = P) -> bytes:
    """A list of the authority with extensions of its own."""
    issuer = x509.load_der_x509_certificate(pki.root.der).subject
    built = x509.CertificateRevocationListBuilder(issuer, NOW - DAY, NOW + DAY)
    for extension, critical in extensions:
        built = built.add_extension(extension, critical)
    return built.sign(pki.root.signer.key, hashes.SHA256()).public_bytes(Encoding.DER)  # type: ignore[attr-defined]


def scope(**changes: Any) -> x509.IssuingDistributionPoint:
    plain: dict[str, Any] = {
        "full_name": None, "relative_name": None, "only_contains_user_certs": False, "only_contains_ca_certs": False,
        "only_some_reasons": None, "indirect_crl": False, "only_contains_attribute_certs": False,
    }  # fmt: skip
    return x509.IssuingDistributionPoint(**{**plain, **changes})


@pytest.mark.parametrize(
    "extension",
    [
        scope(indirect_crl=True),
        scope(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})),
        scope(only_contains_attribute_certs=True),
        x509.DeltaCRLIndicator(1),
        x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0"),
    ],
    ids=["indirect", "some-reasons", "attribute", "delta", "unknown-critical"],
)
def test_a_list_that_does_not_speak_of_everything_is_refused(extension: Any) -> None:
    with pytest.raises(CrlRefused):
        read_crl(listed((extension, True)))


def test_a_list_speaks_only_of_what_its_scope_names() -> None:
    """Lists of users for users, of authorities for authorities, of a partition for certificates that name it."""
    assert (
        code(check(LEAF, lists=(listed((scope(only_contains_user_certs=True), True)),)), "revocation") == "OK"
    )
    here = [x509.UniformResourceIdentifier("http://ca.test/1.crl")]
    for other in (scope(only_contains_ca_certs=True), scope(full_name=here)):
        assert code(check(LEAF, lists=(listed((other, True)),)), "revocation") == "NO_REVOCATION_INFO"


def test_a_list_of_another_issuer_or_of_one_that_may_not_sign_lists_says_nothing() -> None:
    twin = new_pki("p256")
    other = new_pki("p256", "别处的根")
    for wrong in (listed(pki=twin), listed(pki=other)):
        assert code(check(LEAF, lists=(wrong,)), "revocation") == "NO_REVOCATION_INFO"


def test_a_newer_list_with_a_smaller_number_is_believed_by_nobody() -> None:
    older = P.crl(number=9, now=NOW - HOUR)
    assert code(check(LEAF, lists=(older, P.crl(number=10))), "revocation") == "OK"
    assert code(check(LEAF, lists=(older, P.crl(number=8))), "revocation") == "NO_REVOCATION_INFO"
