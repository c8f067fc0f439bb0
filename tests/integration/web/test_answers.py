"""Every answer on every listener: typed, with a request id, without versions, traces or what was sent."""

import re

import pytest
from raw import Said, request, say

Listener = tuple[int, str]
CANARY = "canary7f3a"

ASKED = {
    "good": lambda path: request("GET", path),
    "nothing there": lambda path: request("GET", f"/{CANARY}"),
    "deep": lambda path: request("GET", f"/v1/resources/{CANARY}"),
    "not to be seen": lambda path: request("GET", "/v1/orgs"),
    "bad token": lambda path: request("GET", "/v1/orgs", f"Authorization: Bearer {CANARY}"),
    "other scheme": lambda path: request("GET", "/v1/orgs", f"Authorization: Basic {CANARY}"),
    "bad method": lambda path: request("DELETE", path),
    "bad path": lambda path: request("GET", f"/%2e%2e/{CANARY}"),
    "bad query": lambda path: request("GET", f"{path}?{CANARY}"),
    "bad header": lambda path: request("GET", path, f"X_{CANARY}: {CANARY}"),
    "bad host": lambda path: f"GET {path} HTTP/1.1\r\nHost: {CANARY}@x\r\n\r\n".encode(),
    "bad version": lambda path: f"GET {path} HTTP/3.7\r\nHost: x\r\n\r\n".encode(),
    "no HTTP": lambda path: f"{CANARY}\r\n\r\n".encode(),
    "expectation": lambda path: request("POST", path, f"Expect: {CANARY}", body=b"x"),
    "token request": lambda path: request("POST", "/oauth/token", "Content-Type: application/x-www-form-urlencoded",
                                          body=f"client_assertion={CANARY}&grant_type={CANARY}".encode()),
    "call": lambda path: request("POST", f"/services/{CANARY}", "Content-Type: application/json", body=b"{}"),
    "call with a token": lambda path: request("GET", f"/services/{CANARY}", f"Authorization: Bearer {CANARY}"),
    "metrics": lambda path: request("GET", "/metrics"),
    "ready": lambda path: request("GET", "/readyz"),
}  # fmt: skip

TELLING = re.compile(
    rb"aiohttp|python|cpython|asyncpg|postgres|pydantic|uvloop|orjson|traceback|\.py\b|site-packages|select |/home/|line \d+",
    re.IGNORECASE,
)


async def asked(name: str, listener: Listener) -> Said:
    port, path = listener
    return await say(port, ASKED[name](path))


@pytest.mark.parametrize("name", ASKED)
async def test_every_answer_is_typed_numbered_and_says_nothing_of_its_maker(
    name: str, listener: Listener
) -> None:
    said = await asked(name, listener)
    assert said.headers["content-type"] in (
        "application/json", "application/problem+json", "text/plain; version=0.0.4; charset=utf-8",
    )  # fmt: skip
    assert said.headers["server"] == "gateway"
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", said.headers["request-id"]
    )
    assert said.headers["x-content-type-options"] == "nosniff"
    assert not {"x-powered-by", "via", "set-cookie", "access-control-allow-origin"} & set(said.headers)
    assert not TELLING.search(repr(said.headers).encode())
    if b"# TYPE gx_" not in said.body and b'"openapi"' not in said.body:
        assert not TELLING.search(said.body.replace(b"database_", b""))


@pytest.mark.parametrize("name", ASKED)
async def test_a_failure_is_a_problem_that_repeats_nothing_and_quotes_its_request_id(
    name: str, listener: Listener
) -> None:
    said = await asked(name, listener)
    assert said.status < 500 or name == "ready"
    if said.status >= 400:
        assert said.problem["instance"] == f"urn:uuid:{said.headers['request-id']}"
        assert said.headers["cache-control"] == "no-store"
        assert CANARY not in said.body.decode() + repr(said.headers)


async def test_no_two_answers_share_a_request_id(listener: Listener) -> None:
    said = [await asked(name, listener) for name in ("good", "nothing there", "no HTTP", "good")]
    assert len({one.headers["request-id"] for one in said}) == 4


@pytest.mark.parametrize("header", ["Request-Id: 00000000-0000-7000-8000-000000000000", "X-Request-Id: mine"])
async def test_a_request_id_is_ours_whatever_the_caller_sends(header: str, listener: Listener) -> None:
    port, path = listener
    said = await say(port, request("GET", path, header))
    assert header.partition(": ")[2] not in repr(said.headers)


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For: 10.0.0.1", "Forwarded: for=10.0.0.1;proto=https", "X-Forwarded-Host: evil.example",
     "X-Original-URL: /v1/orgs", "X-Rewrite-URL: /v1/orgs", "X-HTTP-Method-Override: DELETE", "X-Real-IP: 10.0.0.1",
     "Gateway-Consumer: 11621000MB00000024", "Connection: Authorization", "Origin: https://evil.example",
     "Cookie: " + "a=b; " * 100],
)  # fmt: skip
async def test_a_forged_header_has_no_effect(header: str, listener: Listener) -> None:
    port, path = listener
    plain, forged = await say(port, request("GET", path)), await say(port, request("GET", path, header))
    assert (forged.status, forged.headers.keys()) == (plain.status, plain.headers.keys())
    assert len(forged.body) == len(plain.body)
    assert "evil.example" not in repr(forged)
