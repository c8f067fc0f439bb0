"""GB/T 35275 SignedData, with and without signed attributes, under both names of the SM2 algorithm."""

import pytest
from nationalcms import ALGORITHMS, W, attributes, signed_data
from sealing import DOCUMENT, NOW

from gateway.seals.cms_seal import verify_cms
from gateway.seals.report import Report
from gateway.seals.signed_data import is_signed_data
from gateway.seals.verification import Outside, sm3


def check(raw: bytes, document: bytes | None = DOCUMENT) -> Report:
    assert is_signed_data(raw)
    return verify_cms(raw, W.trust(), NOW, Outside(document))


def failed(report: Report) -> dict[str, str]:
    return {step.step: step.code for step in report.steps if step.result in ("fail", "unknown")}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_both_forms_are_valid_for_their_document_only(algorithm: str) -> None:
    with_attributes = signed_data(DOCUMENT, attributes(sm3(DOCUMENT)), algorithm)
    plain = signed_data(sm3(DOCUMENT), None, algorithm)
    for raw in (with_attributes, plain):
        assert check(raw).verdict == "valid", failed(check(raw))
        assert failed(check(raw, b"other")) == {"S8": "DATA_HASH"}
    assert failed(check(plain, None)) == {"S8": "NO_DOCUMENT"}


def with_last_bit_flipped(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


@pytest.mark.parametrize(
    "raw",
    [
        signed_data(DOCUMENT, attributes(sm3(b"other"))),
        signed_data(DOCUMENT, attributes(sm3(DOCUMENT), "1.2.840.113549.1.7.1")),
        with_last_bit_flipped(signed_data(DOCUMENT, attributes(sm3(DOCUMENT)))),
    ],
    ids=["another digest", "another type", "another signature"],
)
def test_a_signature_over_something_else_is_invalid(raw: bytes) -> None:
    assert failed(check(raw)) == {"S3": "SIGNATURE"}


@pytest.mark.parametrize("digest", ["1.2.156.10197.1.401.2", "1.3.14.3.2.26", "1.2.840.113549.2.5"])
def test_the_keyed_sm3_sha1_and_md5_are_refused(digest: str) -> None:
    assert failed(check(signed_data(DOCUMENT, attributes(sm3(DOCUMENT)), digest=digest))) == {"S1": "FORMAT"}


def test_an_sm2_key_with_the_algorithm_of_rsa_is_refused() -> None:
    raw = signed_data(DOCUMENT, attributes(sm3(DOCUMENT)), "1.2.840.113549.1.1.11")
    assert failed(check(raw))["S2"] == "ALGORITHM"
