"""The rules of the built-in directory on plain values: who needs two factors, passwords, codes, delays, time steps."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pyotp
import pytest

from gateway.identity.directory.model import (
    FREE_OF_KINDS,
    delay,
    is_within,
    network_of,
    new_code,
    password_faults,
    read_code,
)
from gateway.identity.directory.second_factor import STEP_SECONDS, address_of, new_secret, step_of
from gateway.identity.model import Person, Role
from gateway.identity.sessions.model import is_session_token, needs_second_factor, new_token
from gateway.names import Login, OrgCode

NOW = datetime(2026, 11, 21, 9, 30, 10, tzinfo=UTC)
PERSON = Person(
    Login("wang-li"), "王丽", OrgCode("11621000MB00000024"), frozenset({Role.REQUESTER}), True, NOW
)


def test_everybody_who_decides_needs_a_second_factor_and_who_only_asks_does_not() -> None:
    assert not needs_second_factor([])
    assert not needs_second_factor([Role.REQUESTER])
    deciding = set(Role) - {Role.REQUESTER}
    for size in (1, 2):
        for roles in combinations(Role, size):
            assert needs_second_factor(roles) is bool(deciding & set(roles)), roles


@pytest.mark.parametrize(
    "password", ["Wheat-Field-77", "麦田里的守望者Abc12", "correct horse battery staple", "x1!" * 4 + "Yzb"]
)
def test_a_long_mixed_or_very_long_password_is_taken(password: str) -> None:
    assert password_faults(password, PERSON) == []


@pytest.mark.parametrize(
    ("password", "what"),
    [
        ("Short-1", "characters"),
        ("A-1" * 43, "characters"),
        ("wheatfieldbarley", "mix"),
        ("x" * (FREE_OF_KINDS - 1), "mix"),
        ("a" * FREE_OF_KINDS, "guess"),
        ("Aab1!Aab1!Aab", "guess"),
        ("Wang-Li-wins-77", "guess"),
        ("我是王丽Abcdef-12345", "guess"),
        ("My-Password-2026", "guess"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, what: str) -> None:
    faults = password_faults(password, PERSON)
    assert any(what in fault.detail for fault in faults), faults
    assert all(fault.pointer == "/password" and fault.detail_zh for fault in faults)


def test_a_code_is_read_however_it_was_typed_and_is_never_the_same() -> None:
    code = new_code()
    assert read_code(f" {code.lower().replace('-', ' ')} ") == code.replace("-", "")
    assert len({new_code() for _ in range(100)}) == 100
    assert [read_code(wrong) for wrong in ("", code[:-1], f"{code}A", code[:-1] + "0", code[:-1] + "é")] == [
        None
    ] * 5


def test_a_session_token_is_known_by_its_form_and_is_never_the_same() -> None:
    assert is_session_token(new_token())
    assert len({new_token() for _ in range(100)}) == 100
    assert not is_session_token("eyJhbGciOiJFUzI1NiJ9.e30.AA")


def test_delays_grow_and_end() -> None:
    assert [delay(count, 5, 900) // timedelta(seconds=1) for count in range(1, 9)] == [0, 0, 0, 0, 0, 2, 4, 8]
    assert delay(50, 5, 900) == delay(10**6, 5, 900) == timedelta(seconds=900)


def test_addresses_are_counted_by_party() -> None:
    assert network_of("192.0.2.7") == network_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert network_of("") == "unknown"
    assert is_within("127.0.0.9", ["127.0.0.0/8"])
    assert not is_within("192.0.2.7", ["127.0.0.0/8", "::1/128"])
    assert not is_within("", ["0.0.0.0/0"])


def test_the_digits_of_the_step_before_and_after_are_taken_and_of_no_other() -> None:
    secret, present = new_secret(), int(NOW.timestamp()) // STEP_SECONDS
    otp = pyotp.TOTP(secret)
    for offset in range(-4, 5):
        code = otp.at(int(NOW.timestamp()) + offset * STEP_SECONDS)
        wanted = present + offset if abs(offset) <= 1 else None
        assert step_of(code, secret, NOW, 0) == wanted, offset


def test_digits_serve_once_and_none_from_before_them_after() -> None:
    secret, present = new_secret(), int(NOW.timestamp()) // STEP_SECONDS
    code = pyotp.TOTP(secret).at(int(NOW.timestamp()))
    earlier = pyotp.TOTP(secret).at(int(NOW.timestamp()) - STEP_SECONDS)
    assert step_of(code, secret, NOW, present) is None
    assert step_of(earlier, secret, NOW, present) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "12345a", " 123456"])
def test_what_is_not_six_digits_is_never_compared(code: str) -> None:
    assert step_of(code, new_secret(), NOW, 0) is None


def test_the_address_for_authenticators_names_the_gateway_and_the_login() -> None:
    address = address_of(new_secret(), "wang-li", "庆阳市")
    assert pyotp.parse_uri(address).name == "wang-li"
    assert pyotp.parse_uri(address).issuer == "庆阳市"
