"""SM2 against the published vector, against every malformed key and signature, and against itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.seals.raw_signatures import as_der
from gateway.seals.selftest import _KEY, _MESSAGE, _SIGNATURE, checks, proven_sm2
from gateway.seals.sm2 import SPKI_PREFIX, BadKey, Sm2, Sm2Unavailable

SM2 = Sm2()
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
R, S = (int.from_bytes(_SIGNATURE[5:37]), int.from_bytes(_SIGNATURE[40:72]))


def integer(value: int) -> bytes:
    raw = value.to_bytes((value.bit_length() + 8) // 8 or 1, signed=value < 0)
    return bytes((2, len(raw))) + raw


def pair(r: bytes, s: bytes) -> bytes:
    return bytes((0x30, len(r + s))) + r + s


def test_every_known_answer_is_given() -> None:
    assert [check.name for check in checks(SM2) if not check.ok] == []
    assert proven_sm2() is proven_sm2()


@pytest.mark.parametrize(
    "signature",
    [
        pair(integer(0), integer(S)),
        pair(integer(R), integer(0)),
        pair(integer(N), integer(S)),
        pair(integer(R), integer(S + N)),
        pair(integer(-R), integer(S)),
        pair(integer(R), integer(N - R)),
        b"\x30\x81" + _SIGNATURE[1:],
        b"\x30\x80" + _SIGNATURE[2:] + b"\0\0",
        pair(b"\x02\x22\x00" + integer(R)[2:], integer(S)),
        _SIGNATURE + b"\0",
        _SIGNATURE[:-1],
        b"",
        bytes(64),
    ],
    ids=["r 0", "s 0", "r n", "s+n", "negative", "r+s=n", "long length", "indefinite", "padded", "trailing",
         "truncated", "empty", "zeros"],
)  # fmt: skip
def test_a_malformed_signature_is_refused(signature: bytes) -> None:
    assert not SM2.verify(_KEY, _MESSAGE, signature)


@pytest.mark.parametrize(
    "spki",
    [
        b"",
        _KEY[:-1],
        _KEY + b"\0",
        SPKI_PREFIX + bytes((2,)) + _KEY[27:59],
        SPKI_PREFIX + bytes((6,)) + _KEY[27:],
        SPKI_PREFIX + bytes(65),
        SPKI_PREFIX + b"\4" + bytes(64),
        SPKI_PREFIX + b"\4" + P.to_bytes(32) + _KEY[59:],
        _KEY[:-1] + bytes((_KEY[-1] ^ 1,)),
        _KEY[:21] + bytes((_KEY[21] ^ 1,)) + _KEY[22:],
    ],
    ids=[
        "empty",
        "short",
        "trailing",
        "compressed",
        "hybrid",
        "infinity",
        "origin",
        "x = p",
        "off curve",
        "curve",
    ],
)
def test_a_malformed_key_is_refused(spki: bytes) -> None:
    with pytest.raises(BadKey):
        SM2.verify(spki, _MESSAGE, _SIGNATURE)


def test_a_new_key_signs_and_only_its_own_id_verifies() -> None:
    private, public = SM2.generate()
    key = SM2.private_key(private)
    assert SM2.public_bytes(key) == public
    assert SM2.verify(public, b"x", SM2.sign(key, b"x"))
    other = SM2.sign(key, b"x", b"other")
    assert SM2.verify(public, b"x", other, b"other")
    assert not SM2.verify(public, b"x", other)


@pytest.mark.parametrize("distid", [b"", b"x" * 129])
def test_an_id_without_bounds_is_refused(distid: bytes) -> None:
    with pytest.raises(ValueError, match="128"):
        SM2.verify(_KEY, _MESSAGE, _SIGNATURE, distid)


def test_without_libcrypto_sm2_is_unavailable_and_says_so() -> None:
    with pytest.raises(Sm2Unavailable, match="cannot be used"):
        proven_sm2("libnothing.so.9")
    with pytest.raises(Sm2Unavailable):
        Sm2("libc.so.6")


@pytest.mark.parametrize("der", [b"", b"\x30\x00", b"x" * 100])
def test_what_is_no_private_key_is_refused(der: bytes) -> None:
    with pytest.raises(BadKey):
        SM2.private_key(der)


@given(st.binary(max_size=80))
def test_random_signatures_never_verify(signature: bytes) -> None:
    assert not SM2.verify(_KEY, _MESSAGE, signature)


def test_raw_signatures_become_der_only_at_exactly_64_bytes() -> None:
    raw = R.to_bytes(32) + S.to_bytes(32)
    der, was_raw = as_der(raw)
    assert was_raw
    assert SM2.verify(_KEY, _MESSAGE, der)
    assert as_der(raw + b"\0") == (raw + b"\0", False)
    short = pair(bytes((2, 29)) + b"\1" * 29, bytes((2, 29)) + b"\1" * 29)
    assert len(short) == 64
    assert as_der(short) == (short, False)
