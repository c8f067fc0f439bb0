"""The front's rules as a function of one request; the same rules meet real sockets in tests/integration/web."""

from typing import Any

import pytest
from aiohttp.http import HttpVersion
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from gateway.errors import Malformed
from gateway.settings import Web
from gateway.web import check_front, status_of

LIMITS = Web()


def ask(target: str = "/v1/orgs", *headers: tuple[str, str], method: str = "GET", **more: Any) -> Any:
    sent = CIMultiDict([("Host", more.pop("host", "gateway.example:8081")), *headers])
    version = more.pop("version", HttpVersion(1, 1))
    message = make_mocked_request(
        method, "/", headers=sent, version=version, payload=more.pop("payload", EMPTY_PAYLOAD)
    )
    message._message = message._message._replace(path=target)
    return message


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/orgs",
        "/v1/orgs/",
        "/.well-known/jwks.json",
        "/a~b_c-d.e",
        "/..a",
        "/a..",
        "/...",
        "/" + "a" * 511,
    ],
)
def test_a_plain_path_passes(path: str) -> None:
    assert check_front(ask(path), LIMITS) == {}


@pytest.mark.parametrize(
    "path",
    [
        "", "v1", "*", "//", "//v1", "/v1//orgs", "/.", "/..", "/v1/.", "/v1/..", "/../v1", "/v1/./orgs", "/v1/../orgs",
        "/v1/%2e%2e/orgs", "/%76%31", "/v1%2forgs", "/v1/orgs%00", "/v1/orgs%", "/v1/orgs%zz", "/v1\\orgs", "/v1;a=b",
        "/v1/orgs#x", "/v1/orgs:x", "/v1/@", "/v1/a+b", "/v1/a,b", "/v1/a b", "/v1/{a}", "/v1/(a)", "/v1/a!", "/v1/a'",
        "/v1/é", "/v1/\x00", "/v1/a\t", "http://x/v1", "/" + "a" * 512,
    ],
)  # fmt: skip
def test_any_other_path_is_refused(path: str) -> None:
    with pytest.raises(Malformed):
        check_front(ask(path), LIMITS)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_whatever_passes_has_no_segment_a_second_parser_could_read_otherwise(path: str) -> None:
    try:
        check_front(ask("/" + path), Web())
    except Malformed:
        return
    plain = ("/" + path).partition("?")[0]
    assert plain.isascii()
    assert not {".", ".."} & set(plain.split("/"))
    assert "//" not in plain
    assert not set(plain) & set("%\\;#: ")


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("a=1", {"a": "1"}),
        ("a=1&b=2", {"a": "1", "b": "2"}),
        ("a=", {"a": ""}),
        ("a=%E9%83%A8%E9%97%A8", {"a": "部门"}),
        ("a=x+y", {"a": "x y"}),
        ("a=b=c", {"a": "b=c"}),
        ("a=%26%3D", {"a": "&="}),
        ("A_1=~", {"A_1": "~"}),
    ],
)
def test_a_query_is_read_with_each_name_once(query: str, read: dict[str, str]) -> None:
    assert check_front(ask(f"/v1?{query}"), LIMITS) == read


@pytest.mark.parametrize(
    "query",
    [
        "a=1&a=2", "a=1&a=1", "a", "=1", "&", "a=1&", "&a=1", "a=1&&b=2", "a=1;b=2&b", "a=%", "a=%zz", "a=%f", "a=%ff",
        "a=%c0%af", "a=%ed%a0%80", "a=%00", "a=%0a", "a=%7f", "a=%C2%85", "a= ", "a=é", "a=1#x", "1a=1", "a-b=1", "a.b=1",
        "a[]=1", "%61=1", "a" * 65 + "=1",
    ],
)  # fmt: skip
def test_a_query_with_more_than_one_reading_is_refused(query: str) -> None:
    with pytest.raises(Malformed):
        check_front(ask(f"/v1?{query}"), LIMITS)


@pytest.mark.parametrize(
    ("limits", "path", "query"),
    [(Web(path_bytes=64), 64, 0), (Web(query_bytes=64), 4, 64)],
)
def test_an_address_is_accepted_at_the_limit_and_refused_one_byte_beyond(
    limits: Web, path: int, query: int
) -> None:
    def address(more: int) -> str:
        if not query:
            return "/" + "a" * (path - 1 + more)
        return "/" + "a" * (path - 1) + "?a=" + "1" * (query - 2 + more)

    check_front(ask(address(0)), limits)
    with pytest.raises(Malformed) as refusal:
        check_front(ask(address(1)), limits)
    assert status_of(type(refusal.value)) == 414


def test_a_head_is_accepted_at_the_limit_and_refused_one_byte_beyond() -> None:
    limits = Web(head_bytes=4096)
    used = len("/v1/orgs") + sum(len(name) + len(value) + 4 for name, value in ask().headers.items())
    spare = 4096 - used - len("A") - 4
    check_front(ask("/v1/orgs", ("A", "x" * spare)), limits)
    with pytest.raises(Malformed) as refusal:
        check_front(ask("/v1/orgs", ("A", "x" * (spare + 1))), limits)
    assert status_of(type(refusal.value)) == 431


@pytest.mark.parametrize(
    "header",
    [
        ("Transfer-Encoding", "gzip, chunked"), ("Transfer-Encoding", "identity"), ("Upgrade", "h2c"),
        ("Upgrade", "websocket"), ("HTTP2-Settings", "AAMAAABk"), ("Expect", "100-continue"), ("Expect", "x"),
        ("Content-Encoding", "gzip"), ("Content-Encoding", "identity"), ("X_Forwarded_For", "1"), ("X-Name", "é"),
    ],
)  # fmt: skip
def test_a_header_that_changes_how_a_request_is_read_is_refused(header: tuple[str, str]) -> None:
    with pytest.raises(Malformed):
        check_front(ask("/v1", header), LIMITS)


@pytest.mark.parametrize(
    "name",
    ["Host", "Authorization", "Content-Type", "Content-Length", "Content-Digest", "DPoP", "Idempotency-Key",
     "Request-Id", "Gateway-Grant", "Accept"],
)  # fmt: skip
def test_a_header_that_may_stand_once_is_refused_twice_in_any_letter_case(name: str) -> None:
    given_ = [] if name == "Host" else [(name, "1")]
    with pytest.raises(Malformed, match="more than once"):
        check_front(ask("/v1", *given_, (name.upper(), "1")), LIMITS)


@pytest.mark.parametrize(
    ("host", "good"),
    [
        ("a", True), ("a:8081", True), ("[::1]:8081", True), ("127.0.0.1", True), ("", False), ("a@b", False), ("a/b", False),
        ("a b", False), ("a:", False), ("a:123456", False), ("[::1", False), ("a,b", False), ("a_b", False), ("%61", False),
    ],
)  # fmt: skip
def test_host_is_a_host_name_with_or_without_port(host: str, good: bool) -> None:
    message = ask(host=host)
    if good:
        assert check_front(message, LIMITS) == {}
    else:
        with pytest.raises(Malformed, match="Host"):
            check_front(message, LIMITS)


def test_host_must_be_one_of_the_configured_names_where_there_are_any() -> None:
    limits = Web(hosts=frozenset({"gateway.example:8081"}))
    assert check_front(ask(), limits) == {}
    with pytest.raises(Malformed, match="Host"):
        check_front(ask(), Web(hosts=frozenset({"gateway.example"})))


@pytest.mark.parametrize("version", [(0, 9), (1, 0), (2, 0), (1, 2)])
def test_only_http_1_1_is_spoken(version: tuple[int, int]) -> None:
    with pytest.raises(Malformed, match=r"1\.1"):
        check_front(ask(version=HttpVersion(*version)), LIMITS)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_request_that_changes_nothing_has_no_body(method: str) -> None:
    with pytest.raises(Malformed, match="no body"):
        check_front(ask(method=method, payload=object()), LIMITS)
    assert check_front(ask(method="POST", payload=object()), LIMITS) == {}
