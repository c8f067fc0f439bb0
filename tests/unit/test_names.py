"""Identifiers: check digits, grammar, and the ids the gateway makes."""

import os
import time
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.names import (
    has_control_signs,
    is_field_name,
    is_id_number,
    is_org_code,
    is_resource_code,
    is_secure_url,
    is_slug,
    new_id,
    new_id_bytes,
    tidy,
)

ORG_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
GOOD_ORGS = [
    "9144030071526726XG",
    "91330106673959654P",
    "91110108551385082Q",
    "11621000MB00000011",
]
GOOD_IDS = ["11010519491231002X", "11010519491231002x", "440524188001010014"]


@pytest.mark.parametrize("code", GOOD_ORGS)
def test_an_org_code_with_its_check_digit_is_accepted(code: str) -> None:
    assert is_org_code(code)


@pytest.mark.parametrize("code", GOOD_ORGS)
def test_every_other_last_sign_of_an_org_code_is_refused(code: str) -> None:
    assert [sign for sign in ORG_SIGNS if is_org_code(code[:17] + sign)] == [code[17]]


@given(st.sampled_from(GOOD_ORGS), st.integers(0, 17), st.sampled_from(ORG_SIGNS))
def test_one_wrong_sign_anywhere_in_an_org_code_is_found(code: str, at: int, sign: str) -> None:
    changed = code[:at] + sign + code[at + 1 :]
    assert is_org_code(changed) == (changed == code)


@pytest.mark.parametrize(
    "code",
    [
        "91110000100006485D",
        "",
        "91330106673959654",
        "91330106673959654PP",
        "91330106673959654p",
        "91330106673959654P\n",
        " 1330106673959654P",
        "9133010667395965IP",
        "９１３３０１０６６７３９５９６５４P",
        "9133010667395965٤P",
    ],
)
def test_what_only_looks_like_an_org_code_is_refused(code: str) -> None:
    assert not is_org_code(code)


@pytest.mark.parametrize("number", GOOD_IDS)
def test_an_id_number_with_its_check_digit_is_accepted(number: str) -> None:
    assert is_id_number(number)


@pytest.mark.parametrize("number", GOOD_IDS)
def test_every_other_last_sign_of_an_id_number_is_refused(number: str) -> None:
    found = [sign for sign in "0123456789X" if is_id_number(number[:17] + sign)]
    assert found == [number[17].upper()]


@given(st.sampled_from(GOOD_IDS), st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_wrong_digit_anywhere_in_an_id_number_is_found(number: str, at: int, sign: str) -> None:
    changed = number[:at] + sign + number[at + 1 :]
    assert is_id_number(changed) == (changed == number)


def test_an_id_number_whose_birth_date_does_not_exist_is_refused_whatever_its_check_digit() -> None:
    for born in ("19490230", "19491301", "19490100", "00000101"):
        assert not any(is_id_number(f"110105{born}002{sign}") for sign in "0123456789X")


@pytest.mark.parametrize(
    "number", ["", "110105491231002", "11010519491231002Y", "１1010519491231002X", "11010519491231002X\n"]
)
def test_what_only_looks_like_an_id_number_is_refused(number: str) -> None:
    assert not is_id_number(number)


@given(st.text(max_size=40))
def test_no_text_makes_a_check_fail(text: str) -> None:
    for check in (is_org_code, is_id_number, is_resource_code, is_slug, is_field_name, has_control_signs):
        assert check(text) in (True, False)


@pytest.mark.parametrize(
    ("code", "good"),
    [
        ("307011024701/000001", True),
        ("101001/1", True),
        ("407011/1", False),
        ("30701/1", False),
        ("307011", False),
        ("307011/", False),
        ("307011/1/2", False),
        ("307011024701/000001\n", False),
        ("307٠11/1", False),
    ],
)
def test_a_resource_code_is_two_numbers_of_the_official_grammar(code: str, good: bool) -> None:
    assert is_resource_code(code) is good


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("real-estate", True),
        ("a1", True),
        ("a" * 60, True),
        ("a" * 61, False),
        ("a", False),
        ("1a", False),
        ("a--b", False),
        ("a-", False),
        ("-a", False),
        ("A-b", False),
        ("a_b", False),
        ("a.b", False),
        ("a b", False),
        ("ab\n", False),
        ("数据", False),
    ],
)
def test_a_slug_is_lower_case_words_joined_by_single_hyphens(text: str, good: bool) -> None:
    assert is_slug(text) is good


@pytest.mark.parametrize(
    ("text", "good"),
    [("uscc", True), ("a", True), ("a" * 40, True), ("a" * 41, False), ("_a", False), ("1a", False), ("aB", False)],
)  # fmt: skip
def test_a_field_name_is_a_lower_case_identifier(text: str, good: bool) -> None:
    assert is_field_name(text) is good


@pytest.mark.parametrize("sign", ["\0", "\b", "\r", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ud800"])
def test_signs_that_control_or_reorder_are_seen(sign: str) -> None:
    assert has_control_signs(f"登记{sign}信息")


def test_line_feed_and_tab_are_text() -> None:
    assert not has_control_signs("一\n\t二")


def test_texts_that_look_alike_are_stored_alike() -> None:
    assert tidy("  e\u0301\u3000") == "é"


def test_new_ids_are_uuid7_of_this_moment_and_rise() -> None:
    before = time.time_ns() // 1_000_000
    made = [new_id() for _ in range(100)] + [UUID(bytes=new_id_bytes()) for _ in range(100)]
    after = time.time_ns() // 1_000_000
    assert len(set(made)) == 200
    for one in made:
        assert (one.version, one.variant) == (7, RFC_4122)
        assert before <= one.int >> 80 <= after
    stamps = [one.int >> 80 for one in made]
    assert stamps == sorted(stamps)


@pytest.mark.parametrize(
    "text",
    [
        "https://id.example.gov.cn",
        "https://id.example.gov.cn:8443/a?b=c",
        "http://127.0.0.1:80/x",
        "http://[::1]:9/",
    ],
)
def test_https_and_the_own_machine_are_secure(text: str) -> None:
    assert is_secure_url(text)


@pytest.mark.parametrize(
    "text",
    ["http://id.example.gov.cn", "http://localhost:80", "ftp://id.example.gov.cn", "https://", "https:///x", "https://a@b", "",
     "javascript:alert(1)", "https://exa mple", "https://[::1", "//id.example.gov.cn", "http://127.0.0.1.evil.test/"],
)  # fmt: skip
def test_anything_else_is_not(text: str) -> None:
    assert not is_secure_url(text)


def test_a_forked_process_draws_ids_of_its_own() -> None:
    """Random bytes are kept in store; two processes drawing from one store would give the same ids."""
    new_id()  # fills the store
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, new_id().bytes)
        os._exit(0)
    os.waitpid(child, 0)
    of_child = os.read(reader, 16)
    for end in (reader, writer):
        os.close(end)
    assert of_child[-8:] not in {new_id().bytes[-8:] for _ in range(300)}
