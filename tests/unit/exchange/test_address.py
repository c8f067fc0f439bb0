"""A parameter's place in the address of a department's service: it cannot leave it."""

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from gateway.authz.grants.denials import ParameterWrong
from gateway.exchange.connectors.http import address

TEMPLATE = "http://data.example:8080/v1/e/{a}/x{b}y?q={c}&v=1"
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20) | st.sampled_from(
    [
        "a/b",
        "../x",
        "..",
        ".",
        "%2e%2e",
        "%2F",
        "a?b=c",
        "a#b",
        "a&b=c",
        "\\",
        "//",
        "a b",
        "a+b",
        ";",
        "@h",
        ":1",
    ]
)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("11621000MB00000011", "11621000MB00000011"),
        ("a/b", "a%2Fb"),
        ("../../etc", "..%2F..%2Fetc"),
        ("a?b=c&d", "a%3Fb%3Dc%26d"),
        ("a#b", "a%23b"),
        ("%2e%2e", "%252e%252e"),
        ("a b+c", "a%20b%2Bc"),
        ("甲", "%E7%94%B2"),
        ("a\r\nX: y", "a%0D%0AX%3A%20y"),
        ("{b}", "%7Bb%7D"),
        ("a..", "a.."),
        ("...a", "...a"),
    ],
)
def test_a_value_is_encoded_once_in_its_place(value: str, written: str) -> None:
    assert address("http://h.example/{a}/z", {"a": value}) == f"http://h.example/{written}/z"


@pytest.mark.parametrize("value", [".", "..", "...", ""])
def test_a_value_that_would_be_a_dot_segment_is_the_caller_s_fault(value: str) -> None:
    with pytest.raises(ParameterWrong, match="/parameters/a"):
        address("http://h.example/{a}/z", {"a": value})


def test_a_value_that_looks_like_a_place_is_not_filled_in() -> None:
    assert address("http://h.example/{a}/{b}", {"a": "{b}", "b": "1"}) == "http://h.example/%7Bb%7D/1"


@given(a=texts, b=texts, c=texts)
def test_whoever_parses_the_address_finds_the_template_s_segments(a: str, b: str, c: str) -> None:
    if any(value.strip(".") == "" for value in (a, b, c)):
        return
    written = address(TEMPLATE, {"a": a, "b": b, "c": c})
    for parts in (urlsplit(written), urlsplit(str(URL(written, encoded=True)))):
        assert (parts.scheme, parts.netloc, parts.fragment) == ("http", "data.example:8080", "")
        assert [unquote(segment) for segment in parts.path.split("/")] == ["", "v1", "e", a, f"x{b}y"]
        assert parse_qsl(parts.query, keep_blank_values=True) == [("q", c), ("v", "1")]


@given(a=texts, b=texts, c=texts)
def test_what_is_sent_is_what_was_written(a: str, b: str, c: str) -> None:
    if any(value.strip(".") == "" for value in (a, b, c)):
        return
    written = address(TEMPLATE, {"a": a, "b": b, "c": c})
    target = URL(written, encoded=True).raw_path_qs
    assert target == written.removeprefix("http://data.example:8080")
    assert target.isascii()
    assert target.isprintable()
    assert " " not in target
