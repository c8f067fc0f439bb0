"""Framing on real sockets (RFC 9112): what two HTTP parsers could take for different requests is refused.

The first table holds what the HTTP library refuses by itself, as regression tests; the second what it hands on.
"""

import pytest
from raw import HOST, Said, request, say, wire

Listener = tuple[int, str]
ECHO = "canary7f3a"


def refused(said: Said, *statuses: int) -> None:
    """A closed connection with a fixed problem document that repeats nothing of the request."""
    assert said.status in statuses, said
    assert said.problem["remedy"]
    text = f"{said.headers} {said.body.decode()}"
    assert ECHO not in text
    assert "Traceback" not in text


def post(*lines: bytes, body: bytes = b"") -> bytes:
    """A POST with these header lines as they are."""
    return b"\r\n".join([b"POST /v1/orgs HTTP/1.1", b"Host: gateway.example", *lines, b"", b""]) + body


UNPARSABLE = {
    "length and chunked": post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "length twice": post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello"),
    "lengths differ": post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello"),
    "length list": post(b"Content-Length: 5, 5", body=b"hello"),
    "length signed": post(b"Content-Length: +5", body=b"hello"),
    "length negative": post(b"Content-Length: -5", body=b"hello"),
    "length with a blank": post(b"Content-Length: 5 5", body=b"hello"),
    "length in hexadecimal": post(b"Content-Length: 0x5", body=b"hello"),
    "length empty": post(b"Content-Length:", body=b"hello"),
    "length endless": post(b"Content-Length: " + b"9" * 40, body=b"hello"),
    "coding unknown": post(b"Transfer-Encoding: canary7f3a", body=b"0\r\n\r\n"),
    "coding twice": post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "coding not last": post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n"),
    "chunked in 1.0": b"POST /v1/orgs HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "blank before colon": post(b"X-A : canary7f3a"),
    "blank before name": post(b" X-A: canary7f3a"),
    "folded header": post(b"X-A: canary7f3a", b" more"),
    "header without colon": post(b"canary7f3a"),
    "empty name": post(b": canary7f3a"),
    "name with a bracket": post(b"X(A): canary7f3a"),
    "bare CR in a value": post(b"X-A: a\rX-B: canary7f3a"),
    "NUL in a value": post(b"X-A: canary7f3a\0"),
    "NUL in a name": post(b"X\0A: canary7f3a"),
    "NUL in the target": b"GET /v1\0 HTTP/1.1\r\n" + HOST + b"\r\n",
    "no host": b"GET /v1/canary7f3a HTTP/1.1\r\n\r\n",
    "host twice": b"GET /v1/canary7f3a HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "method in lower case": b"get /v1/canary7f3a HTTP/1.1\r\n" + HOST + b"\r\n",
    "method unknown": b"CANARY7F3A /v1 HTTP/1.1\r\n" + HOST + b"\r\n",
    "version unknown": b"GET /v1 HTTP/x.y\r\n" + HOST + b"\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03canary7f3a\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "129 headers": post(*(b"X-%d: 1" % n for n in range(129))),
    "a field of 17 KB": post(b"X-A: " + b"a" * 17000),
    "a target of 17 KB": b"GET /" + b"a" * 17000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
}  # fmt: skip


@pytest.mark.parametrize("data", UNPARSABLE.values(), ids=UNPARSABLE.keys())
async def test_what_is_not_http_gets_one_fixed_answer(data: bytes, listener: Listener) -> None:
    port, _ = listener
    async with wire(port) as open_:
        await open_.send(data)
        refused(await open_.answer(), 400)
        assert await open_.is_closed()


def get(path: str, *lines: str) -> bytes:
    return request("GET", path, *lines)


HANDED_ON = {
    "gzip and chunked": (400, lambda path: post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n")),
    "HTTP/1.0": (400, lambda path: f"GET {path} HTTP/1.0\r\nHost: a\r\n\r\n".encode()),
    "HTTP/1.0 without host": (400, lambda path: f"GET {path} HTTP/1.0\r\n\r\n".encode()),
    "HTTP/0.9": (400, lambda path: f"GET {path}\r\n\r\n".encode()),
    "HTTP/2.0 line": (400, lambda path: f"GET {path} HTTP/2.0\r\nHost: a\r\n\r\n".encode()),
    "absolute form": (400, lambda path: get(f"http://canary7f3a{path}")),
    "asterisk form": (400, lambda path: request("OPTIONS", "*")),
    "host with a user": (400, lambda path: f"GET {path} HTTP/1.1\r\nHost: canary7f3a@b\r\n\r\n".encode()),
    "host empty": (400, lambda path: f"GET {path} HTTP/1.1\r\nHost:\r\n\r\n".encode()),
    "host with a path": (400, lambda path: f"GET {path} HTTP/1.1\r\nHost: a/canary7f3a\r\n\r\n".encode()),
    "upgrade to h2c": (400, lambda path: get(path, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAM")),
    "upgrade to websocket": (400, lambda path: get(path, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: AAAA")),
    "h2 settings alone": (400, lambda path: get(path, "HTTP2-Settings: AAM")),
    "expect continue": (417, lambda path: request("POST", path, "Expect: 100-continue", body=b"hello")),
    "expect anything": (417, lambda path: request("POST", path, "Expect: canary7f3a", body=b"hello")),
    "name with underscore": (400, lambda path: get(path, "X_Forwarded_For: canary7f3a")),
    "8-bit value": (400, lambda path: get(path, "X-A: canary7f3a\xe9")),
    "GET with a body": (400, lambda path: request("GET", path, body=b"canary7f3a")),
    "GET with chunks": (400, lambda path: get(path, "Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n\r\n"),
    "DELETE with a body": (400, lambda path: request("DELETE", path, body=b"canary7f3a")),
    "content encoding": (400, lambda path: request("POST", path, "Content-Encoding: gzip", body=b"canary7f3a")),
    "content type twice": (400, lambda path: request("POST", path, "Content-Type: a/b", "content-type: a/b", body=b"{}")),
    "authorization twice": (400, lambda path: get(path, "Authorization: Bearer canary7f3a", "Authorization: Bearer b")),
    "idempotency key twice": (400, lambda path: get(path, "Idempotency-Key: 1", "Idempotency-Key: 1")),
    "our own header twice": (400, lambda path: get(path, "Gateway-Grant: canary7f3a", "Gateway-Grant: canary7f3a")),
    "a head of 20 KB": (431, lambda path: get(path, *(f"X-{n}: {'a' * 2000}" for n in range(10)))),
}  # fmt: skip


@pytest.mark.parametrize(("status", "make"), HANDED_ON.values(), ids=HANDED_ON.keys())
async def test_what_the_library_hands_on_is_refused_and_the_connection_closed(
    status: int, make: object, listener: Listener
) -> None:
    port, path = listener
    async with wire(port) as open_:
        await open_.send(make(path))  # type: ignore[operator]
        refused(await open_.answer(), status)
        assert await open_.is_closed()


@pytest.mark.parametrize(
    "method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND", "PUT", "POST", "DELETE"]
)
async def test_a_method_an_address_does_not_take_is_answered_405_with_those_it_takes(
    method: str, listener: Listener
) -> None:
    port, path = listener
    target = "gateway.example:443" if method == "CONNECT" else path
    said = await say(port, request(method, target), head_only=method == "HEAD")
    if method == "CONNECT":
        refused(said, 400)
    else:
        assert (said.status, said.headers["allow"]) == (405, "GET")


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "data",
    [
        post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED),
        post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n" + SMUGGLED),
        get("/healthz", "Connection: Upgrade", "Upgrade: h2c") + SMUGGLED,
        request("POST", "/healthz", "Expect: 100-continue", f"Content-Length: {len(SMUGGLED)}") + SMUGGLED,
        request("GET", "/healthz", body=SMUGGLED),
    ],
)
async def test_nothing_behind_a_refused_request_is_taken_for_another_one(
    data: bytes, listener: Listener
) -> None:
    port, _ = listener
    async with wire(port) as open_:
        await open_.send(data)
        assert (await open_.answer()).status in (400, 417)
        assert await open_.is_closed()


async def test_chunk_extensions_and_trailers_change_nothing(listener: Listener) -> None:
    port, _ = listener
    body = b"5;ext=1\r\nhello\r\n0\r\nAuthorization: Bearer x\r\nX-Trailer: 1\r\n\r\n"
    said = await say(port, post(b"Transfer-Encoding: chunked", body=body))
    assert said.status in (401, 404)


@pytest.mark.parametrize(
    "chunk", [b"0x5\r\nhello\r\n", b"+5\r\nhello\r\n", b"g\r\nhello\r\n", b"-1\r\n", b"5\r\nhelloX\r\n"]
)
async def test_a_wrong_chunk_never_becomes_a_request(chunk: bytes, listener: Listener) -> None:
    port, _ = listener
    async with wire(port) as open_:
        await open_.send(post(b"Transfer-Encoding: chunked", body=chunk + b"0\r\n\r\n" + SMUGGLED))
        assert (await open_.answer()).status in (400, 401, 404)
        assert await open_.is_closed()


async def test_pipelined_requests_are_answered_in_order_and_each_once(listener: Listener) -> None:
    port, path = listener
    async with wire(port) as open_:
        await open_.send(get(path) + get("/nothing") + get(path))
        assert [(await open_.answer()).status for _ in range(3)] == [200, 404, 200]
        await open_.send(get(path, "Connection: close"))
        assert (await open_.answer()).status == 200
        assert await open_.is_closed()
