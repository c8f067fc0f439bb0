"""Forms that are never tolerated (all well-formed DER but one): refused at the step that says why, in every version."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from asn1crypto import core, crl
from cryptography.hazmat import asn1
from dertree import Node, changed
from sealing import DAY, DOCUMENT, NOW, PATH, new_key, seal_world, wish

from gateway.seals.authority import certify
from gateway.seals.certificates import BadCertificate, read_certificate
from gateway.seals.chains import verify_chain
from gateway.seals.making import stamp
from gateway.seals.model import Version
from gateway.seals.paths import DEEPEST, MOST_CERTIFICATES, PathRefused, path
from gateway.seals.reading import sequence
from gateway.seals.report import Report
from gateway.seals.revocation import CrlRefused, read_crl
from gateway.seals.verification import Outside, sm3, verify

W = seal_world("sm2")
V4_STAMP, V1_STAMP, V4_SEAL = W.stamp(Version.V4), W.stamp(Version.V1), W.seal(Version.V4)
DIGESTS = W.seal(Version.V4, by_digest=True)
TBS, HASH, SEAL = (0,), (0, 3), (0, 1)
PROPERTY, PICTURE = (0, 2), (0, 3)
"""Places in a stamp, then in a seal."""


def check(raw: bytes) -> Report:
    return verify(raw, W.trust(), NOW, Outside(document=DOCUMENT))


def failed(report: Report) -> dict[str, str]:
    return {step.step: step.code for step in report.steps if step.result in ("fail", "unknown")}


def swap(node: Node, one: int, other: int) -> None:
    assert node.parts is not None
    node.parts[one], node.parts[other] = node.parts[other], node.parts[one]


def put(*place: int, value: bytes, tag: int | None = None) -> Callable[[Node], None]:
    def change(tree: Node) -> None:
        node = tree.at(*place)
        node.value, node.tag, node.parts = value, node.tag if tag is None else tag, None

    return change


def more(*place: int, part: bytes) -> Callable[[Node], None]:
    """One part more at the end."""

    def change(tree: Node) -> None:
        parts = tree.at(*place).parts
        assert parts is not None
        parts.append(Node(part[0], part[2:]))

    return change


FORMATS: dict[str, bytes] = {
    "dataHash before the time": changed(V4_STAMP, lambda tree: swap(tree.at(*TBS), 2, 3)),
    "the path before dataHash": changed(V4_STAMP, lambda tree: swap(tree.at(*TBS), 3, 4)),
    "the algorithm before the certificate": changed(V4_STAMP, lambda tree: swap(tree, 1, 2)),
    "V1: time and dataHash swapped with the path": changed(V1_STAMP, lambda tree: swap(tree.at(*TBS), 3, 4)),
    "picture before the property": changed(V4_SEAL, lambda tree: swap(tree.at(0), 2, 3)),
    "esID before the header": changed(V4_SEAL, lambda tree: swap(tree.at(0), 0, 1)),
    "a field more in the TBS": changed(V4_STAMP, more(*TBS, part=b"\x05\x00")),
    "a field more in the header": changed(V4_SEAL, more(0, 0, part=b"\x05\x00")),
    "a width of 33 bits": changed(V4_SEAL, put(*PICTURE, 2, value=b"\x01\0\0\0\0")),
    "a width of 2^31": changed(V4_SEAL, put(*PICTURE, 2, value=b"\0\x80\0\0\0")),
    "a negative height": changed(V4_SEAL, put(*PICTURE, 3, value=b"\xff")),
    "a height of 4096 bits": changed(V4_SEAL, put(*PICTURE, 3, value=b"\x7f" * 512)),
    "a version of 64 bits": changed(V4_STAMP, put(*TBS, 0, value=b"\x04" * 9)),
    "a version with a leading zero": changed(V4_STAMP, put(*TBS, 0, value=b"\0\x04")),
    "a version of no bytes": changed(V4_STAMP, put(*TBS, 0, value=b"")),
    "a type that is no type": changed(V4_SEAL, put(*PROPERTY, 0, value=b"\x03")),
    "version 0": changed(V4_SEAL, put(0, 0, 1, value=b"\0")),
    "a hash that ends inside a byte": changed(V4_STAMP, put(*HASH, value=b"\x04" + bytes(31) + b"\x10")),
    "a hash that claims nine spare bits": changed(V4_STAMP, put(*HASH, value=b"\x09" + bytes(32))),
    "a hash of 31 bytes": changed(V4_STAMP, put(*HASH, value=b"\0" + bytes(31))),
    "a hash with a letter before it": changed(V4_STAMP, put(*HASH, value=b"\0Z" + bytes(32))),
    "a hash in an OCTET STRING": changed(V4_STAMP, put(*HASH, value=bytes(32), tag=0x04)),
    "a signature that ends inside a byte": changed(V4_STAMP, put(3, value=b"\x01" + bytes(64))),
    "a listed digest of 31 bytes": changed(DIGESTS, put(*PROPERTY, 3, 0, 1, value=bytes(31))),
    "a listed digest of 64 bytes": changed(DIGESTS, put(*PROPERTY, 3, 0, 1, value=bytes(64))),
    "a listed digest by SHA-256": changed(DIGESTS, put(*PROPERTY, 3, 0, 0, value=b"SHA-256")),
    "a listed digest by the keyed SM3": changed(
        DIGESTS, put(*PROPERTY, 3, 0, 0, value=b"1.2.156.10197.1.401.2")
    ),
    "a listed digest by the short OID": changed(DIGESTS, put(*PROPERTY, 3, 0, 0, value=b"1.2.156.10197.401")),
    "digests that say certificates": changed(DIGESTS, put(*PROPERTY, 2, value=b"\x01")),
    "certificates that say digests": changed(V4_SEAL, put(*PROPERTY, 2, value=b"\x02")),
    "a list of kind 3": changed(V4_SEAL, put(*PROPERTY, 2, value=b"\x03")),
    "UTCTime in version 4": changed(V4_SEAL, put(*PROPERTY, 4, value=b"261001040000Z", tag=0x17)),
    "UTCTime in a version 4 stamp": changed(V4_STAMP, put(*TBS, 2, value=b"261001040000Z", tag=0x17)),
    "a time with an offset": changed(V4_STAMP, put(*TBS, 2, value=b"20261001120000+0800")),
    "a time without a zone": changed(V4_STAMP, put(*TBS, 2, value=b"20261001120000")),
    "the thirtieth of February": changed(V4_STAMP, put(*TBS, 2, value=b"20260230120000Z")),
    "a name that is not UTF-8": changed(V4_SEAL, put(*PROPERTY, 1, value=b"\xff\xfe")),
    "an esID beyond ASCII": changed(V4_SEAL, put(0, 1, value="印章".encode())),
    "a stamp of version 1 around a seal of version 4": stamp(
        Version.V1, V4_SEAL, W.signer, DOCUMENT, NOW, PATH
    ),
    "a stamp of version 4 around a seal of version 1": stamp(
        Version.V4, W.seal(Version.V1), W.signer, DOCUMENT, NOW, PATH
    ),
    "an extension twice": W.seal(Version.V4, extensions=(("1.2.3.4", None, b""), ("1.2.3.4", None, b""))),
    "extDatas in [0] in version 4": W.seal(
        Version.V4, extensions=(("1.2.3.4", None, b""),), tagged_extensions=True
    ),
    "a TRUE that is not 0xFF": changed(
        W.seal(Version.V4, extensions=(("1.2.3.4", True, b""),)), put(0, 4, 0, 1, value=b"\x01")
    ),
    "V1: timeInfo of words": W.stamp(Version.V1, time_info="二〇二六年".encode()),
    "V1: timeInfo with an offset": W.stamp(Version.V1, time_info=b"2026-09-30T10:00:00+08:00"),
    "V1: an empty timeInfo": changed(V1_STAMP, put(*TBS, 2, value=b"\0")),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_form_that_is_not_the_standards_is_refused_as_format(name: str) -> None:
    report = check(FORMATS[name])
    assert report.verdict == "invalid"
    assert failed(report) == {"S1": "FORMAT"}


def test_the_tree_puts_together_what_it_took_apart() -> None:
    for raw in (V4_STAMP, V1_STAMP, V4_SEAL, DIGESTS):
        assert changed(raw, lambda tree: None) == raw


ALGORITHMS = {
    "SHA-1 with RSA": "1.2.840.113549.1.1.5", "MD5 with RSA": "1.2.840.113549.1.1.4", "RSA": "1.2.840.113549.1.1.1",
    "ECDSA with SHA-1": "1.2.840.10045.4.1", "SM2 without SM3": "1.2.156.10197.1.301",
    "SM2 with SHA-1": "1.2.156.10197.1.502", "the form without a 1": "1.2.156.10197.501", "unknown": "1.2.3.4",
}  # fmt: skip


@pytest.mark.parametrize("name", ALGORITHMS)
def test_another_algorithm_than_sm2_with_sm3_is_refused_for_an_sm2_key(name: str) -> None:
    oid = core.ObjectIdentifier(ALGORITHMS[name]).contents
    assert oid is not None
    for raw in (changed(V4_STAMP, put(2, value=oid)), changed(V1_STAMP, put(*TBS, 6, value=oid))):
        report = check(raw)
        assert (report.verdict, failed(report)["S2"]) == ("invalid", "ALGORITHM")
    assert failed(check(changed(V4_SEAL, put(2, value=oid))))["S2"] == "ALGORITHM"


def prefixed(message: bytes, key: bytes) -> bytes:
    """SM3 over Z and the message, as SM2 hashes before it signs (GB/T 32918.2 section 5.5)."""
    curve = bytes.fromhex(
        "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"
        "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"
        "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
        "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
    )
    return sm3(sm3(b"\x00\x80" + b"1234567812345678" + curve + key) + message)


def test_a_hash_with_the_signers_z_before_the_document_is_not_the_documents() -> None:
    """Some writers give dataHash the hash that SM2 uses inside; the same of a listed certificate."""
    key = W.signer.signer.spki[27:]
    body = changed(V4_STAMP, put(*HASH, value=b"\0" + prefixed(DOCUMENT, key)))
    assert failed(check(body))["S8"] == "DATA_HASH"
    listed = changed(DIGESTS, put(*PROPERTY, 3, 0, 1, value=prefixed(W.signer.der, key)))
    assert failed(check(W.stamp(Version.V4, listed)))["S7"] == "SIGNER_NOT_LISTED"


def test_the_certificate_of_version_4_lies_outside_the_signed_bytes_and_is_bound_by_the_list() -> None:
    """Another certificate over the same key: the signature still verifies, the list does not know it."""
    twin = certify(wish("庆阳市大数据局"), W.signer.signer, W.root)
    report = check(changed(V4_STAMP, put(1, value=twin.der)))
    assert failed(report) == {"S7": "SIGNER_NOT_LISTED"}


def test_a_policy_that_asks_for_proven_time_leaves_a_claimed_one_open() -> None:
    strict = replace(W.trust(), needs_proven_time=True)
    report = verify(V4_STAMP, strict, NOW, Outside(document=DOCUMENT))
    assert (report.verdict, failed(report)) == ("indeterminate", {"S4": "TIME_NOT_PROVEN"})


def test_bytes_that_are_no_timestamp_do_not_prove_a_time() -> None:
    raw = stamp(
        Version.V5, W.seal(Version.V5), W.signer, DOCUMENT, NOW, PATH, timestamp=lambda _: b"\x30\x00"
    )
    assert failed(check(raw))["S4"] == "TIMESTAMP"


def test_an_aware_time_is_the_same_instant_in_every_zone() -> None:
    """The path library reads the wall clock of an aware time as UTC: eight hours late in Asia/Shanghai."""
    short = certify(replace(wish("庆阳市大数据局"), end=NOW + timedelta(hours=4)), new_key("sm2"), W.root)
    there = NOW.astimezone(timezone(timedelta(hours=8)))
    for at in (NOW, there):
        assert verify_chain(short.der, W.trust(), at, "seal").verdict == "valid"
    for at in (NOW + timedelta(hours=5), there + timedelta(hours=5)):
        assert verify_chain(short.der, W.trust(), at, "seal").verdict == "invalid"


def test_a_path_of_too_many_steps_or_certificates_is_refused() -> None:
    issuer, between = W.root, []
    for step in range(DEEPEST + 1):
        issuer = certify(wish(f"中间{step}", is_ca=True), new_key("sm2"), issuer)
        between.append(read_certificate(issuer.der))
    leaf = read_certificate(certify(wish("庆阳市大数据局"), new_key("sm2"), issuer).der)
    anchors = W.trust().signers
    for others, code in ((between, "PATH_TOO_LONG"), (between * 2, "TOO_MANY_CERTIFICATES")):
        assert code != "TOO_MANY_CERTIFICATES" or len(others) >= MOST_CERTIFICATES
        with pytest.raises(PathRefused) as refusal:
            path(leaf, others, anchors, NOW, "seal")
        assert refusal.value.code == code


def test_an_inner_and_outer_algorithm_that_differ_are_refused() -> None:
    with pytest.raises(BadCertificate):
        read_certificate(
            changed(W.signer.der, put(1, 0, value=core.ObjectIdentifier("1.2.3.4").contents or b""))
        )


def relisted(**changes: Any) -> bytes:
    """A list of the signers' authority with parts changed and signed anew; ``extensions`` are added."""
    listed = crl.CertificateList.load(W.crl())
    body = listed["tbs_cert_list"].copy()
    for oid, critical, value in changes.pop("extensions", ()):
        body["crl_extensions"].append(
            {"extn_id": oid, "critical": critical, "extn_value": core.ParsableOctetString(value)}
        )
    for name, value in changes.items():
        body[name] = value
    signature = core.OctetBitString(W.root.signer.sign(body.dump(force=True)))
    made = crl.CertificateList(
        {"tbs_cert_list": body, "signature_algorithm": listed["signature_algorithm"], "signature": signature}
    )
    raw: bytes = made.dump()
    return raw


IDP = "2.5.29.28"
NOW_LESS_TWO = crl.Time({"utc_time": NOW - 2 * DAY})


def test_a_list_of_some_reasons_indirect_or_not_understood_is_refused() -> None:
    assert read_crl(relisted()).number == 1
    for extension in (
        (IDP, True, sequence(b"\x84\x01\xff")),
        (IDP, True, sequence(b"\x83\x02\x01\x40")),
        (IDP, True, sequence(b"\x85\x01\xff")),
        ("1.2.3.4", True, b"\5\0"),
    ):
        with pytest.raises(CrlRefused):
            read_crl(relisted(extensions=(extension,)))


def test_a_list_without_next_update_or_with_a_falling_number_proves_nothing() -> None:
    makers = W.crl(root=W.maker_root)
    endless = relisted(next_update=None)
    newer = W.crl(number=1)
    older = relisted(this_update=NOW_LESS_TWO)
    for lists in ((endless, makers), (makers,), (W.crl(root=W.maker_root), makers)):
        report = verify(V4_STAMP, W.trust(*lists), NOW, Outside(document=DOCUMENT))
        assert failed(report) == {"S6": "NO_REVOCATION_INFO"}
    assert verify(V4_STAMP, W.trust(older, newer, makers), NOW, Outside(document=DOCUMENT)).verdict == "valid"
    higher = relisted(this_update=NOW_LESS_TWO, crl_extensions=_numbered(9))
    report = verify(V4_STAMP, W.trust(higher, newer, makers), NOW, Outside(document=DOCUMENT))
    assert failed(report) == {"S6": "NO_REVOCATION_INFO"}


def _numbered(number: int) -> list[dict[str, Any]]:
    value = core.ParsableOctetString(core.Integer(number).dump())
    return [{"extn_id": "crl_number", "critical": False, "extn_value": value}]


def test_a_seal_of_version_5_alone_carries_a_timestamp_in_the_seal() -> None:
    extra = asn1.encode_der(asn1.BitString(b"\x30\x00", 0))
    raw = changed(V4_SEAL, lambda tree: tree.parts.append(Node(0xA0, extra)))  # type: ignore[union-attr]
    assert failed(check(raw)) == {"S1": "FORMAT"}
