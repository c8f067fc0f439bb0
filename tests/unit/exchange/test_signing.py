"""Signature Version 4 against the example of the Amazon S3 API reference ("Example: GET Object")."""

from datetime import UTC, datetime

from gateway.exchange.connectors.files.signing import Key, signed

KEY = Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


def test_the_reference_s_example_of_reading_an_object_is_signed_alike() -> None:
    now = datetime(2013, 5, 24, tzinfo=UTC)
    sent = signed("GET", "examplebucket.s3.amazonaws.com", "/test.txt", {"Range": "bytes=0-9"}, KEY, now)
    assert sent["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_the_secret_stands_in_no_text_of_the_key() -> None:
    assert "wJalr" not in repr(KEY)
