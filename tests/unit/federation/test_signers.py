"""Signatures against given vectors, and against OpenSSL where only the rule is given."""

import subprocess
from datetime import UTC, datetime

import pytest

from gateway.federation.signers import SIGNERS, Credentials

AT = datetime.fromtimestamp(1700000000, UTC)


def openssl(text: str, *options: str) -> bytes:
    return subprocess.run(
        ["openssl", "dgst", "-binary", *options], input=text.encode(), capture_output=True, check=True
    ).stdout


def test_the_national_signature_is_that_of_the_known_vector() -> None:
    who = Credentials("11111111-2222-3333-4444-555555555555", "0123456789abcdef0123456789abcdef")
    assert SIGNERS["gjgxjhpt"](who, "s_test_0001", AT, "").headers == {
        "gjgxjhpt_rid": "11111111-2222-3333-4444-555555555555",
        "gjgxjhpt_sid": "s_test_0001",
        "gjgxjhpt_rtime": "1700000000000",
        "gjgxjhpt_sign": "N1ClavFlC9Jmx+/iPsVG5zP7UDLIbQkah3Jd9gtDA1M=",
    }


def test_the_tif_signature_is_that_of_the_known_vector() -> None:
    headers = SIGNERS["tif"](Credentials("pass-1", "token123"), "", AT, "abc-1").headers
    assert headers == {
        "x-tif-paasid": "pass-1",
        "x-tif-timestamp": "1700000000",
        "x-tif-nonce": "abc-1",
        "x-tif-signature": "03275a13b4f843e935bc4c65958174122bd7c35b2b9015a4e43593432f549c94",
    }
    named = SIGNERS["tif"](Credentials("pass-1", "token123"), "svc", AT, "abc-1").headers
    assert named == {**headers, "x-tif-serviceId": "svc"}


@pytest.mark.parametrize(
    ("style", "text", "options", "where"),
    [
        ("henan", "app-11700000000000", ["-sha256", "-hmac", "secret-1"], "gateway_sig"),
        ("shandong", "app-11700000000000nonce-1", ["-sha256", "-hmac", "secret-1"], "X-Signature"),
        ("zhejiang", "app-1secret-11700000000000", ["-md5"], "sign"),
        ("district", "app-1secret-11700000000000", ["-sha1"], "signature"),
    ],
)
def test_other_styles_agree_with_openssl(style: str, text: str, options: list[str], where: str) -> None:
    import base64

    signed = SIGNERS[style](Credentials("app-1", "secret-1"), "s", AT, "nonce-1")
    raw = openssl(text, *options)
    found = {**signed.headers, **signed.parameters}
    assert found[where] == (base64.b64encode(raw).decode() if "-hmac" in options else raw.hex())
    assert "secret-1" not in str(found)
    assert "app-1" in found.values()


def test_a_secret_never_stands_in_a_text() -> None:
    assert "canary" not in repr(Credentials("id", "canary-secret"))
