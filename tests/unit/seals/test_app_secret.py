"""The short-lived secret of the national style, sealed by OpenSSL."""

import base64
import subprocess

import pytest

from gateway.seals.app_secret import open_app_secret, sha1prng_key

KEY = b"0123456789abcdef0123456789abcdef"
IV = b"AESCBCPKCS5Paddi"


def sealed(text: str, mode: str) -> str:
    options = ["-iv", IV.hex()] if mode == "cbc" else []
    done = subprocess.run(
        ["openssl", "enc", f"-aes-128-{mode}", "-K", sha1prng_key(KEY).hex(), *options],
        input=text.encode(), capture_output=True, check=True,
    )  # fmt: skip
    return base64.b64encode(done.stdout).decode()


def test_the_key_is_the_start_of_a_digest_of_a_digest() -> None:
    once = subprocess.run(["openssl", "dgst", "-sha1", "-binary"], input=KEY, capture_output=True, check=True)
    twice = subprocess.run(
        ["openssl", "dgst", "-sha1", "-binary"], input=once.stdout, capture_output=True, check=True
    )
    assert sha1prng_key(KEY) == twice.stdout[:16]


@pytest.mark.parametrize("mode", ["ecb", "cbc"])
@pytest.mark.parametrize("text", ["short", "x" * 16, "a longer secret of more than two blocks"])
def test_what_openssl_sealed_opens(mode: str, text: str) -> None:
    assert open_app_secret(sealed(text, mode), KEY, mode, IV) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", ["", "not base64!", "AAAA", base64.b64encode(b"x" * 16).decode()])
def test_what_is_not_sealed_under_this_key_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="does not open"):
        open_app_secret(wrong, KEY, "ecb", IV)


def test_the_other_mode_does_not_open_it() -> None:
    with pytest.raises(ValueError, match="does not open"):
        open_app_secret(sealed("a longer secret of more than two blocks", "cbc"), KEY, "ecb", IV)
