"""Header lines seen before: what is looked up is what a full reading gave, and only where that cannot differ."""

import pytest

from gateway.errors import GatewayError, Malformed
from gateway.exchange.reading import read_head
from gateway.exchange.recognised import Recognised
from gateway.identity.proved import token_key
from gateway.settings import Web
from gateway.web.incoming import Incoming

LINES = [
    (b"Host", b"share.example.gov.cn"),
    (b"Authorization", b"Bearer a.b.c"),
    (b"Accept", b"application/json"),
    (b"Prefer", b"receipt=inline"),
]
TARGET = "/services/enterprise?uscc=91330106673959654P"


class NoOwner:
    """Nobody reads a body here."""

    def read_on(self) -> None:
        raise AssertionError

    hold = read_on

    def flow(self, *_: object) -> None:
        raise AssertionError


def asked(
    lines: list[tuple[bytes, bytes]] = LINES,
    target: str = TARGET,
    method: str = "GET",
    version: tuple[int, int] = (1, 1),
) -> Incoming:
    return Incoming(method, target, version, list(lines), "10.0.0.1", None, NoOwner())  # type: ignore[arg-type]


def seen(lines: list[tuple[bytes, bytes]] = LINES, limits: Web | None = None) -> Recognised:
    limits = limits or Web()
    known = Recognised(limits)
    request = asked(lines)
    known.keep(request, read_head(request, limits))
    return known


def test_what_is_looked_up_is_what_was_read_but_for_the_token() -> None:
    found = seen().find(asked())
    assert found is not None
    head, key = found
    read = read_head(asked(), Web())
    assert head._replace(shown=read.shown) == read
    assert head.inline
    assert head.accept == "application/json"
    assert (head.shown.token, key) == ("", token_key("a.b.c"))


@pytest.mark.parametrize(("signs", "is_kept"), [(200, True), (201, False)])
def test_lines_with_a_long_accept_are_not_kept(signs: int, is_kept: bool) -> None:
    lines = [*LINES[:2], (b"Accept", b"a" * signs)]
    assert (seen(lines).find(asked(lines)) is not None) is is_kept


def test_the_target_is_the_requests_own() -> None:
    found = seen().find(asked(target="/services/marriage?name=%E5%BC%A0%E4%B8%89"))
    assert found is not None
    assert (found[0].service, found[0].query) == ("marriage", {"name": "张三"})


@pytest.mark.parametrize(
    "lines",
    [
        [(b"Host", b"other.example.gov.cn"), *LINES[1:]],
        [LINES[0], (b"Authorization", b"Bearer a.b.d"), *LINES[2:]],
        [*LINES, (b"X-More", b"1")],
        LINES[::-1],
        [*LINES[:3], (b"Prefer", b"receipt=inline2")],
        [(b"Host\nAuthorization", b"share.example.gov.cn"), *LINES[1:]],
    ],
)
def test_other_lines_are_read_in_full(lines: list[tuple[bytes, bytes]]) -> None:
    assert seen().find(asked(lines)) is None


@pytest.mark.parametrize(
    "request_",
    [
        asked(method="POST"),
        asked(method="DELETE"),
        asked(version=(1, 0)),
        asked(target="/services/UPPER?x=1"),
        asked(target="/services/enterprise/batches"),
        asked(target="/elsewhere"),
        asked(target="/services/../services/enterprise"),
        asked(target="/services//enterprise"),
        asked(target="/services/enterprise?" + "q" * 9000),
    ],
    ids=lambda one: f"{one.method} {one.version} {one.raw_path[:40]}",
)
def test_what_is_no_plain_call_of_a_service_is_read_in_full(request_: Incoming) -> None:
    assert seen().find(request_) is None


@pytest.mark.parametrize(
    "target", ["?uscc", "?uscc=1&uscc=2", "?uscc=%zz", "?uscc=%00", "?1=2", "?uscc=%ff", "?&"]
)
def test_a_query_the_front_refuses_is_refused(target: str) -> None:
    request = asked(target=f"/services/enterprise{target}")
    with pytest.raises(Malformed) as full:
        read_head(request, Web())
    with pytest.raises(Malformed) as quick:
        seen().find(request)
    assert (quick.value.slug(), quick.value.detail) == (full.value.slug(), full.value.detail)


def test_a_head_that_grew_too_large_with_its_target_is_read_in_full() -> None:
    limits = Web(head_bytes=4096)
    pad = 4096 - len(TARGET) - sum(len(name) + len(value) + 4 for name, value in LINES) - len(b"X-Pad") - 4
    padded = [*LINES, (b"X-Pad", b"p" * pad)]
    known = seen(padded, limits)
    assert known.find(asked(padded)) is not None
    assert known.find(asked(padded, TARGET + "1")) is None
    with pytest.raises(Malformed, match="larger than"):
        read_head(asked(padded, TARGET + "1"), limits)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"Content-Length", b"0"),
        (b"Content-Type", b"application/json"),
        (b"Client-Cert", b":AA==:"),
        (b"Client-Cert-Chain", b":AA==:"),
        (b"DPoP", b"x.y.z"),
    ],
)
def test_lines_that_are_judged_with_their_request_are_not_remembered(name: bytes, value: bytes) -> None:
    lines = [*LINES, (name, value)]
    if name == b"DPoP":
        lines[1] = (b"Authorization", b"DPoP a.b.c")
    limits = Web()
    known, request = Recognised(limits), asked(lines)
    try:
        head = read_head(request, limits)
    except GatewayError:
        head = read_head(asked(), limits)
    known.keep(request, head)
    assert known.find(asked(lines)) is None
